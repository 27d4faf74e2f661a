"""The sample chaincodes as ready images, built once for each state of their source."""

import subprocess
from pathlib import Path

from hlf.chaincode import source_digest
from tests.e2e.harness import embedded
from tools import archive, go, home
from tools.home import CHECKOUT

CHAINCODES = ("very-simple", "even-simpler")


def make_chaincode_images(folder: Path) -> dict[str, str]:
    """Return the image of each chaincode, by name; build and import those the node lacks."""
    return {name: _make(name, folder) for name in CHAINCODES}


def _make(name: str, folder: Path) -> str:
    source = CHECKOUT / "samples" / "chaincode" / name
    image = f"hlf-e2e/{name}:{source_digest(source)[:12]}"
    if not embedded.has_image(image):
        found = home.find()
        subprocess.run(
            [go.find(found).binary, "build", "-mod=vendor", "-o", folder / name, "."],
            cwd=source,
            env=go.environment(found),
            check=True,
        )
        root = {"/chaincode": archive.copy(folder / name)}
        run = {"Entrypoint": ["/chaincode"]}
        tar = folder / f"{name}.tar"
        archive.write(archive.Image(name=image, root=root, configuration=run), tar)
        embedded.import_image(tar)
    return image
