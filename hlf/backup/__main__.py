"""What is in a store, and whether it is whole: ``python -m hlf.backup list|verify|inputs``.

Needs neither a cluster nor Pulumi. The passphrase comes from HLF_BACKUP_PASSPHRASE or from a file,
the store's credentials from its own variables (`store.py`).
"""

import argparse
import os
import sys
import time
from pathlib import Path

from hlf.backup.errors import Damaged, NotThere
from hlf.backup.manifest import Manifest, contents
from hlf.backup.progress import Progress
from hlf.backup.proof import prove
from hlf.backup.reading import read_content
from hlf.backup.reading_manifest import read_manifest
from hlf.backup.repository import Repository, open_repository
from hlf.backup.store import open_store
from hlf.errors import FabricError

_PASSPHRASE = "HLF_BACKUP_PASSPHRASE"  # noqa: S105 - its name
_MEGABYTE = 10**6
_INTERRUPTED = 130


def main() -> int:
    """Run one command; return the exit status: 0 if all is whole and proved, else 1."""
    arguments = _parser().parse_args()
    try:
        repository = open_repository(open_store(arguments.store), _passphrase(arguments))
        return arguments.run(repository, arguments)
    except FabricError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("stopped; nothing was changed\n")
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hlf.backup", description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="say which backups there are")
    checking = commands.add_parser("verify", help="check a backup completely")
    checking.add_argument("--key", help="of the backup; the newest without it")
    writing = commands.add_parser("inputs", help="write the network's files as they were")
    writing.add_argument("--key", help="of the backup; the newest without it")
    writing.add_argument("--into", required=True, type=Path, metavar="FOLDER", help="a new one")
    for command, run in ((listing, _list), (checking, _verify), (writing, _inputs)):
        command.add_argument("--store", required=True, metavar="URL", help="file, s3, az or gs")
        command.add_argument(
            "--passphrase-file", type=Path, metavar="FILE", help=f"instead of {_PASSPHRASE}"
        )
        command.set_defaults(run=run)
    return parser


def _passphrase(arguments: argparse.Namespace) -> str:
    if arguments.passphrase_file is None:
        if passphrase := os.environ.get(_PASSPHRASE):
            return passphrase
        raise FabricError(f"set {_PASSPHRASE}, or name a file by --passphrase-file")
    try:
        return arguments.passphrase_file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FabricError(
            f"{arguments.passphrase_file} cannot be read ({error}); write the passphrase in it"
        ) from None


def _list(repository: Repository, _: argparse.Namespace) -> int:
    is_whole = True
    for key in repository.backups():
        try:
            manifest = read_manifest(repository, key)
        except Damaged as error:
            is_whole = False
            print(f"{key}: {error}")
            continue
        print(f"{key}: {_line(manifest) if manifest else 'was killed, and given up by a pruning'}")
    return 0 if is_whole else 1


def _line(manifest: Manifest) -> str:
    files = sum(len(node.tree.files) for node in manifest.nodes)
    size = sum(content.size for content in contents(manifest))
    return (
        f"ended {manifest.ended}, stack {manifest.network.stack} in {manifest.network.namespace}, "
        f"Fabric {manifest.network.fabric}, {len(manifest.nodes)} nodes, {files} files, "
        f"{size / _MEGABYTE:.1f} MB"
    )


def _verify(repository: Repository, arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    manifest = _chosen(repository, arguments.key)
    proof = prove(repository, manifest, report=_tell)
    verdict = proof.verdict
    seconds = time.monotonic() - began
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    for problem in proof.problems:
        print(problem)
    if verdict.untold:
        print(f"and {verdict.untold} further problems")
    for each in proof.channels:
        print(
            f"channel {each.channel}: height {each.height}, {each.agreeing} of {each.nodes} nodes "
            f"agree, {each.level} of them at that height"
        )
    count = len(proof.problems) + verdict.untold
    print(
        f"backup {verdict.key} is {f'refused: {count} problems' if count else 'proved'}; "
        f"{verdict.files} files, {verdict.size} bytes, {seconds:.1f} s"
    )
    return 1 if count else 0


def _inputs(repository: Repository, arguments: argparse.Namespace) -> int:
    manifest = _chosen(repository, arguments.key)
    folder: Path = arguments.into
    texts = {
        name: read_content(repository, f"{name} of backup {manifest.key}", content)
        for name, content in sorted(manifest.inputs.items())
    }
    try:
        folder.mkdir(parents=True)
        for name, text in texts.items():
            (folder / Path(name).name).write_bytes(text)
    except OSError as error:
        raise FabricError(
            f"{error.filename} cannot be written ({error.strerror}); name a folder that is not "
            "there yet"
        ) from None
    print(f"backup {manifest.key} was made of {', '.join(texts)}: they are in {folder}")
    return 0


def _chosen(repository: Repository, key: str | None) -> Manifest:
    if key is not None:
        manifest = read_manifest(repository, key)
        if manifest is None:
            raise NotThere(f"backup {key} was killed, and given up by a pruning; choose another")
        return manifest
    manifests = [each for key in repository.backups() if (each := read_manifest(repository, key))]
    if not manifests:
        raise NotThere(f"there is no whole backup in the store {repository}")
    return max(manifests, key=lambda manifest: (manifest.ended, manifest.key))


def _tell(progress: Progress) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{progress.files} files, {progress.seen / _MEGABYTE:.0f} MB")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
