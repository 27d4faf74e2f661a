"""What stops `pulumi destroy` before it touches anything.

Pulumi deletes what depends on others first, and stops at what is protected. Protecting each key
and volume would be too late (pods would be gone by then), and would also refuse an edit of the
files that takes a peer out. So one thing depends on everything, and that is protected.
"""

import pulumi


class Guard(pulumi.ComponentResource):
    """`hlf:network:Guard`."""

    def __init__(self, name: str, network: pulumi.Resource, *, protect: bool) -> None:
        opts = pulumi.ResourceOptions(depends_on=[network], protect=protect)
        super().__init__("hlf:network:Guard", name, {}, opts)
        self.register_outputs({})
