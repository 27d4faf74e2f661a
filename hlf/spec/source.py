"""A chaincode's source folder: is it there, in which language, and can it serve; and its links."""

import os
from pathlib import Path

from hlf.spec import go_tls, java_project, java_service, node_service
from hlf.spec.go_service import dials
from hlf.spec.network_yaml import LANGUAGES, ChaincodeEntry
from hlf.spec.refusal import Refusal

_MARKS = {
    "golang": ("go.mod",),
    "node": ("package.json",),
    "java": java_project.MARKS,
}
_GO_MOD = "`go mod init` and `go mod tidy` in that folder make the go.mod of a chaincode in Go"


def find(
    chaincode: ChaincodeEntry, *, folder: Path, shown: str, tls: bool
) -> tuple[Path, str] | None:
    """The chaincode's folder and language; None after a mistake.

    `folder` is the folder of all chaincodes, which `shown` names. `tls`: peers speak TLS to it.
    """
    at = chaincode.name.at
    source = folder / chaincode.name.text
    named = f"{shown}/{chaincode.name.text}"
    if not os.path.isdir(source):  # noqa: PTH112 - Path.is_dir raises on odd paths
        at.tell(
            f"there is no folder {named} with the chaincode's source",
            "write it, name another folder in `hlf:chaincode`, or give the chaincode an `image`",
        )
        return None
    leaving = _leaving_link(source)
    if leaving:
        at.tell(
            f"the link {named}/{leaving} leads out of the chaincode's folder",
            "put a copy of what it leads to in its place",
        )
        return None
    language = _language(chaincode, source, named)
    declared = chaincode.language.text if chaincode.language else "golang"
    if (language or declared) == "golang" and not _serves(chaincode, source, named, tls=tls):
        return None
    refusal = _refusal(language, source, tls=tls)
    if refusal:
        at.tell(f"the chaincode in {named} {refusal.what}", refusal.remedy)
        return None
    return (source, language) if language else None


def _language(chaincode: ChaincodeEntry, source: Path, named: str) -> str | None:
    found = [language for language in LANGUAGES if _is(language, source)]
    if chaincode.language is None:
        if not found:
            marks = ", ".join(mark for language in LANGUAGES for mark in _MARKS[language])
            chaincode.name.at.tell(
                f"the language of the source in {named} is unknown, there is none of {marks}",
                f"add the missing file; {_GO_MOD}",
            )
            return None
        return found[0]
    language = chaincode.language.text
    if language not in found:
        remedy = "add the file, or correct the language"
        chaincode.language.at.tell(
            f"the language is `{language}`, and {named} holds no {' or '.join(_MARKS[language])}",
            f"{remedy}; {_GO_MOD}" if language == "golang" else remedy,
        )
        return None
    return language


def _serves(chaincode: ChaincodeEntry, source: Path, named: str, *, tls: bool) -> bool:
    """Tell a program that cannot run as a service, or not with TLS."""
    dialling = dials(source, tls=tls)
    if dialling:
        chaincode.name.at.tell(
            f"the chaincode in {named} dials the peer ({dialling.what}), and here peers dial it",
            dialling.patch,
        )
        return False
    plain = go_tls.speaks_none(source) if tls else None
    if plain:
        chaincode.name.at.tell(
            f"the chaincode in {named} switches TLS off (line {plain.line} of {plain.file}), and "
            "with `tlsEnabled` peers speak TLS to it",
            f"write `TLSProps: {go_tls.PROPERTIES}` there, and {go_tls.FROM_SAMPLE}",
        )
    return plain is None


def _refusal(language: str | None, source: Path, *, tls: bool) -> Refusal | None:
    if language == "node":
        return node_service.refusal(source, tls=tls)
    return java_service.refusal(source) if language == "java" else None


def _is(language: str, source: Path) -> bool:
    if language == "java":
        return java_project.find(source) is not None
    return any((source / mark).is_file() for mark in _MARKS[language])


def _leaving_link(source: Path) -> str | None:
    """A link below `source` whose target is not below it, as a path relative to `source`."""
    inside = source.resolve()
    for folder, folders, files in os.walk(source):
        for name in sorted(folders + files):
            path = Path(folder) / name
            if path.is_symlink() and not _leads_to(path).is_relative_to(inside):
                return str(path.relative_to(source))
    return None


def _leads_to(link: Path) -> Path:
    try:
        return link.resolve()
    except (OSError, RuntimeError):
        # A link in a loop leads nowhere, so not to anything inside either
        return Path("/")
