"""Fabric peers with CouchDB as state database.

The database is a stand-in (`tools/couchdb`): CouchDB is in no package registry, and this machine
reaches no other. The peers are real, and what they ask of the database is what is tested here. The
stand-in is run from its image, as a cluster runs it.
"""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hlf.client.connection import close_all
from hlf.client.lifecycle import Definition
from hlf.client.peer import Peer
from hlf.client.snapshots import completed, join_by_snapshot, make
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import Deadline
from tests.official.fabric.contained import Unpacked, unpack
from tests.official.fabric.network import (
    CHANNEL,
    Network,
    Process,
    Served,
    build_chaincode,
    free_port,
)
from tests.official.fabric.nodes import Node, fabric_bin, lay_peer
from tools import images

USER, PASSWORD = "fabric", "not to be guessed"
OWNERS = ("ada", "grace", "ada", "ada", "grace", "ada", "ada")


class Database:
    """One server of the stand-in, for one peer."""

    def __init__(self, image: Unpacked, folder: Path) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        run = image.configuration
        words = [*run["Entrypoint"], *run["Cmd"]]
        words += ["--address", "127.0.0.1", "--port", str(self.port)]
        # tini would be the first process of a pod's container, which it is not here.
        env = {"COUCHDB_USER": USER, "COUCHDB_PASSWORD": PASSWORD, "TINI_SUBREAPER": "yes"}
        self.process: Process = image.process(folder, "/opt/couchdb/data", words, env)

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.process.start()
        for _ in Deadline(30).tries():
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
        raise AssertionError(f"the database does not listen: {self.process.log}")

    def state(self, password: str = PASSWORD) -> dict[str, Any]:
        """The peer's section `ledger.state` for this database."""
        return {
            "stateDatabase": "CouchDB",
            "couchDBConfig": {
                "couchDBAddress": self.address,
                "username": USER,
                "password": password,
                "maxRetries": 3,
                "maxRetriesOnStartup": 3,
                "requestTimeout": "35s",
                "internalQueryLimit": 1000,
                "maxBatchUpdateSize": 1000,
            },
            "totalQueryLimit": 100000,
        }

    def get(self, path: str, *, password: str | None = PASSWORD) -> Any:
        """What it answers, read from JSON."""
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        if password:
            passwords.add_password(None, self.address, USER, password, is_authenticated=True)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPBasicAuthHandler(passwords)
        )
        with opener.open(f"http://{self.address}{path}", timeout=10) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    return unpack(images.COUCHDB, tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def databases(
    image: Unpacked, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Database]]:
    """A database for each peer: they call theirs by the same names."""
    made = [Database(image, tmp_path_factory.mktemp("couchdb")) for _ in range(2)]
    try:
        for each in made:
            each.start()
        yield made
    finally:
        for each in made:
            each.process.stop()


@pytest.fixture(scope="module")
def network(
    databases: list[Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Network]:
    """The network, with the chaincode rolled out and a thing for each of OWNERS."""
    states = {"Karga": databases[0].state(), "Nevergreen": databases[1].state()}
    folder = tmp_path_factory.mktemp("chaincode")
    served = Served(build_chaincode(folder), folder)
    made = Network(tmp_path_factory.mktemp("network"), states=states)
    made.start()
    try:
        genesis = made.create(CHANNEL)
        for peer in made.admin_peers():
            peer.join(genesis)
        served.process.start()
        served.wait()
        served.roll_out(made, Definition(name="basic", version="1", sequence=1))
        for number, owner in enumerate(OWNERS):
            put(made, f"thing{number}", json.dumps({"owner": owner, "size": 10 * number}))
        yield made
    finally:
        close_all()
        served.process.stop()
        made.stop()


def put(network: Network, key: str, value: str) -> None:
    peers = network.admin_peers()
    orderer = network.orderer_as(peers[0].signer)
    assert submit(peers, orderer, CHANNEL, "basic", ["put", key, value]).code == "VALID"


def ask(network: Network, *args: str, peer: int = 0) -> Any:
    return json.loads(evaluate(network.admin_peers()[peer], CHANNEL, "basic", list(args)))


def query(owner: str, **more: Any) -> str:
    return json.dumps({"selector": {"owner": owner}, **more})


def test_rich_queries_are_answered_on_every_peer(network: Network) -> None:
    for peer in (0, 1):
        assert ask(network, "query", query("grace"), peer=peer) == ["thing1", "thing4"]
    large = json.dumps({"selector": {"owner": "ada", "size": {"$gt": 25}}})
    assert ask(network, "query", large) == ["thing3", "thing5", "thing6"]
    assert ask(network, "query", query("nobody")) == []


def test_the_chaincodes_index_is_made_and_used(network: Network, databases: list[Database]) -> None:
    for database in databases:
        listed = database.get(f"/{CHANNEL}_basic/_index")["indexes"]
        assert [each["name"] for each in listed if each["ddoc"] == "_design/owners"] == ["owner"]
    falling = query(
        "ada", use_index=["_design/owners", "owner"], sort=[{"owner": "desc"}, {"size": "desc"}]
    )
    assert ask(network, "query", falling) == ["thing6", "thing5", "thing3", "thing2", "thing0"]


def test_pages_follow_bookmarks(network: Network) -> None:
    pages: list[list[str]] = []
    bookmark = ""
    for _ in range(4):
        page = ask(network, "page", query("ada"), "2", bookmark)
        pages.append(page["keys"])
        bookmark = page["bookmark"]
    assert pages == [["thing0", "thing2"], ["thing3", "thing5"], ["thing6"], []]


def test_values_of_all_kinds_are_kept(network: Network) -> None:
    values = {
        "text": "no JSON: \u00e9\u00df\r\n--boundary",
        "number": "17",
        "list": "[1, 2]",
        "large": "x" * 2_000_000,
        "\u00e9/? +%20": '{"owner":"odd"}',
    }
    for key, value in values.items():
        put(network, key, value)
        for peer in network.admin_peers():
            assert evaluate(peer, CHANNEL, "basic", ["get", key]).decode() == value
    assert ask(network, "query", query("odd")) == ["\u00e9/? +%20"]


def test_values_change_and_go(network: Network) -> None:
    put(network, "passing", query("x"))
    put(network, "passing", json.dumps({"owner": "passenger"}))
    assert ask(network, "query", query("passenger")) == ["passing"]
    assert ask(network, "range", "passing", "passing~") == ["passing"]
    peers = network.admin_peers()
    submit(peers, network.orderer_as(peers[0].signer), CHANNEL, "basic", ["delete", "passing"])
    assert ask(network, "query", query("passenger")) == []
    assert ask(network, "range", "passing", "passing~") == []


def test_many_writes_at_once(network: Network) -> None:
    with ThreadPoolExecutor(16) as pool:
        for number in range(100):
            pool.submit(put, network, f"many{number:02}", json.dumps({"owner": "crowd"}))
    crowd = [f"many{number:02}" for number in range(100)]
    for peer in (0, 1):
        assert sorted(ask(network, "query", query("crowd"), peer=peer)) == crowd


def test_ranges_are_in_order(network: Network) -> None:
    assert ask(network, "range", "thing2", "thing5") == ["thing2", "thing3", "thing4"]


def test_data_outlives_a_restart_of_database_and_peer(
    network: Network, databases: list[Database]
) -> None:
    put(network, "kept", json.dumps({"owner": "keeper"}))
    before = databases[0].get(f"/{CHANNEL}_basic")["doc_count"]
    peer = network.peers["Karga"]
    peer.process.stop()
    databases[0].process.stop()
    databases[0].start()
    assert databases[0].get(f"/{CHANNEL}_basic")["doc_count"] == before
    peer.process.start()
    assert ask(network, "query", query("keeper")) == ["kept"]
    put(network, "kept", json.dumps({"owner": "other"}))
    assert ask(network, "query", query("keeper")) == []


def test_peers_that_join_by_a_snapshot(network: Network, image: Unpacked, tmp_path: Path) -> None:
    """One without CouchDB, too, and then one with it by that one's.

    With LevelDB, hashes of private data have another order and JSON has its own spaces, so that
    only peers with the same kind of database have snapshots with the same hashes.
    """
    first, karga = network.admin_peers()[0], network.members[0]
    database = Database(image, tmp_path / "couchdb")
    states = {"without": None, "with": database.state()}
    nodes = [
        lay_peer(
            tmp_path,
            karga,
            binaries=fabric_bin(),
            state=state,
            host=host,
            bootstrap=first.endpoint.address,
        )
        for host, state in states.items()
    ]
    put(network, "exact", '{"large":18446744073709551615,"owner":"exact"}')
    last = make(first, CHANNEL, timeout=60)
    given = snapshot(network.peers[karga.name], last)
    database.start()
    try:
        for node in nodes:
            node.process.start()
            peer = Peer(node.endpoint, karga.admin)
            join_by_snapshot(peer, CHANNEL, str(given), timeout=60)
            assert make(peer, CHANNEL, last, timeout=60) == last
            given = snapshot(node, last)
        put(network, "joined", json.dumps({"owner": "newcomer"}))
        last = make(first, CHANNEL, timeout=60)
        snapshots: list[Any] = []
        for node in nodes:
            peer = Peer(node.endpoint, karga.admin)
            peer.wait_for_height(CHANNEL, last + 1)
            make(peer, CHANNEL, last, timeout=60)
            snapshots.append(files(snapshot(node, last)))
        assert snapshots[0] != snapshots[1]
        assert snapshots[1] == files(snapshot(network.peers[karga.name], last))
    finally:
        close_all()
        for node in nodes:
            node.process.stop()
        database.process.stop()


def snapshot(node: Node, block: int) -> Path:
    return Path(completed(str(node.process.folder / "production"), CHANNEL, block))


def files(folder: Path) -> Any:
    """The hashes of a snapshot's files, beside which it says from which database it is."""
    about = json.loads((folder / "_snapshot_signable_metadata.json").read_text())
    return about["snapshot_files_raw_hashes"]


def test_a_killed_database_is_found_again(network: Network, databases: list[Database]) -> None:
    put(network, "killed", json.dumps({"owner": "survivor"}))
    databases[1].process.kill()
    with pytest.raises(urllib.error.URLError, match="refused"):
        databases[1].get("/_up")
    databases[1].start()
    put(network, "killed", json.dumps({"owner": "survivor", "size": 2}))
    assert ask(network, "query", query("survivor"), peer=1) == ["killed"]


def test_it_answers_nobody_without_the_password(databases: list[Database]) -> None:
    assert databases[0].get("/_up", password=None) == {"status": "ok"}
    for password in (None, "guessed"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            databases[0].get("/_all_dbs", password=password)
        assert caught.value.code == 401
        assert json.load(caught.value)["error"] == "unauthorized"


def test_a_peer_with_a_wrong_password_does_not_start(
    databases: list[Database], tmp_path: Path
) -> None:
    network = Network(tmp_path, states={"Karga": databases[0].state(password="guessed")})
    process = network.peers["Karga"].process
    process.start()
    assert process.end() != 0
    assert "Name or password is incorrect" in process.log


def test_it_starts_with_an_admin_only_and_stops_when_told(image: Unpacked, tmp_path: Path) -> None:
    database = Database(image, tmp_path / "with")
    database.start()
    assert database.get("/")["couchdb"] == "Welcome"
    database.process.terminate()
    assert database.process.end(10) == 0
    without = Database(image, tmp_path / "without")
    del without.process.env["COUCHDB_PASSWORD"]
    without.process.start()
    assert without.process.end(10) == 1
    assert "set COUCHDB_USER and COUCHDB_PASSWORD" in without.process.log
