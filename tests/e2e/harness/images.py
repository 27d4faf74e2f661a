"""Chaincodes as ready images, built once for each state of their source."""

import subprocess
from pathlib import Path

from hlf.chaincode import source_digest
from tests.e2e.harness import embedded
from tools import archive, go, home
from tools.home import CHECKOUT

CHAINCODES = ("very-simple", "even-simpler")


def make_chaincode_images(folder: Path) -> dict[str, str]:
    """Return the images of the sample chaincodes, by name; those the node lacks are made."""
    samples = CHECKOUT / "samples" / "chaincode"
    return {name: make_image(samples / name, folder, modules="vendor") for name in CHAINCODES}


def make_image(source: Path, folder: Path, *, modules: str) -> str:
    """Return the image of a chaincode; one that the node lacks is built below `folder`.

    `modules` is how Go finds what the source needs: in `vendor`, or `readonly` as go.sum says.
    """
    name = source.name
    image = f"hlf-e2e/{name}:{source_digest(source)[:12]}"
    if not embedded.has_image(image):
        found = home.find()
        subprocess.run(
            [go.find(found).binary, "build", f"-mod={modules}", "-o", folder / name, "."],
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
