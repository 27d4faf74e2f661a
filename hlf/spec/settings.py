"""The stack's settings: what they are called, what may be in them, and their defaults.

Whether the folders they name hold anything is for the readers of the files. `context` is the
program's own: it says where the network comes up, not what it is.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from hlf.backup.keys import RULE, is_key
from hlf.spec import backup, pod_values, pods, rules
from hlf.spec.capabilities import LIFECYCLE
from hlf.spec.errors import Mistake, Mistakes, suggest
from hlf.spec.model import COUCHDB, LEVELDB, Settings

_DEFAULT_FABRIC = "2.5.9"
_DEFAULT_FABRIC_3 = "3.1.1"
"""What goes on after a mistake in a version of Fabric 3, so that no needless ones follow."""
STATE_DATABASES = (LEVELDB, COUCHDB)
_KNOWN = (
    "backup",
    "chaincode",
    "context",
    "fabricVersion",
    "keepData",
    "namespace",
    "network",
    "pods",
    "protect",
    "raiseApplicationCapability",
    "restoreFrom",
    "stateDatabase",
)
_FABRIC_VERSION = re.compile(r"(2\.5|3\.[0-9]{1,2})\.[0-9]{1,3}")


def read(settings: Mapping[str, object], *, root: Path, stack: str, mistakes: Mistakes) -> Settings:
    """Read the settings, telling mistakes; what they leave behind is not to be used further."""
    return _SettingsReader(settings, stack, mistakes).read(root)


def file_of(stack: str) -> str:
    """The file that holds the settings of a stack."""
    return f"Pulumi.{stack}.yaml"


def without_secrets(settings: Mapping[str, object]) -> dict[str, object]:
    """Return the settings as a stack has them, but for the secrets among them.

    So they can be kept with a backup, which says by them what its network was made of.
    """
    kept = dict(settings)
    tree = kept.pop("backup", None)
    if isinstance(tree, Mapping):
        kept["backup"] = {key: each for key, each in tree.items() if key not in backup.SECRETS}
    return kept


class _SettingsReader:
    def __init__(self, settings: Mapping[str, object], stack: str, mistakes: Mistakes) -> None:
        self._settings = settings
        self._stack = stack
        self._mistakes = mistakes

    def read(self, root: Path) -> Settings:
        for key in self._settings:
            if key not in _KNOWN:
                self._tell(key, f"there is no setting `{key}`", suggest(key, _KNOWN))
        backups = backup.read(self._settings.get("backup"), self._tell)
        return Settings(
            network=root / self._text("network", "samples/simple"),
            chaincode=root / self._text("chaincode", "samples/chaincode"),
            namespace=self._namespace(),
            fabric_version=self._fabric_version(),
            state_database=self._state_database(),
            pods=pods.read(self._settings.get("pods"), self._tell),
            keep_data=self._flag("keepData", default=True),
            protect=self._flag("protect", default=False),
            raise_application_capability=self._raised(),
            backup=backups,
            restore_from=self._restore_from(),
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
            "name a release of Fabric 2.5 or 3.1 in full, such as `2.5.9` or `3.1.1`",
        )
        return _DEFAULT_FABRIC_3 if version.startswith("3") else _DEFAULT_FABRIC

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

    def _restore_from(self) -> str | None:
        if self._settings.get("restoreFrom") is None:
            return None
        if not self._settings.get("backup"):
            self._tell(
                "restoreFrom",
                "nothing says where the backup is",
                "set `hlf:backup.store` and `hlf:backup.passphrase` too, or take it out",
            )
        key = self._text("restoreFrom", "")
        if key and not is_key(key):
            self._tell("restoreFrom", f"`{key}` is no key of a backup", RULE)
        return key or None

    def _text(self, key: str, default: str) -> str:
        value = self._settings.get(key)
        if value is None:
            return default
        text = pod_values.printable(value, key, self._tell)
        return default if text is None else text

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
