"""Consenters and options of a cluster as plain mappings, a part of `hlf.config.plain`.

A consenter stands under its `host:port`, its certificates under their references
(`Groeifabriek/orderer0/tls`), so that previews show orderers and not PEM texts, and a consenter
whose certificate is another one than its orderer's shows as such (`sha256:...`).
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from hlf.config import quantity
from hlf.config.model import Bft, BftConsenter, BftOptions, Consenter, Raft, RaftOptions

Plain = dict[str, Any]


def raft(raft: Raft) -> Plain:
    """Raft's consenters and options; ValueError where a duration is none."""
    return {
        "consenters": {_address(each): _certificates(each) for each in raft.consenters},
        "options": _options(raft.options),
    }


def read_raft(plain: Mapping[str, Any]) -> Raft:
    """The reverse, consenters sorted by address."""
    return Raft(
        consenters=tuple(
            Consenter(**_read_certificates(address, each))
            for address, each in sorted(plain["consenters"].items())
        ),
        options=RaftOptions(**_read_options(RaftOptions, plain["options"])),
    )


def bft(bft: Bft) -> Plain:
    """BFT's consenters and options; ValueError where a duration is none."""
    return {
        "consenters": {
            _address(each): {
                "id": str(each.id),
                "mspId": each.msp_id,
                "identity": each.identity,
                **_certificates(each),
            }
            for each in bft.consenters
        },
        "options": _options(bft.options),
    }


def read_bft(plain: Mapping[str, Any]) -> Bft:
    """The reverse, consenters sorted by their ids."""
    return Bft(
        consenters=tuple(
            sorted(
                (
                    BftConsenter(
                        id=int(each["id"]),
                        msp_id=each["mspId"],
                        identity=each["identity"],
                        **_read_certificates(address, each),
                    )
                    for address, each in plain["consenters"].items()
                ),
                key=lambda consenter: consenter.id,
            )
        ),
        options=BftOptions(**_read_options(BftOptions, plain["options"])),
    )


def _address(consenter: Consenter) -> str:
    return f"{consenter.host}:{consenter.port}"


def _certificates(consenter: Consenter) -> Plain:
    return {
        "clientTlsCert": consenter.client_tls_cert,
        "serverTlsCert": consenter.server_tls_cert,
    }


def _read_certificates(address: str, plain: Mapping[str, Any]) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return {
        "host": host,
        "port": int(port),
        "client_tls_cert": plain["clientTlsCert"],
        "server_tls_cert": plain["serverTlsCert"],
    }


def _options(options: RaftOptions | BftOptions) -> Plain:
    """Numbers as texts; texts are durations."""
    plain: Plain = {}
    for name, value in vars(options).items():
        if isinstance(value, bool):
            plain[_camel(name)] = value
        else:
            text = quantity.duration(value) if isinstance(value, str) else str(value)
            plain[_camel(name)] = text
    return plain


def _read_options(
    kind: type[RaftOptions] | type[BftOptions], plain: Mapping[str, Any]
) -> dict[str, Any]:
    return {each.name: type(each.default)(plain[_camel(each.name)]) for each in fields(kind)}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
