"""What others change is seen by `refresh`, repaired by `up`, and then there is nothing to do."""

import os
import re
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hlf import names
from tests.e2e.conftest import Measure
from tests.e2e.harness.kubernetes import Manifest
from tests.e2e.main.conftest import Launched

CHANNEL = "common"
CHAINCODE = "very-simple"
KARGA = names.peer("Karga", "peer0")
NEVERGREEN = names.peer("Nevergreen", "peer0")
USER = names.user("Karga", "User1")


def test_deleted_objects_are_seen_and_made_again(launched: Launched, measure: Measure) -> None:
    stack, namespace = launched.stack, launched.stack.namespace
    deployment = _chaincode_deployment(launched)
    key = _data(namespace.get("secret", USER))["key.pem"]
    gone = [
        ("StatefulSet", KARGA),
        ("Service", NEVERGREEN),
        ("Deployment", deployment),
        ("ConfigMap", "hlf-peer-config"),
        ("Secret", USER),
    ]
    for kind, name in gone:
        namespace.delete(kind, name)

    refresh = stack.refresh()
    measure("refresh, five objects deleted", refresh.seconds)
    for kind, name in gone:
        assert _shows_deletion(refresh.output, kind, f"{stack.name}/{name}"), (kind, name)
    assert f'- {KARGA}: "' in refresh.output, "the Rollout does not say whose pod is gone"
    assert re.search(r"~ answers *: true => false", refresh.output)

    repair = stack.up()
    measure("up that makes them again", repair.seconds)
    for kind, name in gone:
        assert namespace.get(kind, name) is not None, (kind, name)
    assert _data(namespace.get("secret", USER))["key.pem"] == key
    launched.client.submit(CHANNEL, CHAINCODE, "put", "after", "repair")
    assert launched.client.evaluate(CHANNEL, CHAINCODE, "get", "after") == {"repair"}
    stack.preview("--expect-no-changes")
    stack.refresh("--expect-no-changes")


def test_what_another_admin_changed_is_seen_and_put_right(launched: Launched) -> None:
    stack, client = launched.stack, launched.client
    client.remove_anchor_peers(CHANNEL, "Nevergreen")
    committed = client.definitions(CHANNEL)[CHAINCODE]
    client.commit(CHANNEL, replace(committed, version="9.9", sequence=committed.sequence + 1))

    refresh = stack.refresh()
    assert re.search(rf"- +{NEVERGREEN}:7051", refresh.output)
    assert re.search(r'~ version +: "1.0" => "9.9"', refresh.output)

    stack.up()
    anchor_peers = client.organizations(CHANNEL)["NevergreenMSP"].anchor_peers
    assert anchor_peers == (f"{NEVERGREEN}:7051",)
    repaired = client.definitions(CHANNEL)[CHAINCODE]
    assert repaired == replace(committed, sequence=committed.sequence + 2)
    client.submit(CHANNEL, CHAINCODE, "put", "after", "another admin")
    stack.preview("--expect-no-changes")


def test_an_approval_that_another_admin_changed_is_seen_and_put_right(launched: Launched) -> None:
    stack, client = launched.stack, launched.client
    committed = client.definitions(CHANNEL)[CHAINCODE]
    client.approve(CHANNEL, "Nevergreen", committed)
    assert "not approved by NevergreenMSP" in stack.refresh().output

    stack.up()
    assert client.definitions(CHANNEL)[CHAINCODE] == committed
    stack.refresh("--expect-no-changes")


def test_a_node_that_is_silent_is_an_error_and_not_gone(launched: Launched) -> None:
    stack = launched.stack
    before = stack.resources()
    with _stopped(launched, KARGA):
        refresh = stack.refresh("--target", _urn(before, "Channel", CHANNEL), ok=False)
    assert refresh.status != 0
    assert re.search(rf"{KARGA} at \S+ (does not answer|gave no answer)", refresh.output)
    assert "Traceback" not in refresh.output
    assert _recorded(stack.resources()) == _recorded(before)


def _recorded(resources: list[Manifest]) -> dict[str, Any]:
    """Return the inputs of every resource by URN, without those that are encrypted anew."""
    return {
        each["urn"]: {k: v for k, v in each.get("inputs", {}).items() if "ciphertext" not in str(v)}
        for each in resources
    }


def _shows_deletion(output: str, kind: str, id_: str) -> bool:
    return (
        re.search(rf"- kubernetes:\S+:{kind}: \(delete\)\n +\[id={re.escape(id_)}\]", output)
        is not None
    )


def _chaincode_deployment(launched: Launched) -> str:
    (deployment,) = (
        each["metadata"]["name"]
        for each in launched.stack.namespace.all("deployments")
        if CHAINCODE in each["metadata"]["name"]
    )
    return deployment


def _data(secret: Manifest | None) -> dict[str, str]:
    assert secret is not None
    return secret["data"]


def _urn(resources: list[Manifest], kind: str, name: str) -> str:
    (urn,) = (
        each["urn"]
        for each in resources
        if each["urn"].endswith(f"/{kind}::{name}") or each["urn"].endswith(f":{kind}::{name}")
    )
    return urn


@contextmanager
def _stopped(launched: Launched, node: str) -> Generator[None]:
    """Stop a node's process, which leaves its port open and its pod ready."""
    pid = _process_of(launched, node)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _process_of(launched: Launched, node: str) -> int:
    """Return the process id of a node's container, which runs on this machine."""
    pod = launched.stack.namespace.get("pod", names.pod(node))
    assert pod is not None
    uid = pod["metadata"]["uid"]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            mounts, command = (folder / "cgroup").read_text(), (folder / "comm").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if uid in mounts.replace("_", "-") and command.strip() == "peer":
            return int(folder.name)
    pytest.fail(f"no process of {node} is on this machine")
