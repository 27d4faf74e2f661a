"""Organizations, processes and peers for networks of real nodes on loopback.

Processes are ended by their id; everything they write is below one folder.
"""

import itertools
import os
import random
import select
import signal
import socket
import subprocess
import weakref
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from hlf.client.connection import Endpoint
from hlf.client.identity import Signer
from hlf.config import model
from hlf.pki.authority import issue, issue_tls, make_authority
from hlf.pki.folder import identity_files
from hlf.pki.msp import make_msp
from hlf.pki.pair import Pair

FIXTURES = Path(__file__).parents[2] / "fixtures"
LEGACY_BUILDER = Path(__file__).parents[3] / "components" / "legacy_builder"
STANDARD = {"Readers": "ANY Readers", "Writers": "ANY Writers", "Admins": "MAJORITY Admins"}


def fabric_bin(variable: str = "HLF_FABRIC_BIN") -> Path:
    """The folder of the official programs; `HLF_FABRIC_3_BIN` has those of Fabric 3."""
    folder = os.environ.get(variable, "")
    if not folder or not (Path(folder) / "peer").exists():
        version = " --version 3.1.1" if variable == "HLF_FABRIC_3_BIN" else ""
        raise AssertionError(
            f"{variable} does not name a folder with Fabric's peer and orderer; "
            f"`python3 -m tools fabric{version}` makes one and prints it"
        )
    return Path(folder)


_PORTS = itertools.count(random.SystemRandom().randrange(12_000, 25_000))


def free_port() -> int:
    """A port of loopback that nothing listens on, told once.

    Below those that the kernel takes for connections that go out (32768 and up): such a connection
    may have the port before the node that it was told listens on it, and then that node ends.
    """
    for port in _PORTS:
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise AssertionError


class Organization:
    """An organization's CAs and what they issue; `endorsing` adds an `Endorsement` policy."""

    node_ous = True

    def __init__(self, name: str, domain: str, *, endorsing: bool = True) -> None:
        self.endorsing = endorsing
        self.name = name
        self.msp_id = f"{name}MSP"
        self.domain = domain
        self.ca = make_authority(domain, "ca")
        self.tlsca = make_authority(domain, "tlsca")
        self.admin = self.signer("admin")
        self.msp = make_msp(
            self.msp_id,
            ca=self.ca.certificate,
            tlsca=self.tlsca.certificate,
            node_ous=self.node_ous,
            admins=() if self.node_ous else (self.admin.certificate,),
        )
        self.client = self.signer("client")

    def signer(self, role: str) -> Signer:
        pair = issue(self.ca, common_name=f"{role}@{self.domain}", role=role)
        return Signer(msp_id=self.msp_id, certificate=pair.certificate, key=pair.key)

    def tls_client(self) -> Pair:
        return issue_tls(self.tlsca, common_name=f"Admin@{self.domain}")

    def lay_node(self, folder: Path, kind: str, host: str) -> None:
        fqdn = f"{host}.{self.domain}"
        files = identity_files(
            self.msp,
            identity=issue(self.ca, common_name=fqdn, role=kind),
            tls=issue_tls(self.tlsca, common_name=fqdn, sans=(fqdn, "127.0.0.1")),
            server=True,
        )
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)

    def config(self, **more: tuple[str, ...]) -> model.Organization:
        members = f"OR('{self.msp_id}.member')"
        endorsing = {"Endorsement": f"OR('{self.msp_id}.peer')"} if self.endorsing else {}
        return model.Organization(
            msp_id=self.msp_id,
            policies={
                "Readers": members,
                "Writers": members,
                "Admins": f"OR('{self.msp_id}.admin')",
                **endorsing,
            },
            **more,
        )


class Process:
    """A node's or a chaincode's process, with its folder and its log."""

    _started: ClassVar[weakref.WeakSet["Process"]] = weakref.WeakSet()

    def __init__(self, command: list[str], folder: Path, env: Mapping[str, str]) -> None:
        self.command = command
        self.folder = folder
        self.env = {"PATH": os.environ["PATH"], **env}
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._started.add(self)

    @classmethod
    def died(cls) -> "Iterator[Process]":
        """Those that ended without being told to."""
        for each in cls._started:
            if each._running is not None and each._running.poll() is not None:
                yield each

    def kill(self) -> None:
        """End it and its children without a chance to do anything about it, as a crash does."""
        if self._running is None:
            return
        pid = self._running.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            ended = os.pidfd_open(each)
            os.kill(each, signal.SIGKILL)
            select.select([ended], [], [], 20)
            os.close(ended)
        self._running.wait(timeout=20)
        self._running = None

    def stop(self) -> None:
        if self._running is not None:
            self._running.terminate()
            self._running.wait(timeout=20)
            self._running = None

    def terminate(self) -> None:
        """Tell it to end, and do not wait for it."""
        assert self._running is not None
        self._running.terminate()

    def end(self, timeout: float = 60) -> int:
        """Wait until it ends by itself; gives its status."""
        assert self._running is not None
        return self._running.wait(timeout=timeout)

    @property
    def log(self) -> str:
        """All that it has written."""
        return (self.folder / "log").read_text(errors="replace")


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node's process and where it is reached."""

    organization: Organization
    process: Process
    endpoint: Endpoint


def lay_peer(
    root: Path,
    organization: Organization,
    *,
    binaries: Path,
    client: Pair | None = None,
    state: Mapping[str, Any] | None = None,
    host: str = "peer0",
    bootstrap: str | None = None,
) -> Node:
    """A peer of the organization, its folder below `root`; `client` is our side of mutual TLS.

    `state` is the section `ledger.state` of its configuration; without it the peer has LevelDB.
    `bootstrap` is the address of a peer of the organization that is there already.
    """
    folder = root / (f"peer-{organization.name}" if bootstrap is None else host)
    organization.lay_node(folder, "peer", host)
    address = f"127.0.0.1:{free_port()}"
    core = _core(organization, folder, address, state)
    core["peer"]["id"] = f"{host}.{organization.domain}"
    core["peer"]["gossip"]["bootstrap"] = bootstrap or address
    (folder / "core.yaml").write_text(yaml.safe_dump(core))
    command = [f"{binaries}/peer", "node", "start"]
    return Node(
        organization=organization,
        process=Process(command, folder, {"FABRIC_CFG_PATH": str(folder)}),
        endpoint=Endpoint(
            name=f"peer {organization.name.lower()}/{host}",
            address=address,
            tls_roots=organization.tlsca.certificate,
            client=client,
        ),
    )


def _core(
    organization: Organization, folder: Path, address: str, state: Mapping[str, Any] | None
) -> dict[str, Any]:
    """`core.yaml`."""
    return {
        "peer": {
            "listenAddress": address,
            "address": address,
            "chaincodeListenAddress": f"127.0.0.1:{free_port()}",
            "localMspId": organization.msp_id,
            "mspConfigPath": "msp",
            "fileSystemPath": str(folder / "production"),
            "gossip": {
                "externalEndpoint": address,
                "useLeaderElection": False,
                "orgLeader": True,
                "pvtData": {
                    "pullRetryThreshold": "5s",
                    "pushAckTimeout": "3s",
                    "reconciliationEnabled": True,
                    "implicitCollectionDisseminationPolicy": {"maxPeerCount": 1},
                },
            },
            "tls": {
                "enabled": True,
                "cert": {"file": "tls/server.crt"},
                "key": {"file": "tls/server.key"},
                "rootcert": {"file": "tls/ca.crt"},
            },
            "BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}},
            "handlers": {
                "authFilters": [{"name": "DefaultAuth"}, {"name": "ExpirationCheck"}],
                "decorators": [{"name": "DefaultDecorator"}],
                "endorsers": {"escc": {"name": "DefaultEndorsement"}},
                "validators": {"vscc": {"name": "DefaultValidation"}},
            },
            "discovery": {"enabled": True},
        },
        "vm": {"endpoint": ""},
        "chaincode": {
            "startuptimeout": "60s",
            "externalBuilders": [
                {"name": "ccaas_builder", "path": str(FIXTURES / "ccaas_builder")},
                {"name": "legacy_builder", "path": str(LEGACY_BUILDER)},
            ],
            "system": dict.fromkeys(("_lifecycle", "cscc", "lscc", "qscc"), "enable"),
        },
        "ledger": {"state": dict(state or {"stateDatabase": "goleveldb"})},
        "operations": {"listenAddress": "127.0.0.1:0"},
        "metrics": {"provider": "disabled"},
    }
