"""What cannot be done to a volume is told by the setting that asks for it."""

from typing import Any

import pytest

from actions import volumes

NAME = "hlf-peer--karga--peer0"


def claim(size: str, class_: str | None = "standard", name: str = NAME) -> dict[str, Any]:
    chosen = {} if class_ is None else {"storageClassName": class_}
    requests = {"requests": {"storage": size}}
    return {"metadata": {"name": name}, "spec": {**chosen, "resources": requests}}


def told(live: dict[str, Any], *, expands: bool = False, **wanted: str) -> list[str]:
    return volumes.problems({NAME: {"kind": "peer", **wanted}}, [live], lambda _: not expands)


@pytest.mark.parametrize(
    "wanted",
    [
        {"size": "1Gi"},
        {"size": "1024Mi"},
        {"size": "1Gi", "class": "standard"},
    ],
)
def test_what_is_there_is_fine(wanted: dict[str, str]) -> None:
    assert told(claim("1Gi"), **wanted) == []


def test_a_volume_grows_where_its_class_lets_it() -> None:
    assert told(claim("1Gi"), size="2Gi", expands=True) == []
    (problem,) = told(claim("1Gi"), size="2Gi")
    for part in (NAME, "hlf:pods.peer.storage.size", "2Gi", "allowVolumeExpansion", "size 1Gi`"):
        assert part in problem


def test_no_volume_shrinks() -> None:
    (problem,) = told(claim("2Gi"), size="1Gi", expands=True)
    assert "no volume shrinks" in problem
    assert "`pulumi config set --path hlf:pods.peer.storage.size 2Gi`" in problem


def test_a_volume_keeps_its_class() -> None:
    (problem,) = told(claim("1Gi"), **{"size": "1Gi", "class": "fast"})
    for part in (NAME, "asks for fast", "`pulumi config set --path hlf:pods.peer.storage.class st"):
        assert part in problem


def test_both_are_told() -> None:
    assert len(told(claim("2Gi"), **{"size": "1Gi", "class": "fast"})) == 2


def test_one_setting_is_told_once() -> None:
    other = NAME.replace("karga", "atlantis")
    live = [claim("2Gi"), claim("2Gi", name=other)]
    wanted = {name: {"kind": "peer", "size": "1Gi"} for name in (NAME, other)}
    (problem,) = volumes.problems(wanted, live, lambda _: False)
    assert f"volume claim {other}, {NAME}" in problem


def test_what_is_not_in_the_files_and_what_nobody_can_compare_is_left_alone() -> None:
    assert volumes.problems({}, [claim("2Gi")], lambda _: False) == []
    assert told(claim("1e9"), size="1Gi") == []
    assert told(claim("1Gi", None), size="1Gi") == []
