"""Which chaincodes in Go surely dial the peer, and that no other one is refused."""

from pathlib import Path

import pytest

from hlf.spec.go_service import dials

REPOSITORY = Path(__file__).parents[3]
OLD = "github.com/hyperledger/fabric/core/chaincode/shim"
SHIM = "github.com/hyperledger/fabric-chaincode-go/v2/shim"
CONTRACT_API = "github.com/hyperledger/fabric-contract-api-go"


def program(body: str, *imports: str) -> str:
    listed = "".join(f"\t{each}\n" for each in imports)
    return f"package main\n\nimport (\n{listed})\n\nfunc main() {{\n\t{body}\n}}\n"


def found(folder: Path, *, tls: bool = False, **files: str):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_go", ".go").replace("go_mod", "go.mod")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return dials(folder, tls=tls)


def test_pivts_go_chaincode(tmp_path):
    text = program("err := shim.Start(new(SmartContract))", f'"{OLD}"')
    told = found(tmp_path, main_go=text)
    assert told is not None
    assert told.what == "`shim.Start` in line 8 of main.go"
    assert (
        '`(&shim.ChaincodeServer{CCID: os.Getenv("CHAINCODE_ID"), Address: os.Getenv('
        '"CHAINCODE_SERVER_ADDRESS"), CC: new(SmartContract), TLSProps: shim.TLSProperties{'
        "Disabled: true}}).Start()` in place of `shim.Start(new(SmartContract))`"
    ) in told.patch
    assert "import `github.com/hyperledger/fabric-chaincode-go/shim`" in told.patch


def test_with_tls_it_is_another_patch(tmp_path):
    text = program("shim.Start(cc{})", f'sc "{SHIM}"').replace("shim.Start", "sc.Start")
    told = found(tmp_path, tls=True, main_go=text)
    assert told is not None
    assert "CC: cc{}, TLSProps: tlsProperties()}).Start()` in place of" in told.patch
    assert "samples/chaincode/very-simple/main.go" in told.patch
    assert "Disabled" not in told.patch


@pytest.mark.parametrize(
    ("imported", "name"),
    [
        ('"github.com/hyperledger/fabric-chaincode-go/shim"', "shim"),
        (f'"{SHIM}"', "shim"),
        (f'sc "{SHIM}"', "sc"),
        ('"github.com/hyperledger/fabric-chaincode-go/v3/shim"', "shim"),
    ],
)
def test_any_shim_by_any_name(tmp_path, imported, name):
    told = found(tmp_path, main_go=program(f"{name}.Start(&cc{{}})", imported))
    assert told is not None
    assert f"`(&{name}.ChaincodeServer{{" in told.patch
    assert f"CC: &cc{{}}, TLSProps: {name}.TLSProperties" in told.patch
    assert "in place of `.../" not in told.patch


def test_a_single_import(tmp_path):
    text = f'package main\n\nimport "{SHIM}"\n\nfunc main() {{ shim.Start(cc{{}}) }}\n'
    assert found(tmp_path, main_go=text) is not None


def test_a_long_argument_is_not_repeated(tmp_path):
    text = program(f"shim.Start(make(({'x' * 70})))", f'"{SHIM}"')
    told = found(tmp_path, main_go=text)
    assert told is not None
    assert "CC: cc," in told.patch


def test_a_call_that_does_not_end(tmp_path):
    told = found(tmp_path, main_go=program("shim.Start((", f'"{SHIM}"'))
    assert told is not None


@pytest.mark.parametrize(
    "body",
    [
        "server := &shim.ChaincodeServer{CC: cc{}}; server.Start()",
        'if os.Getenv("X") == "" { shim.Start(cc{}) } else { (&shim.ChaincodeServer{}).Start() }',
        "// shim.Start(cc{})",
        "/* as before:\n shim.Start(cc{})\n */",
        'fmt.Println("shim.Start(cc{})")',
        "fmt.Println(`shim.Start(cc{})`)",
        "shim.StartInProc(name, stream, cc{})",
        "own.shim.Start(cc{})",
        "serve(cc{})",
    ],
)
def test_what_serves_or_may_serve(tmp_path, body):
    assert found(tmp_path, main_go=program(body, f'"{SHIM}"', '"fmt"')) is None


def test_another_shim(tmp_path):
    assert found(tmp_path, main_go=program("shim.Start(x)", '"example.com/shim"')) is None


def test_a_server_in_another_file_or_package(tmp_path):
    main = program("shim.Start(cc{})", f'"{SHIM}"')
    serving = "package serve\n\nvar s = shim.ChaincodeServer{}\n"
    assert found(tmp_path / "a", main_go=main, server_go=serving) is None
    assert found(tmp_path / "b", main_go=main, serve__serve_go=serving) is None


def test_what_is_not_compiled_into_it_does_not_count(tmp_path):
    main = program("shim.Start(cc{})", f'"{SHIM}"')
    serving = "package serve\n\nvar s = shim.ChaincodeServer{}\n"
    folder = tmp_path / "dials"
    assert found(folder, main_go=main, vendor__x__x_go=serving, main_test_go=serving) is not None
    assert found(tmp_path / "tests", main_test_go=main) is None
    assert found(tmp_path / "vendored", vendor__x__main_go=main) is None
    assert found(tmp_path / "hidden", **{".old__main_go": main}) is None
    assert found(tmp_path / "below", cmd__dev__main_go=main) is None
    assert found(tmp_path / "ignored", main_go=f"//go:build ignore\n\n{main}") is None
    assert found(tmp_path / "library", main_go=main.replace("package main", "package cc")) is None


@pytest.mark.parametrize("version", ["v1.0.0", "v1.1.0", "v1.1.1"])
def test_contract_apis_that_know_no_servers(tmp_path, version):
    main = program("chaincode.Start()", f'"{CONTRACT_API}/contractapi"')
    module = f"module cc\n\nrequire {CONTRACT_API} {version}\n"
    told = found(tmp_path, main_go=main, go_mod=module)
    assert told is not None
    assert told.what.endswith(version)
    assert f"`go get {CONTRACT_API}@v1.2.2 && go mod tidy`" in told.patch


def test_modules_that_are_vendored_are_vendored_again(tmp_path):
    main = program("chaincode.Start()", f'"{CONTRACT_API}/contractapi"')
    module = f"module cc\n\nrequire {CONTRACT_API} v1.1.1\n"
    (tmp_path / "vendor").mkdir()
    told = found(tmp_path, main_go=main, go_mod=module)
    assert told is not None
    assert "&& go mod tidy && go mod vendor`" in told.patch


@pytest.mark.parametrize(
    "required",
    [
        f"{CONTRACT_API} v1.2.0",
        f"{CONTRACT_API} v1.2.2",
        f"{CONTRACT_API}/v2 v2.2.0",
        f"{CONTRACT_API} v1.1.1\n\nreplace {CONTRACT_API} => ../own",
    ],
)
def test_contract_apis_that_serve(tmp_path, required):
    main = program("chaincode.Start()", f'"{CONTRACT_API}/contractapi"')
    assert found(tmp_path, main_go=main, go_mod=f"module cc\n\nrequire {required}\n") is None


def test_an_old_contract_api_that_is_not_used(tmp_path):
    module = f"module cc\n\nrequire {CONTRACT_API} v1.1.1 // indirect\n"
    assert found(tmp_path, main_go=program("serve()"), go_mod=module) is None


@pytest.mark.parametrize("name", ["very-simple", "even-simpler"])
def test_the_samples_serve(name):
    assert dials(REPOSITORY / "samples" / "chaincode" / name, tls=True) is None


def test_a_folder_without_go_and_files_that_are_no_text(tmp_path):
    assert dials(tmp_path, tls=False) is None
    (tmp_path / "main.go").write_bytes(b"\xff\xfe\x00 package main")
    (tmp_path / "folder.go").mkdir()
    (tmp_path / "broken.go").symlink_to("nowhere")
    assert dials(tmp_path, tls=False) is None


def test_it_is_told_with_the_patch_in_one_line(pivt, tell):
    folder = pivt.root / "chaincode" / "even-simpler"
    text = program("err := shim.Start(new(SmartContract))", f'"{OLD}"')
    (folder / "even-simpler.go").write_text(text)
    words = "chaincode/even-simpler dials the peer|line 8 of even-simpler.go|ChaincodeServer{CCID"
    tell(pivt.mistake(), file="network.yaml", path="network.chaincodes[1].name", words=words)


def test_it_is_told_beside_a_missing_go_mod(pivt):
    folder = pivt.root / "chaincode" / "even-simpler"
    (folder / "go.mod").unlink()
    (folder / "main.go").write_text(program("shim.Start(cc{})", f'"{OLD}"'))
    told = pivt.mistakes()
    assert [mistake.path for mistake in told] == [
        "network.chaincodes[1].name",
        "network.chaincodes[1].language",
    ]
    assert "`go mod init`" in told[1].remedy


def test_a_chaincode_with_an_image_is_not_read(pivt):
    folder = pivt.root / "chaincode" / "even-simpler"
    (folder / "main.go").write_text(program("shim.Start(cc{})", f'"{OLD}"'))
    pivt.change("network.yaml", "language: golang", "image: example/cc:1.0")
    assert pivt.load().chaincodes[1].image == "example/cc:1.0"


def test_another_language_is_not_read_for_it(pivt, tell):
    folder = pivt.root / "chaincode" / "even-simpler"
    (folder / "go.mod").unlink()
    (folder / "pom.xml").write_text("<project/>")
    (folder / "main.go").write_text(program("shim.Start(cc{})", f'"{OLD}"'))
    pivt.change("network.yaml", "language: golang", "language: java")
    words = "chaincode/even-simpler has no mvnw beside its pom.xml"
    tell(pivt.mistake(), file="network.yaml", path="network.chaincodes[1].name", words=words)
