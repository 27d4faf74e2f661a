"""The setting `backup`: where backups are stored, how they are encrypted, which are made and stay.

No message repeats a value that could be a secret in the wrong place: a storage account's key is
easily written after `key` or `credentialsSecret`.
"""

import re
from collections.abc import Mapping

from hlf.backup.keys import RULE, is_key
from hlf.backup.retention import Retention
from hlf.spec import backup_store, cron, rules
from hlf.spec.model import BackupSettings
from hlf.spec.pod_values import READERS, Tell, printable, table

_PATH = "backup"
SECRETS = frozenset({"passphrase", "credentials"})
"""Keys of the setting whose values stand in clear in no backup and no state."""
_KNOWN = (
    "store",
    "passphrase",
    "credentials",
    "credentialsSecret",
    "identity",
    "key",
    "schedule",
    "retention",
)
_OF_CLOUDS = ("credentials", "credentialsSecret", "identity")
_SET_PASSPHRASE = "`pulumi config set --secret --path hlf:backup.passphrase`"  # noqa: S105
_SHORTEST_PASSPHRASE = 12
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_MOST_BACKUPS = 100_000
_MOST_DAYS = 36_500
"""A hundred years; what is far longer ends before the calendar begins."""


def read(tree: object, tell: Tell) -> BackupSettings | None:
    """Return the setting; None where there is none, or nothing that could be read.

    An empty map is what Pulumi.yaml declares for a stack that says nothing.
    """
    if tree is None or tree == {}:
        return None
    if not isinstance(tree, Mapping):
        tell(_PATH, "the value is no map", "write `store` and `passphrase` below it")
        return None
    values = table(tree, _PATH, _KNOWN, tell)
    store, claim = _store(values, tell)
    if claim is not None:
        _refuse_of_clouds(values, tell)
    return BackupSettings(
        store=store,
        claim=claim,
        passphrase=_passphrase(values, tell),
        credentials=_credentials(values.get("credentials"), tell),
        credentials_secret=_credentials_secret(values, tell),
        identity=_identity(values.get("identity"), tell),
        key=_key(values, tell),
        schedule=_schedule(values, tell),
        retention=_retention(values.get("retention"), tell),
    )


def _store(values: Mapping[str, object], tell: Tell) -> tuple[str, str | None]:
    path = f"{_PATH}.store"
    if "store" not in values:
        tell(path, "it is missing", "say where backups are stored, as in `s3://bucket/prefix`")
        return "", None
    text = _text(values, "store", tell)
    return backup_store.read(text, path, tell) if text is not None else ("", None)


def _refuse_of_clouds(values: Mapping[str, object], tell: Tell) -> None:
    for key in _OF_CLOUDS:
        if key in values:
            tell(f"{_PATH}.{key}", "a store on a volume asks for no credentials", "take it out")


def _passphrase(values: Mapping[str, object], tell: Tell) -> str:
    path = f"{_PATH}.passphrase"
    value = values.get("passphrase")
    if value is None:
        tell(
            path, "it is missing, and backups are always encrypted", f"set it by {_SET_PASSPHRASE}"
        )
    elif not isinstance(value, str):
        tell(path, "it is no string", f"set it by {_SET_PASSPHRASE}")
    # By hand and out of files it is read without what surrounds it, and would be another one.
    elif value != value.strip() or not value.isprintable():
        tell(
            path,
            "it holds characters that cannot be printed, or white space at an end",
            f"set it without them by {_SET_PASSPHRASE}",
        )
    elif len(value) < _SHORTEST_PASSPHRASE:
        tell(
            path,
            f"it is shorter than {_SHORTEST_PASSPHRASE} characters, and whoever has the store can "
            "try passphrases",
            "choose a longer one, and keep a copy where the network is not",
        )
    else:
        return value
    return ""


def _credentials(value: object, tell: Tell) -> dict[str, str]:
    path = f"{_PATH}.credentials"
    found: dict[str, str] = {}
    for name, each in _map(value, path, tell).items():
        place = f"{path}.{name}"
        if not _VARIABLE.fullmatch(name):
            tell(
                path,
                "a name in it is none of a variable of the environment (it is not shown here: name "
                "and value may have changed places)",
                "use upper-case letters, digits and `_`, as in `AWS_ACCESS_KEY_ID`",
            )
        elif name.startswith("HLF_"):
            tell(place, f"`{name}` is the jobs' own", "take it out")
        elif name == "GOOGLE_APPLICATION_CREDENTIALS":
            tell(
                place,
                "it names a file, and the jobs have none",
                "write the file's content as `GOOGLE_SERVICE_ACCOUNT_KEY`",
            )
        elif not isinstance(each, str):
            tell(place, "the value is no string", "write it in quotes")
        elif not each.strip():
            tell(place, "the value is empty", "write one, or take the key out")
        # The account of a service at Google has several lines.
        elif not "".join(each.split()).isprintable():
            tell(place, "the value holds characters that cannot be printed", "take them out")
        else:
            found[name] = each.strip()
    return found


def _credentials_secret(values: Mapping[str, object], tell: Tell) -> str | None:
    name = _text(values, "credentialsSecret", tell)
    if name is not None and not rules.is_domain(name):
        tell(
            f"{_PATH}.credentialsSecret",
            "the value is no name of a Secret",
            "write the name of a Secret of the namespace; credentials themselves belong in "
            "`credentials`",
        )
    return name


def _identity(value: object, tell: Tell) -> dict[str, str]:
    path = f"{_PATH}.identity"
    return READERS["annotations"](_map(value, path, tell), path, tell)


def _key(values: Mapping[str, object], tell: Tell) -> str | None:
    key = _text(values, "key", tell)
    if key is not None and not is_key(key):
        tell(f"{_PATH}.key", "the value is no key of a backup", RULE)
    return key


def _schedule(values: Mapping[str, object], tell: Tell) -> str | None:
    schedule = _text(values, "schedule", tell)
    if schedule is not None:
        try:
            cron.check(schedule)
        except cron.ScheduleError as wrong:
            tell(f"{_PATH}.schedule", wrong.problem, wrong.remedy)
    return schedule


def _retention(value: object, tell: Tell) -> Retention | None:
    if value is None:
        return None
    path = f"{_PATH}.retention"
    given = table(_map(value, path, tell), path, ("last", "days"), tell)
    if not given:
        if value == {}:
            tell(path, "it says neither `last` nor `days`", "write one of them, or take it out")
        return None
    last = _number(given.get("last"), f"{path}.last", _MOST_BACKUPS, tell)
    days = _number(given.get("days"), f"{path}.days", _MOST_DAYS, tell)
    if last is not None and last != int(last):
        tell(f"{path}.last", f"`{last:g}` is no number of backups", "write a whole number")
        return None
    if last is None and days is None:
        return None
    return Retention(last=None if last is None else int(last), days=days)


def _number(value: object, path: str, most: int, tell: Tell) -> float | None:
    """Return a number; `pulumi config set` writes one with a point in it as a text."""
    if value is None:
        return None
    number = float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number <= most:
        tell(path, "the value is no number above 0", f"write one, {most} at most")
        return None
    return number


def _map(value: object, path: str, tell: Tell) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        tell(path, "the value is no map", "write it as `name: value`")
        return {}
    return {str(key): each for key, each in value.items()}


def _text(values: Mapping[str, object], key: str, tell: Tell) -> str | None:
    """Return the text that is there under `key`, if one is."""
    value, path = values.get(key), f"{_PATH}.{key}"
    if value is None:
        return None
    return printable(value, path, tell, is_shown=False)
