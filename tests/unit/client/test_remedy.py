"""The sentence for a refusal."""

import pytest

from hlf.client.remedy import refusal


@pytest.mark.parametrize(
    ("status", "reason", "rest"),
    [
        (
            "500",
            "odd",
            "(500: odd); see the node's log",
        ),
        (
            "NOT_FOUND",
            "",
            "(NOT_FOUND); create the channel first, or ask a node that has joined it",
        ),
        (
            "500",
            "The identity is not an admin",
            "(500: The identity is not an admin); sign as an admin of the node's own organization",
        ),
    ],
)
def test_refusal(status: str, reason: str, rest: str) -> None:
    told = refusal("peer karga/peer0", "joining channel common", status=status, reason=reason)
    assert told == f"peer karga/peer0 refused joining channel common {rest}"
