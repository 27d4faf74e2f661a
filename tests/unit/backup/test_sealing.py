"""What is sealed opens only with its key, in its place, whole."""

import os

import pytest

from hlf.backup import packing, sealing
from hlf.backup.sealing import Cost, derive, name, seal, unseal

KEYS = derive("passphrase", Cost(salt=b"salt", n=16))


def test_keys_are_one_for_each_purpose_and_follow_from_passphrase_and_salt() -> None:
    one = [KEYS.names, KEYS.chunks, KEYS.manifests, KEYS.check]
    assert len(set(one)) == 4
    assert derive("passphrase", Cost(salt=b"salt", n=16)) == KEYS
    assert derive("passphrase", Cost(salt=b"tlas", n=16)) != KEYS
    assert derive("Passphrase", Cost(salt=b"salt", n=16)) != KEYS


def test_keys_are_not_shown() -> None:
    assert repr(KEYS) == "Keys()"


def test_a_seal_opens_in_its_place_only() -> None:
    sealed = seal(KEYS.chunks, b"content", bound_to="chunk/1")
    assert b"content" not in sealed
    assert len(sealed) == len(b"content") + sealing.OVERHEAD
    assert unseal(KEYS.chunks, sealed, bound_to="chunk/1") == b"content"
    assert unseal(KEYS.chunks, sealed, bound_to="chunk/2") is None
    assert unseal(KEYS.manifests, sealed, bound_to="chunk/1") is None
    for length in range(len(sealed)):
        assert unseal(KEYS.chunks, sealed[:length], bound_to="chunk/1") is None
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert unseal(KEYS.chunks, bytes(changed), bound_to="chunk/1") is None


def test_the_same_content_is_sealed_differently_and_named_the_same() -> None:
    assert seal(KEYS.chunks, b"a", bound_to="x") != seal(KEYS.chunks, b"a", bound_to="x")
    assert name(KEYS.names, b"a") == name(KEYS.names, b"a") != name(KEYS.chunks, b"a")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a",
        os.urandom(100),
        os.urandom(1_000_000),
        bytes(4 * 1024 * 1024),
        os.urandom(1000) * 1000,
    ],
    ids=["empty", "byte", "short", "random", "zeros", "repeated"],
)
def test_packing_returns_the_same_and_never_grows(data: bytes) -> None:
    packed = packing.pack(data)
    assert len(packed) <= len(data) + 1
    assert packing.unpack(packed, len(data)) == data
    if data:
        assert packing.unpack(packed, len(data) - 1) is None


def test_packing_makes_little_of_zeros_and_leaves_random_bytes_alone() -> None:
    assert len(packing.pack(bytes(4 * 1024 * 1024))) < 20_000
    assert packing.pack(random := os.urandom(100_000)) == b"\x00" + random


@pytest.mark.parametrize("packed", [b"", b"\x07abc", b"\x01abc", packing.pack(bytes(999))[:-3]])
def test_what_was_not_packed_is_not_unpacked(packed: bytes) -> None:
    assert packing.unpack(packed, 10_000) is None
