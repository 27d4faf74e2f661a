"""Which chaincodes in Node.js surely cannot serve, what to do, and that no other one is refused."""

import json
from pathlib import Path

import pytest

from hlf.spec import node_package
from hlf.spec.node_service import refusal

REPOSITORY = Path(__file__).parents[3]
CONTRACTS = {"start": "fabric-chaincode-node start"}
OWN = {"start": "node index.js"}
REQUIRED = "const shim = require('fabric-shim');\n"
DIALS = f"{REQUIRED}const Chaincode = require('./cc');\n\nshim.start(new Chaincode());\n"


def write(folder: Path, **files: object) -> Path:
    """Write files; `__` in a name is a `.`, and what is no text is JSON."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name.replace("__", ".").replace("_", "-")).write_text(text)
    return folder


def chaincode(folder: Path, program: str | None, scripts: object = OWN, **more: object) -> Path:
    """A package with a program in index.js."""
    files = {} if program is None else {"index__js": program}
    return write(folder, package__json={"scripts": scripts, **more}, **files)


def found(folder: Path, program: str | None, *, tls: bool = False, **more):
    return refusal(chaincode(folder, program, **more), tls=tls)


def installed(folder: Path, name: str, version: str) -> None:
    at = folder / "node_modules" / name
    at.mkdir(parents=True)
    (at / "package.json").write_text(json.dumps({"version": version}))


def test_a_program_that_dials(tmp_path):
    told = found(tmp_path, DIALS)
    assert told is not None
    assert told.what == (
        "dials the peer (`shim.start` in line 4 of index.js), and here peers dial it"
    )
    assert told.remedy == (
        "write `shim.server(new Chaincode(), {ccid: process.env.CHAINCODE_ID, "
        "address: process.env.CHAINCODE_SERVER_ADDRESS}).start()` in place of "
        "`shim.start(new Chaincode())`"
    )


def test_with_tls_it_is_another_patch(tmp_path):
    told = found(tmp_path, DIALS, tls=True)
    assert told is not None
    assert "tlsProps: {key: fs.readFileSync(process.env.CHAINCODE_TLS_KEY), cert:" in told.remedy
    assert told.remedy.endswith("with `fs` of Node.js")


def test_pivts_chaincode_needs_a_newer_library_too(tmp_path):
    told = found(tmp_path, DIALS, dependencies={"fabric-shim": "1.4.0"})
    assert told is not None
    assert "`shim.server(new Chaincode()" in told.remedy
    assert told.remedy.endswith("and run `npm install fabric-shim@2.5.8` in its folder")


@pytest.mark.parametrize(
    "program",
    [
        'var sc = require("fabric-shim")\nsc.start(new Chaincode(a, b(c)))',
        "const { Shim, ClientIdentity } = require('fabric-shim');\nShim.start(cc);",
        "import { Shim } from 'fabric-shim';\nShim.start(cc);",
        "import shim from 'fabric-shim';\nif (x) { shim.start(cc); }",
        "import * as shim from 'fabric-shim';\n  shim\n    .start(cc);",
        f"/* shim.server( */ {REQUIRED}// server()\nshim.start(cc);",
    ],
)
def test_any_way_to_name_it(tmp_path, program):
    told = found(tmp_path, program)
    assert told is not None
    assert "dials the peer" in told.what


@pytest.mark.parametrize(
    "program",
    [
        f"{REQUIRED}shim.server(cc, options).start();",
        f"{REQUIRED}if (local) {{ shim.start(cc); }} else {{ shim.server(cc, o).start(); }}",
        f"{REQUIRED}// shim.start(cc);\nserve(cc);",
        f"{REQUIRED}/* before:\nshim.start(cc);\n*/ serve(cc);",
        f"{REQUIRED}own.shim.start(cc);",
        "const shim = require('./own-shim');\nshim.start(cc);",
        "app.start(cc);",
        "",
    ],
)
def test_what_serves_or_may_serve(tmp_path, program):
    assert found(tmp_path, program) is None
    assert found(tmp_path, program, tls=True) is None


@pytest.mark.parametrize(
    "script",
    ["node index", "node .", "node --max-old-space-size=200 ./index.js", "set -x && node index.js"],
)
def test_any_way_to_name_the_program(tmp_path, script):
    assert found(tmp_path, DIALS, scripts={"start": script}) is not None


@pytest.mark.parametrize(
    "script", ["npm run serve", "node dist/main.js", "node index.js | tee log"]
)
def test_what_a_script_runs_is_not_guessed(tmp_path, script):
    assert found(tmp_path, DIALS, scripts={"start": script}) is None


def test_contracts_are_served_by_the_library(tmp_path):
    folder = chaincode(tmp_path, DIALS, {"start": f"set -x && {CONTRACTS['start']}"}, main="index")
    assert refusal(folder, tls=True) is None
    package = node_package.read(folder)
    assert node_package.server(package) == "set -x && fabric-chaincode-node server"
    own = node_package.read(chaincode(tmp_path, None, {"start": "node fabric-start.js start"}))
    assert node_package.server(own) == "node fabric-start.js start"


@pytest.mark.parametrize(
    ("files", "what", "remedy"),
    [
        ({"package__json": "{"}, "cannot be read: package.json is no JSON", "correct"),
        ({"package__json": "[]"}, "cannot be read: package.json is no JSON", "correct"),
        ({"package__json": {}}, "no script `start`", "fabric-chaincode-node start"),
        ({"package__json": {"scripts": ["x"]}}, "no script `start`", "node index.js"),
        ({"package__json": {"scripts": {"start": " "}}}, "no script `start`", "node index.js"),
        ({"package__json": {"scripts": CONTRACTS}}, "which file exports its contracts", "main"),
        (
            {"package__json": {"scripts": CONTRACTS, "main": "dist/index.js"}},
            "no dist/index.js",
            "TypeScript",
        ),
        (
            {"package__json": {"scripts": OWN}, "package-lock__json": "x"},
            "package-lock.json is no JSON object",
            "correct",
        ),
    ],
)
def test_what_is_missing(tmp_path, files, what, remedy):
    told = refusal(write(tmp_path, **files), tls=False)
    assert told is not None
    assert what in told.what
    assert remedy in told.remedy


def test_a_file_that_may_be_made_is_not_missed(tmp_path):
    scripts = {**CONTRACTS, "prepare": "tsc"}
    assert found(tmp_path, None, scripts=scripts, main="dist/index.js") is None


@pytest.mark.parametrize("version", ["1.4.0", "^1.4.0", "~1.4.5", "1.x", "2.1.1", "~2.1.0"])
def test_libraries_that_know_no_servers(tmp_path, version):
    more = {"main": "index.js", "dependencies": {"fabric-shim": version}}
    told = found(tmp_path, "", scripts=CONTRACTS, **more)
    assert told is not None
    assert f"uses fabric-shim {version}" in told.what
    assert "`npm install fabric-shim@2.5.8 fabric-contract-api@2.5.8`" in told.remedy


@pytest.mark.parametrize("version", ["2.2.0", "^2.0.0", "~2.5.4", "2.x", "latest", "*", "2.5.8"])
def test_libraries_that_may_serve(tmp_path, version):
    assert found(tmp_path, "", dependencies={"fabric-shim": version}) is None


def test_the_version_that_is_there_goes_before_the_locked_one_and_the_range(tmp_path):
    chaincode(tmp_path, "", dependencies={"fabric-shim": ">=1"})
    assert node_package.read(tmp_path).shim == ">=1"
    packages = {"node_modules/fabric-shim": {"version": "2.1.1"}}
    write(tmp_path, package_lock__json={"packages": packages})
    assert node_package.read(tmp_path).shim == "2.1.1"
    installed(tmp_path, "fabric-shim", "1.4.6")
    assert node_package.read(tmp_path).shim == "1.4.6"


def test_packages_that_are_not_the_locked_ones(tmp_path):
    locked = {
        "": {"version": "1.0.0"},
        "node_modules/a": {"version": "1.2.3"},
        "node_modules/a/node_modules/b": {"version": "2.0.0"},
        "node_modules/of-development": {"version": "1.0.0", "dev": True},
        "node_modules/of-another-system": {"version": "1.0.0", "optional": True},
        "node_modules/linked": {"link": True, "resolved": "own"},
    }
    chaincode(tmp_path, "")
    write(tmp_path, package_lock__json={"packages": locked})
    assert refusal(tmp_path, tls=False) is None, "the cluster fetches them"
    installed(tmp_path, "a", "1.2.4")
    told = refusal(tmp_path, tls=False)
    assert told is not None
    assert told.what.endswith("than its lock file says: a is 1.2.4, not 1.2.3")
    assert told.remedy == "run `npm ci --omit=dev` in its folder"
    (tmp_path / "node_modules" / "a" / "package.json").write_text('{"version": "1.2.3"}')
    told = refusal(tmp_path, tls=False)
    assert told is not None
    assert told.what.endswith("b is missing, not 2.0.0")
    installed(tmp_path, "a/node_modules/b", "2.0.0")
    assert refusal(tmp_path, tls=False) is None


PLAIN = f"{REQUIRED}shim.server(cc, {{ccid: id, address: process.env.X}}).start();"


def test_a_server_without_tls_is_told_where_peers_speak_it(tmp_path):
    told = found(tmp_path, PLAIN, tls=True)
    assert told is not None
    assert "serves without TLS (line 2 of index.js)" in told.what
    assert "add `tlsProps: {key: fs.readFileSync(" in told.remedy
    assert refusal(tmp_path, tls=False) is None


@pytest.mark.parametrize(
    "program",
    [
        PLAIN.replace("ccid: id", "ccid: id, ...more"),
        PLAIN.replace("ccid: id", "ccid: id, tlsProps"),
        f"{PLAIN}\nfunction tlsOf() {{}}",
        f"{REQUIRED}shim.server(cc, options).start();",
    ],
)
def test_a_server_that_may_have_tls(tmp_path, program):
    assert found(tmp_path, program, tls=True) is None


def test_the_sample_serves():
    sample = REPOSITORY / "samples" / "chaincode" / "node-simple"
    assert refusal(sample, tls=True) is None
    locked = json.loads((sample / "package-lock.json").read_text())
    declared = json.loads((sample / "package.json").read_text())
    assert locked["packages"][""]["dependencies"] == declared["dependencies"]
    assert not [name for name, each in locked["packages"].items() if "resolved" in each]


def test_a_chaincode_in_node_is_found_by_its_package_json(simple):
    folder = simple.root / "chaincode" / "very-simple"
    (folder / "go.mod").unlink()
    chaincode(folder, "", CONTRACTS, main="index.js")
    assert [each.language for each in simple.load().chaincodes] == ["node", "golang"]


def test_beside_a_go_mod_the_file_decides(simple):
    folder = simple.root / "chaincode" / "very-simple"
    chaincode(folder, "", CONTRACTS, main="index.js")
    assert simple.load().chaincodes[0].language == "golang"
    simple.change("network.yaml", 'version: "1.0"', "language: node")
    assert simple.load().chaincodes[0].language == "node"


def test_it_is_told_in_one_line(simple, tell):
    folder = simple.root / "chaincode" / "very-simple"
    (folder / "go.mod").unlink()
    chaincode(folder, DIALS)
    words = "the chaincode in chaincode/very-simple dials the peer|line 4 of index.js|shim.server("
    tell(simple.mistake(), file="network.yaml", path="network.chaincodes[0].name", words=words)
