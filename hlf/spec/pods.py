"""The setting `pods`: images, volumes, resources and placement, for each kind of pod.

One tree instead of many switches: `all` is for every kind, and what stands under a kind (`peer`,
`orderer`, ...) goes before it. Maps (`labels`, `annotations`, `resources`) are put together key by
key. What a kind of pod does not have (a chaincode's server has no volume) is refused there, and
means nothing to it under `all`.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hlf.spec.model import PodSettings, Resources
from hlf.spec.pod_values import READERS, Tell, amounts, quantity, table

ALL = "all"
_COMMON = {"registry", "pullSecrets", "resources", "labels", "annotations"}
_WITH_VOLUME = {*_COMMON, "image", "storage", "antiAffinity"}
_OF_FABRIC = {*_WITH_VOLUME, "logLevel"}
_KEYS = {
    "peer": _OF_FABRIC,
    "orderer": _OF_FABRIC,
    "couchdb": _WITH_VOLUME,
    "kafka": {*_WITH_VOLUME, "replicas"},
    "zookeeper": {*_WITH_VOLUME, "replicas"},
    "chaincode": _COMMON,
    "backup": {*_COMMON, "image"},
}
_KEYS_OF_ALL = _OF_FABRIC - {"image"}
_DEFAULTS: Mapping[str, PodSettings] = {
    "peer": PodSettings(resources=Resources(requests={"cpu": "10m", "memory": "128Mi"})),
    "orderer": PodSettings(resources=Resources(requests={"cpu": "10m", "memory": "64Mi"})),
    "couchdb": PodSettings(resources=Resources(requests={"cpu": "10m", "memory": "128Mi"})),
    "kafka": PodSettings(
        replicas=4, resources=Resources(requests={"cpu": "20m", "memory": "384Mi"})
    ),
    "zookeeper": PodSettings(
        replicas=3, resources=Resources(requests={"cpu": "10m", "memory": "128Mi"})
    ),
    "chaincode": PodSettings(resources=Resources(requests={"cpu": "5m", "memory": "32Mi"})),
    "backup": PodSettings(resources=Resources(requests={"cpu": "50m", "memory": "128Mi"})),
}


def read(tree: object, tell: Tell) -> dict[str, PodSettings]:
    """Return the settings of every kind of pod; `tree` is the value of the setting, or None."""
    kinds = table(tree, "pods", (ALL, *_KEYS), tell)
    common = table(kinds.get(ALL), f"pods.{ALL}", sorted(_KEYS_OF_ALL), tell)
    checked = _checked(common, f"pods.{ALL}", tell)
    found: dict[str, PodSettings] = {}
    for kind, keys in _KEYS.items():
        path = f"pods.{kind}"
        own = _checked(table(kinds.get(kind), path, sorted(keys), tell), path, tell)
        shared = {key: value for key, value in checked.items() if key in keys}
        found[kind] = _made(_DEFAULTS[kind], shared, own)
        _check_limits(found[kind].resources, path, tell)
    return found


def amount(key: str, text: str) -> Fraction:
    """What a quantity of `resources` comes to: cores of `cpu`, bytes of `memory`."""
    if key == "memory":
        return Fraction(quantity(text) or 0)
    return Fraction(text[:-1]) / 1000 if text.endswith("m") else Fraction(text)


def _made(default: PodSettings, shared: Mapping[str, Any], own: Mapping[str, Any]) -> PodSettings:
    def one(key: str, otherwise: Any) -> Any:
        return own.get(key, shared.get(key, otherwise))

    def merged(key: str, otherwise: Mapping[str, str]) -> dict[str, str]:
        return {**otherwise, **shared.get(key, {}), **own.get(key, {})}

    storage = {**shared.get("storage", {}), **own.get("storage", {})}
    return PodSettings(
        image=one("image", default.image),
        registry=one("registry", default.registry),
        pull_secrets=one("pullSecrets", default.pull_secrets),
        log_level=one("logLevel", default.log_level),
        storage_class=storage.get("class", default.storage_class),
        storage_size=storage.get("size", default.storage_size),
        resources=Resources(
            requests=merged("requests", default.resources.requests),
            limits=merged("limits", default.resources.limits),
        ),
        anti_affinity=one("antiAffinity", default.anti_affinity),
        labels=merged("labels", default.labels),
        annotations=merged("annotations", default.annotations),
        replicas=one("replicas", default.replicas),
    )


def _checked(values: Mapping[str, object], path: str, tell: Tell) -> dict[str, Any]:
    """Return what is right among the settings of one kind; `resources` become two entries."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        place = f"{path}.{key}"
        if key == "resources":
            parts = table(value, place, ("requests", "limits"), tell)
            for part, given in parts.items():
                found[part] = amounts(given, f"{place}.{part}", tell)
            continue
        made = READERS[key](value, place, tell)
        if made is not None:
            found[key] = made
    return found


def _check_limits(resources: Resources, path: str, tell: Tell) -> None:
    """Kubernetes refuses pods that ask for more than they may have."""
    for key, limit in resources.limits.items():
        request = resources.requests.get(key)
        if request is not None and amount(key, request) > amount(key, limit):
            tell(
                f"{path}.resources",
                f"the request for {key} (`{request}`) is more than its limit (`{limit}`)",
                "raise the limit, or lower the request",
            )
