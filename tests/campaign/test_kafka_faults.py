"""Parts of a Kafka network die, and every pod is replaced, while transactions go on."""

from tests.e2e.conftest import Measure
from tests.e2e.harness.stack import Stack
from tests.e2e.shapes.conftest import MakeSample
from tests.e2e.shapes.test_faults import transactions_go_on

VICTIMS = (
    "hlf-kafka--0",
    "hlf-zookeeper--1",
    "hlf-orderer--groeifabriek--orderer0",
    "hlf-couchdb--karga--peer0",
    "hlf-peer--atlantis--peer0",
)


def _another_annotation(stack: Stack) -> None:
    """Of every pod; another image or log level would do the same to some of them."""
    stack.configure(pods={"all": {"annotations": {"example.com/change": "1"}}})


def test_transactions_go_on(make_sample: MakeSample, measure: Measure) -> None:
    stack = make_sample("scaled-kafka", name="campaign-kafka-faults")
    transactions_go_on(stack, VICTIMS, _another_annotation, measure)
