"""Networks that are backed up to stores of every kind, which outlive them."""

from tests.e2e.shapes.conftest import make_sample

__all__ = ["make_sample"]
