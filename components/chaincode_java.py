"""Java: a chaincode is built by its own Gradle or Maven, and runs as one jar in the same image.

The image is the one in which Fabric's own peers build and run such chaincodes. Its tags are
releases of Fabric's library for Java, and peers take that of a line: 2.5, Fabric 3's too. Of it
only the JDK is used: its own Gradle and Maven, and what these have cached, are in root's home
folder, which no pod here may read.

Source: `fabric-chaincode-docker` (`Dockerfile`, `build.sh`, `start`) and COMPATIBILITY.md of
fabric-chaincode-java, `chaincode.java` in `sampleconfig/core.yaml` of Fabric 2.5 and 3.1.
"""

from pathlib import Path

from components.chaincode_build import Build
from hlf.errors import FabricError
from hlf.spec import java_project
from hlf.spec.java_project import GRADLE, MAVEN
from hlf.spec.model import Resources

_IMAGE = "hyperledger/fabric-javaenv:2.5"
_PLACE = "/chaincode"
_JAR = f"{_PLACE}/chaincode.jar"
_COMMANDS = {
    # a daemon would outlive the build in vain
    GRADLE: "sh ./gradlew --no-daemon build shadowJar -x test",
    MAVEN: "sh ./mvnw --batch-mode package -DskipTests -Dmaven.test.skip=true",
}
"""What Fabric's own builder runs."""
_NAMES_IT = {
    GRADLE: "let its task shadowJar have the archiveFileName chaincode.jar",
    MAVEN: "let its maven-shade-plugin have the finalName chaincode",
}
_BUILD = """
set -e
mkdir -p /tmp/build
cat /source/* | tar -xzf - -C /tmp/build
cd /tmp/build/{place}
{command}
if [ ! -f {made} ]; then
  echo "{file} makes no {made}: {names_it}" >&2
  exit 1
fi
exec cp {made} {jar}
"""
"""The wrapper fetches its tool, and the tool what the build file names.

A pod that starts again has them in the caches below /tmp.
"""

# Measured with the contract API on two cores: 310 MiB with Maven, 540 MiB with Gradle 4.4, which
# runs a second Java beside its own. What else a project has them do comes on top.
_LEAST = Resources(requests={"cpu": "50m", "memory": "512Mi"}, limits={"cpu": "1", "memory": "2Gi"})

# Without a limit Java sees all memory of the machine, and begins with a part of that: 550 MiB where
# there are 24 GiB, for a server that does with 260. With a limit it takes a quarter of it for
# objects; half of it still leaves room for code, threads and buffers.
_MEMORY = ("-XX:+UseSerialGC", "-Xms16m", "-XX:MaxRAMPercentage=50")


def java(source: Path, _fabric_version: str) -> Build:
    """Return how a chaincode in Java is built, and what starts it."""
    project = java_project.find(source)
    if project is None:
        raise FabricError(f"There is no {' or '.join(java_project.MARKS)} in {source}.")
    tool = project.tool
    return Build(
        image=_IMAGE,
        script=_BUILD.format(
            place=project.place,
            command=_COMMANDS[tool],
            file=project.file,
            made=tool.jar,
            names_it=_NAMES_IT[tool],
            jar=_JAR,
        ),
        environment={
            "HOME": "/tmp",  # noqa: S108  (in the container)
            # Java asks the system where the home is of a user whom it does not know
            "JAVA_TOOL_OPTIONS": "-Duser.home=/tmp",
        },
        place=_PLACE,
        command=("java", *_MEMORY, "-jar", _JAR),
        least=_LEAST,
    )
