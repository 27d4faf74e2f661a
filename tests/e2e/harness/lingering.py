"""Holds up actions in progress steps; see `on_python_path/sitecustomize.py`."""

import os
from collections.abc import Iterable
from pathlib import Path

from tools.home import CHECKOUT

_FOLDER = Path(__file__).parent / "on_python_path"


def environment(steps: Iterable[str]) -> dict[str, str]:
    """Return the variables that make it so; a step is how its status line begins."""
    return {
        "E2E_LINGER": ";".join(steps),
        "PYTHONPATH": os.pathsep.join((str(_FOLDER), str(CHECKOUT))),
    }
