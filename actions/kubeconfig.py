"""Why a cluster cannot be reached by the kubeconfig, and what there is to choose from.

kr8s and Pulumi read the kubeconfig themselves; this is only for the sentence when it does not do.
"""

import os
from pathlib import Path

import yaml

_IN_POD = "KUBERNETES_SERVICE_HOST"
"""Set by Kubernetes in every container. Without a kubeconfig kr8s takes the pod's own account."""


def complaint(context: str | None, reason: str) -> str:
    """Return what is wrong with a kube context (None: the current one) as a sentence."""
    looked = _places()
    found = [path for path in looked if path.is_file()]
    if not found and _IN_POD in os.environ:
        return (
            f"This pod cannot ask its cluster: {reason.rstrip('.')}. Have the token of its service "
            "account mounted (`automountServiceAccountToken`), or export KUBECONFIG."
        )
    if not found:
        return (
            f"There is no kubeconfig in {_listed(looked)}: export KUBECONFIG, the file that "
            "`kubectl` works with."
        )
    known = sorted({name for path in found for name in _contexts(path)})
    if context is not None and context not in known:
        return (
            f"There is no kube context {context}, which the setting hlf:context or else "
            f"HLF_CONTEXT names, in {_listed(found)}; there are: {', '.join(known) or 'none'}. "
            "Choose one with `pulumi config set context <name>`, or the current one with "
            "`pulumi config rm context` and without HLF_CONTEXT."
        )
    which = "The current kube context" if context is None else f"The kube context {context}"
    return f"{which} in {_listed(found)} cannot be used: {reason or 'it is not complete'}."


def _places() -> list[Path]:
    """Return where kubectl looks, and so everybody else."""
    named = [each for each in os.environ.get("KUBECONFIG", "").split(os.pathsep) if each]
    # not Path.expanduser, which fails for users without a home folder, as pods may have them
    return [Path(os.path.expanduser(each)) for each in named or ["~/.kube/config"]]  # noqa: PTH111


def _contexts(path: Path) -> list[str]:
    """Return the names of the contexts in a file; a broken one has none."""
    try:
        return [context["name"] for context in yaml.safe_load(path.read_text())["contexts"]]
    except (yaml.YAMLError, OSError, ValueError, LookupError, TypeError):
        return []


def _listed(paths: list[Path]) -> str:
    return ", ".join(str(path) for path in paths)
