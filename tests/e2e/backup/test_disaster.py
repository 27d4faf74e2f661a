"""Everything is lost but a store and the stack's settings, and comes back as it was."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.backup import disaster
from tests.e2e.conftest import Measure
from tests.e2e.harness import bulk, dump, stores
from tests.e2e.harness.fabric import Client
from tests.e2e.harness.load import CHANNEL
from tests.e2e.harness.stack import Stack
from tests.e2e.harness.use import use
from tests.e2e.shapes.conftest import MakeSample
