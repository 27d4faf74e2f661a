"""The chaincode lifecycle of Fabric 1, `lscc`: install, instantiate ("deploy"), upgrade.

It is what channels have whose Application capabilities end before V2_0. The code runs as a
service, as with the current lifecycle: the package holds the server's address, and peers need an
external builder that takes such packages. What differs:

- The server registers as `name:version`, which no hash is part of.
- A peer keeps one package for a name and version, and nothing replaces or removes it.
- One peer's endorsement deploys or upgrades. It calls the chaincode's Init, so the server must be
  up by then. The signer is an admin of any organization of the channel.
- The endorsement policy and the private data collections change only together with the version.

Source: Fabric's `core/scc/lscc`, `core/common/ccprovider`, `core/endorser/endorser.go`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hlf.client.errors import Refused
from hlf.client.ordering import Ordering
from hlf.client.peer import Peer
from hlf.client.protos import (
    ChaincodeData,
    ChaincodeDeploymentSpec,
    ChaincodeID,
    ChaincodeInput,
    ChaincodeQueryResponse,
    ChaincodeSpec,
    Policy,
    serialize,
)
from hlf.client.transaction import submit
from hlf.client.wait import gather
from hlf.config.policy import show, signature_envelope
from hlf.errors import FabricError

_LSCC = "lscc"
# A peer without the system chaincode takes the name for a chaincode to be built.
_NO_LSCC = "could not launch chaincode lscc.syscc"
# Only the text tells this from other errors (`ccprovider/cdspackage.go`, PutChaincodeToFS).
_EXISTS = "error installing chaincode code"
# Nor this (`core/scc/lscc/lscc.go`, getChaincodeCollectionData).
_NO_COLLECTIONS = "collections config not defined"


@dataclass(frozen=True, kw_only=True)
class LegacyPackage:
    """A package to install. `fingerprint` is what peers say of one that they have (hexadecimal)."""

    name: str
    version: str
    fingerprint: str
    data: bytes = field(repr=False)
    """A ChaincodeDeploymentSpec."""

    @property
    def ccid(self) -> str:
        """What the chaincode's server registers as."""
        return ccid(self.name, self.version)


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A chaincode on a channel.

    `policy` is the endorsement policy, a signature policy; None asks for Fabric's own, which any
    member of the channel's organizations satisfies. What a channel has is always a policy.
    `collections` are a serialised CollectionConfigPackage (see `hlf.client.collections`).
    """

    name: str
    version: str
    policy: str | None = None
    collections: bytes | None = None


def ccid(name: str, version: str) -> str:
    """The id of a chaincode, which its server must be started with."""
    return f"{name}:{version}"


def legacy_package(*, name: str, version: str, code: bytes) -> LegacyPackage:
    """The package of a chaincode; `code` is a tar.gz with `connection.json` at its top."""
    spec = ChaincodeDeploymentSpec(
        chaincode_spec=_spec(name, version, path=name), code_package=code
    )
    hashes = hashlib.sha256(code).digest() + hashlib.sha256(f"{name}{version}".encode()).digest()
    return LegacyPackage(
        name=name,
        version=version,
        fingerprint=hashlib.sha256(hashes).hexdigest(),
        data=serialize(spec),
    )


def installed(peer: Peer, *, timeout: float = 30.0) -> Mapping[str, str]:
    """The fingerprints of the packages on a peer, by `name:version`."""
    doing = "listing the installed chaincodes of lscc"
    answer = peer.query("", _LSCC, ["getinstalledchaincodes"], doing=doing, timeout=timeout)
    found = ChaincodeQueryResponse.FromString(answer).chaincodes
    return {ccid(each.name, each.version): each.id.hex() for each in found}


def install(peer: Peer, package: LegacyPackage, *, timeout: float = 300.0) -> None:
    """Install a package on a peer; one that is installed already is fine.

    Raises FabricError where the peer has another package of this name and version.
    """
    doing = f"installing chaincode {package.ccid}"
    try:
        peer.query("", _LSCC, ["install", package.data], doing=doing, timeout=timeout)
    except Refused as error:
        if _EXISTS not in error.reason:
            raise
        found = installed(peer, timeout=timeout).get(package.ccid)
        if found is None:
            raise
        if found != package.fingerprint:
            raise FabricError(other_package(package, [str(peer)])) from None


def other_package(package: LegacyPackage, peers: Sequence[str]) -> str:
    """The sentence for peers that have another package of a name and version."""
    return (
        f"{', '.join(peers)} has another package of {package.ccid} installed, with another server "
        "address or made by another tool, and Fabric replaces none; raise the chaincode's version"
    )


def instances(peer: Peer, channel: str, *, timeout: float = 30.0) -> Mapping[str, Instance]:
    """The chaincodes that are instantiated on a channel, as this peer has them, by name.

    None on a peer of Fabric 3, which has no such lifecycle.
    """
    doing = f"listing the instantiated chaincodes of channel {channel}"
    try:
        answer = peer.query(channel, _LSCC, ["getchaincodes"], doing=doing, timeout=timeout)
    except Refused as error:
        if _NO_LSCC not in error.reason:
            raise
        return {}
    names = [each.name for each in ChaincodeQueryResponse.FromString(answer).chaincodes]

    def ask(name: str) -> Instance:
        doing = f"asking for chaincode {name} of channel {channel}"
        args = ["getccdata", channel, name]
        answer = peer.query(channel, _LSCC, args, doing=doing, timeout=timeout)
        return _instance(
            ChaincodeData.FromString(answer), _collections(peer, channel, name, timeout=timeout)
        )

    return dict(zip(names, gather(ask, names), strict=True))


def deploy(
    peer: Peer,
    orderer: Ordering,
    channel: str,
    wanted: Instance,
    *,
    init: Sequence[str] = (),
    commit_on: Sequence[Peer] | None = None,
    timeout: float = 120.0,
) -> None:
    """Instantiate a chaincode that the channel does not have yet; `init` are Init's arguments.

    Committed on `commit_on` on return, by default on the peer, which has the package installed and
    reaches the server. Raises Refused, or Invalidated where another did the same meanwhile.
    """
    args = _args("deploy", channel, wanted, init)
    submit([peer], orderer, channel, _LSCC, args, commit_on=commit_on, timeout=timeout)


def upgrade(
    peer: Peer,
    orderer: Ordering,
    channel: str,
    wanted: Instance,
    *,
    init: Sequence[str] = (),
    commit_on: Sequence[Peer] | None = None,
    timeout: float = 120.0,
) -> None:
    """Bring a chaincode to another version; everything else as with `deploy`.

    Raises Refused where the channel has exactly this version, whatever the policy, and Invalidated
    where a collection of its own is missing or has another time to live.
    """
    args = _args("upgrade", channel, wanted, init)
    submit([peer], orderer, channel, _LSCC, args, commit_on=commit_on, timeout=timeout)


def _args(function: str, channel: str, wanted: Instance, init: Sequence[str]) -> list[str | bytes]:
    # Without code: every peer has that from its own installed package
    spec = ChaincodeDeploymentSpec(chaincode_spec=_spec(wanted.name, wanted.version, init=init))
    policy = b"" if wanted.policy is None else serialize(signature_envelope(wanted.policy))
    args = [function, channel, serialize(spec), policy]
    # the two that are left empty are plugins, for which Fabric takes its own
    return args if wanted.collections is None else [*args, b"", b"", wanted.collections]


def _spec(name: str, version: str, *, path: str = "", init: Sequence[str] = ()) -> ChaincodeSpec:
    """What says of which language the code is decides nothing: the builder looks at the code."""
    return ChaincodeSpec(
        type=ChaincodeSpec.GOLANG,
        chaincode_id=ChaincodeID(name=name, version=version, path=path),
        input=ChaincodeInput(args=[arg.encode() for arg in init]),
    )


def _collections(peer: Peer, channel: str, name: str, *, timeout: float) -> bytes | None:
    doing = f"asking for the collections of chaincode {name} of channel {channel}"
    try:
        return peer.query(
            channel, _LSCC, ["getcollectionsconfig", name], doing=doing, timeout=timeout
        )
    except Refused as error:
        if _NO_COLLECTIONS not in error.reason:
            raise
        return None


def _instance(data: ChaincodeData, collections: bytes | None) -> Instance:
    policy = Policy(type=Policy.SIGNATURE, value=serialize(data.policy))
    return Instance(
        name=data.name, version=data.version, policy=show(policy), collections=collections
    )
