"""An MSP: the public definition of an organization, as a value, as Fabric's message, as a folder.

`to_config` gives what configtxgen reads from an MSP folder; `from_config` takes every definition
of Fabric's own kind back without loss, so that an organization which another tool made can be kept
in a channel. Idemix MSPs are left out.

Source: Fabric's `msp/configbuilder.go`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hlf.config.protos import (
    FabricCryptoConfig,
    FabricMSPConfig,
    FabricNodeOUs,
    FabricOUIdentifier,
    MSPConfig,
    serialize,
)

ROLES = ("client", "peer", "admin", "orderer")

_CRYPTO = FabricCryptoConfig(
    signature_hash_family="SHA2", identity_identifier_hash_function="SHA256"
)


@dataclass(frozen=True, kw_only=True)
class OrganizationalUnit:
    """An organizational unit of certificates; `certificate` is the PEM of a CA, or empty."""

    identifier: str
    certificate: bytes = b""


@dataclass(frozen=True, kw_only=True)
class NodeOUs:
    """Which organizational units make a client, a peer, an admin or an orderer."""

    enable: bool = True
    roles: Mapping[str, OrganizationalUnit]
    """By role, one of `ROLES`."""


@dataclass(frozen=True, kw_only=True)
class Msp:
    """The public definition of one organization; certificates and lists are PEM."""

    msp_id: str
    root_certs: tuple[bytes, ...]
    tls_root_certs: tuple[bytes, ...] = ()
    intermediate_certs: tuple[bytes, ...] = ()
    tls_intermediate_certs: tuple[bytes, ...] = ()
    admins: tuple[bytes, ...] = ()
    """Empty where NodeOUs say who is an admin."""
    revocation_lists: tuple[bytes, ...] = ()
    organizational_units: tuple[OrganizationalUnit, ...] = ()
    node_ous: NodeOUs | None = None


def make_msp(
    msp_id: str, *, ca: bytes, tlsca: bytes | None, node_ous: bool, admins: tuple[bytes, ...] = ()
) -> Msp:
    """The MSP of an organization with these two CAs, as cryptogen makes it.

    `tlsca` is None for an organization whose nodes speak no TLS. `admins` are the admins'
    certificates; an organization without NodeOUs needs one.
    """
    units = {role: OrganizationalUnit(identifier=role, certificate=ca) for role in ROLES}
    return Msp(
        msp_id=msp_id,
        root_certs=(ca,),
        tls_root_certs=() if tlsca is None else (tlsca,),
        admins=admins,
        node_ous=NodeOUs(roles=units) if node_ous else None,
    )


def to_config(msp: Msp) -> MSPConfig:
    """The message that a channel's configuration holds under `MSP`."""
    config = FabricMSPConfig(
        name=msp.msp_id,
        root_certs=msp.root_certs,
        intermediate_certs=msp.intermediate_certs,
        admins=msp.admins,
        revocation_list=msp.revocation_lists,
        organizational_unit_identifiers=[_to_unit(unit) for unit in msp.organizational_units],
        crypto_config=_CRYPTO,
        tls_root_certs=msp.tls_root_certs,
        tls_intermediate_certs=msp.tls_intermediate_certs,
    )
    if msp.node_ous is not None:
        units = {
            f"{role}_ou_identifier": _to_unit(unit) for role, unit in msp.node_ous.roles.items()
        }
        config.fabric_node_ous.CopyFrom(FabricNodeOUs(enable=msp.node_ous.enable, **units))
    return MSPConfig(type=0, config=serialize(config))


def from_config(config: MSPConfig) -> Msp:
    """The value of a channel's `MSP`; ValueError for what `Msp` cannot say in full."""
    if config.type != 0:
        raise ValueError(f"an MSP of type {config.type} is not one of X.509 certificates (type 0)")
    fabric = FabricMSPConfig.FromString(config.config)
    node_ous = None
    if fabric.HasField("fabric_node_ous"):
        node_ous = NodeOUs(
            enable=fabric.fabric_node_ous.enable,
            roles={
                role: _from_unit(getattr(fabric.fabric_node_ous, f"{role}_ou_identifier"))
                for role in ROLES
                if fabric.fabric_node_ous.HasField(f"{role}_ou_identifier")
            },
        )
    msp = Msp(
        msp_id=fabric.name,
        root_certs=tuple(fabric.root_certs),
        tls_root_certs=tuple(fabric.tls_root_certs),
        intermediate_certs=tuple(fabric.intermediate_certs),
        tls_intermediate_certs=tuple(fabric.tls_intermediate_certs),
        admins=tuple(fabric.admins),
        revocation_lists=tuple(fabric.revocation_list),
        organizational_units=tuple(map(_from_unit, fabric.organizational_unit_identifiers)),
        node_ous=node_ous,
    )
    if FabricMSPConfig.FromString(to_config(msp).config) != fabric:
        raise ValueError(
            f"the MSP {fabric.name} holds settings that are not known here "
            "(a hash family other than SHA2, a signing identity, or a field of a later Fabric)"
        )
    return msp


def _to_unit(unit: OrganizationalUnit) -> FabricOUIdentifier:
    return FabricOUIdentifier(
        certificate=unit.certificate, organizational_unit_identifier=unit.identifier
    )


def _from_unit(unit: FabricOUIdentifier) -> OrganizationalUnit:
    return OrganizationalUnit(
        identifier=unit.organizational_unit_identifier, certificate=unit.certificate
    )
