import pytest
from fabric_protos.common.ledger_pb2 import BlockchainInfo

from hlf.ledger.errors import LedgerDamaged
from hlf.ledger.snapshot import Snapshot, read_snapshot

FILE = "ledgersData/chains/chains/common/bootstrappingSnapshot.info"
LAST, BEFORE = b"l" * 32, b"b" * 32


def content(number: int, last: bytes = LAST, before: bytes = BEFORE) -> bytes:
    """As protobuf writes it: this message has the same fields under other names."""
    info = BlockchainInfo(height=number, currentBlockHash=last, previousBlockHash=before)
    return info.SerializeToString()


@pytest.mark.parametrize("number", [1, 127, 128, 2**63, 2**64 - 2])
def test_read(number: int):
    snapshot = Snapshot(last_block=number, last_hash=LAST, previous_hash=BEFORE)
    assert read_snapshot("common", FILE, content(number)) == snapshot
    assert snapshot.height == number + 1


def test_of_the_first_block():
    found = read_snapshot("common", FILE, content(0, before=b""))
    assert found == Snapshot(last_block=0, last_hash=LAST, previous_hash=b"")


WHOLE = content(300)
REFUSED = {
    "empty": (b"", "it is cut off"),
    "cut off": (WHOLE[:-1], "it is cut off"),
    "cut off behind the first hash": (WHOLE[:-34], "it is cut off"),
    "more": (WHOLE + b"\x00", "1 bytes follow its end"),
    "short hash": (content(300, last=b"x"), "its hash at byte 3 has 1 bytes"),
    "other field": (b"\x10" + WHOLE[1:], "it has no hash at byte 0"),
    "zero written out": (b"\x08\x00" + WHOLE[3:], "not as Fabric writes it"),
    "long form": (b"\x08\xac\x82\x00" + WHOLE[3:], "not as Fabric writes it"),
    "zeros": (bytes(70), "it has no hash at byte 0"),
    "two hashes for the first block": (content(0), "34 bytes follow its end"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str):
    given, told = REFUSED[what]
    with pytest.raises(LedgerDamaged, match=told) as caught:
        read_snapshot("common", FILE, given)
    assert str(caught.value).startswith(f"the ledger of channel common is damaged in {FILE}: ")


def test_every_cut_is_refused():
    for size in range(len(WHOLE)):
        with pytest.raises(LedgerDamaged):
            read_snapshot("common", FILE, WHOLE[:size])
