"""The stack's settings: what they are called, what may be in them, and their defaults.

Whether the folders they name hold anything is for the readers of the files. `context` is the
program's own: it says where the network comes up, not what it is.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from hlf.spec import rules
from hlf.spec.capabilities import LIFECYCLE
from hlf.spec.errors import Mistake, Mistakes, suggest
from hlf.spec.model import Settings

_DEFAULT_FABRIC = "2.5.9"
STATE_DATABASES = ("LevelDB", "CouchDB")
_KNOWN = (
    "chaincode",
    "context",
    "fabricVersion",
    "keepData",
    "namespace",
    "network",
    "protect",
    "raiseApplicationCapability",
    "stateDatabase",
    "storageClass",
    "volumeSize",
)
_FABRIC_VERSION = re.compile(r"(2\.5|3\.[0-9]{1,2})\.[0-9]{1,3}")
_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E)?")
_SMALLEST_VOLUME = 1024**2


def read(settings: Mapping[str, object], *, root: Path, stack: str, mistakes: Mistakes) -> Settings:
    """Read the settings, telling mistakes; what they leave behind is not to be used further."""
    return _SettingsReader(settings, stack, mistakes).read(root)


def file_of(stack: str) -> str:
    """The file that holds the settings of a stack."""
    return f"Pulumi.{stack}.yaml"


def quantity(text: str) -> int | None:
    """Bytes of a Kubernetes quantity such as `1Gi` or `500M`; None for text that is none."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        return None
    unit = found[2] or ""
    power = " kMGTPE".index(unit[0].replace("K", "k")) if unit else 0
    return int(Fraction(found[1]) * (1024 if unit.endswith("i") else 1000) ** power)


class _SettingsReader:
    def __init__(self, settings: Mapping[str, object], stack: str, mistakes: Mistakes) -> None:
        self._settings = settings
        self._stack = stack
        self._mistakes = mistakes

    def read(self, root: Path) -> Settings:
        for key in self._settings:
            if key not in _KNOWN:
                self._tell(key, f"there is no setting `{key}`", suggest(key, _KNOWN))
        return Settings(
            network=root / self._text("network", "samples/simple"),
            chaincode=root / self._text("chaincode", "samples/chaincode"),
            namespace=self._namespace(),
            fabric_version=self._fabric_version(),
            state_database=self._state_database(),
            storage_class=self._storage_class(),
            volume_size=self._volume_size(),
            keep_data=self._flag("keepData", default=True),
            protect=self._flag("protect", default=False),
            raise_application_capability=self._raised(),
        )

    def _namespace(self) -> str:
        namespace = self._text("namespace", self._stack)
        if not rules.is_label(namespace):
            given = self._settings.get("namespace") is not None
            source = "" if given else ", the name of the stack,"
            self._tell(
                "namespace",
                f"`{namespace}`{source} is no name of a namespace",
                "use at most 63 lower-case letters, digits and dashes between them",
            )
        elif namespace.startswith("kube-"):
            self._tell(
                "namespace",
                f"`{namespace}` belongs to Kubernetes itself",
                "name a namespace that does not start with `kube-`",
            )
        return namespace

    def _fabric_version(self) -> str:
        version = self._text("fabricVersion", _DEFAULT_FABRIC)
        if _FABRIC_VERSION.fullmatch(version):
            return version
        self._tell(
            "fabricVersion",
            f"`{version}` is no Fabric version that is known here",
            "name a release of Fabric 2.5 in full, such as `2.5.9`",
        )
        return _DEFAULT_FABRIC

    def _state_database(self) -> str:
        database = self._text("stateDatabase", STATE_DATABASES[0])
        if database in STATE_DATABASES:
            return database
        self._tell(
            "stateDatabase",
            f"`{database}` is no state database",
            suggest(database, STATE_DATABASES),
        )
        return STATE_DATABASES[0]

    def _raised(self) -> str | None:
        if self._settings.get("raiseApplicationCapability") is None:
            return None
        capability = self._text("raiseApplicationCapability", LIFECYCLE[0])
        if capability in LIFECYCLE:
            return capability
        self._tell(
            "raiseApplicationCapability",
            f"`{capability}` is no Application capability to raise channels to",
            f"write {' or '.join(f'`{each}`' for each in LIFECYCLE)}, or take it out",
        )
        return None

    def _storage_class(self) -> str | None:
        if self._settings.get("storageClass") is None:
            return None
        storage_class = self._text("storageClass", "standard")
        if not rules.is_domain(storage_class):
            self._tell(
                "storageClass",
                f"`{storage_class}` is no name of a StorageClass",
                "write it as `kubectl get storageclass` shows it, or take it out for the "
                "cluster's default",
            )
        return storage_class

    def _volume_size(self) -> str:
        size = self._text("volumeSize", "1Gi")
        size_bytes = quantity(size)
        if size_bytes is None:
            self._tell(
                "volumeSize",
                f"`{size}` is no Kubernetes quantity",
                "write a number and a unit such as `Mi`, `Gi` or `Ti`: `16Gi`",
            )
        elif size_bytes < _SMALLEST_VOLUME:
            self._tell(
                "volumeSize",
                f"a volume of `{size}` is too small for a ledger",
                "write at least `1Mi`; a number without a unit counts bytes",
            )
        return size

    def _text(self, key: str, default: str) -> str:
        value = self._settings.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self._tell(key, f"`{value}` is no string", f'write it in quotes: "{value}"')
            return default
        if not value.strip():
            self._tell(key, "the value is empty", "write one, or take the key out")
            return default
        if not value.isprintable():
            self._tell(key, "the value holds characters that cannot be printed", "take them out")
            return default
        return value.strip()

    def _flag(self, key: str, *, default: bool) -> bool:
        value = self._settings.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._tell(key, f"`{value}` is neither true nor false", "write `true` or `false`")
            return default
        return value

    def _tell(self, key: str, problem: str, remedy: str) -> None:
        self._mistakes.tell(
            Mistake(file=file_of(self._stack), path=f"hlf:{key}", problem=problem, remedy=remedy)
        )
