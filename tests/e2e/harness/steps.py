"""The progress steps of all actions, read out of their source so that none can be forgotten."""

import ast
from pathlib import Path

from tools.home import CHECKOUT

ACTIONS = CHECKOUT / "actions"
SNAPSHOT = (
    "making a snapshot of",
    "fetching the snapshot of",
    "joining by the snapshot of",
    "waiting for approvals on",
    "removing the snapshot of",
)
"""Of peers that join by a snapshot, one after the other."""
_OF_JOBS = "line.strip()[:_REPORTED]"
"""What a job in the cluster says: it is no step of the action, which only passes it on."""


def progress_steps() -> set[str]:
    """Return the beginning of every status line, up to what differs from run to run."""
    return {step for path in ACTIONS.glob("*.py") for step in _steps(path)}


def _steps(path: Path) -> set[str]:
    module = ast.parse(path.read_text())
    texts = {
        node.name: node.body[-1].value
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Return)
    }
    return {
        _beginning(call.args[0], texts)
        for call in ast.walk(module)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "report"
        and ast.unparse(call.args[0]) != _OF_JOBS
    }


def _beginning(text: ast.expr, texts: dict[str, ast.expr | None]) -> str:
    """Return what an f-string starts with, or the one that a function of the module returns."""
    if isinstance(text, ast.Call) and isinstance(text.func, ast.Name):
        text = texts[text.func.id] or text
    if isinstance(text, ast.JoinedStr) and isinstance(text.values[0], ast.Constant):
        return str(text.values[0].value).strip()
    if isinstance(text, ast.Constant):
        return str(text.value)
    raise AssertionError(f"{ast.unparse(text)}: a status line that does not start with a text")
