"""The modules of the sample chaincodes, copied beside their source (``go mod vendor``).

Chaincode is compiled in the cluster, where nothing can be downloaded. The copies are not part of
the checkout's history.
"""

from pathlib import Path

from tools import command, go, products
from tools.go import Go
from tools.home import CHECKOUT, Home

_SAMPLES = CHECKOUT / "samples" / "chaincode"


def stale(samples: Path = _SAMPLES) -> list[Path]:
    """Return the folders of chaincodes whose copies are missing or of other versions."""
    return [
        module.parent
        for module in sorted(samples.glob("*/go.mod"))
        if not products.is_made(module.parent / "vendor", _made_of(module.parent))
    ]


def make(home: Home, found: Go, folders: list[Path]) -> None:
    """Copy the modules of these chaincodes."""
    for folder in folders:
        command.run(
            [found.binary, "mod", "vendor"],
            what=f"copy the modules of the chaincode {folder.name}",
            log=home.logs / f"vendor-{folder.name}.log",
            cwd=folder,
            env=go.environment(home),
        )
        vendor = folder / "vendor"
        vendor.mkdir(exist_ok=True)
        (vendor / products.STAMP).write_text(_made_of(folder))


def _made_of(folder: Path) -> str:
    return products.digest(*(path for path in sorted(folder.glob("go.*")) if path.is_file()))
