"""The fixtures of the e2e tests, and their table of what was measured."""

from tests.e2e.conftest import chaincode_images, make_stack, measure, node, pytest_terminal_summary
from tests.e2e.shapes.conftest import make_sample

__all__ = [
    "chaincode_images",
    "make_sample",
    "make_stack",
    "measure",
    "node",
    "pytest_terminal_summary",
]
