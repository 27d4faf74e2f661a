"""The image in which jobs in the cluster run: Python, our own code, and the packages it needs.

Other clusters pull what the Dockerfile at the top of the checkout makes: folders, environment, user
and entry point are the same there.
"""

from dataclasses import dataclass

from tools import archive, debian, products, python, versions
from tools.archive import Image
from tools.home import CHECKOUT, Home
from tools.images import base
from tools.images.recipe import Recipe
from tools.python import Requirements

_REQUIREMENTS = Requirements(file="requirements-jobs.txt")
_AT = "/opt/hlf"
_CODE = ("hlf", "actions", "jobs")
_LIBRARIES = ("libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1")
_PYTHON_LIBRARIES = (
    *("libssl.so.3", "libcrypto.so.3", "libexpat.so.1", "libz.so.1", "libffi.so.8"),
    *("libbz2.so.1.0", "liblzma.so.5", "libuuid.so.1", "libgcc_s.so.1", "libstdc++.so.6"),
)
_USERS = {"hlf": 7051}
CONFIGURATION = {
    "Env": [
        base.PATH,
        f"PYTHONPATH={_AT}:{_AT}/packages",
        *("PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"),
        # for user ids without a name, as clusters may choose them
        "HOME=/tmp",
    ],
    "User": "7051:7051",
    "WorkingDir": _AT,
    "Entrypoint": ["python3"],
}
"""How it is run; the Dockerfile says the same."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """Our own packages: those of ``actions`` that need Pulumi come along and are not imported."""

    folders: tuple[str, ...]

    @property
    def made_of(self) -> str:
        """A digest of all of their files."""
        top = CHECKOUT
        files = [path for each in self.folders for path in sorted((top / each).rglob("*.py"))]
        return products.digest(repr([str(path.relative_to(top)) for path in files]), *files)


def _jobs(home: Home) -> Image:
    system = python.unpack(home)
    program = f"python{python.INTERPRETER.version}"
    root = base.busybox(home, _USERS)
    root |= base.libraries(debian.unpack(home), *_LIBRARIES)
    root |= base.libraries(system, *_PYTHON_LIBRARIES)
    # a link to a file below /etc would become this machine's file
    root |= archive.tree(system / "usr/lib" / program, f"/usr/lib/{program}", keep_links=True)
    packages = python.packages(home, _REQUIREMENTS)
    root |= archive.tree(packages, f"{_AT}/packages")
    for folder in _CODE:
        root |= archive.tree(CHECKOUT / folder, f"{_AT}/{folder}", pattern="*.py")
    root |= {
        "/usr/bin/python3": archive.copy(system / "usr/bin" / program),
        # obstore opens no store without, be it one without TLS
        "/etc/ssl/certs/ca-certificates.crt": archive.copy(packages / "certifi" / "cacert.pem"),
    }
    return Image(name=JOBS.name, root=root, configuration=CONFIGURATION)


JOBS = Recipe(
    name=f"hlf-jobs:{versions.JOBS}",
    parts=(_REQUIREMENTS, python.INTERPRETER, Code(folders=_CODE)),
    image=_jobs,
)
