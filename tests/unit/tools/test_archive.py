"""An image's archive holds what it should, in the format of ``docker save``, byte for byte."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

from tools import archive
from tools.archive import File, Folder, Image, Link


def image(program: Path) -> Image:
    return Image(
        name="example/app:1",
        root={
            "/usr/local/bin/app": archive.copy(program),
            "/etc/app.conf": File(content=b"a=1\n"),
            "/bin/app": Link(target="/usr/local/bin/app"),
            "/tmp": Folder(mode=0o1777),
            "/home/app": Folder(owner=500),
        },
        configuration={"Cmd": ["app"]},
    )


def program(tmp_path: Path) -> Path:
    path = tmp_path / "app"
    path.write_bytes(b"\x7fELF")
    path.chmod(0o700)
    return path


def test_the_manifest_leads_to_the_layer(tmp_path: Path) -> None:
    archive.write(image(program(tmp_path)), tmp_path / "image.tar")
    with tarfile.open(tmp_path / "image.tar") as outer:

        def content(name: str) -> bytes:
            file = outer.extractfile(name)
            assert file
            return file.read()

        (manifest,) = json.loads(content("manifest.json"))
        configuration = json.loads(content(manifest["Config"]))
        layer = content(manifest["Layers"][0])
    assert manifest["RepoTags"] == ["example/app:1"]
    assert configuration["config"] == {"Cmd": ["app"]}
    digest = hashlib.sha256(layer).hexdigest()
    assert configuration["rootfs"]["diff_ids"] == [f"sha256:{digest}"]
    with tarfile.open(fileobj=io.BytesIO(layer)) as inner:
        members = {member.name: member for member in inner}
        names = inner.getnames()
    assert members["usr/local/bin/app"].mode == 0o755
    assert members["etc/app.conf"].mode == 0o644
    assert members["bin/app"].linkname == "/usr/local/bin/app"
    assert members["tmp"].mode == 0o1777
    assert members["home/app"].uid == 500
    assert {member.mtime for member in members.values()} == {0}
    for name in names:
        parent = name.rpartition("/")[0]
        assert not parent or names.index(parent) < names.index(name)


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    first = program(tmp_path)
    (tmp_path / "other").mkdir()
    second = program(tmp_path / "other")
    second.chmod(0o755)
    archive.write(image(first), tmp_path / "1.tar")
    archive.write(image(second), tmp_path / "2.tar")
    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()


def test_a_tree_keeps_its_shape(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    program(tmp_path / "a")
    (tmp_path / "b").write_text("b")
    files = archive.tree(tmp_path, "/x")
    assert {path: file.mode for path, file in files.items()} == {"/x/a/app": 0o755, "/x/b": 0o644}
