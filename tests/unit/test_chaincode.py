"""A chaincode's source: named by its files alone, and whole again when put together."""

import gzip
import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from hlf import chaincode
from hlf.chaincode import MOST_PARTS, PART_SIZE, pack_source, source_digest
from hlf.errors import FabricError

CONFIG_MAP_LIMIT = 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("go.mod", "module cc\n"), ("main.go", "package main\n"), ("a/b.go", "//")):
        path = tmp_path / "cc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "cc"


def unpacked(parts: list[bytes]) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(parts)), mode="r:gz") as archive:
        found: dict[str, bytes] = {}
        for member in archive.getmembers():
            assert member.isfile()
            content = archive.extractfile(member)
            assert content is not None
            found[member.name] = content.read()
        return found


def test_the_parts_are_all_files(folder: Path) -> None:
    assert unpacked(pack_source(folder)) == {
        "go.mod": b"module cc\n",
        "main.go": b"package main\n",
        "a/b.go": b"//",
    }


def test_time_and_mode_have_no_say(folder: Path) -> None:
    digest, parts = source_digest(folder), pack_source(folder)
    os.utime(folder / "main.go", (1, 1))
    (folder / "main.go").chmod(0o755)
    assert (source_digest(folder), pack_source(folder)) == (digest, parts)


def test_nor_has_where_the_folder_is(folder: Path, tmp_path: Path) -> None:
    digest, parts = source_digest(folder), pack_source(folder)
    moved = folder.rename(tmp_path / "elsewhere")
    assert (source_digest(moved), pack_source(moved)) == (digest, parts)


def test_vendored_modules_are_packed_and_do_not_count(folder: Path) -> None:
    digest = source_digest(folder)
    (folder / "vendor" / "example.com").mkdir(parents=True)
    (folder / "vendor" / "example.com" / "x.go").write_text("package x\n")
    assert source_digest(folder) == digest
    assert unpacked(pack_source(folder))["vendor/example.com/x.go"] == b"package x\n"


def test_private_data_collections_are_no_source(folder: Path) -> None:
    """They are in the definition; a change of them needs no other server."""
    digest = source_digest(folder)
    (folder / "collections_config.json").write_text("[]")
    assert source_digest(folder) == digest
    assert "collections_config.json" not in unpacked(pack_source(folder))
    (folder / "a" / "collections_config.json").write_text("[]")
    assert source_digest(folder) != digest


def test_only_the_top_most_vendor_is_vendored(folder: Path) -> None:
    digest = source_digest(folder)
    (folder / "a" / "vendor").mkdir()
    (folder / "a" / "vendor" / "x.go").write_text("package x\n")
    assert source_digest(folder) != digest


@pytest.mark.parametrize(
    ("copies", "mark"),
    [
        ("vendor", "go.mod"),
        ("node_modules", "package-lock.json"),
        ("node_modules", "npm-shrinkwrap.json"),
    ],
)
def test_copies_count_where_nothing_says_what_they_are(
    folder: Path, copies: str, mark: str
) -> None:
    (folder / mark).write_text("")
    (folder / copies).mkdir()
    (folder / copies / "x").write_text("1")
    digest = source_digest(folder)
    (folder / copies / "x").write_text("2")
    assert source_digest(folder) == digest
    (folder / mark).unlink()
    digest = source_digest(folder)
    (folder / copies / "x").write_text("3")
    assert source_digest(folder) != digest


@pytest.mark.parametrize(
    ("name", "text"),
    [("main.go", "package other\n"), ("new.go", ""), ("a/b.go", "///"), ("go.sum", "x")],
)
def test_any_other_edit_counts(folder: Path, name: str, text: str) -> None:
    digest = source_digest(folder)
    (folder / name).write_text(text)
    assert source_digest(folder) != digest


def test_another_name_counts(folder: Path) -> None:
    digest = source_digest(folder)
    (folder / "main.go").rename(folder / "other.go")
    assert source_digest(folder) != digest


def test_where_one_file_ends_counts(tmp_path: Path) -> None:
    digests: set[str] = set()
    for number, texts in enumerate((("ab", "c"), ("a", "bc"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in zip("xy", texts, strict=True):
            (folder / name).write_text(text)
        digests.add(source_digest(folder))
    assert len(digests) == 2


def test_hidden_files_are_left_out(folder: Path) -> None:
    digest, parts = source_digest(folder), pack_source(folder)
    (folder / ".env").write_text("SECRET=1")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    (folder / "a" / ".swp").write_text("x")
    (folder / ".link").symlink_to("nowhere")
    assert (source_digest(folder), pack_source(folder)) == (digest, parts)


def test_mavens_wrapper_reads_a_hidden_folder_that_is_sent(folder: Path) -> None:
    digest = source_digest(folder)
    for name in (".mvn/wrapper/maven-wrapper.properties", "a/.mvn/jvm.config", ".mvn/.swp"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    added = unpacked(pack_source(folder)).keys() - {"go.mod", "main.go", "a/b.go"}
    assert added == {".mvn/wrapper/maven-wrapper.properties", "a/.mvn/jvm.config"}
    assert source_digest(folder) != digest


@pytest.mark.parametrize(
    ("built", "mark"),
    [
        ("build", "build.gradle"),
        ("build", "build.gradle.kts"),
        ("target", "pom.xml"),
        ("src/build", "src/build.gradle"),
        ("lib/target", "lib/pom.xml"),
    ],
)
def test_what_a_build_in_java_leaves_is_no_source(tmp_path: Path, built: str, mark: str) -> None:
    (tmp_path / built / "classes").mkdir(parents=True)
    (tmp_path / mark).write_text("")
    digest, parts = source_digest(tmp_path), pack_source(tmp_path)
    assert unpacked(parts) == {mark: b""}
    (tmp_path / built / "classes" / "A.class").write_text("x")
    (tmp_path / built / "link").symlink_to("nowhere")
    assert (source_digest(tmp_path), pack_source(tmp_path)) == (digest, parts)


@pytest.mark.parametrize("mark", ["go.mod", "package.json"])
def test_a_folder_of_that_name_may_be_source(tmp_path: Path, mark: str) -> None:
    """Elsewhere than beside the build file, and in another language."""
    package = "src/main/java/target/A.java"
    for name in (package, "build/index.js", "target/x.go", "pom.xml", "build.gradle"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert unpacked(pack_source(tmp_path)).keys() == {package, "pom.xml", "build.gradle"}
    (tmp_path / mark).write_text("x")
    assert {"build/index.js", "target/x.go"} < unpacked(pack_source(tmp_path)).keys()


def test_below_a_hidden_folder_source_is_not_hidden(folder: Path, tmp_path: Path) -> None:
    digest = source_digest(folder)
    (tmp_path / ".cache").mkdir()
    assert source_digest(folder.rename(tmp_path / ".cache" / "cc")) == digest


def test_a_link_to_a_file_is_that_file(folder: Path) -> None:
    (folder / "link.go").symlink_to("main.go")
    assert unpacked(pack_source(folder))["link.go"] == b"package main\n"


@pytest.mark.parametrize("target", ["a", "nowhere", "link", "."])
def test_a_link_to_anything_else_is_refused(folder: Path, target: str) -> None:
    (folder / "link").symlink_to(target)
    for read in (source_digest, pack_source):
        with pytest.raises(FabricError, match="put a copy") as caught:
            read(folder)
        assert str(folder / "link") in str(caught.value)


def test_parts_fit_into_config_maps(folder: Path) -> None:
    (folder / "data").write_bytes(os.urandom(2 * PART_SIZE))
    parts = pack_source(folder)
    assert [len(part) == PART_SIZE for part in parts] == [True, True, False]
    assert PART_SIZE < CONFIG_MAP_LIMIT
    assert len(unpacked(parts)["data"]) == 2 * PART_SIZE


def test_too_much_is_refused_with_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaincode, "PART_SIZE", 1024)
    (folder / "data").write_bytes(os.urandom(1024 * MOST_PARTS))
    with pytest.raises(FabricError, match="image") as caught:
        pack_source(folder)
    assert str(folder) in str(caught.value)
    assert "npm" not in str(caught.value)
    (folder / "node_modules").mkdir()
    with pytest.raises(FabricError, match=r"`npm ci --omit=dev`.* take out node_modules.* image"):
        pack_source(folder)


def test_long_and_foreign_names_survive(folder: Path) -> None:
    """Also through the `tar` that unpacks them."""
    deep = "/".join(["d" * 60] * 5)
    names = (f"{deep}/x.go", f"{'n' * 150}.go", "grüße.go")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("package x\n")
    packed = pack_source(folder)
    assert set(names) <= set(unpacked(packed))
    out = folder.parent / "out"
    out.mkdir()
    subprocess.run(["tar", "-xzf", "-", "-C", out], input=b"".join(packed), check=True)
    assert all((out / name).read_text() == "package x\n" for name in names)


def test_the_gzip_holds_no_time(folder: Path) -> None:
    (packed,) = pack_source(folder)
    assert packed[4:8] == bytes(4)
    assert gzip.decompress(packed)
