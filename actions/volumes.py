"""What Kubernetes can do to a volume that exists, asked before anything is tried.

A volume claim may grow where its StorageClass allows it, and nothing else: Kubernetes would refuse
it in the middle of a run, and a preview would offer to replace the claim, ledger and all.

Pure functions. Wanted volumes are maps of texts by the name of their claim: `kind` (of the setting
`pods`), `size`, and `class` where one is chosen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from actions.cluster import Manifest
from hlf.spec.pods import quantity

Wanted = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class _Problem:
    asked: str
    """What a setting asks for, the beginning of a sentence."""
    reason: str
    back: str
    """The setting and value that ask for no change."""


def problems(
    wanted: Wanted, live: list[Manifest], cannot_expand: Callable[[str], bool]
) -> list[str]:
    """Return a sentence for each setting that asks for what cannot be; `live` are volume claims."""
    found: dict[_Problem, list[str]] = {}
    for claim in live:
        name = claim["metadata"]["name"]
        if name in wanted:
            for problem in _of_one(wanted[name], claim["spec"], cannot_expand):
                found.setdefault(problem, []).append(name)
    return [
        f"{problem.asked} (volume claim {', '.join(sorted(names))}): {problem.reason}. The "
        f"volume stays as it is with `pulumi config set --path {problem.back}`."
        for problem, names in found.items()
    ]


def _of_one(
    wanted: Mapping[str, str], spec: Manifest, cannot_expand: Callable[[str], bool]
) -> Iterator[_Problem]:
    storage = f"hlf:pods.{wanted['kind']}.storage"
    size, class_ = spec["resources"]["requests"]["storage"], spec.get("storageClassName", "")
    if wanted.get("class", class_) != class_:
        asked = f"The setting {storage}.class asks for {wanted['class']}, the volume has {class_}"
        reason = "a volume keeps its StorageClass, and another volume would be without its ledger"
        yield _Problem(asked=asked, reason=reason, back=f"{storage}.class {class_}")
    before, after = quantity(size), quantity(wanted["size"])
    if before is None or after is None or before == after:
        return
    asked = f"The setting {storage}.size asks for {wanted['size']}, the volume has {size}"
    if after < before:
        yield _Problem(asked=asked, reason="no volume shrinks", back=f"{storage}.size {size}")
    elif cannot_expand(class_):
        allow = """'{"allowVolumeExpansion": true}'"""
        reason = (
            f"its StorageClass {class_} lets no volume grow. Where its provisioner can do it, "
            f"allow it with `kubectl patch storageclass {class_} -p {allow}`"
        )
        yield _Problem(asked=asked, reason=reason, back=f"{storage}.size {size}")
