"""The samples, as in the shapes, and one of them that is running."""

from collections.abc import Iterator

import pytest

from tests.e2e.harness.stack import Stack
from tests.e2e.shapes.conftest import MakeSample, make_sample

__all__ = ["make_sample"]


@pytest.fixture(scope="package")
def running(make_sample: MakeSample) -> Iterator[Stack]:
    """Return samples/simple, which `test_previews` finds unchanged; what comes later changes it."""
    stack = make_sample("simple", name="e2e-growth-previews")
    stack.up()
    yield stack
    stack.remove()
