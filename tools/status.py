"""Showing what there is, without making or starting anything."""

from pathlib import Path

from tools import images, node, programs, setting_up, unfinished, venv
from tools.home import Home
from tools.stack import PROJECT


def everything(home: Home) -> list[str]:
    """Return lines about the toolchain, the node, its images and the stacks."""
    return [*_of_toolchain(home), *of_node(home), *_of_images(home), *_of_stacks(home)]


def of_node(home: Home) -> list[str]:
    """Return lines about the embedded node and its components."""
    started = node.components()
    if not started:
        return [_line("node", "stopped" if home.node.exists() else "never started")]
    owner = node.owner()
    state = "runs" if node.is_running() else "is incomplete: `make up` starts it again"
    lines = [_line("node", f"{state} ({owner.path if owner else 'unknown cache folder'})")]
    for part in started:
        pid = part.process.pid if part.process else 0
        running = f"process {pid}, {_memory(pid)} MiB" if part.is_running else "not running"
        lines.append(_line(f"  {part.name}", running))
    return lines


def _of_toolchain(home: Home) -> list[str]:
    needed = setting_up.needs(home)
    lines = [_line("cache folder", str(home.path))]
    if needed.context:
        lines.append(_line("cluster", f"the kube context {needed.context} (HLF_CONTEXT)"))
    if needed.own_cli:
        lines.append(_line("pulumi", f"this machine's own, in {needed.own_cli}"))
    for program in needed.programs():
        made = "ready" if programs.is_made(home, program) else "not built yet"
        lines.append(_line(f"{program.name} {program.version}", made))
    made = "ready" if venv.is_made(home) else "not made yet"
    lines.append(_line("Python packages", made))
    return lines


def _of_images(home: Home) -> list[str]:
    wanted = (*images.NODE, *images.needed())
    return [
        _line(recipe.name, "on the node" if node.has_image(home, recipe) else "not on the node")
        for recipe in images.ALL
        if node.has_image(home, recipe) or recipe in wanted
    ]


def _of_stacks(home: Home) -> list[str]:
    lines: list[str] = []
    for folder in sorted(home.stacks.glob("*")):
        held = unfinished.locks(home.backend, PROJECT, folder.name)
        state = home.backend / ".pulumi" / "stacks" / PROJECT / f"{folder.name}.json"
        words = "exists" if state.exists() else "made, never brought up"
        words += f", locked by the process {held[0].pid} since {held[0].since}" if held else ""
        lines.append(_line(f"stack {folder.name}", words))
    return lines or [_line("stacks", "none")]


def _memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def _line(name: str, value: str) -> str:
    return f"{name:<34} {value}"
