"""Arguments of a call as an action's inputs: texts by their number, because lists would not do.

Why not is in docs/design.md, "Actions".
"""

from collections.abc import Mapping, Sequence


def numbered(arguments: Sequence[str]) -> dict[str, str]:
    """Return the arguments by their number, the first by `1`."""
    return {str(number): text for number, text in enumerate(arguments, 1)}


def in_order(inputs: Mapping[str, str]) -> list[str]:
    """Return the arguments that `numbered` wrote."""
    return [inputs[number] for number in sorted(inputs, key=int)]
