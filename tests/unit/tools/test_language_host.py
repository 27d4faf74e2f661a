"""The language host answers as the engine expects, over its real protocol."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from tools import language_host


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("host")
    source = Path(language_host.__file__)
    (folder / source.name).write_bytes(source.read_bytes())
    (folder / "version").write_text("3.259.0\n")
    with subprocess.Popen(
        [sys.executable, folder / source.name, "127.0.0.1:1"], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        port = int(child.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield language_pb2_grpc.LanguageRuntimeStub(channel)
        child.terminate()
    assert child.returncode == 0


def info(folder: Path, **options: str) -> Any:
    chosen = struct_pb2.Struct()
    chosen.update(options)
    return language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point=".", options=chosen
    )


def test_it_tells_its_version(host: Any) -> None:
    assert host.GetPluginInfo(empty_pb2.Empty()).version == "3.259.0"


def test_it_asks_for_the_providers_that_are_installed(host: Any, tmp_path: Path) -> None:
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path))
    packages = host.GetRequiredPackages(request).packages
    found = {package.name: (package.kind, package.version) for package in packages}
    assert found["kubernetes"] == ("resource", "v4.25.0")
    assert "pulumi" not in found


def test_a_missing_virtual_environment_is_a_sentence(host: Any, tmp_path: Path) -> None:
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path, virtualenv="venv"))
    with pytest.raises(grpc.RpcError, match="run `pulumi install` to make it"):
        host.GetRequiredPackages(request)


def test_it_lists_what_is_installed(host: Any, tmp_path: Path) -> None:
    request = language_pb2.GetProgramDependenciesRequest(info=info(tmp_path))
    found = {each.name: each.version for each in host.GetProgramDependencies(request).dependencies}
    assert found["pulumi"] == "3.259.0"


def test_it_tells_which_python(host: Any, tmp_path: Path) -> None:
    answer = host.About(language_pb2.AboutRequest(info=info(tmp_path)))
    assert answer.executable == sys.executable
    assert answer.version == sys.version.split()[0]


def test_a_plugin_is_run_and_heard(host: Any, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(
        "import os, sys\n"
        "print(sys.argv[1], os.environ['GIVEN'], os.getcwd())\n"
        "print('trouble', file=sys.stderr)\n"
        "sys.exit(3)\n"
    )
    request = language_pb2.RunPluginRequest(
        pwd=str(tmp_path), args=["word"], env=["GIVEN=a=b"], info=info(tmp_path), kind="resource"
    )
    parts = list(host.RunPlugin(request))
    assert b"".join(part.stdout for part in parts) == f"word a=b {tmp_path}\n".encode()
    assert b"".join(part.stderr for part in parts) == b"trouble\n"
    assert parts[-1].exitcode == 3


def test_requirements_are_installed_where_the_project_says(host: Any, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("\n")
    request = language_pb2.InstallDependenciesRequest(
        directory=str(tmp_path), info=info(tmp_path, virtualenv="venv")
    )
    list(host.InstallDependencies(request))
    assert (tmp_path / "venv" / "bin" / "python").exists()


def test_a_plugin_file_may_leave_out_its_name() -> None:
    found = language_host._dependency(
        {"package": "pulumi-random_things", "package_version": "1.2", "resource": True}
    )
    assert (found.name, found.version) == ("random-things", "v1.2")
