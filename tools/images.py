"""The container images of the embedded node: official names, entry points and files.

They stand in for the official images, whose bytes no package registry has: the programs are built
from the same sources, and the base system is a busybox. What a peer's or orderer's image holds
follows ``images/*/Dockerfile`` and ``sampleconfig`` of Fabric's source.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import addons, archive, command, debian, go, node_files, products, programs, versions
from tools.archive import File, Folder, Image, Link
from tools.go import Program
from tools.home import Home

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FABRIC_MODULE = "github.com/hyperledger/fabric"
_FABRIC_FOLDER = "/etc/hyperledger/fabric"
_CHAINCODE_USER = 500
_ACCOUNTS = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n"
    f"chaincode:x:{_CHAINCODE_USER}:{_CHAINCODE_USER}::/home/chaincode:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
    "/etc/group": f"root:x:0:\nchaincode:x:{_CHAINCODE_USER}:\nnogroup:x:65534:\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
Contents = dict[str, File | Link | Folder]
# What compiling needs of Go; the rest is documentation, tests and tools.
_GO_FOLDERS = ("bin", "lib", "pkg/include", "pkg/tool", "src")
_GO_CACHE = "/usr/local/go/cache"
_GO_TOOLS = {"asm", "compile", "link"}


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to make an image: what it is called, what it is made of, and its content."""

    name: str
    programs: tuple[Program, ...]
    image: Callable[[Home], Image]

    @property
    def folder(self) -> str:
        """The image's name as a file name."""
        return self.name.replace("/", "_").replace(":", "_")


def made_of(recipe: Recipe) -> str:
    """Return a digest of everything that decides the image's content."""
    built = [program.made_of for program in recipe.programs]
    return products.digest(recipe.name, repr(built), Path(__file__), Path(archive.__file__))


def make(home: Home, recipe: Recipe) -> Path:
    """Return the image's archive; make it if needed."""
    folder = home.images / recipe.folder
    products.make(
        folder,
        made_of(recipe),
        lambda new: archive.write(recipe.image(home), new / "image.tar"),
    )
    return folder / "image.tar"


def _peer(home: Home) -> Image:
    built = programs.make(home, programs.FABRIC)
    samples = _sample_configuration(home)
    builder = archive.copy(programs.make(home, programs.CCAAS_BUILDER) / "ccaas_builder")
    builders = "/opt/hyperledger/ccaas_builder/bin"
    root = _busybox_root(home)
    root |= archive.tree(samples / "msp", f"{_FABRIC_FOLDER}/msp")
    root |= {f"{builders}/{name}": builder for name in ("detect", "build", "release")}
    root |= {
        "/usr/local/bin/peer": archive.copy(built / "peer"),
        f"{_FABRIC_FOLDER}/core.yaml": archive.copy(samples / "core.yaml"),
        "/var/hyperledger": Folder(),
    }
    configuration = _fabric_configuration(["peer", "node", "start"], port=7051)
    return Image(name=PEER.name, root=root, configuration=configuration)


def _orderer(home: Home) -> Image:
    built = programs.make(home, programs.FABRIC)
    samples = _sample_configuration(home)
    root = _busybox_root(home)
    root |= archive.tree(samples / "msp", f"{_FABRIC_FOLDER}/msp")
    root |= {
        "/usr/local/bin/orderer": archive.copy(built / "orderer"),
        f"{_FABRIC_FOLDER}/orderer.yaml": archive.copy(samples / "orderer.yaml"),
        f"{_FABRIC_FOLDER}/configtx.yaml": archive.copy(samples / "configtx.yaml"),
        "/var/hyperledger": Folder(),
    }
    configuration = _fabric_configuration(["orderer", "start"], port=7050)
    return Image(name=ORDERER.name, root=root, configuration=configuration)


def _ccenv(home: Home) -> Image:
    found = go.find(home)
    root = _busybox_root(home)
    for name in _GO_FOLDERS:
        files = archive.tree(found.root / name, f"/usr/local/go/{name}")
        root |= {path: file for path, file in files.items() if _is_for_compiling(path)}
    for name in ("VERSION", "go.env"):
        root[f"/usr/local/go/{name}"] = archive.copy(found.root / name)
    root |= archive.tree(go.compiled_library(home, found), _GO_CACHE)
    for name in ("/chaincode/input", "/chaincode/output", "/home/chaincode"):
        root[name] = Folder(owner=_CHAINCODE_USER)
    environment = [
        f"{_PATH}:/usr/local/go/bin",
        # For users without a home folder; nothing outside can be reached anyway.
        *("GOPATH=/tmp/go", "GOENV=off", "GOTOOLCHAIN=local"),
        # Compiling a chaincode takes a third of the time with it. Go is content to read it only,
        # but for an index of packages that it would write and can do without.
        *(f"GOCACHE={_GO_CACHE}", "GODEBUG=goindex=0"),
    ]
    configuration = {"Env": environment, "User": "chaincode", "Cmd": ["/bin/sh"]}
    return Image(name=CCENV.name, root=root, configuration=configuration)


def _busybox(home: Home) -> Image:
    configuration = {"Env": [_PATH], "Cmd": ["sh"]}
    return Image(name=BUSYBOX.name, root=_busybox_root(home), configuration=configuration)


def _coredns(home: Home) -> Image:
    binary = archive.copy(programs.make(home, programs.COREDNS) / "coredns")
    configuration = {"Entrypoint": ["/coredns"], "ExposedPorts": {"53/udp": {}, "53/tcp": {}}}
    return Image(name=DNS.name, root={"/coredns": binary}, configuration=configuration)


def _pause(home: Home) -> Image:
    binary = archive.copy(programs.make(home, programs.PAUSE) / "pause")
    configuration = {"Entrypoint": ["/pause"], "User": "65535:65535"}
    return Image(name=PAUSE.name, root={"/pause": binary}, configuration=configuration)


def _sample_configuration(home: Home) -> Path:
    return programs.source(home, programs.FABRIC, _FABRIC_MODULE) / "sampleconfig"


def _fabric_configuration(words: list[str], *, port: int) -> dict[str, object]:
    return {
        "Env": [
            _PATH,
            f"FABRIC_CFG_PATH={_FABRIC_FOLDER}",
            f"FABRIC_VER={versions.FABRIC}",
        ],
        "Cmd": words,
        "ExposedPorts": {f"{port}/tcp": {}},
        "Volumes": {_FABRIC_FOLDER: {}, "/var/hyperledger": {}},
    }


def _busybox_root(home: Home) -> Contents:
    """Return a base system: Debian's busybox with the C library that it is linked with.

    Not its static one, which fails when it looks up a name.
    """
    system = debian.unpack(home)
    binary = system / "bin" / "busybox"
    commands = command.read([binary, "--list"], what="ask busybox for its commands").split()
    libraries = next(system.glob("lib/*/libc.so.6")).parent
    loader = next(system.glob("lib*/ld-linux*"))
    root: Contents = {
        f"/bin/{name}": Link(target="/bin/busybox") for name in commands if name != "busybox"
    }
    root |= {"/bin/busybox": archive.copy(binary), "/tmp": Folder(mode=0o1777)}  # noqa: S108
    root |= {
        f"/lib/{libraries.name}/{name}": archive.copy(libraries / name)
        for name in ("libc.so.6", "libresolv.so.2")
    }
    root[f"/{loader.relative_to(system)}"] = archive.copy(libraries / loader.name)
    root |= {path: File(content=text.encode()) for path, text in _ACCOUNTS.items()}
    return root


def _is_for_compiling(path: str) -> bool:
    if "/pkg/tool/" in path:
        return path.rpartition("/")[2] in _GO_TOOLS
    return not (path.endswith("_test.go") or "/testdata/" in path or "/go/src/cmd/" in path)


PEER = Recipe(
    name=f"hyperledger/fabric-peer:{versions.FABRIC}",
    programs=(programs.FABRIC, programs.CCAAS_BUILDER),
    image=_peer,
)
ORDERER = Recipe(
    name=f"hyperledger/fabric-orderer:{versions.FABRIC}",
    programs=(programs.FABRIC,),
    image=_orderer,
)
CCENV = Recipe(name=f"hyperledger/fabric-ccenv:{versions.FABRIC}", programs=(), image=_ccenv)
BUSYBOX = Recipe(name=f"busybox:{versions.BUSYBOX}", programs=(), image=_busybox)
DNS = Recipe(name=addons.DNS_IMAGE, programs=(programs.COREDNS,), image=_coredns)
PAUSE = Recipe(name=node_files.PAUSE_IMAGE, programs=(programs.PAUSE,), image=_pause)

NODE = (PAUSE, DNS)
"""What the node itself runs."""
FABRIC = (PEER, ORDERER, CCENV, BUSYBOX)
"""What Fabric networks run."""
