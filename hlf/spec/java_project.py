"""What builds a chaincode in Java: Gradle or Maven, in which folder, by a wrapper of its own.

The wrapper is a script beside the build file that brings the tool itself, in the version that the
project wants. Fabric's image has a Gradle and a Maven too, but in root's home folder, which no pod
here may read.

Source: `fabric-chaincode-docker/build.sh` of fabric-chaincode-java. Its order is kept: Gradle goes
before Maven, and the folder itself before its `src`.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A build tool: its files, what makes its wrapper, and where it has to leave the chaincode."""

    name: str
    files: tuple[str, ...]
    wrapper: str
    brought: tuple[str, ...]
    """What the wrapper reads, and names in itself."""
    makes_wrapper: str
    jar: str


GRADLE = Tool(
    name="Gradle",
    files=("build.gradle", "build.gradle.kts"),
    wrapper="gradlew",
    brought=("gradle/wrapper/gradle-wrapper.jar", "gradle/wrapper/gradle-wrapper.properties"),
    makes_wrapper="gradle wrapper",
    jar="build/libs/chaincode.jar",
)
MAVEN = Tool(
    name="Maven",
    files=("pom.xml",),
    wrapper="mvnw",
    brought=(".mvn/wrapper/maven-wrapper.properties",),
    makes_wrapper="mvn wrapper:wrapper",
    jar="target/chaincode.jar",
)
MARKS = (*MAVEN.files, *GRADLE.files)
_PLACES = (".", "src")


@dataclass(frozen=True, kw_only=True)
class Project:
    """A build of a chaincode."""

    tool: Tool
    place: str
    """The folder with the build file, relative to the chaincode's: `.` or `src`."""
    file: str
    """The build file's name."""


def find(folder: Path) -> Project | None:
    """The project in a chaincode's folder; None where there is no build file."""
    for place in _PLACES:
        for tool in (GRADLE, MAVEN):
            for file in tool.files:
                if (folder / place / file).is_file():
                    return Project(tool=tool, place=place, file=file)
    return None
