"""A kubeconfig that leads nowhere is a sentence with what there is to choose from."""

import json
import os
from pathlib import Path

import pytest

from actions import kubeconfig


def write(path: Path, *contexts: str) -> Path:
    path.write_text(json.dumps({"contexts": [{"name": each, "context": {}} for each in contexts]}))
    return path


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two that there are, one that there is not, one that is none."""
    (tmp_path / "broken").write_text(":\n- {")
    names = [
        write(tmp_path / "one", "b", "a"),
        tmp_path / "missing",
        write(tmp_path / "two", "a", "c"),
        tmp_path / "broken",
    ]
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, names)))
    return names


@pytest.mark.usefixtures("files")
def test_contexts_of_all_files_are_named() -> None:
    complaint = kubeconfig.complaint("x", "No such context x")
    assert "There is no kube context x" in complaint
    assert "there are: a, b, c." in complaint
    for part in ("hlf:context", "HLF_CONTEXT", "`pulumi config set context <name>`"):
        assert part in complaint


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("context", ["a", None])
def test_a_context_that_does_not_do_is_told_with_the_reason(context: str | None) -> None:
    assert "cannot be used: token is missing." in kubeconfig.complaint(context, "token is missing")


def test_no_kubeconfig_at_all_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert f"no kubeconfig in {tmp_path}/.kube/config: " in kubeconfig.complaint("x", "whatever")


def test_a_file_without_contexts_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "empty"))
    (tmp_path / "empty").write_text("")
    assert "there are: none." in kubeconfig.complaint("x", "whatever")


def test_a_pod_needs_no_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    complaint = kubeconfig.complaint(None, "Unable to find valid credentials")
    assert complaint.startswith("This pod cannot ask its cluster: Unable to find valid credentials")
    assert "Have the token of its service account mounted" in complaint


def test_a_user_without_a_home_folder_is_told_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert "no kubeconfig in ~/.kube/config: " in kubeconfig.complaint(None, "whatever")
