"""Transactions and queries against the test chaincode on real peers."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hlf.client.errors import ChannelNotFound, Invalidated, Refused
from hlf.client.transaction import evaluate, submit
from hlf.errors import FabricError
from tests.official.fabric.network import CHANNEL, Network, Served

pytestmark = pytest.mark.usefixtures("chaincode")


def test_committed_on_all_peers_on_return(network: Network) -> None:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    for number in range(5):
        result = submit(peers, orderer, CHANNEL, "basic", ["put", "key", str(number)])
        assert result.code == "VALID"
        assert result.payload == str(number).encode()
        for peer in peers:
            assert evaluate(peer, CHANNEL, "basic", ["get", "key"]) == str(number).encode()
            assert peer.chain_info(CHANNEL).height > result.block
            assert peer.commit_status(CHANNEL, result.tx_id).block == result.block


def test_many_at_once(network: Network) -> None:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)

    def put(number: int) -> str:
        key = f"many{number}"
        return submit(peers, orderer, CHANNEL, "basic", ["put", key, str(number)]).code

    with ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(put, range(200)))

    assert codes == ["VALID"] * 200
    assert evaluate(peers[1], CHANNEL, "basic", ["get", "many199"]) == b"199"
    heights = {peer.chain_info(CHANNEL).current_hash for peer in peers}
    assert len(heights) == 1


def test_one_of_two_conflicting_writes_is_invalidated(network: Network) -> None:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)

    sentences: list[str] = []

    def append(text: str) -> str:
        try:
            return submit(peers, orderer, CHANNEL, "basic", ["append", "shared", text]).code
        except Invalidated as error:
            sentences.append(str(error))
            return error.code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(append, "abcdefgh"))

    assert "VALID" in codes
    assert set(codes) == {"VALID", "MVCC_READ_CONFLICT"}
    assert "'append' of chaincode basic on channel common" in sentences[0]
    value = evaluate(peers[0], CHANNEL, "basic", ["get", "shared"])
    assert len(value) == codes.count("VALID")


def test_chaincodes_own_error(network: Network) -> None:
    peer = network.admin_peers()[0]
    with pytest.raises(Refused, match="there is no function nothing") as caught:
        evaluate(peer, CHANNEL, "basic", ["nothing"])
    assert caught.value.status == "500"
    assert "peer karga/peer0" in str(caught.value)
    assert "calling 'nothing' of chaincode basic on channel common" in str(caught.value)


def test_chaincode_that_is_away_is_told_and_found_again(
    network: Network, chaincode: Served
) -> None:
    peer = network.admin_peers()[0]
    args = ["put", "away", "1"]
    assert evaluate(peer, CHANNEL, "basic", args) == b"1"
    chaincode.process.stop()
    with pytest.raises(Refused, match="see that the chaincode runs at its package's address"):
        evaluate(peer, CHANNEL, "basic", args)
    chaincode.process.start()
    chaincode.wait()
    assert evaluate(peer, CHANNEL, "basic", args) == b"1"


def test_unknown_chaincode_and_channel(network: Network) -> None:
    peers = network.admin_peers()
    with pytest.raises(Refused, match="absent"):
        evaluate(peers[0], CHANNEL, "absent", ["get", "key"])
    orderer = network.orderer_as(peers[0].signer)
    with pytest.raises(FabricError, match=r"karga/peer0.*nevergreen/peer0"):
        submit(peers, orderer, CHANNEL, "absent", ["get", "key"])
    with pytest.raises(ChannelNotFound):
        evaluate(peers[0], "nowhere", "basic", ["get", "key"])


def test_transient_data_reaches_the_chaincode_only(network: Network) -> None:
    peers = network.admin_peers()
    secret = {"pin": b"3141592653"}
    assert evaluate(peers[0], CHANNEL, "basic", ["transient", "pin"], transient=secret) == (
        b"3141592653"
    )
    orderer = network.orderer_as(peers[0].signer)
    result = submit(peers, orderer, CHANNEL, "basic", ["get", "key"], transient=secret)
    assert b"3141592653" not in peers[0].block(CHANNEL, result.block).SerializeToString()


def test_differing_endorsements_name_the_peers(network: Network) -> None:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    height = peers[0].chain_info(CHANNEL).height
    with pytest.raises(
        FabricError, match="differ between peer karga/peer0 and peer nevergreen/peer0"
    ):
        submit(peers, orderer, CHANNEL, "basic", ["clock"])
    assert peers[0].chain_info(CHANNEL).height == height


def test_too_few_endorsements_are_invalid(network: Network) -> None:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    with pytest.raises(Invalidated) as caught:
        submit(peers[:1], orderer, CHANNEL, "basic", ["put", "lonely", "1"])
    assert caught.value.code == "ENDORSEMENT_POLICY_FAILURE"


def test_client_may_submit_and_foreign_reader_may_not_wait(network: Network) -> None:
    client = network.members[1].client
    peers = [network.peer_as(client, member.name) for member in network.members]
    orderer = network.orderer_as(client)
    result = submit(peers, orderer, CHANNEL, "basic", ["put", "by", "client"])
    assert result.code == "VALID"
    outsider = network.peer_as(network.operator.admin, "Karga")
    with pytest.raises(Refused, match="PERMISSION_DENIED"):
        outsider.commit_status(CHANNEL, result.tx_id, timeout=5)
