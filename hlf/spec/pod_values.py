"""The single values of the setting `pods`: quantities, images, log levels, labels.

Each reader gets a value as the stack's settings have it, and tells what is wrong with it by `tell`
with the path of the value; what it returns then is not to be used.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from hlf.spec import rules
from hlf.spec.errors import suggest
from hlf.spec.model import ANTI_AFFINITIES

Tell = Callable[[str, str, str], None]
"""Takes a path below `hlf:`, a problem and a remedy."""

_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E)?")
_CPU = re.compile(r"[0-9]{1,6}m|[0-9]{1,4}(?:\.[0-9]{1,3})?")
_SMALLEST_VOLUME = 1024**2
_LOG_LEVEL = re.compile(
    r"(?:[a-zA-Z0-9_.,-]+=)?(?:debug|info|warn|warning|error|fatal|panic)"
    r"(?::[a-zA-Z0-9_.,-]+=(?:debug|info|warn|warning|error|fatal|panic))*",
    re.IGNORECASE,
)
_LABEL_KEY = re.compile(
    r"(?:[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_OURS = re.compile(r"app|org|name|chaincode|hlf/.*|(?:.*\.)?(?:kubernetes|k8s)\.io/.*")
_REGISTRY = re.compile(
    r"[a-z0-9][a-z0-9.-]{0,252}(?::[0-9]{1,5})?(?:/[a-z0-9][a-z0-9._-]{0,127}){0,8}"
)


def quantity(text: str) -> int | None:
    """Bytes of a Kubernetes quantity such as `1Gi` or `500M`; None for text that is none."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        return None
    unit = found[2] or ""
    power = " kMGTPE".index(unit[0].replace("K", "k")) if unit else 0
    return int(Fraction(found[1]) * (1024 if unit.endswith("i") else 1000) ** power)


def _storage(value: object, path: str, tell: Tell) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, each in table(value, path, ("class", "size"), tell).items():
        place = f"{path}.{key}"
        text = printable(each, place, tell)
        if text is None:
            continue
        if key == "class":
            if not rules.is_domain(text):
                tell(
                    place,
                    f"`{text}` is no name of a StorageClass",
                    "write it as `kubectl get storageclass` shows it, or take it out for the "
                    "cluster's default",
                )
                continue
        elif not _is_volume(text, place, tell):
            continue
        found[key] = text
    return found


def _is_volume(text: str, path: str, tell: Tell) -> bool:
    size = quantity(text)
    if size is None:
        tell(
            path,
            f"`{text}` is no Kubernetes quantity",
            "write a number and a unit such as `Mi`, `Gi` or `Ti`: `16Gi`",
        )
        return False
    if size < _SMALLEST_VOLUME:
        tell(
            path,
            f"a volume of `{text}` is too small for a ledger",
            "write at least `1Mi`; a number without a unit counts bytes",
        )
        return False
    return True


def amounts(value: object, path: str, tell: Tell) -> dict[str, str]:
    """Return what is asked for of `cpu` and `memory`, or allowed."""
    found: dict[str, str] = {}
    for key, each in table(value, path, ("cpu", "memory"), tell).items():
        text = str(each) if isinstance(each, int | float) and not isinstance(each, bool) else each
        if not isinstance(text, str):
            tell(f"{path}.{key}", f"`{each}` is no amount", 'write it like "500m" or "1Gi"')
        elif key == "cpu" and not _CPU.fullmatch(text):
            tell(f"{path}.{key}", f"`{text}` is no number of cores", 'write it like "500m" or "2"')
        elif key == "memory" and not quantity(text):
            tell(f"{path}.{key}", f"`{text}` is no amount of memory", 'write it like "512Mi"')
        else:
            found[key] = text
    return found


def _log_level(value: object, path: str, tell: Tell) -> str | None:
    remedy = "write `debug`, `info`, `warning` or `error`, or as in `info:gossip=debug`"
    return _fitting(value, path, tell, fits=_LOG_LEVEL.fullmatch, what="log level", remedy=remedy)


def _anti_affinity(value: object, path: str, tell: Tell) -> str | None:
    text = printable(value, path, tell)
    if text is not None and text not in ANTI_AFFINITIES:
        tell(path, f"`{text}` is no kind of anti-affinity", suggest(text, ANTI_AFFINITIES))
        return None
    return text


def _image(value: object, path: str, tell: Tell) -> str | None:
    what, remedy = "name of an image", "write it as for `docker pull`"
    return _fitting(value, path, tell, fits=rules.is_image, what=what, remedy=remedy)


def _registry(value: object, path: str, tell: Tell) -> str | None:
    remedy = "write host, port and folder, without `https://`, as in `registry.example.com/fabric`"
    return _fitting(value, path, tell, fits=_REGISTRY.fullmatch, what="registry", remedy=remedy)


def _pull_secrets(value: object, path: str, tell: Tell) -> tuple[str, ...] | None:
    given: list[object] = [*value] if isinstance(value, list) else [value]
    names = tuple(name for name in given if isinstance(name, str) and rules.is_domain(name))
    if len(names) < len(given):
        wrong = next(name for name in given if name not in names)
        tell(path, f"`{wrong}` is no name of a Secret", "list the names of Secrets")
        return None
    return names


def _replicas(value: object, path: str, tell: Tell) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 99:  # noqa: PLR2004
        tell(path, f"`{value}` is no number of pods", "write a whole number from 1 to 99")
        return None
    return value


def _labels(value: object, path: str, tell: Tell) -> dict[str, str]:
    found = _annotations(value, path, tell)
    for key, text in list(found.items()):
        if not _LABEL_VALUE.fullmatch(text):
            tell(
                f"{path}.{key}",
                f"`{text}` is no value of a label",
                "use at most 63 letters, digits, dashes, dots and underscores",
            )
            del found[key]
    return found


def _annotations(value: object, path: str, tell: Tell) -> dict[str, str]:
    if not isinstance(value, Mapping):
        tell(path, f"`{value}` is no map", "write it as `key: value`")
        return {}
    found: dict[str, str] = {}
    for key, each in value.items():  # pyright: ignore[reportUnknownVariableType]
        place = f"{path}.{key}"
        if not _LABEL_KEY.fullmatch(str(key)):  # pyright: ignore[reportUnknownArgumentType]
            tell(place, f"`{key}` is no key of a label", "write it as in `example.com/team`")
        elif _OURS.fullmatch(str(key)):  # pyright: ignore[reportUnknownArgumentType]
            tell(place, f"`{key}` is the network's own", "choose another key")
        else:
            text = printable(each, place, tell)
            if text is not None:
                found[str(key)] = text  # pyright: ignore[reportUnknownArgumentType]
    return found


READERS: Mapping[str, Callable[[object, str, Tell], Any]] = {
    "image": _image,
    "registry": _registry,
    "pullSecrets": _pull_secrets,
    "logLevel": _log_level,
    "storage": _storage,
    "antiAffinity": _anti_affinity,
    "labels": _labels,
    "annotations": _annotations,
    "replicas": _replicas,
}


def table(
    value: object, path: str, known: tuple[str, ...] | list[str], tell: Tell
) -> dict[str, object]:
    """Return what is known in a map; nothing for None."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        remedy = f"write {', '.join(f'`{key}`' for key in known)} below it"
        tell(path, f"`{value}` is no map", remedy)
        return {}
    found: dict[str, object] = {}
    for key, each in value.items():  # pyright: ignore[reportUnknownVariableType]
        if key in known:
            if each is not None:
                found[str(key)] = each  # pyright: ignore[reportUnknownArgumentType]
        else:
            tell(f"{path}.{key}", f"there is no `{key}` here", suggest(str(key), known))  # pyright: ignore[reportUnknownArgumentType]
    return found


def _fitting(
    value: object,
    path: str,
    tell: Tell,
    *,
    fits: Callable[[str], object],
    what: str,
    remedy: str,
) -> str | None:
    """Return a text that `fits` takes for what it should be; None after a mistake."""
    text = printable(value, path, tell)
    if text is not None and not fits(text):
        tell(path, f"`{text}` is no {what}", remedy)
        return None
    return text


def printable(value: object, path: str, tell: Tell, *, is_shown: bool = True) -> str | None:
    """Return a text without white space around it; what may be a secret is not shown."""
    if not isinstance(value, str):
        what, how = (f"`{value}`", f': "{value}"') if is_shown else ("the value", "")
        tell(path, f"{what} is no string", f"write it in quotes{how}")
    elif not value.strip():
        tell(path, "the value is empty", "write one, or take the key out")
    elif not value.isprintable():
        tell(path, "the value holds characters that cannot be printed", "take them out")
    else:
        return value.strip()
    return None
