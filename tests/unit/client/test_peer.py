"""A peer that has no time for another channel."""

import re

import pytest

from hlf.client.connection import Endpoint
from hlf.client.errors import NoAnswer
from hlf.client.identity import Signer
from hlf.client.peer import Peer
from hlf.config.build import genesis_block
from hlf.config.protos import ConfigGroup
from hlf.pki.authority import issue, make_authority
from hlf.pki.pair import SYSTEM

CA = make_authority("example.com", "ca")
PAIR = issue(CA, common_name="Admin@example.com", role="admin")
ADMIN = Signer(msp_id="AMSP", certificate=PAIR.certificate, key=PAIR.key)


def test_joining_is_waited_for_while_it_joins_by_a_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([False, False, True])
    monkeypatch.setattr(Peer, "_join", lambda *_, **__: next(answers))
    peer = Peer(Endpoint(name="peer a/peer0", address="127.0.0.1:1"), ADMIN)
    block = genesis_block(ConfigGroup(), channel="c", timestamp=SYSTEM.now(), nonce=b"n" * 24)
    peer.join(block)
    assert list(answers) == []
    monkeypatch.setattr(Peer, "_join", lambda *_, **__: False)
    sentence = (
        "peer a/peer0 at 127.0.0.1:1 has been joining another channel by a snapshot for 0.1 s, and "
        "joins c when it has; see its log, or allow more time"
    )
    with pytest.raises(NoAnswer, match=f"^{re.escape(sentence)}$"):
        peer.join(block, patience=0.1)
