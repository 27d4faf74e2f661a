"""The variables for work on a stack: ours by default, the user's where the user chose."""

import subprocess
from pathlib import Path

from tools import environment
from tools.environment import Stack
from tools.home import Home


def variables(
    tmp_path: Path, user: dict[str, str], *, embedded_node: bool = True, own_cli: bool = False
) -> dict[str, str]:
    return environment.variables(
        Stack(name="simple", home=Home(path=tmp_path)),
        venv=tmp_path / "venv",
        cli=tmp_path / "cli",
        own_cli=own_cli,
        embedded_node=embedded_node,
        user=user,
    )


def test_the_stacks_files_are_in_the_cache_folder(tmp_path: Path) -> None:
    found = variables(tmp_path, {"PATH": "/bin"})
    assert found["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/backend?metadata=skip"
    assert found["PULUMI_OPTION_CONFIG_FILE"] == f"{tmp_path}/stacks/simple/Pulumi.simple.yaml"
    assert found["PULUMI_CONFIG_PASSPHRASE_FILE"] == f"{tmp_path}/passphrase"
    assert found["KUBECONFIG"] == f"{tmp_path}/kubeconfig"
    assert found["PATH"] == f"{tmp_path}/cli:{tmp_path}/venv/bin:/bin"


def test_the_path_does_not_grow_with_every_use(tmp_path: Path) -> None:
    once = variables(tmp_path, {"PATH": "/bin"})["PATH"]
    assert variables(tmp_path, {"PATH": once})["PATH"] == once


def test_a_backend_and_a_passphrase_of_the_users_stay(tmp_path: Path) -> None:
    user = {"PATH": "/bin", "PULUMI_BACKEND_URL": "s3://b", "PULUMI_CONFIG_PASSPHRASE": "p"}
    found = variables(tmp_path, user)
    assert "PULUMI_BACKEND_URL" not in found
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in found


def test_a_pulumi_of_the_users_keeps_its_home(tmp_path: Path) -> None:
    assert variables(tmp_path, {})["PULUMI_HOME"] == f"{tmp_path}/pulumi-home"
    found = variables(tmp_path, {}, own_cli=True)
    assert not {"PULUMI_HOME", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"} & found.keys()


def test_a_cluster_of_the_users_keeps_its_kubeconfig(tmp_path: Path) -> None:
    assert "KUBECONFIG" not in variables(tmp_path, {}, embedded_node=False)


def test_a_shell_understands_the_exports(tmp_path: Path) -> None:
    lines = environment.exports({"A": "it's $HOME; rm", "B": "2"})
    said = subprocess.run(
        ["sh", "-c", f'{lines}printf "%s|%s" "$A" "$B"'],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert said.stdout == "it's $HOME; rm|2"


def test_a_shell_is_not_tied_to_a_stack(tmp_path: Path) -> None:
    """`pulumi stack init` and `stack select` would be of no effect, and say nothing about it."""
    lines = environment.exports(variables(tmp_path, {}))
    assert "unset PULUMI_STACK PULUMI_OPTION_CONFIG_FILE\n" in lines
    assert "export PULUMI_STACK" not in lines
    assert "export PULUMI_OPTION" not in lines


def test_the_passphrase_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    home = Home(path=tmp_path)
    environment.make_passphrase(home)
    first = home.passphrase.read_text()
    environment.make_passphrase(home)
    assert home.passphrase.read_text() == first
    assert len(first.strip()) > 20
    assert home.passphrase.stat().st_mode & 0o777 == 0o600
