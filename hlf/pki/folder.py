"""MSP and TLS folders as `{relative path: content}`, to and from `Msp`.

Fabric's nodes read their own identity from such a folder, and cryptogen writes them; here they are
only values, so that the same mapping can become files, a Secret or a ConfigMap.

Source: Fabric's `msp/configbuilder.go` and `internal/cryptogen/msp`.
"""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, cast

import yaml

from hlf.pki.msp import ROLES, Msp, NodeOUs, OrganizationalUnit
from hlf.pki.pair import Pair, common_name

_CONFIG = "config.yaml"


def msp_folder(msp: Msp) -> dict[str, bytes]:
    """The files of an organization's public MSP folder.

    `admincerts` is absent where there are no admins: a mapping has no empty folders, and Fabric
    needs none.
    """
    lists = {
        f"crls/crl-{number}.pem": crl for number, crl in enumerate(msp.revocation_lists, start=1)
    }
    files = {
        **_named("cacerts", msp.root_certs),
        **_named("intermediatecerts", msp.intermediate_certs),
        **_named("tlscacerts", msp.tls_root_certs),
        **_named("tlsintermediatecerts", msp.tls_intermediate_certs),
        **_named("admincerts", msp.admins),
        **lists,
    }
    if config := config_yaml(msp):
        files[_CONFIG] = config.encode()
    return files


def identity_files(msp: Msp, *, identity: Pair, tls: Pair, server: bool) -> dict[str, bytes]:
    """The `msp/` and `tls/` files of a node (`server`) or of a user.

    `tls/` has `ca.crt` and the pair as `server.*` or `client.*`.
    """
    name = "server" if server else "client"
    own = {
        **msp_folder(msp),
        "keystore/priv_sk": identity.key,
        f"signcerts/{common_name(identity.certificate)}-cert.pem": identity.certificate,
    }
    return {
        **{f"msp/{path}": content for path, content in own.items()},
        "tls/ca.crt": b"".join(msp.tls_root_certs),
        f"tls/{name}.crt": tls.certificate,
        f"tls/{name}.key": tls.key,
    }


def config_yaml(msp: Msp) -> str:
    """The `config.yaml` of an MSP folder; empty where there is nothing to configure.

    It names certificates by their place in `msp_folder`.
    """
    places = {
        content: path
        for folder, certs in (
            ("intermediatecerts", msp.intermediate_certs),
            ("cacerts", msp.root_certs),
        )
        for path, content in _named(folder, certs).items()
    }

    def entry(unit: OrganizationalUnit) -> dict[str, str]:
        place = {"Certificate": places[unit.certificate]} if unit.certificate else {}
        return {**place, "OrganizationalUnitIdentifier": unit.identifier}

    content: dict[str, object] = {}
    if msp.organizational_units:
        content["OrganizationalUnitIdentifiers"] = [entry(u) for u in msp.organizational_units]
    if msp.node_ous is not None and msp.node_ous.enable:
        roles = msp.node_ous.roles
        content["NodeOUs"] = {
            "Enable": True,
            **{_key(role): entry(roles[role]) for role in ROLES if role in roles},
        }
    return yaml.safe_dump(content, sort_keys=False) if content else ""


def read_msp(msp_id: str, files: Mapping[str, bytes]) -> Msp:
    """The MSP that configtxgen reads from a folder with these files; ValueError if it is none."""
    root_certs = _folder(files, "cacerts")
    if not root_certs:
        raise ValueError(f"the MSP folder of {msp_id} has no certificate in cacerts")
    config = _read_config(msp_id, files)

    def unit(entry: Mapping[str, str]) -> OrganizationalUnit:
        place = entry.get("Certificate", "")
        path = str(PurePosixPath(place)) if place else ""
        if path and path not in files:
            raise ValueError(f"config.yaml of the MSP {msp_id} names {place}, which is not there")
        identifier = entry.get("OrganizationalUnitIdentifier", "")
        return OrganizationalUnit(identifier=identifier, certificate=files.get(path, b""))

    node_ous = config.get("NodeOUs") or {}
    return Msp(
        msp_id=msp_id,
        root_certs=root_certs,
        tls_root_certs=_folder(files, "tlscacerts"),
        intermediate_certs=_folder(files, "intermediatecerts"),
        tls_intermediate_certs=_folder(files, "tlsintermediatecerts"),
        admins=_folder(files, "admincerts"),
        revocation_lists=_folder(files, "crls"),
        organizational_units=tuple(
            unit(each) for each in config.get("OrganizationalUnitIdentifiers") or ()
        ),
        node_ous=NodeOUs(
            roles={role: unit(node_ous[_key(role)]) for role in ROLES if node_ous.get(_key(role))}
        )
        if node_ous.get("Enable")
        else None,
    )


def _read_config(msp_id: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        content = yaml.safe_load(files.get(_CONFIG, b""))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ValueError(f"config.yaml of the MSP {msp_id} is not YAML") from None
    if content is not None and not isinstance(content, dict):
        raise ValueError(f"config.yaml of the MSP {msp_id} is not a mapping")
    return cast("dict[str, Any]", content or {})


def _key(role: str) -> str:
    return f"{role.capitalize()}OUIdentifier"


def _folder(files: Mapping[str, bytes], folder: str) -> tuple[bytes, ...]:
    """The PEM files right in a folder, in the order of their names, as Fabric lists them."""
    paths = sorted(path for path in files if PurePosixPath(path).parent == PurePosixPath(folder))
    return tuple(files[path] for path in paths if b"-----BEGIN " in files[path])


def _named(folder: str, certificates: Iterable[bytes]) -> dict[str, bytes]:
    """Each certificate under its CN, with a number from the second of the same CN on."""
    files: dict[str, bytes] = {}
    for certificate in certificates:
        name, number = common_name(certificate), 1
        path = f"{folder}/{name}-cert.pem"
        while path in files:
            number += 1
            path = f"{folder}/{name}-{number}-cert.pem"
        files[path] = certificate
    return files
