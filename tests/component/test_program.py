"""The program itself: what it does with settings and files that hold mistakes."""

import runpy
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime import mocks, set_all_config

from tests.component.recorded import REPOSITORY

ALREADY_TOLD = 32
"""With any other status Pulumi's language host adds an error of its own."""


class Nothing(mocks.Mocks):
    """Nothing may be registered."""

    def call(self, args: mocks.MockCallArgs) -> None:
        raise AssertionError(args.token)

    def new_resource(self, args: mocks.MockResourceArgs) -> None:
        raise AssertionError(args.typ)


def test_mistakes_are_one_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", told.append)
    monkeypatch.chdir(tmp_path)
    mocks.set_mocks(Nothing(), project="hlf", stack="dev", preview=False)
    set_all_config({"hlf:network": "nowhere", "hlf:fabricVersion": "9"})
    try:
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(REPOSITORY / "__main__.py"))
    finally:
        set_all_config({})
    assert ended.value.code == ALREADY_TOLD
    (error,) = told
    assert "hlf:fabricVersion" in error
    assert "there is no folder nowhere" in error


@pytest.mark.parametrize("secret_keys", [[], ["hlf:backup"]])
def test_a_passphrase_that_is_no_secret_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, secret_keys: list[str]
) -> None:
    told: list[str] = []

    def stop(*_: object, **__: object) -> None:
        raise SystemExit

    monkeypatch.setattr(pulumi.log, "warn", told.append)
    monkeypatch.setattr("components.network.Network", stop)
    monkeypatch.chdir(REPOSITORY)
    mocks.set_mocks(Nothing(), project="hlf", stack="dev", preview=False)
    backup = '{"store":"s3://bucket","passphrase":"Correct-Horse"}'
    set_all_config({"hlf:backup": backup}, secret_keys)
    try:
        with pytest.raises(SystemExit):
            runpy.run_path(str(REPOSITORY / "__main__.py"))
    finally:
        set_all_config({}, [])
    assert ["pulumi config set --secret --path hlf:backup.passphrase" in each for each in told] == [
        True
    ] * (not secret_keys)
    assert "Correct-Horse" not in "".join(told)
