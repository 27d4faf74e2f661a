"""Keys from a passphrase, and bytes that only they can make and read.

scrypt (RFC 7914) makes guessing a passphrase slow, HKDF (RFC 5869) makes keys of one purpose each
from what it gives. AES-256-GCM encrypts; what the bytes are (`bound_to`) goes in as associated
data, so that bytes of one place are no bytes of another. Nonces are random: 2**32 objects per key
are safe (NIST SP 800-38D, 8.3), which is 16 PiB of chunks.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

_KEY = 32
_NONCE = 12
_TAG = 16
OVERHEAD = _NONCE + _TAG
"""Bytes that sealing adds."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """scrypt's parameters: 128 * n * r bytes of memory, and a salt."""

    salt: bytes
    n: int = 2**17
    r: int = 8
    p: int = 1


@dataclass(frozen=True, kw_only=True)
class Keys:
    """One key for each purpose; `check` tells a wrong passphrase and opens nothing."""

    names: bytes = field(repr=False)
    chunks: bytes = field(repr=False)
    manifests: bytes = field(repr=False)
    check: bytes = field(repr=False)


def derive(passphrase: str, cost: Cost) -> Keys:
    """The keys of a passphrase; takes part of a second and 128 MiB, on purpose."""
    secret = hashlib.scrypt(
        # What a variable holds need not be UTF-8.
        passphrase.encode(errors="surrogateescape"),
        salt=cost.salt,
        n=cost.n,
        r=cost.r,
        p=cost.p,
        maxmem=256 * cost.n * cost.r,
        dklen=_KEY,
    )
    names, chunks, manifests, check = (
        HKDFExpand(SHA256(), _KEY, f"hlf-backup/1/{purpose}".encode()).derive(secret)
        for purpose in ("names", "chunks", "manifests", "check")
    )
    return Keys(names=names, chunks=chunks, manifests=manifests, check=check)


def name(key: bytes, data: bytes) -> str:
    """HMAC-SHA256 as hex: equal data has one name, and without the key it tells nothing."""
    # Not hmac.digest, which would hold up all other threads.
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def seal(key: bytes, data: bytes, *, bound_to: str) -> bytes:
    """Nonce, encrypted data and tag."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, bound_to.encode())


def unseal(key: bytes, sealed: bytes, *, bound_to: str) -> bytes | None:
    """The data; None where these bytes were not sealed with this key for this place."""
    if len(sealed) < OVERHEAD:
        return None
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to.encode())
    except InvalidTag:
        return None
