"""Which chaincodes in Go surely speak no TLS, and that no other one is refused."""

from pathlib import Path

import pytest

from hlf.spec.go_tls import FROM_SAMPLE, PROPERTIES, Plain, speaks_none

REPOSITORY = Path(__file__).parents[3]
SAMPLES = REPOSITORY / "samples" / "chaincode"
SHIM = "github.com/hyperledger/fabric-chaincode-go/v2/shim"
TLS = ("network:\n", "tlsEnabled: true\nnetwork:\n")
SERVER = "err := (&shim.ChaincodeServer{{CC: cc{{}}, {}}}).Start()"
PLAIN = SERVER.format("TLSProps: shim.TLSProperties{Disabled: true}")


def program(body: str, *more: str) -> str:
    beside = "".join(f"\n{each}\n" for each in more)
    return f'package main\n\nimport "{SHIM}"\n\nfunc main() {{\n\t{body}\n}}\n{beside}'


def found(folder: Path, **files: str) -> Plain | None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_go", ".go")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return speaks_none(folder)


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        SERVER.format("TLSProps: shim.TLSProperties{\n\t\tDisabled: true,\n\t}"),
        SERVER.format("TLSProps: sc.TLSProperties{ Disabled : true }"),
        f'if os.Getenv("X") != "" {{ {PLAIN} }} else {{ shim.Start(cc{{}}) }}',
        f"// with CHAINCODE_TLS_DISABLED it could\n\t{PLAIN}",
        f"{PLAIN.replace('.Start()', '')}; server.Start()",
    ],
)
def test_tls_that_is_switched_off(tmp_path, body):
    told = found(tmp_path, main_go=program(body))
    line = program(body)[: program(body).index("TLSProps")].count("\n") + 1
    assert told == Plain(file="main.go", line=line)


@pytest.mark.parametrize(
    "body",
    [
        SERVER.format("TLSProps: tlsProperties()"),
        SERVER.format("TLSProps: shim.TLSProperties{Key: key, Cert: cert}"),
        SERVER.format("TLSProps: shim.TLSProperties{Disabled: disabled}"),
        SERVER.format("KaOpts: nil"),
        f'if os.Getenv("CHAINCODE_TLS_DISABLED") == "false" {{ secured() }}\n\t{PLAIN}',
        f'if exists("/etc/hyperledger/tls/server.crt") {{ serve() }}\n\t{PLAIN}',
        f"if *dev {{ {PLAIN} }} else {{ chaincode.Start() }}",
        f"{PLAIN.replace('.Start()', '')}; server.TLSProps.Disabled = false; server.Start()",
        "serve(shim.ChaincodeServer{TLSProps: shim.TLSProperties{Disabled: true}})",
        "// TLSProps: shim.TLSProperties{Disabled: true}\n\tserver.Start()",
        "shim.Start(cc{})",
    ],
)
def test_what_speaks_tls_or_may(tmp_path, body):
    assert found(tmp_path, main_go=program(body)) is None


def test_another_file_or_package_may_have_it(tmp_path):
    main = program(PLAIN)
    secured = (
        "package main\n\nfunc secured() { (&shim.ChaincodeServer{TLSProps: own()}).Start() }\n"
    )
    assert found(tmp_path / "file", main_go=main, secured_go=secured) is None
    library = secured.replace("package main", "package serve")
    assert found(tmp_path / "package", main_go=main, serve__serve_go=library) is None
    assert found(tmp_path / "test", main_go=main, main_test_go=secured) is not None
    assert found(tmp_path / "vendored", main_go=main, vendor__x__x_go=library) is not None
    dev = "package main\n\nfunc main() { chaincode.Start() }\n"
    assert found(tmp_path / "dev", main_go=dev, cmd__dev__main_go=main) is None


def test_without_go_nothing_is_sure(tmp_path):
    assert speaks_none(tmp_path) is None


@pytest.mark.parametrize("name", ["very-simple", "even-simpler"])
def test_the_samples_speak_tls(name):
    assert speaks_none(SAMPLES / name) is None


def test_the_sample_has_what_a_remedy_refers_to():
    text = (SAMPLES / "very-simple" / "main.go").read_text()
    assert f"func {PROPERTIES} shim.TLSProperties {{" in text
    assert "func contentOf(" in text
    for package in ("log", "os", "strconv"):
        assert f"`{package}`" in FROM_SAMPLE
        assert f'\t"{package}"\n' in text


def test_it_is_told_with_file_line_and_remedy(pivt, tell):
    folder = pivt.root / "chaincode" / "even-simpler"
    (folder / "even-simpler.go").write_text(program(PLAIN))
    pivt.load()
    pivt.change("network.yaml", *TLS)
    words = (
        "chaincode/even-simpler switches TLS off (line 6 of even-simpler.go)|`tlsEnabled`|"
        "write `TLSProps: tlsProperties()` there|samples/chaincode/very-simple/main.go"
    )
    tell(pivt.mistake(), file="network.yaml", path="network.chaincodes[1].name", words=words)


@pytest.mark.parametrize("tls", [False, True])
def test_what_is_to_be_written_for_a_program_that_dials_passes(pivt, tls):
    main = pivt.root / "chaincode" / "even-simpler" / "main.go"
    if tls:
        pivt.change("network.yaml", *TLS)
    main.write_text(program("shim.Start(cc{})"))
    patch = pivt.mistake().remedy.split("`")[1]
    sample = (SAMPLES / "very-simple" / "main.go").read_text()
    functions = sample[sample.index(f"func {PROPERTIES}") :]
    main.write_text(program(patch, *([functions] if tls else [])))
    pivt.load()
