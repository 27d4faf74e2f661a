"""``python -m jobs backup|restore|keys --key KEY``, in a pod of the network's namespace.

Workers, which jobs make themselves, are ``copy``, ``fill``, ``forget`` and ``return``; those that
bring a peer's snapshot to another are ``serve``, ``fetch`` and ``remove``.
"""

import argparse
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

from actions.cluster import ClusterError
from hlf import names
from hlf.errors import FabricError
from jobs import backup, copying, filling, restore, snapshots, telling
from jobs.place import Place

_STOPPED = 143


class _Stopped(BaseException):
    """Kubernetes wants this pod to end."""


def main() -> int:
    """Do one thing; its end is the container's last message."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        telling.end(result=_done(_arguments()))
    except (FabricError, ClusterError) as error:
        telling.say(f"error: {error}")
        telling.end(error=str(error))
        return names.JOB_SAYS_WHY
    except _Stopped:
        telling.end(error="it was told to end")
        return _STOPPED
    return 0


def _done(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.verb in snapshots.VERBS:
        return snapshots.run(arguments)
    place = Place.here()
    match arguments.verb:
        case "backup":
            return backup.run(
                place, key=arguments.key, day=arguments.day, is_restored=arguments.restored
            )
        case "restore":
            return restore.run(place, arguments.key)
        case "keys":
            return restore.bring_keys(place, arguments.key)
        case "copy":
            return copying.run(place)
        case verb:
            return filling.run(place, verb)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jobs", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("backup", "restore", "keys", "copy", *filling.VERBS):
        job = verbs.add_parser(verb)
        job.add_argument("--key", help="of the backup")
        job.add_argument(
            "--restored", action="store_true", help="the network is the backup of this key"
        )
        job.add_argument("--day", help="that a backup is called by, without a key; today")
    for verb in snapshots.VERBS:
        snapshots.add_arguments(verb, verbs.add_parser(verb))
    return parser.parse_args()


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Stopped


if __name__ == "__main__":
    sys.exit(main())
