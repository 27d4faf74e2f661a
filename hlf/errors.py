"""The one error that users see from Fabric's side: a sentence.

Mistakes in input files are `hlf.spec.errors`, because many of them are told at once.
"""


class FabricError(Exception):
    """What went wrong, on which node and channel, Fabric's own status, and the remedy."""
