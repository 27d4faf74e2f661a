"""The three input files and the stack's settings, read into one validated `Network`.

`crypto-config.yaml` and `configtx.yaml` are Fabric's own formats, `network.yaml` is PIVT's. Nothing
is brought up here, and nothing is written.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from hlf.client.collections import Collection
from hlf.spec import (
    built,
    check,
    collections,
    configtx,
    crypto_config,
    indexes,
    network_yaml,
    profiles,
    snapshots,
    source,
    versions,
)
from hlf.spec import settings as settings_file
from hlf.spec.assemble import assemble
from hlf.spec.errors import Mistake, Mistakes, SpecError
from hlf.spec.files import Files
from hlf.spec.model import Network, Settings
from hlf.spec.network_yaml import NetworkYaml

__all__ = ["Mistake", "SpecError", "load"]


def load(settings: Mapping[str, object], *, root: Path, stack: str) -> Network:
    """Read the settings of `stack` and the files they name, relative to `root`.

    Raises `SpecError` with every mistake that is in them.
    """
    mistakes = Mistakes()
    pulumi_file = settings_file.file_of(stack)
    read = settings_file.read(settings, root=root, stack=stack, mistakes=mistakes)
    built.check_settings(read, file=pulumi_file, mistakes=mistakes)
    shown = _shown(read.network, root)
    files = _read_files(read, shown, pulumi_file, mistakes)
    sources: dict[str, tuple[Path, str]] = {}
    found: dict[str, dict[str, str]] = {}
    private: dict[str, dict[str, Collection]] = {}
    chaincodes = _shown(read.chaincode, root)
    if files:
        sources = _sources(files.network, read, chaincodes)
        found = {
            each.name.text: indexes.read(each, folder=read.chaincode, shown=chaincodes)
            for each in files.network.chaincodes
        }
        private = {
            each.name.text: collections.read(each, files=files, settings=read, shown=chaincodes)
            for each in files.network.chaincodes
        }
    if files and not mistakes:
        for each in files.network.chaincodes:
            name = each.name.text
            collections.check_indexes(each, found[name], private[name])
    if mistakes or files is None:
        order = [
            pulumi_file,
            *(f"{shown}/{each.FILE}" for each in (crypto_config, configtx, network_yaml)),
            *(collections.path_of(name, shown=chaincodes) for name in sorted(private)),
        ]
        raise SpecError(mistakes.ordered(order))
    return assemble(files, settings=read, sources=sources, indexes=found, collections=private)


def _read_files(
    settings: Settings, shown: str, pulumi_file: str, mistakes: Mistakes
) -> Files | None:
    """Read each file on its own, then check them together; None where one cannot be read."""
    if not os.path.isdir(settings.network):  # noqa: PTH112 - Path.is_dir raises on odd paths
        mistakes.tell(
            Mistake(
                file=pulumi_file,
                path="hlf:network",
                problem=f"there is no folder {shown}",
                remedy="name the folder with crypto-config.yaml, configtx.yaml and network.yaml",
            )
        )
        return None
    orgs = crypto_config.read(settings.network, shown=shown, mistakes=mistakes)
    organizations = configtx.read(settings.network, shown=shown, mistakes=mistakes)
    network = network_yaml.read(settings.network, shown=shown, mistakes=mistakes)
    if orgs:
        built.check_crypto_config(orgs)
    if organizations:
        built.check_configtx(organizations)
    if network:
        built.check_network(network)
    if orgs is None or organizations is None or network is None:
        return None
    files = Files(crypto_config=orgs, configtx=organizations, network=network)
    check.check(files)
    profiles.check(files)
    versions.check(files, settings)
    snapshots.check(files, settings)
    return files


def _sources(network: NetworkYaml, settings: Settings, shown: str) -> dict[str, tuple[Path, str]]:
    """The folder and language of each chaincode that has no image."""
    found = {
        chaincode.name.text: source.find(
            chaincode, folder=settings.chaincode, shown=shown, tls=network.tls
        )
        for chaincode in network.chaincodes
        if chaincode.image is None
    }
    return {name: each for name, each in found.items() if each}


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
