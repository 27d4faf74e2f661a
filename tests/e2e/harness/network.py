"""Input files for a test: those of samples/simple, in a folder of its own where they can change."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.home import CHECKOUT

SAMPLE = CHECKOUT / "samples" / "simple"

CRYPTO_CONFIG = "crypto-config.yaml"
CONFIGTX = "configtx.yaml"
NETWORK = "network.yaml"

Change = Callable[[Any], None]


def copy(source: Path, folder: Path) -> Path:
    """Copy a network's files into a new folder; return it."""
    return Path(shutil.copytree(source, folder))


def edit(folder: Path, file: str, change: Change) -> None:
    """Change the content of one of the files, parsed, in place."""
    path = folder / file
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def edited_copy(source: Path, folder: Path, file: str, change: Change) -> Path:
    """Copy a network's files into a new folder and change one of them; return the folder."""
    edit(copy(source, folder), file, change)
    return folder


def add_chaincode(folder: Path, name: str) -> None:
    """Have a chaincode more run on the first channel, for all its organizations."""

    def change(content: Any) -> None:
        channel = content["network"]["channels"][0]
        chaincode = {"name": name, "orgs": channel["orgs"], "channels": [channel]}
        content["network"]["chaincodes"].append(chaincode)

    edit(folder, NETWORK, change)


def use_images(folder: Path, images: Mapping[str, str]) -> None:
    """Have chaincodes run from images, by chaincode."""

    def change(content: Any) -> None:
        for chaincode in content["network"]["chaincodes"]:
            if chaincode["name"] in images:
                chaincode["image"] = images[chaincode["name"]]

    edit(folder, NETWORK, change)
