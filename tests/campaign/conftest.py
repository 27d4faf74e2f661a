"""The fixtures of the e2e tests."""

from tests.e2e.conftest import chaincode_images, make_stack, measure, node

__all__ = ["chaincode_images", "make_stack", "measure", "node"]
