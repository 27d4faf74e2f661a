"""What users are told when a node cannot be reached, and what is tried again."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from hlf.client.connection import Endpoint, close, connect
from hlf.client.errors import ChannelNotFound, Unreachable
from hlf.client.orderer import Orderer
from hlf.client.peer import Peer
from tests.official.fabric.network import CHANNEL, Network, Organization, free_port


def dead(network: Network) -> Endpoint:
    port = free_port()
    return replace(network.orderer.endpoint, address=f"127.0.0.1:{port}")


def test_dead_node(network: Network) -> None:
    endpoint = dead(network)
    orderer = Orderer(endpoint, network.members[0].admin)
    began = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        orderer.newest_block(CHANNEL, timeout=1)
    assert time.monotonic() - began < 2
    assert str(caught.value) == (
        f"orderer groeifabriek/orderer0 at {endpoint.address} does not answer "
        "(connection refused) while fetching the newest block of channel common; "
        "see that it runs and that its address is right"
    )


def test_dead_peer_is_not_a_missing_channel(network: Network) -> None:
    peer = Peer(dead(network), network.members[0].admin)
    with pytest.raises(Unreachable, match="connection refused"):
        peer.chain_info(CHANNEL, timeout=0.5)


def test_node_that_starts_late_is_waited_for(network: Network) -> None:
    """The endpoint answers nothing at first, then a forward to the orderer opens there."""
    endpoint = dead(network)
    opened = threading.Timer(1.0, forward, (endpoint.address, network.orderer.endpoint.address))
    opened.start()
    block = Orderer(endpoint, network.members[0].admin).newest_block(CHANNEL, timeout=10)
    assert block.header.number >= 0
    opened.join()
    close(endpoint)


def forward(listen: str, target: str) -> None:
    """Pass one connection on to the target, until either side closes it."""
    server = socket.create_server(("127.0.0.1", int(listen.rpartition(":")[2])))
    near, _ = server.accept()
    server.close()
    far = socket.create_connection(("127.0.0.1", int(target.rpartition(":")[2])))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    for pair in ((near, far), (far, near)):
        threading.Thread(target=pump, args=pair, daemon=True).start()


def test_silent_node(network: Network) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        endpoint = replace(network.orderer.endpoint, address=address)
        with pytest.raises(Unreachable, match=r"gave no answer in 1 s while fetching the newest"):
            Orderer(endpoint, network.members[0].admin).newest_block(CHANNEL, timeout=1)
        close(endpoint)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"tls_roots": "other"}, "was not issued by the expected TLS CA"),
        ({"server_name": "somebody.else"}, "is for other names"),
        ({"tls_roots": None}, "the connection was closed"),
        ({"tls_roots": b"not a certificate"}, "cannot be read"),
        ({"address": "nowhere.invalid:7050"}, "its name cannot be resolved"),
    ],
)
def test_mistakes_in_the_endpoint(
    network: Network, change: dict[str, str | bytes | None], cause: str
) -> None:
    if change.get("tls_roots") == "other":
        change = {"tls_roots": network.members[0].tlsca.certificate}
    endpoint = replace(network.orderer.endpoint, **change)
    began = time.monotonic()
    with pytest.raises(Unreachable, match=cause):
        Orderer(endpoint, network.members[0].admin).newest_block(CHANNEL, timeout=3)
    assert time.monotonic() - began < 4


def test_server_name_stands_for_the_address(network: Network) -> None:
    endpoint = replace(network.orderer.endpoint, server_name="orderer0.groeifabriek.nl")
    assert Orderer(endpoint, network.members[0].admin).newest_block(CHANNEL)


def test_one_channel_for_each_endpoint(network: Network) -> None:
    endpoint = network.orderer.endpoint
    assert connect(endpoint) is connect(replace(endpoint))
    assert connect(endpoint) is not connect(replace(endpoint, server_name="127.0.0.1"))


@pytest.fixture
def mutual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = Network(tmp_path_factory.mktemp("mutual"), mutual=True)
    made.orderer.process.start()
    yield made
    made.orderer.process.stop()


def test_mutual_tls(mutual: Network) -> None:
    admin = mutual.members[0].admin
    assert mutual.create("mutual").header.number == 0
    with pytest.raises(ChannelNotFound):
        mutual.orderer_as(admin).newest_block("nowhere")
    bare = replace(mutual.orderer.endpoint, client=None)
    with pytest.raises(Unreachable, match="TLS client certificate"):
        Orderer(bare, admin).newest_block("mutual", timeout=3)
    atlantis = Organization("Atlantis", "atlantis.com")
    stranger = replace(mutual.orderer.endpoint, client=atlantis.tls_client())
    with pytest.raises(Unreachable, match="TLS client certificate"):
        Orderer(stranger, admin).newest_block("mutual", timeout=3)
