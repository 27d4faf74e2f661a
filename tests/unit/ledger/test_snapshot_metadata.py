import hashlib
import json

import pytest

from hlf.errors import FabricError
from hlf.ledger.snapshot_metadata import SnapshotMetadata, read_metadata

DIGEST = "ab" * 32
SIGNABLE = {
    "channel_name": "common",
    "last_block_number": 7,
    "last_block_hash": DIGEST,
    "previous_block_hash": DIGEST,
    "snapshot_files_raw_hashes": {"public_state.data": DIGEST, "txids.metadata": DIGEST},
    "state_db_type": "SimpleKeyValueDB",
}


def read(**changed: object) -> SnapshotMetadata:
    signable = json.dumps({**SIGNABLE, **changed}).encode()
    additional = {"snapshot_hash": hashlib.sha256(signable).hexdigest()}
    return read_metadata(signable, json.dumps(additional).encode())


def test_what_it_is_of():
    assert read() == SnapshotMetadata(
        channel="common",
        last_block=7,
        files={"public_state.data": DIGEST, "txids.metadata": DIGEST},
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"channel_name": None}, "does not say its channel, its block and its files"),
        ({"snapshot_files_raw_hashes": []}, "does not say its channel, its block and its files"),
        ({"snapshot_files_raw_hashes": {"../a": DIGEST}}, "names a file '../a', which none"),
        ({"snapshot_files_raw_hashes": {"a/b": DIGEST}}, "names a file 'a/b', which none"),
        ({"snapshot_files_raw_hashes": {"..": DIGEST}}, "names a file '..', which none"),
        ({"snapshot_files_raw_hashes": {"": DIGEST}}, "names a file '', which none"),
        (
            {"snapshot_files_raw_hashes": {"_snapshot_signable_metadata.json": DIGEST}},
            "names a file '_snapshot_signable_metadata.json', which none",
        ),
        ({"snapshot_files_raw_hashes": {"txids.data": "ab"}}, "has no SHA-256 for txids.data"),
    ],
)
def test_what_no_peer_writes(changed: dict[str, object], told: str):
    with pytest.raises(FabricError, match=f"not as a peer made it: .*{told}.*; make another"):
        read(**changed)


@pytest.mark.parametrize("additional", [b"", b"[]", b'{"snapshot_hash": "ab"}'])
def test_the_hash_of_all(additional: bytes):
    with pytest.raises(FabricError, match=r"_snapshot_additional_metadata.json"):
        read_metadata(json.dumps(SIGNABLE).encode(), additional)


def test_what_is_no_json():
    signable = b"{"
    additional = json.dumps({"snapshot_hash": hashlib.sha256(signable).hexdigest()}).encode()
    with pytest.raises(FabricError, match=r"_snapshot_signable_metadata.json is no JSON object"):
        read_metadata(signable, additional)
