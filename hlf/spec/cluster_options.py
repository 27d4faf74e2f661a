"""The options of Raft (`EtcdRaft.Options`) and of BFT (`SmartBFT`), with Fabric's defaults.

Follows `internal/configtxgen/genesisconfig` for the defaults and, for what orderers accept,
`orderer/consensus/etcdraft/util.go`, `orderer/consensus/smartbft/util` and SmartBFT's own
`pkg/types/config.go`. configtxgen takes an incomplete `SmartBFT` as it is, with which no orderer
starts; here each option that is left out has its default.
"""

from dataclasses import fields as fields_of
from typing import Any

from hlf.config import quantity
from hlf.config.model import BftOptions, RaftOptions
from hlf.spec.quantities import duration, size
from hlf.spec.reader import Fields, Reader

LEAST_BATCH_BYTES = 10 * 1024
"""What SmartBFT allows a single request, whatever the channel says, while it checks the rest."""
_UINT32 = 2**32 - 1
_MOST_BYTES = 2**63 - 1
_RAFT = RaftOptions()
_BFT = BftOptions()
_ROTATION = {"0": False, "1": False, "2": True}
"""`LeaderRotation` is the number of the message's value: unspecified, off, on."""
_IN_ORDER = (
    ("RequestBatchMaxCount", "RequestBatchMaxBytes"),
    ("RequestMaxBytes", "RequestBatchMaxBytes"),
    ("RequestForwardTimeout", "RequestComplainTimeout"),
    ("RequestComplainTimeout", "RequestAutoRemoveTimeout"),
    ("ViewChangeResendInterval", "ViewChangeTimeout"),
)
"""The first of each must not be more than the second."""


def raft(at: Reader | None) -> RaftOptions:
    """Read `EtcdRaft.Options`."""
    if at is None:
        return _RAFT
    fields = at.fields(
        "TickInterval",
        "ElectionTick",
        "HeartbeatTick",
        "MaxInflightBlocks",
        "SnapshotIntervalSize",
    )

    def number(key: str, default: int) -> int:
        return fields.number(key, default=default, least=1, most=_UINT32)

    options = RaftOptions(
        tick_interval=duration(fields, "TickInterval", default=_RAFT.tick_interval),
        election_tick=number("ElectionTick", _RAFT.election_tick),
        heartbeat_tick=number("HeartbeatTick", _RAFT.heartbeat_tick),
        max_inflight_blocks=number("MaxInflightBlocks", _RAFT.max_inflight_blocks),
        snapshot_interval_size=size(
            fields, "SnapshotIntervalSize", default=_RAFT.snapshot_interval_size
        ),
    )
    if options.election_tick <= options.heartbeat_tick:
        at.tell(
            f"`ElectionTick` ({options.election_tick}) is not more than `HeartbeatTick` "
            f"({options.heartbeat_tick})",
            "make it about ten times as much",
        )
    return options


def bft(at: Reader | None) -> BftOptions:
    """Read `SmartBFT`."""
    if at is None:
        return _BFT
    keys = {_key(each.name): each.name for each in fields_of(BftOptions)}
    fields = at.fields(*keys)
    rotates = _rotates(fields)
    values: dict[str, Any] = {
        name: _value(fields, key, getattr(_BFT, name))
        for key, name in keys.items()
        if name != "leader_rotation"
    }
    options = BftOptions(**values, leader_rotation=rotates)
    for less, more in _IN_ORDER:
        first, second = (getattr(options, keys[key]) for key in (less, more))
        if _amount(first) > _amount(second):
            at.tell(f"`{less}` ({first}) is more than `{more}` ({second})", "make it less")
    if options.decisions_per_leader and not rotates:
        (fields.get("DecisionsPerLeader") or at).tell(
            "`DecisionsPerLeader` counts decisions between two leaders, and leaders do not rotate",
            "take it out",
        )
    return options


def _value(fields: Fields, key: str, default: bool | int | str) -> bool | int | str:
    """One option, whose default says what kind it is: flag, number or duration."""
    if isinstance(default, bool):
        return fields.flag(key, default=default)
    if isinstance(default, str):
        return duration(fields, key, default=default)
    least = {"RequestBatchMaxBytes": LEAST_BATCH_BYTES}.get(key, 1 if default else 0)
    most = _MOST_BYTES if key.endswith("Bytes") else _UINT32
    return fields.number(key, default=default, least=least, most=most)


def _rotates(fields: Fields) -> bool:
    at = fields.get("LeaderRotation")
    text = at.scalar_text() if at else None
    if at is None or text is None:
        return False
    if text not in _ROTATION:
        at.tell(
            f"`{text}` is no value of `LeaderRotation`", "write 1, which is off, or take it out"
        )
    elif _ROTATION[text]:
        at.tell(
            "`LeaderRotation` is on (2), with which Fabric takes no update of the channel",
            "write 1, which is off, or take it out",
        )
    return _ROTATION.get(text, False)


def _key(name: str) -> str:
    """`request_batch_max_count` as configtx.yaml has it, `RequestBatchMaxCount`."""
    return "".join(word.capitalize() for word in name.split("_"))


def _amount(value: int | str) -> int:
    return quantity.nanoseconds(value) if isinstance(value, str) else value
