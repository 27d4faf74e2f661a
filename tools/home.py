"""Where everything lies: one cache folder outside the checkout, and one folder of the running node.

Holds paths only; who makes what is said where it is made.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
"""The top of this checkout."""

RUNTIME = Path("/run/hlf")
"""What belongs to the running node: sockets (their paths must be short) and process ids."""


@dataclass(frozen=True, kw_only=True)
class Home:
    """The cache folder."""

    path: Path

    @property
    def go(self) -> Path:
        """Go's module and build caches, and Go itself where the machine has none."""
        return self.path / "go"

    @property
    def logs(self) -> Path:
        """What builds and installations print."""
        return self.path / "logs"

    @property
    def node(self) -> Path:
        """The state of the embedded node; it outlives a stop."""
        return self.path / "node"

    @property
    def images(self) -> Path:
        """Archives of container images."""
        return self.path / "images"

    @property
    def pulumi(self) -> Path:
        """The folder that Pulumi calls its home: plugins and the selected stack."""
        return self.path / "pulumi-home"

    @property
    def backend(self) -> Path:
        """The states of the embedded stacks."""
        return self.path / "backend"

    @property
    def passphrase(self) -> Path:
        """The file with the passphrase that encrypts the secrets of the embedded stacks."""
        return self.path / "passphrase"

    @property
    def stacks(self) -> Path:
        """The settings files of the embedded stacks, one folder each."""
        return self.path / "stacks"

    @property
    def kubeconfig(self) -> Path:
        """How users reach the embedded node."""
        return self.path / "kubeconfig"


def find(environment: Mapping[str, str] = os.environ) -> Home:
    """Return the cache folder: ``HLF_HOME``, or ``hlf`` below the user's cache folder."""
    if chosen := environment.get("HLF_HOME"):
        return Home(path=Path(chosen).absolute())
    caches = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Home(path=Path(caches) / "hlf")
