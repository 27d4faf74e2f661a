"""Private keys are in the namespace's Secrets, encrypted in the stack's state, and nowhere else."""

import base64
import json
from pathlib import Path
from typing import Any

from tests.e2e.harness import network
from tests.e2e.harness.kubernetes import Manifest
from tests.e2e.harness.network import CRYPTO_CONFIG
from tests.e2e.main.conftest import Launched

_MARKER = "PRIVATE KEY"
_KEYS = 30
"""Two of each of four organizations, and two of each of eleven nodes and users."""


def test_no_private_key_is_in_the_clear(
    launched: Launched, with_images: Path, tmp_path: Path
) -> None:
    stack, namespace = launched.stack, launched.stack.namespace
    grown = network.edited_copy(with_images, tmp_path / "grown", CRYPTO_CONFIG, _add_peer)
    stack.configure(network=str(grown))
    preview = stack.preview("--diff")
    stack.configure(network=str(with_images))
    assert "fabric:Identity: (create)" in preview.output

    pods = [pod["metadata"]["name"] for pod in namespace.all("pods")]
    places = {
        "the exported state": json.dumps(stack.export()),
        "what commands printed": "\n".join(stack.printed),
        "the namespace's objects": _without_secrets(namespace.everything()),
        "events": json.dumps(namespace.all("events")),
        **{f"the log of {pod}": namespace.log(pod) for pod in pods},
    }
    traces = _traces(launched)
    for place, text in places.items():
        found = [trace for trace in traces if trace in text]
        assert not found, f"{place} shows a private key: {found[0][:20]}..."


def test_secrets_hold_every_key(launched: Launched) -> None:
    assert len(_keys(launched)) == _KEYS


def _add_peer(content: Any) -> None:
    (karga,) = (org for org in content["PeerOrgs"] if org["Name"] == "Karga")
    karga["Template"]["Count"] = 2


def _without_secrets(objects: list[Manifest]) -> str:
    return json.dumps([each for each in objects if each["kind"] != "Secret"])


def _traces(launched: Launched) -> set[str]:
    """Return what the keys look like: in PEM, also within JSON, and in base64 as in Secrets."""
    traces = {_MARKER}
    for key in _keys(launched):
        body = key.decode().splitlines()[1:-1]
        traces.update(body[:2])  # the rest is the public key
        encoded = base64.b64encode(key).decode()
        traces.update(encoded[at : at + 64] for at in range(0, len(encoded) - 64, 64))
    return traces


def _keys(launched: Launched) -> list[bytes]:
    secrets = launched.stack.namespace.all("secrets")
    values = [base64.b64decode(value) for each in secrets for value in each["data"].values()]
    return [value for value in values if _MARKER.encode() in value]
