"""The embedded node's network namespace: one link to this machine and no way out of it.

Processes enter it with ``nsenter``; ``ip netns exec`` would give them another /sys, in which the
kubelet finds no cgroups.
"""

import os.path
from pathlib import Path

from tools import command
from tools.errors import ToolsError

NAME = "hlf"
# A pair of addresses from a range for documentation, so that it is nobody's.
HOST_ADDRESS = "198.51.100.1"
NODE_ADDRESS = "198.51.100.2"

_PATH = Path("/run/netns") / NAME
_LINK = "hlf0"
_INNER_LINK = "eth0"
_PREFIX = 30
_SETTINGS = {"net/ipv4/ip_forward": "1", "net/bridge/bridge-nf-call-iptables": "1"}


def enter(argv: list[str]) -> list[str]:
    """Return the command line that runs ``argv`` inside."""
    return ["nsenter", f"--net={_PATH}", *argv]


def exists() -> bool:
    """Say whether the namespace is there and whole: its link is made last."""
    return os.path.ismount(_PATH) and Path("/sys/class/net", _LINK).exists()


def create() -> None:
    """Make the namespace and its link, in place of what may be left of an earlier one."""
    remove()
    _ip("netns", "add", NAME)
    _ip("link", "add", _LINK, "type", "veth", "peer", "name", _INNER_LINK, "netns", NAME)
    _ip("-n", NAME, "address", "add", f"{NODE_ADDRESS}/{_PREFIX}", "dev", _INNER_LINK)
    _ip("-n", NAME, "link", "set", _INNER_LINK, "up")
    _ip("-n", NAME, "link", "set", "lo", "up")
    _ip("address", "add", f"{HOST_ADDRESS}/{_PREFIX}", "dev", _LINK)
    _ip("link", "set", _LINK, "up")
    for setting, value in _SETTINGS.items():
        script = f"test ! -e /proc/sys/{setting} || echo {value} > /proc/sys/{setting}"
        command.read(enter(["sh", "-c", script]), what=f"set {setting} in the namespace {NAME}")


def members() -> set[int]:
    """Return the ids of the processes inside; pods have namespaces of their own."""
    if not os.path.ismount(_PATH):
        return set()
    listed = command.read(["ip", "netns", "pids", NAME], what="list the node's processes")
    return {int(pid) for pid in listed.split()}


def remove() -> None:
    """Remove the namespace and its link, as far as they are there."""
    if Path("/sys/class/net", _LINK).exists():
        _ip("link", "delete", _LINK)
    if _PATH.exists():
        _ip("netns", "delete", NAME)


def _ip(*words: str) -> None:
    try:
        command.read(["ip", *words], what="set up the node's network")
    except ToolsError as error:
        raise ToolsError(f"{error} (in `ip {' '.join(words)}`)") from error
