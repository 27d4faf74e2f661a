"""Which chaincodes in Java surely cannot run here, what to do, and that no other one is refused."""

from pathlib import Path

import pytest

from hlf.spec import java_project
from hlf.spec.java_project import GRADLE, MAVEN
from hlf.spec.java_service import refusal

CONTRACTS = Path(__file__).parents[2] / "fixtures" / "java-contract"
DIALS = """
package org.example;

import org.hyperledger.fabric.shim.ChaincodeBase;

// a ChaincodeServer is for later
public class Ledger extends ChaincodeBase {
    public static void main(String[] args) {
        new Ledger().start(args);
    }
}
"""


def write(folder: Path, **files: str) -> Path:
    """Write files; `__` in a name is a `.`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content)
    return folder


def gradle(folder: Path, build: str = "", program: str | None = None) -> Path:
    """A project whose wrapper needs nothing."""
    write(folder, build__gradle=build, gradlew="exec something")
    if program is not None:
        write(folder / "src" / "main" / "java", Ledger__java=program)
    return folder


def maven(folder: Path, pom: str) -> Path:
    return write(folder, pom__xml=pom, mvnw="exec something")


def shim(version: str) -> str:
    return f"implementation 'org.hyperledger.fabric-chaincode-java:fabric-chaincode-shim:{version}'"


def in_pom(version: str, properties: str = "") -> str:
    return (
        f"<project><properties>{properties}</properties><dependencies><dependency>\n"
        "<groupId>org.hyperledger.fabric-chaincode-java</groupId>\n"
        "<artifactId>fabric-chaincode-shim</artifactId>\n"
        f"<version>{version}</version></dependency></dependencies></project>"
    )


@pytest.mark.parametrize(
    ("files", "tool", "place"),
    [
        (["build.gradle"], GRADLE, "."),
        (["build.gradle.kts"], GRADLE, "."),
        (["pom.xml"], MAVEN, "."),
        (["pom.xml", "build.gradle"], GRADLE, "."),
        (["src/build.gradle"], GRADLE, "src"),
        (["src/pom.xml"], MAVEN, "src"),
        (["pom.xml", "src/build.gradle"], MAVEN, "."),
    ],
)
def test_the_project_is_the_one_that_fabrics_builder_takes(tmp_path, files, tool, place):
    (tmp_path / "src").mkdir()
    for file in files:
        (tmp_path / file).write_text("")
    found = java_project.find(tmp_path)
    assert found is not None
    assert (found.tool, found.place) == (tool, place)


def test_no_build_file_is_no_project(tmp_path):
    write(tmp_path / "app", build__gradle="")
    assert java_project.find(tmp_path) is None
    assert refusal(tmp_path) is None


@pytest.mark.parametrize(
    ("file", "what", "remedy"),
    [
        ("build.gradle", "no gradlew beside its build.gradle,", "`gradle wrapper`"),
        ("build.gradle.kts", "no gradlew beside its build.gradle.kts", "`gradle wrapper`"),
        ("pom.xml", "no mvnw beside its pom.xml, and the cluster has no Maven", "`mvn wrapper:w"),
        ("src/pom.xml", "no mvnw beside its pom.xml", "`mvn wrapper:wrapper`"),
    ],
)
def test_no_wrapper(tmp_path, file, what, remedy):
    (tmp_path / "src").mkdir()
    (tmp_path / file).write_text("")
    told = refusal(tmp_path)
    assert told is not None
    assert what in told.what
    assert remedy in told.remedy


@pytest.mark.parametrize(
    ("build", "wrapper", "needs"),
    [
        ("build.gradle", "gradlew", "gradle/wrapper/gradle-wrapper.jar"),
        ("pom.xml", "mvnw", ".mvn/wrapper/maven-wrapper.properties"),
    ],
)
def test_a_wrapper_without_what_it_names(tmp_path, build, wrapper, needs):
    (tmp_path / build).write_text("")
    (tmp_path / wrapper).write_text(f'exec java -jar "$HERE/{needs}"')
    told = refusal(tmp_path)
    assert told is not None
    assert told.what == f"has no {needs}, which its {wrapper} needs"
    assert ".gitignore" in told.remedy
    (tmp_path / needs).parent.mkdir(parents=True)
    (tmp_path / needs).write_text("")
    assert refusal(tmp_path) is None


def test_a_program_that_dials(tmp_path):
    told = refusal(gradle(tmp_path, program=DIALS))
    assert told is not None
    assert told.what == "dials the peer (`start` in line 9 of Ledger.java), and here peers dial it"
    assert "`Ledger chaincode = new Ledger(); chaincode.processEnv" in told.remedy
    assert "in place of `new Ledger().start(args);`" in told.remedy
    assert "fabric-chaincode-shim 2.5.8" in told.remedy


@pytest.mark.parametrize(
    "program",
    [
        "",
        DIALS.replace("new Ledger().start(args);", "serve(new NettyChaincodeServer(cc, p));"),
        DIALS.replace("new Ledger().start(args);", "/* new Ledger().start(args); */"),
        DIALS.replace("extends ChaincodeBase", "extends Own"),
        DIALS.replace("import", "import org.hyperledger.fabric.shim.ChaincodeServer;\nimport", 1),
    ],
)
def test_what_serves_or_may_serve(tmp_path, program):
    assert refusal(gradle(tmp_path, shim("2.5.8"), program)) is None


def test_a_program_that_nobody_starts_dials_nobody(tmp_path):
    build = "attributes 'Main-Class': 'org.hyperledger.fabric.contract.ContractRouter'"
    assert refusal(gradle(tmp_path, build, DIALS)) is None
    tested = write(tmp_path / "src" / "test" / "java", Tested__java=DIALS)
    (tmp_path / "src" / "main" / "java" / "Ledger.java").unlink()
    assert refusal(gradle(tmp_path)) is None, tested


@pytest.mark.parametrize("version", ["1.4.2", "1.4.+", "2.0.0", "2.2.+", "2.1.1"])
def test_libraries_that_know_no_servers(tmp_path, version):
    for name, folder in (
        ("build.gradle", gradle(tmp_path / "gradle", shim(version))),
        ("pom.xml", maven(tmp_path / "maven", in_pom(version))),
        ("pom.xml", maven(tmp_path / "named", in_pom("${own.v}", f"<own.v>{version}</own.v>"))),
    ):
        told = refusal(folder)
        assert told is not None
        assert f"uses fabric-chaincode-shim {version}, which dials the peer" in told.what
        assert told.remedy == f"name version 2.5.8 in its {name}"


@pytest.mark.parametrize("version", ["2.3.1", "2.5.+", "2.+", "+", "[1.4,3)", "2.5.8", "${other}"])
def test_libraries_that_may_serve(tmp_path, version):
    assert refusal(gradle(tmp_path / "gradle", shim(version))) is None
    assert refusal(maven(tmp_path / "maven", in_pom(version))) is None


def test_what_a_comment_says_is_not_read(tmp_path):
    build = f"// {shim('1.4.2')}\nurl 'https://example.com'; {shim('2.5.8')}"
    assert refusal(gradle(tmp_path / "gradle", build)) is None
    pom = f"<!-- {in_pom('1.4.2')} -->{in_pom('2.5.8')}"
    assert refusal(maven(tmp_path / "maven", pom)) is None


def test_contracts_are_served_by_the_library(tmp_path):
    maven(tmp_path, (CONTRACTS / "pom.xml").read_text())
    assert refusal(tmp_path) is None


@pytest.mark.parametrize("mark", ["pom.xml", "build.gradle", "build.gradle.kts", "src/pom.xml"])
def test_a_chaincode_in_java_is_found_by_its_build_file(simple, mark):
    folder = simple.root / "chaincode" / "very-simple"
    (folder / "src").mkdir()
    (folder / "go.mod").rename(folder / mark)
    (folder / mark).with_name("mvnw").write_text("")
    (folder / mark).with_name("gradlew").write_text("")
    assert [each.language for each in simple.load().chaincodes] == ["java", "golang"]


def test_it_is_told_in_one_line(simple, tell):
    folder = simple.root / "chaincode" / "very-simple"
    (folder / "go.mod").rename(folder / "build.gradle")
    words = "the chaincode in chaincode/very-simple has no gradlew|run `gradle wrapper`"
    tell(simple.mistake(), file="network.yaml", path="network.chaincodes[0].name", words=words)
