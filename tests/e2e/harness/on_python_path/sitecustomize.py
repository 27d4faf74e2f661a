"""Holds up actions in progress steps, so that a kill surely finds them there.

Python imports a module of this name by itself where it is on PYTHONPATH. Nothing happens but in
processes that E2E_LINGER tells how the steps' status lines begin.
"""

import os
import time
from collections.abc import Callable

_LONG = 60.0


def _linger(steps: tuple[str, ...]) -> None:
    from actions import progress  # noqa: PLC0415 - only where it is asked for

    make_reporter = progress.reporter

    def reporter(urn: str) -> Callable[[str], None]:
        report = make_reporter(urn)

        def report_and_linger(message: str) -> None:
            report(message)
            if message.startswith(steps):
                time.sleep(_LONG)

        return report_and_linger

    progress.reporter = reporter


if os.environ.get("E2E_LINGER"):
    _linger(tuple(os.environ["E2E_LINGER"].split(";")))
