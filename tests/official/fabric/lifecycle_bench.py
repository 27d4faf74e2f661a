"""A channel with the current lifecycle, the action on its chaincodes, and their servers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from actions.chaincodes import ChaincodesProvider
from actions.definitions import definition_inputs
from actions.members import Members
from hlf.client.orderer import Orderer
from hlf.client.peer import Peer
from hlf.client.wait import gather
from tests.official.fabric.network import Network, Process, build_chaincode, free_port

CHANNEL = "current"


def members_of(network: Network, channel: str) -> Members:
    """The channel as actions reach it; peers are called like their organizations."""
    peers = {peer.signer.msp_id: peer for peer in network.admin_peers()}
    return Members(
        channel=channel,
        namespace="nowhere",
        orderer=network.orderer_as(network.members[0].admin),
        peers=peers,
        organizations={name: name for name in peers},
    )


class CurrentBench:
    """The channel, and the servers that tests start."""

    def __init__(self, root: Path, network: Network) -> None:
        self.root = root
        self.network = network
        self.program = build_chaincode(root)
        self.processes: list[Process] = []
        genesis = network.create(CHANNEL)
        gather(lambda peer: peer.join(genesis), self.peers)

    @property
    def peers(self) -> tuple[Peer, ...]:
        return self.network.admin_peers()

    @property
    def orderer(self) -> Orderer:
        return self.network.orderer_as(self.peers[0].signer)

    @property
    def members(self) -> Members:
        return members_of(self.network, CHANNEL)

    def served(self, name: str, version: str, **more: Any) -> dict[str, Any]:
        """The inputs of the action for one chaincode, whose server is started."""
        inputs = self.inputs(name, version, f"127.0.0.1:{free_port()}", **more)
        definition = inputs["definitions"][name]
        folder = self.root / f"server-{len(self.processes)}"
        folder.mkdir()
        env = {
            "CHAINCODE_ID": definition["packageId"],
            "CHAINCODE_SERVER_ADDRESS": definition["address"],
        }
        process = Process([str(self.program)], folder, env)
        self.processes.append(process)
        process.start()
        return inputs

    def again(self, inputs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """The same chaincode with something else in its definition."""
        ((name, definition),) = inputs["definitions"].items()
        return self.inputs(name, definition["version"], definition["address"], **more)

    def inputs(self, name: str, version: str, address: str, **more: Any) -> dict[str, Any]:
        definition = definition_inputs(
            version=version,
            policy=None,
            label=f"{name}_{version}",
            address=address,
            organizations=[member.msp_id for member in self.network.members],
            **more,
        )
        return {
            "channel": CHANNEL,
            "namespace": "nowhere",
            "peers": {},
            "definitions": {name: definition},
        }

    def apply(self, inputs: Mapping[str, Any]) -> str:
        """Apply the action; gives the sequence of its one chaincode."""
        made = ChaincodesProvider().apply(dict(inputs), lambda _: None)
        ((_, sequence),) = made["sequences"].items()
        return sequence

    def stop(self) -> None:
        for process in self.processes:
            process.stop()
