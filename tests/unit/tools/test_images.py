"""Which images a network needs, what they are made of, and when they are made again."""

from pathlib import Path
from typing import Any

import pytest

from tools import archive, images, programs, versions
from tools.archive import File, Image, Link
from tools.errors import ToolsError
from tools.go import Program
from tools.home import Home
from tools.images import Recipe, recipe
from tools.images.recipe import Sources
from tools.setting_up import Needs


def names(recipes: tuple[Recipe, ...]) -> list[str]:
    return [each.name for each in recipes]


def test_the_usual_network_needs_no_couchdb_kafka_nodejs_or_fabric_3() -> None:
    assert names(images.needed()) == [
        "hyperledger/fabric-peer:2.5.9",
        "hyperledger/fabric-orderer:2.5.9",
        "hyperledger/fabric-ccenv:2.5.9",
        "busybox:1.35",
    ]


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ({"node_chaincodes": True}, ["hyperledger/fabric-nodeenv:2.5"]),
        ({"state_database": "CouchDB"}, ["couchdb:3.4.2"]),
        ({"orderer_type": "kafka"}, ["apache/kafka:3.9.1"]),
        ({"orderer_type": "etcdraft"}, []),
        ({"jobs": True}, ["hlf-jobs:1"]),
        (
            {"state_database": "CouchDB", "orderer_type": "kafka"},
            ["couchdb:3.4.2", "apache/kafka:3.9.1"],
        ),
    ],
)
def test_what_a_network_needs_beyond(said: dict[str, Any], more: list[str]) -> None:
    assert names(images.needed(**said)) == [*names(images.needed()), *more]


def test_another_version_of_fabric_has_images_of_its_own() -> None:
    """But for chaincodes in Node.js, which run in the image of 2.5."""
    other = names(images.needed(fabric_version=versions.FABRIC_3, orderer_type="BFT"))
    assert other == [name.replace("2.5.9", "3.1.1") for name in names(images.needed())]


def test_a_version_that_cannot_be_made_is_a_sentence() -> None:
    with pytest.raises(ToolsError, match=r"no images of Fabric 2\.4\.1 .* one of 2\.5\.9, 3\.1\.1"):
        images.needed(fabric_version="2.4.1")


def test_all_images_have_names_of_their_own() -> None:
    assert len(set(names(images.ALL))) == len(images.ALL)
    assert set(images.needed()) < set(images.ALL)


def test_only_the_programs_of_needed_images_are_built() -> None:
    usual = Needs(context=None, own_cli=None, images=images.needed())
    assert programs.FABRIC in usual.programs()
    assert programs.FABRIC_3 not in usual.programs()
    third = images.needed(fabric_version=versions.FABRIC_3)
    other = Needs(context=None, own_cli=Path("/usr/bin"), images=third)
    assert other.programs() == [
        programs.KUBERNETES,
        programs.FABRIC_3,
        programs.COREDNS,
        programs.CCAAS_BUILDER,
        programs.PAUSE,
    ]


def test_a_cluster_of_the_users_gets_no_images() -> None:
    needed = Needs(context="mine", own_cli=None, images=images.needed())
    assert needed.programs() == [programs.KUBERNETES_PROVIDER, programs.PULUMI]
    assert needed.recipes() == ()


def test_every_program_of_an_image_has_its_place_among_the_builds() -> None:
    needed = Needs(context=None, own_cli=None, images=images.ALL)
    parts = {part for each in images.ALL for part in each.parts if isinstance(part, Program)}
    assert parts < set(needed.programs())


def test_an_image_is_made_again_when_a_part_of_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "CHECKOUT", tmp_path)
    sources = tmp_path / "tools" / "x"
    sources.mkdir(parents=True)
    (sources / "x.js").write_text("1")
    made: list[str] = []

    def content(_home: Home) -> Image:
        made.append((sources / "x.js").read_text())
        return Image(name="x:1", root={"/x": File(content=b"x")})

    cache = Home(path=tmp_path / "cache")
    wanted = Recipe(name="x:1", parts=(Sources(name="x"),), image=content)
    assert not images.is_made(cache, wanted)
    for text in ("1", "1", "2"):
        (sources / "x.js").write_text(text)
        assert images.make(cache, wanted).exists()
        assert images.is_made(cache, wanted)
    (sources / "x.test.js").write_text("")
    images.make(cache, wanted)
    assert made == ["1", "2"]


def test_a_tree_can_keep_its_links(tmp_path: Path) -> None:
    (tmp_path / "java.security").write_text("")
    (tmp_path / "to").symlink_to("java.security")
    (tmp_path / "away").symlink_to("/nowhere/at/all")
    assert archive.tree(tmp_path, "/x").keys() == {"/x/java.security", "/x/to"}
    kept = archive.tree(tmp_path, "/x", keep_links=True)
    assert kept["/x/away"] == Link(target="/nowhere/at/all")
    assert kept["/x/to"] == Link(target="java.security")
    assert archive.tree(tmp_path, "/x", pattern="*.security").keys() == {"/x/java.security"}
