"""What a job leaves behind, and how sizes read."""

import json

import pytest

from jobs.telling import amount, read


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (213_400_000, "213.4 MB"),
        (5 * 10**12, "5.0 TB"),
    ],
)
def test_an_amount(size: int, text: str) -> None:
    assert amount(size) == text


def test_the_last_message_of_a_pod() -> None:
    def pod(message: str) -> dict[str, object]:
        terminated = {"exitCode": 1, "message": message}
        return {"status": {"containerStatuses": [{"state": {"terminated": terminated}}]}}

    assert read(pod(json.dumps({"error": "no"}))) == {"error": "no"}
    assert read(pod("Killed")) is None
    assert read(pod("3")) is None
    assert read({"status": {"containerStatuses": [{"state": {"running": {}}}]}}) is None
    assert read({}) is None
