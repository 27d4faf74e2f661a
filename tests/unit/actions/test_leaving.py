"""A peer leaves a channel at a start with a note of it, and no note outlives that."""

from collections.abc import Iterator

import pytest

from actions import leaving
from actions.cluster import ClusterError
from tests.unit.actions.kubernetes import Key, Kubernetes
from tests.unit.actions.pods_made import pod

PEER = "hlf-peer--karga--peer1"
NOTE: Key = ("fabric", "configmaps", "hlf-leaving--karga--peer1")


class Peer:
    """What a peer says it has joined, one answer for each start."""

    def __init__(self, *answers: set[str]) -> None:
        self._answers = iter(answers)

    def channels(self) -> set[str]:
        return next(self._answers)


@pytest.fixture
def starts(kubernetes: Kubernetes) -> Iterator[list[dict[str, str] | None]]:
    """The note that there was at each start of the peer."""
    found: list[dict[str, str] | None] = []

    def start(key: Key) -> None:
        if key[1] == "pods":
            note = kubernetes.objects.get(NOTE)
            found.append(note and note["data"])
            kubernetes.put("fabric", "pods", pod(PEER))

    kubernetes.put_namespace("fabric")
    kubernetes.put("fabric", "pods", pod(PEER))
    kubernetes.on_delete = start
    return found


def leave(peer: Peer) -> list[str]:
    told: list[str] = []
    leaving.leave("fabric", PEER, peer, "common", told.append)
    return told


def test_it_starts_with_the_note_and_the_note_goes(
    kubernetes: Kubernetes, starts: list[dict[str, str] | None]
) -> None:
    told = leave(Peer({"private"}))
    assert starts == [{"common": ""}]
    assert NOTE not in kubernetes.objects
    assert told[0] == f"taking peer {PEER} out of common"


def test_a_start_that_did_not_see_the_note_is_followed_by_another(
    kubernetes: Kubernetes, starts: list[dict[str, str] | None]
) -> None:
    leave(Peer({"common"}, set()))
    assert len(starts) == 2
    assert NOTE not in kubernetes.objects


def test_who_never_leaves_is_told_with_its_log(
    starts: list[dict[str, str] | None],
) -> None:
    with pytest.raises(ClusterError, match=rf"{PEER} is still in channel common .* logs {PEER}-0"):
        leave(Peer(*({"common"} for _ in range(3))))
    assert len(starts) == 3


def test_what_a_killed_run_left_is_forgotten_for_its_channel_only(
    kubernetes: Kubernetes, starts: list[dict[str, str] | None]
) -> None:
    with pytest.raises(ClusterError):
        leave(Peer(*({"common"} for _ in range(3))))
    leaving.forget("fabric", "private")
    assert NOTE in kubernetes.objects
    leaving.forget("fabric", "common")
    assert NOTE not in kubernetes.objects
