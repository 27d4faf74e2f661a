"""The lifecycle of Fabric 1 on real nodes of today, with the capabilities that PIVT's samples have.

The peers take the packages by the very builder that goes into the cluster.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from actions import chaincodes, legacy_chaincodes
from actions.chaincodes import ChaincodesProvider
from actions.definitions import definition_inputs as current_inputs
from actions.legacy_chaincodes import ANY_MEMBER, definition_inputs
from actions.members import Members
from hlf.client import legacy, lifecycle
from hlf.client.envelope import sign_update
from hlf.client.errors import Refused
from hlf.client.legacy import Instance, LegacyPackage, legacy_package
from hlf.client.lifecycle import Definition
from hlf.client.orderer import Orderer
from hlf.client.package import ccaas_code
from hlf.client.peer import Peer
from hlf.client.transaction import evaluate, submit
from hlf.client.wait import gather
from hlf.config.build import channel_group
from hlf.config.read import config_of
from hlf.config.update import compute_update
from hlf.errors import FabricError
from hlf.spec.raised import raised
from tests.official.fabric.network import (
    PIVT,
    Capabilities,
    Network,
    Organization,
    Process,
    build_chaincode,
    free_port,
)

BOTH = "AND('KargaMSP.member', 'NevergreenMSP.member')"
ANY = "OR('KargaMSP.member', 'NevergreenMSP.member')"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A chaincode's server with the package that leads to it."""

    package: LegacyPackage
    address: str
    process: Process


class Bench:
    """A network with the old lifecycle, and the servers that tests start."""

    def __init__(self, root: Path, network: Network) -> None:
        self.root = root
        self.network = network
        self.program = build_chaincode(root)
        self.servers: list[Server] = []

    @property
    def peers(self) -> tuple[Peer, ...]:
        return self.network.admin_peers()

    @property
    def orderer(self) -> Orderer:
        return self.network.orderer_as(self.peers[0].signer)

    def server(self, name: str, version: str, *, start: bool = True) -> Server:
        address = f"127.0.0.1:{free_port()}"
        connection = {"address": address, "dial_timeout": "10s", "tls_required": False}
        indexes = {"statedb/couchdb/indexes/owner.json": b'{"index":{"fields":["owner"]}}'}
        code = ccaas_code(connection=connection, metadata=indexes)
        package = legacy_package(name=name, version=version, code=code)
        return self._run(package, address, start=start)

    def _run(self, package: LegacyPackage, address: str, *, start: bool = True) -> Server:
        folder = self.root / f"server-{len(self.servers)}"
        folder.mkdir()
        env = {"CHAINCODE_ID": package.ccid, "CHAINCODE_SERVER_ADDRESS": address}
        made = Server(
            package=package, address=address, process=Process([str(self.program)], folder, env)
        )
        self.servers.append(made)
        if start:
            made.process.start()
        return made

    def running(self, name: str, version: str) -> Server:
        """Installed on all peers and served."""
        server = self.server(name, version)
        gather(lambda peer: legacy.install(peer, server.package), self.peers)
        return server

    def listed(self, name: str, version: str) -> dict[str, dict]:
        """A server that the action installs: as its inputs."""
        package = legacy_package(name=name, version=version, code=b"")
        server = self._run(package, f"127.0.0.1:{free_port()}")
        return {name: self.inputs(name, version, server.address)}

    def current(self, name: str, version: str) -> tuple[dict[str, dict], Process]:
        """The same for the current lifecycle: inputs, and the server that they lead to."""
        address = f"127.0.0.1:{free_port()}"
        made = current_inputs(
            version=version,
            policy=None,
            label=f"{name}_{version}",
            address=address,
            organizations=[member.msp_id for member in self.network.members],
        )
        folder = self.root / f"current-{name}"
        folder.mkdir()
        env = {"CHAINCODE_ID": made["packageId"], "CHAINCODE_SERVER_ADDRESS": address}
        return {name: made}, Process([str(self.program)], folder, env)

    def inputs(self, name: str, version: str, address: str, policy: str | None = None) -> dict:
        return definition_inputs(
            name=name,
            version=version,
            policy=policy,
            address=address,
            organizations=[member.msp_id for member in self.network.members],
        )

    def members(self, channel: str) -> Members:
        peers = {peer.signer.msp_id: peer for peer in self.peers}
        return Members(
            channel=channel,
            namespace="nowhere",
            orderer=self.orderer,
            peers=peers,
            organizations={name: name for name in peers},
        )

    def join(self, channel: str) -> str:
        genesis = self.network.create(channel)
        gather(lambda peer: peer.join(genesis), self.peers)
        return channel

    def stop(self) -> None:
        for server in self.servers:
            server.process.stop()
        self.network.stop()


def made(root: Path, capabilities: Capabilities) -> Iterator[Bench]:
    network = Network(root / "network", capabilities=capabilities)
    bench = Bench(root, network)
    network.start()
    try:
        yield bench
    finally:
        bench.stop()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    yield from made(tmp_path_factory.mktemp("legacy"), PIVT)


@pytest.fixture(scope="module")
def channel(bench: Bench) -> str:
    return bench.join("common")


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are processes here."""
    monkeypatch.setattr(legacy_chaincodes, "await_servers", lambda *_: None)


def test_a_package_is_installed_once_and_known_by_its_fingerprint(bench: Bench) -> None:
    package = bench.server("known", "1.0", start=False).package
    for peer in bench.peers:
        legacy.install(peer, package)
        legacy.install(peer, package)
        assert legacy.installed(peer)["known:1.0"] == package.fingerprint


def test_nothing_replaces_an_installed_version(bench: Bench) -> None:
    first, second = (bench.server("kept", "1.0", start=False).package for _ in range(2))
    peer = bench.peers[0]
    legacy.install(peer, first)
    with pytest.raises(FabricError, match=r"karga/peer0.*another package of kept:1\.0.*version"):
        legacy.install(peer, second)
    assert legacy.installed(peer)["kept:1.0"] == first.fingerprint


def test_only_admins_install(bench: Bench) -> None:
    client = bench.network.peer_as(bench.network.members[0].client, "Karga")
    package = bench.server("denied", "1.0", start=False).package
    with pytest.raises(Refused, match=r"installing chaincode denied:1\.0 .*access denied"):
        legacy.install(client, package)


def test_deployed_upgraded_and_called(bench: Bench, channel: str) -> None:
    peers = bench.peers
    bench.running("basic", "1.0")
    first = Instance(name="basic", version="1.0")
    legacy.deploy(peers[0], bench.orderer, channel, first, init=["began"], commit_on=peers)

    for peer in peers:
        assert legacy.instances(peer, channel)["basic"] == replace(first, policy=ANY)
        assert evaluate(peer, channel, "basic", ["get", "init"]) == b"began"
    submit(peers[:1], bench.orderer, channel, "basic", ["put", "a", "1"], commit_on=peers)

    bench.running("basic", "1.1")
    second = Instance(name="basic", version="1.1", policy=BOTH)
    legacy.upgrade(peers[1], bench.orderer, channel, second, init=["went on"], commit_on=peers)

    for peer in peers:
        assert legacy.instances(peer, channel)["basic"] == second
        assert evaluate(peer, channel, "basic", ["get", "init"]) == b"went on"
        assert evaluate(peer, channel, "basic", ["get", "a"]) == b"1"
    with pytest.raises(FabricError, match="ENDORSEMENT_POLICY_FAILURE"):
        submit(peers[:1], bench.orderer, channel, "basic", ["put", "a", "2"], commit_on=peers)
    submit(peers, bench.orderer, channel, "basic", ["put", "a", "3"])


def test_fabric_changes_no_policy_without_the_version(bench: Bench, channel: str) -> None:
    bench.running("same", "1.0")
    wanted = Instance(name="same", version="1.0")
    legacy.deploy(bench.peers[0], bench.orderer, channel, wanted)
    with pytest.raises(Refused, match="version already exists for chaincode with name 'same'"):
        legacy.upgrade(bench.peers[0], bench.orderer, channel, replace(wanted, policy=BOTH))


def test_what_is_wrong_at_deployment_is_told(bench: Bench, channel: str) -> None:
    peer = bench.peers[0]
    wanted = Instance(name="wrong", version="1.0")
    with pytest.raises(Refused, match=r"cannot get package for chaincode \(wrong:1\.0\)"):
        legacy.deploy(peer, bench.orderer, channel, wanted)
    server = bench.server("wrong", "1.0", start=False)
    legacy.install(peer, server.package)
    with pytest.raises(Refused, match=r"could not launch chaincode wrong:1\.0"):
        legacy.deploy(peer, bench.orderer, channel, wanted)
    server.process.start()
    with pytest.raises(Refused, match="told to fail"):
        gather(
            lambda _: legacy_chaincodes.reach(
                lambda: legacy.deploy(peer, bench.orderer, channel, wanted, init=["fail"])
            ),
            [None],
        )
    assert "wrong" not in legacy.instances(peer, channel)
    client = bench.network.peer_as(bench.network.members[0].client, "Karga")
    with pytest.raises(Refused, match="instantiation policy violation"):
        legacy.deploy(client, bench.orderer, channel, wanted)


def test_the_action_goes_on_wherever_a_run_was_killed(bench: Bench, channel: str) -> None:
    """Between any two steps, and when everything is there already."""
    members, said = bench.members(channel), list[str]()
    definitions = bench.listed("resumed", "1.0")
    wanted = legacy_chaincodes.wanted_of(definitions)["resumed"]
    legacy.install(bench.peers[1], wanted.package)
    legacy_chaincodes.apply(members, definitions, said.append)
    assert said == [
        "installing resumed:1.0 on 1 peers",
        f"deploying resumed 1.0 on {channel}",
    ]
    assert legacy_chaincodes.observe(members, definitions) == definitions

    said.clear()
    legacy_chaincodes.apply(members, definitions, said.append)
    assert said == []

    upgraded = bench.listed("resumed", "2.0")
    upgraded["resumed"]["policy"] = BOTH
    wanted = legacy_chaincodes.wanted_of(upgraded)["resumed"]
    gather(lambda peer: legacy.install(peer, wanted.package), bench.peers)
    legacy.upgrade(bench.peers[0], bench.orderer, channel, wanted.instance, init=[""])
    legacy_chaincodes.apply(members, upgraded, said.append)
    assert said == []
    assert legacy_chaincodes.observe(members, upgraded) == upgraded


def test_the_action_upgrades_many_at_once(bench: Bench, channel: str) -> None:
    members = bench.members(channel)
    for version in ("1.0", "2.0"):
        definitions = {k: v for n in "abcd" for k, v in bench.listed(f"many-{n}", version).items()}
        legacy_chaincodes.apply(members, definitions, lambda _: None)
        assert legacy_chaincodes.observe(members, definitions) == definitions
    submit(list(bench.peers), bench.orderer, channel, "many-a", ["put", "x", "1"])


def test_the_same_from_two_runs_is_no_error(bench: Bench, channel: str) -> None:
    """As if a killed run's transaction were ordered while the next one runs."""
    members = bench.members(channel)
    definitions = bench.listed("twice", "1.0")
    gather(lambda _: legacy_chaincodes.apply(members, definitions, lambda _: None), range(2))
    assert legacy_chaincodes.observe(members, definitions) == definitions


def test_drift_is_seen_and_repaired(bench: Bench, channel: str) -> None:
    members = bench.members(channel)
    definitions = bench.listed("drifted", "1.0")
    legacy_chaincodes.apply(members, definitions, lambda _: None)
    bench.running("drifted", "1.1")
    by_hand = Instance(name="drifted", version="1.1", policy=BOTH)
    legacy.upgrade(bench.peers[0], bench.orderer, channel, by_hand, commit_on=bench.peers)

    live = legacy_chaincodes.observe(members, definitions)["drifted"]
    assert (live["version"], live["policy"]) == ("1.1", ANY_MEMBER)

    legacy_chaincodes.apply(members, definitions, lambda _: None)
    assert legacy_chaincodes.observe(members, definitions) == definitions


def test_another_policy_alone_is_refused_before_anything_is_done(
    bench: Bench, channel: str
) -> None:
    members = bench.members(channel)
    definitions = bench.listed("policed", "1.0")
    legacy_chaincodes.apply(members, definitions, lambda _: None)
    definitions["policed"]["policy"] = BOTH
    other = {**definitions, **bench.listed("untouched", "1.0")}
    with pytest.raises(FabricError, match=r"policed 1\.0 .*raise the chaincode's `version`"):
        legacy_chaincodes.apply(members, other, lambda _: None)
    assert "untouched:1.0" not in legacy.installed(bench.peers[0])


def test_another_package_is_told_with_its_peers(bench: Bench, channel: str) -> None:
    members = bench.members(channel)
    definitions = bench.listed("moved", "1.0")
    legacy_chaincodes.apply(members, definitions, lambda _: None)
    moved = {"moved": bench.inputs("moved", "1.0", "127.0.0.1:1")}
    live = legacy_chaincodes.observe(members, moved)["moved"]
    assert live["packageId"] == "another package on KargaMSP, NevergreenMSP"
    with pytest.raises(FabricError, match=r"another package of moved:1\.0"):
        legacy_chaincodes.apply(members, moved, lambda _: None)


def test_the_current_lifecycle_takes_over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the setting raiseApplicationCapability does to a channel in use."""
    channel = bench.join("raised")
    peers, orderer, network = bench.peers, bench.orderer, bench.network
    members = bench.members(channel)
    definitions = bench.listed("ledger", "1.0")
    legacy_chaincodes.apply(members, definitions, lambda _: None)
    submit(peers, orderer, channel, "ledger", ["put", "kept", "yes"])

    live = config_of(orderer.config_block(channel))
    before = network.channel()
    assert before.application is not None
    node_ous = {member.msp_id: True for member in network.members}
    after = replace(before, application=raised(before.application, to="V2_0", node_ous=node_ous))
    group = channel_group(after, msps=network.msps, certificates={})
    update = compute_update(live, group, channel=channel)
    assert update is not None
    signatures = [sign_update(update, member.admin) for member in network.members]
    block = orderer.update_channel(update, signatures)
    gather(lambda peer: peer.wait_for_height(channel, block.header.number + 1), peers)

    submit(peers, orderer, channel, "ledger", ["put", "between", "yes"])
    assert legacy.instances(peers[0], channel).keys() == {"ledger"}
    refused = Instance(name="ledger", version="9")
    with pytest.raises(Refused, match="migrated to the new lifecycle"):
        legacy.upgrade(peers[0], orderer, channel, refused)

    raised_to, serving = bench.current("ledger", "1.0")
    awaited: list[str] = []
    monkeypatch.setattr(chaincodes, "await_servers", lambda _, servers, __: awaited.extend(servers))
    monkeypatch.setattr(Members, "of", classmethod(lambda cls, _: cls(**vars(members))))
    serving.start()
    try:
        inputs = {"channel": channel, "definitions": raised_to}
        made = ChaincodesProvider().apply(inputs, lambda _: None)
        assert made == {"sequences": {"ledger": "1"}}
        assert awaited == ["127.0.0.1"], "its server, as it is in use"
        assert lifecycle.committed(peers[0], channel) == {
            "ledger": Definition(name="ledger", version="1.0", sequence=1)
        }
        for server in bench.servers:
            server.process.stop()
        for peer in peers:
            assert evaluate(peer, channel, "ledger", ["get", "kept"]) == b"yes"
        submit(peers, orderer, channel, "ledger", ["put", "after", "yes"])
    finally:
        serving.stop()
        for server in bench.servers:
            server.process.start()


@pytest.mark.parametrize(
    "capabilities",
    [
        Capabilities(channel=(), orderer=(), application=(), policies={}),
        Capabilities(channel=("V1_1",), orderer=("V1_1",), application=("V1_1",), policies={}),
        Capabilities(channel=("V1_4_2",), orderer=("V1_4_2",), application=("V1_3",), policies={}),
    ],
    ids=["none", "V1_1", "V1_4_2"],
)
def test_older_capabilities_without_node_ous(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capabilities: Capabilities
) -> None:
    monkeypatch.setattr(Organization, "node_ous", False)
    for bench in made(tmp_path, capabilities):
        channel = bench.join("common")
        for version in ("1.0", "1.1"):
            definitions = bench.listed("basic", version)
            legacy_chaincodes.apply(bench.members(channel), definitions, lambda _: None)
        submit(list(bench.peers), bench.orderer, channel, "basic", ["put", "a", "1"])


@pytest.mark.parametrize("capability", [(), ("V1_1",), ("V1_3",), ("V1_4_2",)])
def test_with_node_ous_they_know_no_admins(tmp_path: Path, capability: tuple[str, ...]) -> None:
    """Which is why hlf.spec refuses them."""
    older = replace(PIVT, channel=capability)
    for bench in made(tmp_path, older):
        with pytest.raises(Refused, match="/Channel/Application"):
            bench.join("common")
