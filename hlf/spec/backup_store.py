"""Where backups are stored, as the setting `backup.store` says it.

A URL may hold what nobody should see, so no message repeats one: only its scheme, or the name of
a claim, where these are what they should be or hold nothing else.
"""

import re

from hlf.spec import rules
from hlf.spec.model import STORE_FOLDER
from hlf.spec.pod_values import Tell

_CLAIM = "claim"
_REMEDY = (
    "write `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix` or "
    "`claim://<PersistentVolumeClaim>/folder`"
)
_URL = re.compile(r"([a-z][a-z0-9+.-]{0,19})://([^/]*)(?:/(.*))?")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_SAFE_TO_SHOW = re.compile(r"[A-Za-z0-9._-]{1,253}")
_PART = re.compile(r"[A-Za-z0-9._=-]+")
_MORE = re.compile(r"[@?#:]")
"""What stands before or after users, passwords, ports, options and signatures."""


def read(text: str, path: str, tell: Tell) -> tuple[str, str | None]:
    """Return the URL for the jobs, and the claim that they mount at `STORE_FOLDER` for it."""
    split = _URL.fullmatch(text)
    # Also a connection string, as Azure shows them, comes here: it is no URL, and a secret.
    if split is None:
        tell(path, "it is no URL of a store", _REMEDY)
        return "", None
    scheme, name, folder = split[1], split[2], (split[3] or "").removesuffix("/")
    if _MORE.search(f"{name}{folder}"):
        tell(
            path,
            "the URL holds more than a name and a folder (it is not shown here: credentials may "
            "be in it)",
            "put credentials and endpoints into `credentials`, and leave the URL with the rest",
        )
    elif scheme == "file":
        tell(
            path,
            "a job in the cluster does not see this machine's folders, nor keep its own",
            "write `claim://<PersistentVolumeClaim>/folder` for a folder on a volume",
        )
    elif scheme not in {"s3", "gs", "az", _CLAIM}:
        tell(path, f"`{scheme}://` is no kind of store", _REMEDY)
    elif _is_folder(folder, path, tell):
        if scheme != _CLAIM:
            if _is_bucket(name, scheme, path, tell):
                return text, None
        elif _is_claim(name, path, tell):
            return f"file://{STORE_FOLDER}{f'/{folder}' if folder else ''}", name
    return "", None


def _is_folder(folder: str, path: str, tell: Tell) -> bool:
    parts = folder.split("/") if folder else []
    if any(part in {".", ".."} or not _PART.fullmatch(part) for part in parts):
        tell(
            path,
            "the folder in the URL is none that every store can have",
            "use letters, digits and ._=- for each part, single slashes between them, and neither "
            "`.` nor `..`",
        )
        return False
    return True


def _is_bucket(name: str, scheme: str, path: str, tell: Tell) -> bool:
    if _BUCKET.fullmatch(name):
        return True
    what = "container" if scheme == "az" else "bucket"
    tell(
        path,
        f"the URL names no {what}{_shown(name)}",
        f"write it as in `{scheme}://hlf-backup/dev`: at least three lower-case letters, digits "
        "and ._-",
    )
    return False


def _is_claim(name: str, path: str, tell: Tell) -> bool:
    if not rules.is_domain(name):
        tell(
            path,
            f"the URL names no PersistentVolumeClaim{_shown(name)}",
            "write its name as `kubectl get pvc` shows it, as in `claim://hlf-backup/dev`",
        )
        return False
    # `destroy` deletes these, and a backup on the volume of a node is lost with it.
    if name.startswith("hlf-") and "--" in name:
        tell(path, f"`{name}` is a volume of the network itself", "name a volume of its own")
        return False
    return True


def _shown(name: str) -> str:
    return f": `{name}` is none" if _SAFE_TO_SHOW.fullmatch(name) else ""
