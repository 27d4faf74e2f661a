"""Deadlines, pauses, and many nodes at once."""

import threading
import time

import pytest

from hlf.client.errors import Unreachable
from hlf.client.wait import Deadline, gather
from hlf.errors import FabricError


def test_tries_end_at_the_deadline_and_start_fast() -> None:
    deadline = Deadline(0.5)
    began = time.monotonic()
    moments = [time.monotonic() - began for _ in deadline.tries()]
    assert moments[0] < 0.02
    assert moments[1] < 0.1
    assert len(moments) >= 4
    assert moments[-1] <= 0.55


def test_one_try_even_without_time() -> None:
    assert len(list(Deadline(0).tries())) == 1
    assert Deadline(-1).remaining() == 0


def test_gather_asks_all_at_once_and_keeps_the_order() -> None:
    together = threading.Barrier(4, timeout=10)

    def ask(number: int) -> int:
        together.wait()
        return number * number

    assert gather(ask, range(4)) == [0, 1, 4, 9]
    assert gather(ask, []) == []


def test_gather_tells_every_failure() -> None:
    def ask(name: str) -> str:
        if name == "fine":
            return name
        raise Unreachable(f"{name} does not answer")

    with pytest.raises(Unreachable, match=r"^a does not answer$"):
        gather(ask, ["a", "fine"])
    with pytest.raises(Unreachable, match=r"^a does not answer; b does not answer$"):
        gather(ask, ["a", "fine", "b"])


def test_gather_calls_a_mixture_unreachable_only_if_all_are() -> None:
    def ask(error: Exception) -> None:
        raise error

    with pytest.raises(FabricError) as caught:
        gather(ask, [Unreachable("a"), FabricError("b")])
    assert not isinstance(caught.value, Unreachable)
    with pytest.raises(ZeroDivisionError):
        gather(ask, [Unreachable("a"), ZeroDivisionError()])
