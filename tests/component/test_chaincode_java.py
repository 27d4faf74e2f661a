"""A chaincode in Java: its own build tool builds it, and the jar runs in the same image."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from components.chaincode_java import java as made_for
from hlf.chaincode import pack_source
from tests.component.recorded import DEPLOYMENT, SOURCE, Recorded, Sample

TLS = ("network:\n", "tlsEnabled: true\nnetwork:\n")
# what a wrapper leaves, and what it was asked for
WRAPPER = 'echo "$@" > asked\nmkdir -p {leaves}\necho built > {leaves}/chaincode.jar\n'
WRAPPERS = {
    "build.gradle": ("gradlew", "build/libs"),
    "build.gradle.kts": ("gradlew", "build/libs"),
    "pom.xml": ("mvnw", "target"),
}


def in_java(folder: Path, build_file: str = "build.gradle") -> None:
    (folder / "go.mod").unlink(missing_ok=True)
    at = folder / build_file
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text("")
    wrapper, leaves = WRAPPERS[at.name]
    at.with_name(wrapper).write_text(WRAPPER.format(leaves=leaves))


@pytest.fixture
def java(sample: Sample) -> Sample:
    """samples/simple with very-simple in Java."""
    in_java(sample.root / "chaincode" / "very-simple")
    return sample


def containers(network: Recorded) -> tuple[dict, dict]:
    (server,) = [each for each in network.of(DEPLOYMENT) if each.name == "very-simple"]
    spec = server.pod["spec"]
    (build,), (run,) = spec["initContainers"], spec["containers"]
    return build, run


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A build script that was run with folders of the test in place of the container's."""

    at: Path
    code: int
    errors: str

    @property
    def project(self) -> Path:
        return self.at / "tmp" / "build"


def run(source: Path, at: Path) -> Ran:
    for name in ("source", "tmp", "chaincode"):
        (at / name).mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(pack_source(source)):
        (at / "source" / f"part-{number}").write_bytes(part)
    script = made_for(source, "2.5.9").script
    for name in ("/source/", "/tmp/build", "/chaincode/"):
        script = script.replace(f" {name}", f" {at}{name}")
    made = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    return Ran(at=at, code=made.returncode, errors=made.stderr)


def test_both_containers_are_of_javas_own_image(java: Sample) -> None:
    images = {each["image"] for each in containers(java.record())}
    assert images == {"hyperledger/fabric-javaenv:2.5"}


def test_fabric_3_has_no_image_of_its_own_for_it(java: Sample) -> None:
    source = java.root / "chaincode" / "very-simple"
    assert made_for(source, "3.1.1").image == made_for(source, "2.5.9").image


def test_a_registry_counts_for_it(java: Sample) -> None:
    pods = {"chaincode": {"registry": "registry.example.com/mirror"}}
    images = {each["image"] for each in containers(java.with_settings(pods=pods).record())}
    assert images == {"registry.example.com/mirror/hyperledger/fabric-javaenv:2.5"}


def test_the_server_runs_what_the_build_leaves(java: Sample) -> None:
    network = java.record()
    build, run = containers(network)
    *_, jar = run["command"]
    (mounted,) = [each for each in run["volumeMounts"] if jar.startswith(each["mountPath"])]
    assert mounted in build["volumeMounts"]
    assert f" {jar}\n" in build["command"][-1]
    assert {each.name for each in network.of(SOURCE)} == {"very-simple", "even-simpler"}


def test_no_shell_is_between_the_server_and_its_signals(java: Sample) -> None:
    _, run = containers(java.record())
    assert run["command"][0] == "java"
    assert "-XX:MaxRAMPercentage=50" in run["command"]


def test_what_the_tools_write_is_in_a_volume(java: Sample) -> None:
    build, _ = containers(java.record())
    told = {each["name"]: each["value"] for each in build["env"]}
    assert told["HOME"] in {each["mountPath"] for each in build["volumeMounts"]}
    assert told["JAVA_TOOL_OPTIONS"] == f"-Duser.home={told['HOME']}"


def test_with_tls_it_finds_what_javas_library_reads(java: Sample) -> None:
    _, run = containers(java.change("network.yaml", TLS).record())
    told = {each["name"] for each in run["env"]}
    assert {"CORE_TLS_CLIENT_KEY_FILE", "CORE_TLS_CLIENT_KEY_PATH"} <= told


@pytest.mark.parametrize(
    ("build_file", "asked"),
    [
        ("build.gradle", "--no-daemon build shadowJar -x test"),
        ("src/build.gradle.kts", "--no-daemon build shadowJar -x test"),
        ("pom.xml", "--batch-mode package -DskipTests -Dmaven.test.skip=true"),
        ("src/pom.xml", "--batch-mode package -DskipTests -Dmaven.test.skip=true"),
    ],
)
def test_the_wrapper_builds_the_jar(tmp_path: Path, build_file: str, asked: str) -> None:
    in_java(tmp_path / "cc", build_file)
    ran = run(tmp_path / "cc", tmp_path / "pod")
    assert (ran.code, ran.errors) == (0, "")
    assert (ran.at / "chaincode" / "chaincode.jar").read_text() == "built\n"
    assert (ran.project / build_file).with_name("asked").read_text() == f"{asked}\n"


def test_what_was_built_on_a_laptop_is_not_taken(tmp_path: Path) -> None:
    in_java(tmp_path / "cc")
    left = tmp_path / "cc" / "build" / "libs" / "chaincode.jar"
    left.parent.mkdir(parents=True)
    left.write_text("old")
    (tmp_path / "cc" / "gradlew").write_text("")
    ran = run(tmp_path / "cc", tmp_path / "pod")
    assert ran.code == 1
    assert not (ran.at / "chaincode" / "chaincode.jar").exists()


@pytest.mark.parametrize(
    ("build_file", "sentence"),
    [
        ("build.gradle", "build.gradle makes no build/libs/chaincode.jar: let its task shadowJar"),
        ("pom.xml", "pom.xml makes no target/chaincode.jar: let its maven-shade-plugin"),
    ],
)
def test_a_build_that_makes_another_jar_says_what_to_do(
    tmp_path: Path, build_file: str, sentence: str
) -> None:
    in_java(tmp_path / "cc", build_file)
    wrapper, _ = WRAPPERS[build_file]
    (tmp_path / "cc" / wrapper).write_text("mkdir -p target build/libs; touch target/other.jar\n")
    ran = run(tmp_path / "cc", tmp_path / "pod")
    assert ran.code == 1
    assert sentence in ran.errors


def test_a_build_that_fails_ends_the_script(tmp_path: Path) -> None:
    in_java(tmp_path / "cc", "pom.xml")
    (tmp_path / "cc" / "mvnw").write_text("echo no network >&2\nexit 3\n")
    ran = run(tmp_path / "cc", tmp_path / "pod")
    assert (ran.code, ran.errors) == (3, "no network\n")
