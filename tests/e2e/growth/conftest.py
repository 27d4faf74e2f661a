"""The samples, as in the shapes."""

from tests.e2e.shapes.conftest import make_sample

__all__ = ["make_sample"]
