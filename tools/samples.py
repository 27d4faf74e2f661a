"""The samples: which there are, the settings they ask for, and the images that they run.

A sample may bring `Pulumi.stack.yaml`, the settings of a stack that runs it. Only what decides
about images is read here, by its line: there is no YAML in Python's standard library, and the
program reads the files in earnest.
"""

import re
from pathlib import Path

from tools import images, versions
from tools.errors import ToolsError
from tools.home import CHECKOUT
from tools.images import Recipe

_SAMPLES = CHECKOUT / "samples"
_USUAL = CHECKOUT / "Pulumi.dev.yaml"
_CHAINCODES = "samples/chaincode"
_NAME = re.compile(r"""\bname:\s*["']?([\w-]+)""")
"""Of a channel or a chaincode."""
_BY_SNAPSHOT = re.compile(r"(?mi)^[^#\n]*\bjoinBySnapshot:\s*(?:true|yes|on)\b")
"""Of a channel that peers join by snapshots, which jobs' image brings."""


def check(name: str) -> None:
    """Raise ToolsError if there is no such sample."""
    if not (_SAMPLES / name / "network.yaml").exists():
        known = ", ".join(path.parent.name for path in sorted(_SAMPLES.glob("*/network.yaml")))
        raise ToolsError(f"there is no sample {name!r} in samples/; there are: {known}")


def settings(name: str) -> Path:
    """Return the file that a stack of the sample begins with."""
    own = _SAMPLES / name / "Pulumi.stack.yaml"
    return own if own.exists() else _USUAL


def beginning(name: str) -> str:
    """Return the settings that a stack of the sample begins with, whatever it was copied from."""
    text = settings(name).read_text()
    return re.sub(r"(?m)^(\s*hlf:network:).*$", rf"\g<1> samples/{name}", text)


def network(stack_settings: Path) -> str:
    """Return the folder with a network's files, as a stack's settings name it."""
    return _value("hlf:network", stack_settings.read_text()) or f"{_SAMPLES.name}/simple"


def recipes(name: str, stack_settings: Path) -> tuple[Recipe, ...]:
    """Return the images of the sample's network; `stack_settings` go first, where they exist."""
    chosen = stack_settings if stack_settings.exists() else settings(name)
    configtx, network = (_SAMPLES / name / file for file in ("configtx.yaml", "network.yaml"))
    return images_of(chosen.read_text(), configtx.read_text(), network.read_text())


def images_of(stack_settings: str, configtx: str, network: str) -> tuple[Recipe, ...]:
    """Return the images of a network, by the texts of its stack's settings and of its files."""
    chaincodes = CHECKOUT / (_value("hlf:chaincode", stack_settings) or _CHAINCODES)
    return images.needed(
        fabric_version=_value("hlf:fabricVersion", stack_settings) or versions.FABRIC,
        state_database=_value("hlf:stateDatabase", stack_settings) or "LevelDB",
        orderer_type=_value("OrdererType", configtx) or "solo",
        node_chaincodes=any(
            (chaincodes / name / "package.json").exists() for name in _NAME.findall(network)
        ),
        jobs=_is_set("hlf:backup", stack_settings) or _BY_SNAPSHOT.search(network) is not None,
    )


def _is_set(key: str, text: str) -> bool:
    """Say whether a setting is there whose value is a map."""
    return re.search(rf"^\s*{key}:", text, re.MULTILINE) is not None


def _value(key: str, text: str) -> str | None:
    found = re.search(rf"""^\s*{key}:\s*["']?([^\s"'#]+)""", text, re.MULTILINE)
    return found[1] if found else None
