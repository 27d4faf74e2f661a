"""The call after a commit on real peers: arguments, its answer, and data that is in no ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from actions import cluster, invocation
from actions.cluster import ClusterError
from actions.invocation import InvocationProvider
from actions.nodes import Nodes
from hlf.client.identity import Signer
from hlf.client.orderer import Orderer
from hlf.client.peer import Peer
from hlf.client.transaction import evaluate
from tests.official.fabric.network import CHANNEL, Network, Served


@dataclass(frozen=True)
class Processes:
    """What `Nodes` finds in a cluster."""

    network: Network

    @property
    def signers(self) -> dict[str, Signer]:
        return {member.msp_id: member.admin for member in self.network.members}

    def peers(self, _: Mapping[str, str]) -> dict[str, Peer]:
        return {peer.signer.msp_id: peer for peer in self.network.admin_peers()}

    def ordering(self, _: Mapping[str, str], signer: Signer) -> Orderer:
        return self.network.orderer_as(signer)


@pytest.fixture
def secrets(network: Network, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The Secrets of the namespace; servers and peers are processes."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(Nodes, "of", lambda _: Processes(network))
    monkeypatch.setattr(invocation, "await_servers", lambda *_, **__: None)
    monkeypatch.setattr(cluster, "secret", lambda _, name: found.get(name))
    return found


def _call(function: str, **more: Any) -> dict[str, Any]:
    inputs = {
        "namespace": "fabric",
        "server": "a-server",
        "channel": CHANNEL,
        "chaincode": "basic",
        "function": function,
        "peers": {"peer": "KargaMSP"},
        "orderers": {},
        **more,
    }
    return InvocationProvider().apply(inputs, lambda _: None)


def test_a_call_is_a_transaction_and_its_answer_an_output(
    network: Network, chaincode: Served, secrets: dict[str, Any]
) -> None:
    made = _call("put", arguments={"1": "called", "2": "yes"})
    assert made["result"] == "yes"
    for peer in network.admin_peers():
        assert evaluate(peer, CHANNEL, "basic", ["get", "called"]) == b"yes"
    again = _call("append", arguments={"2": "!", "1": "called"})
    assert again["result"] == "yes!"
    assert again["transaction"] != made["transaction"]


def test_values_of_secrets_are_transient(chaincode: Served, secrets: dict[str, Any]) -> None:
    secrets["deals"] = {"price.json": b'{"amount": 5}', "other": b"x"}
    place = {"secret": "deals", "key": "price.json"}
    made = _call("transient", arguments={"1": "price"}, transient={"price": place})
    assert made["result"] == '{"amount": 5}'


@pytest.mark.parametrize("there", [{}, {"deals": {"other": b"x"}}])
def test_a_value_that_is_not_there_is_told_before_anything_is_done(
    secrets: dict[str, Any], there: dict[str, Any]
) -> None:
    secrets.update(there)
    place = {"secret": "deals", "key": "price"}
    words = r"Secret deals with the key price, .* not in namespace fabric: .*kubectl -n fabric"
    with pytest.raises(ClusterError, match=words):
        _call("transient", arguments={"1": "price"}, transient={"price": place})
