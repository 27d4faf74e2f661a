"""Networks of other shapes than those of tests/e2e/backup are lost with everything, and restored.

Orderers over Kafka are restored with Kafka's topics, and the peers' CouchDB is made again.
"""

from pathlib import Path

from tests.e2e.backup import disaster
from tests.e2e.conftest import Measure
from tests.e2e.shapes.conftest import MakeSample

_LEDGER = 30
"""Megabytes."""
_OUTAGE_OF_KAFKA = 90.0
"""Seconds: seven JVMs end and start on the machine's cores."""


def test_kafka_with_couchdb(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    stack = make_sample("scaled-kafka", name="campaign-backup-kafka")
    disaster.lives_in_s3(
        stack,
        tmp_path,
        megabytes=_LEDGER,
        measure=measure,
        outage_at_most=_OUTAGE_OF_KAFKA,
    )


def test_bft(make_sample: MakeSample, tmp_path: Path, measure: Measure) -> None:
    stack = make_sample("bft", name="campaign-backup-bft")
    disaster.lives_in_azure(stack, tmp_path, megabytes=_LEDGER, measure=measure)
