"""The official Fabric tools, run as they are; a test without them fails with a sentence."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from hlf.config import policy
from hlf.config.model import ChannelConfig, Orderer, Organization
from tests.unit.config.networks import certificate_path, msp_dir


def run(tool: str, *arguments: str | Path, cwd: Path | None = None) -> str:
    """The tool's output; fails the test with what it said where it fails."""
    done = attempt(tool, *arguments, cwd=cwd)
    if done.returncode != 0:
        pytest.fail(f"{tool} failed: {done.stderr}")
    return done.stdout


def attempt(
    tool: str, *arguments: str | Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    folder = os.environ.get("HLF_FABRIC_BIN", "")
    if not (Path(folder) / tool).is_file():
        pytest.fail(
            f"the official {tool} is needed: set HLF_FABRIC_BIN to the folder that has it "
            f"(now {folder!r})"
        )
    return subprocess.run(
        [str(Path(folder) / tool), *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "FABRIC_CFG_PATH": str(cwd or Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )


def write_configtx(root: Path, profiles: Mapping[str, ChannelConfig]) -> None:
    """`configtx.yaml` with these profiles, each in full."""
    content = {"Profiles": {name: _profile(config) for name, config in profiles.items()}}
    (root / "configtx.yaml").write_text(yaml.safe_dump(content, sort_keys=False))


def _profile(config: ChannelConfig) -> dict[str, Any]:
    profile: dict[str, Any] = {
        "Policies": _policies(config.policies),
        "Capabilities": dict.fromkeys(config.capabilities, True),
    }
    if config.orderer is not None:
        profile["Orderer"] = _orderer(config.orderer)
    if config.application is not None:
        profile["Application"] = {
            "Policies": _policies(config.application.policies),
            "Capabilities": dict.fromkeys(config.application.capabilities, True),
            "ACLs": dict(config.application.acls),
            "Organizations": _organizations(config.application.organizations),
        }
    if config.consortium is not None:
        profile["Consortium"] = config.consortium
    if config.consortiums:
        profile["Consortiums"] = {
            name: {"Organizations": _organizations(members)}
            for name, members in config.consortiums.items()
        }
    return profile


def _orderer(orderer: Orderer) -> dict[str, Any]:
    content: dict[str, Any] = {
        "OrdererType": orderer.type,
        "Addresses": list(orderer.addresses),
        "BatchTimeout": orderer.batch_timeout,
        "BatchSize": {
            "MaxMessageCount": orderer.max_message_count,
            "AbsoluteMaxBytes": orderer.absolute_max_bytes,
            "PreferredMaxBytes": orderer.preferred_max_bytes,
        },
        "MaxChannels": orderer.max_channels,
        "Kafka": {"Brokers": list(orderer.kafka_brokers)},
        "Policies": _policies(orderer.policies),
        "Capabilities": dict.fromkeys(orderer.capabilities, True),
        "Organizations": _organizations(orderer.organizations),
    }
    if orderer.raft is not None:
        content["EtcdRaft"] = {
            "Consenters": [
                {
                    "Host": consenter.host,
                    "Port": consenter.port,
                    "ClientTLSCert": certificate_path(consenter.client_tls_cert),
                    "ServerTLSCert": certificate_path(consenter.server_tls_cert),
                }
                for consenter in orderer.raft.consenters
            ],
            "Options": {
                "TickInterval": orderer.raft.options.tick_interval,
                "ElectionTick": orderer.raft.options.election_tick,
                "HeartbeatTick": orderer.raft.options.heartbeat_tick,
                "MaxInflightBlocks": orderer.raft.options.max_inflight_blocks,
                "SnapshotIntervalSize": orderer.raft.options.snapshot_interval_size,
            },
        }
    return content


def _organizations(organizations: Mapping[str, Organization]) -> list[dict[str, Any]]:
    return [
        {
            "Name": name,
            "ID": organization.msp_id,
            "MSPDir": msp_dir(name),
            "Policies": _policies(organization.policies),
            "AnchorPeers": [
                {"Host": address.rpartition(":")[0], "Port": int(address.rpartition(":")[2])}
                for address in organization.anchor_peers
            ],
            "OrdererEndpoints": list(organization.orderer_endpoints),
        }
        for name, organization in organizations.items()
    ]


def _policies(policies: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        name: {
            "Type": "ImplicitMeta" if policy.is_implicit_meta(rule) else "Signature",
            "Rule": rule,
        }
        for name, rule in policies.items()
    }
