"""What a network is, as jobs in the cluster read it and as it is kept with each backup.

Names and choices only, nothing that is known late: a preview shows whatever changes in it.
"""

import json
from collections.abc import Mapping
from typing import Any

from components import reach
from components.shape import shape
from components.volumes import volumes
from hlf.spec import configtx, crypto_config, network_yaml
from hlf.spec.model import Network

_OF_A_RUN = ("context", "restoreFrom")
"""Settings that say where and what is to be done, and nothing of the network."""


def described(network: Network, *, owner: str, settings: Mapping[str, object]) -> dict[str, str]:
    """Return texts by the names of files: the input files, the settings, and what jobs need.

    `settings` are the stack's as they are written, without secrets.
    """
    folder = network.settings.network
    files = {
        each.FILE: (folder / each.FILE).read_text(encoding="utf-8")
        for each in (crypto_config, configtx, network_yaml)
    }
    return {
        **files,
        "settings.json": _text(_lasting(settings)),
        "network.json": _text(_network(network, owner)),
    }


def _network(network: Network, owner: str) -> dict[str, Any]:
    found = reach.access(network, "", members=network.peer_orgs, admins=network.orgs).inputs()
    access = {key: value for key, value in found.items() if key != "namespace"}
    members = {**access["orderers"], **access["peers"]}
    return {
        "stack": owner,
        "fabric": network.settings.fabric_version,
        "shape": shape(network),
        "nodes": {
            name: {"role": each["kind"], "mspId": members.get(name, "")}
            for name, each in volumes(network).items()
        },
        "access": access,
    }


def _lasting(settings: Mapping[str, object]) -> dict[str, object]:
    """Leave out what is another for each backup or restore, and would look like a change."""
    kept = {key: value for key, value in settings.items() if key not in _OF_A_RUN}
    backup = kept.get("backup")
    if isinstance(backup, Mapping):
        kept["backup"] = {key: value for key, value in backup.items() if key != "key"}
    return kept


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
