"""What `hyperledger/fabric-javaenv` has for a chaincode from source: a JDK, and a shell with `tar`.

Debian's JDK is where the official image has its own. The jars of Fabric's library lie beside it, so
that a build needs no network; there they would come from the network, with the build tool.
"""

from dataclasses import dataclass

from tests.official.fabric.nodes import FIXTURES
from tools import archive, debian, java, products
from tools.archive import Image, Link
from tools.debian import Packages
from tools.home import Home
from tools.images import Recipe, base

PROJECT = FIXTURES / "java-contract"
LIBRARIES = "/opt/libraries"
_JDK = "/opt/java/openjdk"
_PACKAGES = Packages(
    names=(
        *("openjdk-17-jdk-headless", "openjdk-17-jre-headless"),
        *("libstdc++6", "libgcc-s1", "zlib1g"),
    ),
    suffix="-javaenv",
)


@dataclass(frozen=True, kw_only=True)
class _Jars:
    """Those of `PROJECT`."""

    @property
    def made_of(self) -> str:
        return products.digest(PROJECT / "pom.xml", PROJECT / "SHA256SUMS")


def _javaenv(home: Home) -> Image:
    system = debian.unpack(home, _PACKAGES)
    root = base.busybox(home, {})
    root |= base.libraries(
        debian.unpack(home), "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1"
    )
    root |= base.libraries(system, "libstdc++.so.6", "libgcc_s.so.1", "libz.so.1")
    jdk = next(system.glob("usr/lib/jvm/java-*-openjdk-*"))
    for folder in (jdk / "bin", jdk / "lib", jdk / "conf", next(system.glob("etc/java-*-openjdk"))):
        root |= archive.tree(folder, f"/{folder.relative_to(system)}", keep_links=True)
    root |= archive.tree(java.jars(home, PROJECT), LIBRARIES, pattern="*.jar")
    root[_JDK] = Link(target=f"/{jdk.relative_to(system)}")
    configuration = {"Env": [f"{base.PATH}:{_JDK}/bin", f"JAVA_HOME={_JDK}"]}
    return Image(name=JAVAENV.name, root=root, configuration=configuration)


JAVAENV = Recipe(name="hyperledger/fabric-javaenv:2.5", parts=(_PACKAGES, _Jars()), image=_javaenv)
