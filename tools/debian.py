"""Debian packages: what the node needs of the machine, and what it only borrows.

Programs that work on the kernel's tables are installed, if they are missing. The container runtime
and what images are made of is only unpacked into the cache folder: nothing of the machine's own is
used, replaced or started.
"""

import os
import platform
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools import command, products
from tools.errors import ToolsError
from tools.home import Home

_INSTALLED = {
    "iptables": "iptables",
    "ipset": "ipset",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "mount": "mount",
    "openssl": "openssl",
    "kubectl": "kubernetes-client",
}
_INSTALL_OPTIONS = ("--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")
_LIBSECCOMP = "libseccomp2"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, kw_only=True)
class Packages:
    """Packages that are unpacked together into one folder, which ``suffix`` tells from others."""

    names: tuple[str, ...]
    suffix: str = ""

    @property
    def folder(self) -> str:
        """The folder's name: packages are those of the machine's release."""
        return f"{release()}{self.suffix}"

    @property
    def made_of(self) -> str:
        """A digest of what decides the folder's content."""
        return products.digest(self.folder, *self.names)


RUNTIME = Packages(
    names=("containerd", "runc", "containernetworking-plugins", "busybox", "libc6"),
)
"""The container runtime, and the base system of images."""


def release() -> str:
    """Return the machine's release, as ``debian-12``."""
    found = platform.freedesktop_os_release()
    return f"{found['ID']}-{found.get('VERSION_ID', 'unstable')}"


def search_path() -> str:
    """Return the PATH of the node's processes: the user's, and the folders of system programs."""
    return f"{os.environ.get('PATH', '')}:{_SYSTEM_PATH}"


def may_install() -> bool:
    """Say whether packages can be installed: on a Debian-like Linux, as root."""
    return _obstacle() is None


def require() -> None:
    """Raise ToolsError with what to do instead, if this machine cannot have an embedded node."""
    if obstacle := _obstacle():
        raise ToolsError(
            f"the embedded Kubernetes needs {obstacle}; use a cluster of your own instead: put "
            "the name of its kube context into HLF_CONTEXT and run this again, or run `pulumi up`"
        )


def missing() -> list[str]:
    """Return the packages that the node needs and whose programs are not there."""
    return [
        package
        for program, package in _INSTALLED.items()
        if not shutil.which(program, path=search_path())
    ]


def install(home: Home, packages: Iterable[str]) -> None:
    """Install packages; their lists are renewed only if that fails."""
    _with_lists(
        home,
        ["apt-get", "install", *_INSTALL_OPTIONS, *packages],
        what=f"install the Debian packages {' '.join(packages)}",
    )


def is_unpacked(home: Home, packages: Packages = RUNTIME) -> bool:
    """Say whether the packages' files are there."""
    return products.is_made(_unpacked(home, packages), packages.made_of)


def unpack(home: Home, packages: Packages = RUNTIME) -> Path:
    """Return a folder with the packages' files, laid out as Debian does; make it if needed."""
    folder = _unpacked(home, packages)
    products.make(folder, packages.made_of, lambda new: _unpack(home, packages, new))
    if packages == RUNTIME and not any(Path("/usr/lib").glob("*/libseccomp.so.2")):
        install(home, [_LIBSECCOMP])
    return folder


def _obstacle() -> str | None:
    if platform.system() != "Linux":
        return "Linux"
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return "a Debian-like machine (apt-get)"
    if os.geteuid() != 0:
        return "root"
    return None


def _unpacked(home: Home, packages: Packages) -> Path:
    return home.path / "debian" / packages.folder


def _unpack(home: Home, packages: Packages, into: Path) -> None:
    downloads = into / "packages"
    downloads.mkdir()
    # apt fetches as a user of its own, who has to be able to write here.
    _with_lists(
        home,
        ["apt-get", "download", "-o", "APT::Sandbox::User=root", *packages.names],
        what=f"download the Debian packages {' '.join(packages.names)}",
        cwd=downloads,
    )
    for package in sorted(downloads.iterdir()):
        command.run(
            ["dpkg-deb", "-x", package, into],
            what=f"unpack {package.name}",
            log=home.logs / "unpack.log",
        )
    shutil.rmtree(downloads)


def _with_lists(home: Home, argv: list[str], *, what: str, cwd: Path | None = None) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    log = home.logs / "apt.log"
    try:
        command.run(argv, what=what, log=log, cwd=cwd, env=env)
    except ToolsError:
        command.run(
            ["apt-get", "update"],
            what="update the lists of Debian packages",
            log=home.logs / "apt-update.log",
            env=env,
        )
        command.run(argv, what=what, log=log, cwd=cwd, env=env)
