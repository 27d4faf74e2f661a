from hlf.ledger.folder import ChannelFiles, Use, folder

CHAINS = "ledgersData/chains/chains"
PEER = {
    f"{CHAINS}/common/blockfile_000000": Use.BLOCKS,
    f"{CHAINS}/common/blockfile_000001": Use.BLOCKS,
    f"{CHAINS}/private.karga/blockfile_000000": Use.BLOCKS,
    "ledgersData/chains/index/CURRENT": Use.REBUILT,
    "ledgersData/stateLeveldb/000010.ldb": Use.REBUILT,
    "ledgersData/historyLeveldb/LOG": Use.REBUILT,
    "ledgersData/pvtdataStore/000002.log": Use.KEPT,
    "ledgersData/configHistory/000001.log": Use.KEPT,
    "ledgersData/bookkeeper/000001.log": Use.KEPT,
    "ledgersData/ledgerProvider/000001.log": Use.KEPT,
    "ledgersData/fileLock/LOCK": Use.SPARE,
    "snapshots/completed/common/16/txids.data": Use.KEPT,
    "snapshots/temp/common16/txids.data": Use.SPARE,
    "snapshots/joining/common/16/txids.data": Use.SPARE,
    "lifecycle/chaincodes/basic_1.725f.tar.gz": Use.KEPT,
    "chaincodes/basic.1.0": Use.KEPT,
    "externalbuilder/builds/basic_1-725f/build-info.json": Use.REBUILT,
    "transientstore/000001.log": Use.KEPT,
    "transientStoreFileLock/LOCK": Use.SPARE,
    "lost+found/x": Use.UNKNOWN,
}
ORDERER = {
    "orderer/chains/common/blockfile_000000": Use.BLOCKS,
    "orderer/chains/testchainid/blockfile_000000": Use.BLOCKS,
    "orderer/index/000001.log": Use.REBUILT,
    "orderer/pendingops/join/later.join": Use.KEPT,
    "orderer/wal/common/0000000000000000-0000000000000000.wal": Use.KEPT,
    "orderer/wal/common/0.tmp": Use.SPARE,
    "orderer/wal/common/0000000000000001.wal": Use.KEPT,
    "orderer/snapshot/common/0000000000000002-000000000000000e.snap": Use.KEPT,
    "orderer/etcdraft/wal/common/1.tmp": Use.SPARE,
    "orderer/etcdraft/wal/common/0000000000000000-0000000000000000.wal": Use.KEPT,
    "orderer/etcdraft/snapshot/common/0000000000000002-000000000000000e.snap": Use.KEPT,
}


def test_a_peer():
    found = folder(PEER)
    assert found.uses == PEER
    assert found.channels == (
        ChannelFiles(
            channel="common",
            block_files=(f"{CHAINS}/common/blockfile_000000", f"{CHAINS}/common/blockfile_000001"),
            snapshot=None,
        ),
        ChannelFiles(
            channel="private.karga",
            block_files=(f"{CHAINS}/private.karga/blockfile_000000",),
            snapshot=None,
        ),
    )


def test_an_orderer():
    found = folder(ORDERER)
    assert found.uses == ORDERER
    assert [each.channel for each in found.channels] == ["common", "testchainid"]
    assert found.channels[0].block_files == ("orderer/chains/common/blockfile_000000",)


def test_files_by_use():
    found = folder(reversed(PEER))
    assert found.files(Use.UNKNOWN) == ("lost+found/x",)
    assert found.files(Use.SPARE, Use.UNKNOWN) == (
        "ledgersData/fileLock/LOCK",
        "lost+found/x",
        "snapshots/joining/common/16/txids.data",
        "snapshots/temp/common16/txids.data",
        "transientStoreFileLock/LOCK",
    )
    assert set(found.files(*Use)) == set(PEER)


def test_with_a_snapshot_nothing_is_made_again_from_blocks():
    info = f"{CHAINS}/private.karga/bootstrappingSnapshot.info"
    found = folder([*PEER, info, f"{CHAINS}/other/bootstrappingSnapshotTemp.info"])
    assert found.uses[info] is Use.BLOCKS
    assert found.uses[f"{CHAINS}/other/bootstrappingSnapshotTemp.info"] is Use.SPARE
    assert [each.snapshot for each in found.channels] == [None, info]
    assert found.files(Use.REBUILT) == ("externalbuilder/builds/basic_1-725f/build-info.json",)
    assert "ledgersData/stateLeveldb/000010.ldb" in found.files(Use.KEPT)


def test_block_files_are_in_the_order_of_their_numbers():
    names = [f"orderer/chains/c/blockfile_{n:06d}" for n in (1_000_000, 999_999, 2, 0, 10)]
    (channel,) = folder(names).channels
    assert [int(name.rpartition("_")[2]) for name in channel.block_files] == [
        0,
        2,
        10,
        999_999,
        1_000_000,
    ]


def test_what_only_looks_like_a_block_file():
    names = (
        "orderer/chains/common/blockfile_000000.old",
        "orderer/chains/common/blockfile_1",
        "orderer/chains/blockfile_000000",
        "other/orderer/chains/common/blockfile_000000",
        "",
    )
    found = folder(names)
    assert found.channels == ()
    assert found.files(Use.UNKNOWN) == tuple(sorted(names))


def test_nothing():
    assert folder([]).channels == ()
