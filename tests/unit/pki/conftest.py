from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hlf.pki.pair import Source

NOW = datetime(2030, 5, 6, 7, 8, 31, tzinfo=UTC)


@pytest.fixture
def fixed() -> Callable[[], Source]:
    """A source that starts anew at each call and always gives the same."""

    def make() -> Source:
        numbers: Iterator[int] = count(1)
        serials: Iterator[int] = count(1)
        return Source(
            key=lambda: ec.derive_private_key(next(numbers), ec.SECP256R1()),
            serial=lambda: next(serials),
            now=lambda: NOW,
        )

    return make
