"""What is killed: a process that backs up, prunes or restores; it says when it begins.

python killed.py WHAT STORE NODE
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from hlf.backup.copying import prepare
from hlf.backup.pruning import prune
from hlf.backup.restoring import restore
from hlf.backup.retention import Retention
from hlf.backup.writing import begin
from tests.unit.backup.saved import NODE, Saved, commit


def main(what: str, saved: Saved, key: str) -> None:
    repository = saved.repository()
    print("begins", flush=True)
    match what:
        case "backup":
            with begin(repository, key) as writer:
                prepare(writer, saved.node)
                commit(writer, key, {NODE: saved.node})
        case "prune":
            prune(repository, Retention(last=1), datetime.now(UTC))
        case _:
            restore(repository, key, saved.manifest(key).nodes[0], saved.node)
    print("ends", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Saved(store=Path(sys.argv[2]), node=Path(sys.argv[3])), sys.argv[4])
