"""Which files a restore gives to orderers of Raft."""

from dataclasses import replace

from hlf.backup.manifest import Content, File, Folder, Node, Tree
from hlf.backup.seeding import to_restore
from tests.unit.backup.networks import (
    CHANNEL,
    LOG,
    ORDERER,
    ORDERER_BLOCKS,
    at,
    manifest,
    orderer,
    peer,
    sound,
)

SNAPSHOT = f"orderer/snapshot/{CHANNEL}/0000000000000002-0000000000000003.snap"


def marked(node: Node) -> Node:
    """With files that say whose they are, and the folders that they are in."""
    files = tuple(
        replace(file, content=Content(size=0, sha256=node.name, chunks=()))
        for file in node.tree.files
    )
    paths = {
        "/".join(parts[:depth])
        for file in files
        for parts in [file.path.split("/")]
        for depth in range(1, len(parts))
    }
    folders = tuple(Folder(path=path, mode=0o755) for path in sorted(paths))
    return replace(node, tree=Tree(files=files, folders=folders, links=()))


def owners(files: tuple[File, ...]) -> dict[str, str]:
    return {file.path: file.content.sha256 for file in files}


def test_all_have_the_files_of_the_highest() -> None:
    nodes = sound() | {"orderer1": orderer("orderer1", at(10), names=(*ORDERER, SNAPSHOT))}
    own = orderer(
        "orderer0",
        at(9),
        names=(
            *ORDERER,
            f"orderer/wal/{CHANNEL}/0000000000000001-0000000000000007.wal",
            "orderer/pendingops/join/later.join",
        ),
    )
    made = [marked(node) for node in (nodes | {"orderer0": own}).values()]
    given = to_restore(manifest(made), made[0])
    assert given.ledgers == {CHANNEL: at(10)}
    assert owners(given.tree.files) == {
        ORDERER_BLOCKS: "orderer1",
        LOG: "orderer1",
        SNAPSHOT: "orderer1",
        "orderer/pendingops/join/later.join": "orderer0",
    }
    assert [file.path for file in given.tree.files] == sorted(owners(given.tree.files))
    folders = [folder.path for folder in given.tree.folders]
    assert f"orderer/snapshot/{CHANNEL}" in folders
    assert "orderer/index" not in folders
    assert folders == sorted(set(folders))
    for node in made[1:2] + made[3:]:
        assert to_restore(manifest(made), node) is node


def test_a_follower_keeps_its_own() -> None:
    nodes = sound() | {"orderer0": orderer("orderer0", at(9), names=(ORDERER_BLOCKS,))}
    made = manifest([*nodes.values()])
    assert to_restore(made, nodes["orderer0"]) is nodes["orderer0"]


def test_bft_and_peers_keep_their_own() -> None:
    nodes = sound()
    for node in nodes.values():
        assert to_restore(manifest([*nodes.values()], kind="BFT"), node) is node


def test_a_channel_called_like_a_folder_of_raft() -> None:
    names = [each.replace(CHANNEL, "etcdraft") for each in ORDERER]
    nodes = [
        replace(orderer(name, at(height), names=names), ledgers={"etcdraft": at(height)})
        for name, height in (("a", 9), ("b", 10))
    ]
    assert to_restore(manifest(nodes), nodes[0]).ledgers == {"etcdraft": at(10)}
    assert peer("p", "Karga", at(1)).ledgers
