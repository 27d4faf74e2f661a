"""Jars from Maven Central, of exact versions with checksums.

Which jars is said in a ``pom.xml``, and what they must hold in a ``SHA256SUMS`` beside it. Maven
only fetches them: it is the client that knows how this machine reaches the repository.
"""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools import command, debian, products, versions
from tools.errors import ToolsError
from tools.home import Home

_COPY = (
    f"org.apache.maven.plugins:maven-dependency-plugin:{versions.MAVEN_PLUGIN}:copy-dependencies"
)


def jars(home: Home, program: Path) -> Path:
    """Return a folder with the jars that a program, which is a folder, asks for; fetch them."""
    folder = home.path / "jars" / program.name
    declared, sums = program / "pom.xml", program / "SHA256SUMS"

    def fetch(new: Path) -> None:
        # A copy: Maven may put files of its own beside it.
        pom = new / declared.name
        shutil.copyfile(declared, pom)
        command.run(
            [
                *(_maven(home), "--batch-mode", "--strict-checksums", "--file", pom),
                *(f"-Dmaven.repo.local={home.path / 'jars' / 'repository'}", _COPY),
                *("-DincludeScope=runtime", f"-DoutputDirectory={new}"),
            ],
            what=f"fetch the jars of {program.name}",
            log=home.logs / f"maven-{program.name}.log",
        )
        found = {path.name: _sha256(path) for path in new.glob("*.jar")}
        if problem := difference(read_sums(sums.read_text()), found):
            raise ToolsError(
                f"the jars that Maven fetched are not those of {sums}: {problem}; none is used. "
                "If it is pom.xml that was changed, write the new checksums there with sha256sum"
            )

    products.make(folder, products.digest(declared, sums), fetch)
    return folder


def read_sums(text: str) -> dict[str, str]:
    """Return checksums by file name from what ``sha256sum`` writes."""
    pairs = (line.split() for line in text.splitlines())
    return {name.lstrip("*"): checksum for checksum, name in pairs}


def difference(wanted: Mapping[str, str], found: Mapping[str, str]) -> str | None:
    """Say how the checksums of files differ from those that are wanted, or return None."""
    problems = (
        ("missing", sorted(wanted.keys() - found.keys())),
        ("unknown", sorted(found.keys() - wanted.keys())),
        (
            "of other content",
            sorted(name for name in wanted.keys() & found.keys() if wanted[name] != found[name]),
        ),
    )
    told = [f"{what}: {', '.join(names)}" for what, names in problems if names]
    return "; ".join(told) or None


def _maven(home: Home) -> str:
    if not (found := shutil.which("mvn")):
        debian.install(home, ["maven"])
        found = "mvn"
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
