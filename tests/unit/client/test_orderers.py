"""Which orderer is asked, when another one, and when none any more; answers are made up here.

What real orderers answer is in tests/official/fabric; they cannot be made to answer in every order.
"""

import time
from collections.abc import Sequence

import pytest

from hlf.client import bft
from hlf.client.connection import Endpoint
from hlf.client.errors import ChannelNotFound, NoAnswer, Refused, Unreachable, Untrusted
from hlf.client.identity import Signer
from hlf.client.orderer import Orderer
from hlf.client.orderers import Orderers
from hlf.client.protos import Block, Envelope, SeekPosition
from hlf.config.protos import BlockHeader
from hlf.errors import FabricError

SIGNER = Signer(msp_id="KargaMSP", certificate=b"", key=b"")
AWAY = Unreachable("it is away")
SLOW = NoAnswer("it is slow")
STRANGE = Untrusted("it is strange")
BUSY = Refused("it is busy", status="SERVICE_UNAVAILABLE", reason="no leader")
UNKNOWN = ChannelNotFound("it does not know", status="NOT_FOUND", reason="")
FORBIDDEN = Refused("it forbids", status="FORBIDDEN", reason="no")
BAD = Refused("it is bad", status="BAD_REQUEST", reason="currently at version")
HAVE = Refused("again", status="SERVICE_UNAVAILABLE", reason="x: request already exists")


class Answering(Orderer):
    """Gives one answer after the other, the last one for ever."""

    def __init__(self, name: str, answers: Sequence[FabricError | int]) -> None:
        super().__init__(Endpoint(name=name, address="127.0.0.1:1"), SIGNER)
        self.answers = list(answers)
        self.asked = 0

    def _next(self) -> int:
        self.asked += 1
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, FabricError):
            raise answer
        return answer

    def deliver_once(
        self, channel: str, position: SeekPosition, *, doing: str, timeout: float
    ) -> Block:
        return Block(header=BlockHeader(number=self._next()))

    def broadcast_once(self, message: Envelope, *, timeout: float) -> None:
        self._next()


def orderers(*answers: Sequence[FabricError | int]) -> Orderers:
    return Orderers([Answering(f"orderer{place}", each) for place, each in enumerate(answers)])


def asked(made: Orderers) -> list[int]:
    return [each.asked for each in made.members if isinstance(each, Answering)]


def newest(made: Orderers, timeout: float = 5.0) -> int:
    return made.newest_block("common", timeout=timeout).header.number


@pytest.mark.parametrize("failure", [AWAY, SLOW, STRANGE, BUSY, UNKNOWN])
def test_the_next_one_is_asked_and_remembered(failure):
    made = orderers([failure], [7])
    assert newest(made) == 7
    assert newest(made) == 7
    assert asked(made) == [1, 2]


def test_after_the_last_one_comes_the_first():
    made = orderers([AWAY, 9], [7, AWAY])
    assert (newest(made), newest(made)) == (7, 9)


def test_what_one_refuses_for_good_no_other_is_asked():
    made = orderers([FORBIDDEN], [7])
    with pytest.raises(Refused, match="it forbids"):
        newest(made)
    assert asked(made) == [1, 0]


@pytest.mark.parametrize(
    ("answers", "told", "kind"),
    [
        (([UNKNOWN], [UNKNOWN]), "it does not know", ChannelNotFound),
        (([STRANGE], [STRANGE]), "it is strange; it is strange", Unreachable),
    ],
)
def test_what_does_not_get_better_is_told_at_once(answers, told, kind):
    began = time.monotonic()
    with pytest.raises(kind, match=told):
        newest(orderers(*answers), timeout=60)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("answers", "told", "kind"),
    [
        (([AWAY], [AWAY]), "it is away; it is away", Unreachable),
        # One that is away might know the channel
        (([AWAY], [UNKNOWN]), "it is away", Unreachable),
        (([BUSY], [UNKNOWN]), "it is busy", Refused),
        (([AWAY], [BUSY], [SLOW]), "it is busy", Refused),
        (([SLOW], [UNKNOWN]), "it is slow", NoAnswer),
    ],
)
def test_what_may_get_better_is_waited_for(answers, told, kind):
    made = orderers(*answers)
    with pytest.raises(kind, match=told) as caught:
        newest(made, timeout=0.3)
    assert not isinstance(caught.value, ChannelNotFound)
    assert all(times > 1 for times in asked(made))


def test_a_leader_is_waited_for():
    made = orderers([BUSY, BUSY, 4], [BUSY, BUSY, BUSY])
    made.wait_for_leader("common", timeout=5)


def test_a_channel_that_is_new_is_waited_for():
    made = orderers([UNKNOWN, UNKNOWN, 0], [UNKNOWN])
    assert made.genesis_block("common", timeout=5).header.number == 0


def test_an_orderer_that_is_behind_does_not_turn_back_time():
    made = orderers([8, AWAY], [5, 8])
    assert (newest(made), newest(made)) == (8, 8)
    assert asked(made) == [2, 2], "the second was asked for its newest, and for block 8"


def test_broadcast_goes_to_the_next():
    made = orderers([BUSY], [AWAY], [1])
    made.broadcast(Envelope(), timeout=5)
    assert asked(made) == [1, 1, 1]
    with pytest.raises(Refused, match="it is bad"):
        orderers([BAD], [1]).broadcast(Envelope(), timeout=5)


def test_there_is_at_least_one():
    with pytest.raises(ValueError, match="no orderers"):
        Orderers([])


def members(*answers: Sequence[FabricError | int]) -> tuple[Orderer, ...]:
    return orderers(*answers).members


@pytest.mark.parametrize(
    "answers",
    [
        ([1], [1], [1], [AWAY]),
        ([1], [1], [HAVE], [SLOW]),
        ([1], [1], [1], [BAD]),
        ([1], [BUSY, 1], [1], [AWAY]),
        ([1], [AWAY, AWAY, HAVE], [1], [UNKNOWN]),
    ],
)
def test_a_quorum_suffices(answers):
    bft.broadcast(members(*answers), Envelope(), timeout=5)


@pytest.mark.parametrize(
    ("answers", "told", "kind"),
    [
        (([1], [1], [AWAY], [AWAY]), "2 of the channel's orderers took it and 3 are", Unreachable),
        (([1], [1], [AWAY], [BUSY]), "it is away; it is busy|it is busy; it is away", Refused),
        (([BAD], [BAD], [1], [1]), "it is bad", Refused),
        (([FORBIDDEN], [FORBIDDEN], [FORBIDDEN], [FORBIDDEN]), "it forbids", Refused),
    ],
)
def test_less_than_a_quorum_does_not(answers, told, kind):
    with pytest.raises(kind, match=told):
        bft.broadcast(members(*answers), Envelope(), timeout=0.3)


def test_who_has_it_is_not_sent_it_again():
    made = orderers([1], [1], [AWAY, AWAY, 1], [AWAY])
    bft.broadcast(made.members, Envelope(), timeout=5)
    assert asked(made)[:3] == [1, 1, 3]


def test_bft_goes_to_all():
    made = Orderers(members([1], [1], [1], [1]), is_bft=True)
    made.broadcast(Envelope(), timeout=5)
    for _ in range(100):
        if asked(made) == [1, 1, 1, 1]:
            break
        time.sleep(0.01)
    assert asked(made) == [1, 1, 1, 1]


def test_errors_that_are_none_of_fabrics_are_not_swallowed():
    class Broken(Answering):
        def broadcast_once(self, message: Envelope, *, timeout: float) -> None:
            raise KeyError("x")

    with pytest.raises(KeyError):
        bft.broadcast([Broken("broken", [1])] * 4, Envelope(), timeout=1)
