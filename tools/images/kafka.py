"""Kafka's image: the official jars below /opt/kafka, Debian's Java, and scripts of our own.

It has what ordering by Kafka takes: brokers that keep their state in ZooKeeper, and ZooKeeper
itself. The official image's default command, a broker without ZooKeeper, it has not.
"""

from tools import archive, debian, java, versions
from tools.archive import Folder, Image, Link
from tools.debian import Packages
from tools.home import Home
from tools.images import base
from tools.images.recipe import Recipe, Sources

_SOURCES = Sources(name="kafka")
_PACKAGES = Packages(
    names=("openjdk-17-jre-headless", "libstdc++6", "libgcc-s1", "zlib1g"), suffix="-java"
)
_LIBRARIES = ("libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1")
_JAVA_LIBRARIES = ("libstdc++.so.6", "libgcc_s.so.1", "libz.so.1")
_FOLDER = "/opt/kafka"
_JAVA = "/opt/java/openjdk"
_USERS = {"appuser": 1000}


def _kafka(home: Home) -> Image:
    system = debian.unpack(home, _PACKAGES)
    root = base.busybox(home, _USERS)
    root |= base.libraries(debian.unpack(home), *_LIBRARIES)
    root |= base.libraries(system, *_JAVA_LIBRARIES)
    runtime = next(system.glob("usr/lib/jvm/java-*-openjdk-*"))
    # Java's folder has links to its configuration below /etc: both lie where Debian puts them.
    for folder in (runtime, next(system.glob("etc/java-*-openjdk"))):
        root |= archive.tree(folder, f"/{folder.relative_to(system)}", keep_links=True)
    root |= archive.tree(java.jars(home, _SOURCES.folder), f"{_FOLDER}/libs", pattern="*.jar")
    root |= archive.tree(_SOURCES.folder, f"{_FOLDER}/bin", pattern="*.sh")
    root |= archive.tree(_SOURCES.folder, f"{_FOLDER}/config", pattern="*.properties")
    root |= {
        _JAVA: Link(target=f"/{runtime.relative_to(system)}"),
        "/home/appuser": Folder(owner=_USERS["appuser"]),
    }
    configuration = {
        "Env": [f"{base.PATH}:{_JAVA}/bin:{_FOLDER}/bin", f"JAVA_HOME={_JAVA}"],
        "User": "appuser",
        "Cmd": ["/bin/sh"],
        "ExposedPorts": {"9092/tcp": {}},
    }
    return Image(name=KAFKA.name, root=root, configuration=configuration)


KAFKA = Recipe(
    name=f"apache/kafka:{versions.KAFKA}",
    parts=(_SOURCES, _PACKAGES),
    image=_kafka,
)
