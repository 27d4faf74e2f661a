"""A product is made once, whole or not at all."""

import multiprocessing
from pathlib import Path

import pytest

from tools import products


def fill(folder: Path) -> None:
    (folder / "content").write_text("made")


def test_a_product_is_made_once(tmp_path: Path) -> None:
    products.make(tmp_path / "a", "v1", fill)

    def never(_: Path) -> None:
        pytest.fail("it is there already")

    products.make(tmp_path / "a", "v1", never)
    assert (tmp_path / "a" / "content").read_text() == "made"


def test_a_product_is_made_again_of_something_else(tmp_path: Path) -> None:
    products.make(tmp_path / "a", "v1", fill)
    products.make(tmp_path / "a", "v2", lambda folder: (folder / "new").touch() or None)
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert names == {"new", products.STAMP}


def test_what_was_left_half_made_is_not_taken_for_the_product(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise InterruptedError

    with pytest.raises(InterruptedError):
        products.make(tmp_path / "a", "v1", fail)
    assert not (tmp_path / "a").exists()
    products.make(tmp_path / "a", "v1", fill)
    assert not (tmp_path / "a" / "half").exists()


def test_a_failed_change_keeps_the_old_product(tmp_path: Path) -> None:
    products.make(tmp_path / "a", "v1", fill)

    def fail(_: Path) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        products.make(tmp_path / "a", "v2", fail)
    assert products.is_made(tmp_path / "a", "v1")


def count(folder: Path) -> None:
    with (folder.parent / "made").open("a") as made:
        made.write("x")


def test_two_processes_make_it_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    makers = [
        context.Process(target=products.make, args=(tmp_path / "a", "v1", count)) for _ in range(4)
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert (tmp_path / "made").read_text() == "x"


def test_a_file_is_written_with_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"
    products.write(path, "a", mode=0o600)
    products.write(path, "b", mode=0o600)
    assert path.read_text() == "b"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_digest_tells_parts_apart(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("ab")
    assert products.digest("a", "b") != products.digest("ab")
    assert products.digest(tmp_path / "f") == products.digest("ab") == products.digest(b"ab")
