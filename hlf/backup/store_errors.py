"""What an object store's error means for the user: one sentence with the remedy.

The library's errors are texts with URLs in them, and a URL may hold a signature. So nothing of a
text is passed on but an HTTP status, the store's own code and the operating system's number.
"""

import errno
import os
import re
from dataclasses import dataclass

_STATUS = re.compile(r"\b([1-5]\d\d) [A-Z][A-Za-z]+")
_CODE = re.compile(r"<Code>(\w+)</Code>")
_OS_ERROR = re.compile(r"os error (\d+)|\[Errno (\d+)\]|\bcode: (\d+),")

_URL = re.compile(r"https?://[^\s,)\"]+")
_METADATA = "//169.254."
"""What clouds' machines ask for the credential that they have as such."""
_CREDENTIALS = (
    "set the right key, token or workload identity in the environment, and see that it may read, "
    "write, list and delete there"
)
_BUCKET = "make the bucket or container first, or correct the name and the endpoint"
_REMEDIES = (
    (("NoSuchBucket", "ContainerNotFound", "specified bucket does not exist"), _BUCKET),
    (("ExpiredToken", "TokenExpired", "RequestExpired"), "the credential has expired; renew it"),
    (("Account must be specified", "MissingAccount"), "set AZURE_STORAGE_ACCOUNT_NAME"),
    (("Missing region", "MissingRegion"), "set AWS_REGION"),
    (("RequestTimeTooSkewed",), "set this machine's clock"),
    (
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthenticationFailed", "AccessDenied"),
        _CREDENTIALS,
    ),
    (("401 Unauthorized", "403 Forbidden", "Unauthenticated", "PermissionDenied"), _CREDENTIALS),
    (
        (
            "token request",
            "TokenRequest",
            "ConfigurationError",
            "credential",
            "Credential",
            _METADATA,
            "Invalid Access Key",
        ),
        "no usable credential is in the environment; " + _CREDENTIALS,
    ),
    (
        ("No CA certificates",),
        "install the package ca-certificates, or name a file of certificates in SSL_CERT_FILE",
    ),
    (
        ("allow_http", "scheme is not http", "URL scheme is not allowed"),
        "use an https endpoint, or write http:// in the endpoint's variable",
    ),
    (
        ("Connect", "error sending request", "TimedOut", "timed out", "dns error"),
        "it cannot be reached; see that the endpoint is right and the network lets it through",
    ),
    (
        ("503 Service", "500 Internal", "429 Too", "SlowDown", "ServerBusy"),
        "the store is busy; try again later",
    ),
)
"""Texts that are looked for, the first that fits, and what to do about it."""
_ROOM = "make room there, or prune old backups"
_RIGHTS = "give this user the right to read and write there"
_OS_REMEDIES = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _RIGHTS,
    errno.ENOENT: "see that the volume is mounted and the folder is there",
    errno.EIO: "the disk under it is failing; see the machine's log",
}
_FATAL_MISSING = ("NoSuchBucket", "ContainerNotFound", "specified bucket does not exist")


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """The sentence for the user, and whether it is the bucket itself that is missing."""

    sentence: str
    is_bucket_missing: bool


def trouble(url: str, doing: str, said: str) -> Trouble:
    """What the library's text `said` means, when the store `url` was asked for `doing`."""
    # Buckets and keys of backups are words, too.
    said = _URL.sub(lambda url: _METADATA if _METADATA in url.group() else "", said)
    remedy = _OS_REMEDIES.get(_number(said)) or next(
        (remedy for texts, remedy in _REMEDIES if any(text in said for text in texts)),
        "see the store's own log",
    )
    known = _known(said)
    return Trouble(
        sentence=f"{doing} failed in the store {url}{f' ({known})' if known else ''}; {remedy}",
        is_bucket_missing=any(text in said for text in _FATAL_MISSING),
    )


def _known(said: str) -> str:
    """What may be shown of an error: nothing that a secret could be part of."""
    parts: list[str] = []
    if status := _STATUS.search(said):
        parts.append(status.group())
    if code := _CODE.search(said):
        parts.append(code.group(1))
    if number := _number(said):
        parts.append(os.strerror(number))
    return ": ".join(parts)


def _number(said: str) -> int:
    """The operating system's error number; 0 where it has no part in it."""
    found = _OS_ERROR.search(said)
    return int(next(filter(None, found.groups()))) if found else 0
