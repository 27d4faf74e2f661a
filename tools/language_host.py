"""Pulumi's language host for Python: what the engine asks to run Python programs and policy packs.

The released one is no Go module of its own and so cannot be built here. This one follows Pulumi's
``language.proto`` and serves previews, updates, policy packs, plugins written in Python and
``pulumi install``. It generates no code (``pulumi convert``, ``pulumi package``). It runs in
the project's virtual environment, beside ``pulumi-language-python-exec`` of Pulumi's SDK, which
runs the program itself; each run is a fresh interpreter.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

# Every Run and RunPlugin holds a thread as long as the program or policy pack runs.
_THREADS = 32
_MESSAGE_LIMIT = 400 * 1024 * 1024
_ERROR_ALREADY_SHOWN = 32
_CHUNK = 65536

# Run with the program's own interpreter: what is installed is installed there.
_LIST_PLUGINS = """
import importlib.metadata, json
found = []
for package in importlib.metadata.distributions():
    for file in package.files or ():
        if file.name == "pulumi-plugin.json":
            found.append({"package": package.name, "package_version": package.version,
                          **json.loads(file.read_text())})
print(json.dumps(found))
"""
_LIST_PACKAGES = """
import importlib.metadata, json
print(json.dumps({p.name: p.version for p in importlib.metadata.distributions()}))
"""


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """A Python and the environment to run it in."""

    binary: str
    environment: dict[str, str]

    def read_json(self, script: str, directory: str) -> Any:
        """Run a script and return what it prints."""
        printed = subprocess.run(
            [self.binary, "-c", script],
            env=self.environment,
            cwd=directory or None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        return json.loads(printed.stdout)


def interpreter(info: Any) -> Interpreter:
    """Return the interpreter of a program: that of its virtual environment, if it names one.

    ``info`` is a ProgramInfo: its option ``virtualenv`` is relative to the project's folder.
    """
    options: dict[str, Any] = json_format.MessageToDict(info.options)
    environment = dict(os.environ)
    if not (chosen := options.get("virtualenv")):
        binary = environment.get("PULUMI_PYTHON_CMD", sys.executable)
        return Interpreter(binary=binary, environment=environment)
    venv = Path(info.root_directory, chosen)
    binary = venv / "bin" / "python"
    if not binary.exists():
        raise FileNotFoundError(
            f"there is no virtual environment in {venv}, which Pulumi.yaml names: "
            "run `pulumi install` to make it"
        )
    environment["VIRTUAL_ENV"] = str(venv)
    environment["PATH"] = f"{venv / 'bin'}:{environment.get('PATH', '')}"
    environment.pop("PYTHONHOME", None)
    return Interpreter(binary=str(binary), environment=environment)


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Serves one engine."""

    def __init__(self, engine: str, version: str) -> None:
        self._engine = engine
        self._version = version
        self._running: set[subprocess.Popen[bytes]] = set()

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Learn the engine's address, when the engine attaches to a host that runs already."""
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Return the version of this host."""
        return plugin_pb2.PluginInfo(version=self._version)

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Return the providers that belong to the Python packages of the program."""
        with _as_status(context):
            python = interpreter(request.info)
            plugins = python.read_json(_LIST_PLUGINS, request.info.program_directory)
        return language_pb2.GetRequiredPackagesResponse(
            packages=[_dependency(plugin) for plugin in plugins if plugin.get("resource")]
        )

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Run the program to its end."""
        with _as_status(context):
            python = interpreter(request.info)
        argv = [
            *(python.binary, "-u", str(Path(__file__).with_name("pulumi-language-python-exec"))),
            *("--monitor", request.monitor_address, "--engine", self._engine),
            *("--organization", request.organization, "--project", request.project),
            *("--stack", request.stack, "--root_directory", request.info.root_directory),
            *("--pwd", request.pwd, "--dry_run", "true" if request.dryRun else "false"),
            *("--parallel", str(request.parallel), request.info.entry_point, *request.args),
        ]
        environment = python.environment | {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        with self._started(argv, context, environment, request.pwd) as process:
            status = process.wait()
        if status == _ERROR_ALREADY_SHOWN:
            return language_pb2.RunResponse(bail=True)
        error = f"the program ended with status {status}" if status else ""
        return language_pb2.RunResponse(error=error)

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        """Run a policy pack (kind ``analyzer``) or another plugin and pass on what it prints."""
        with _as_status(context):
            python = interpreter(request.info)
        folder = request.info.program_directory
        pairs = (pair.partition("=") for pair in request.env)
        environment = python.environment | {name: value for name, _, value in pairs}
        if request.kind == "analyzer":
            argv = [python.binary, "-u", "-m", "pulumi.policy", *request.args, folder]
            directory = folder
        else:
            argv = [python.binary, "-u", folder, *request.args]
            directory = request.pwd
        yield from self._streamed(argv, context, environment, directory)

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802
        """Make the program's virtual environment if it has none, and install its requirements."""
        options: dict[str, Any] = json_format.MessageToDict(request.info.options)
        folder = request.info.program_directory or request.directory
        python = sys.executable
        commands: list[list[str]] = []
        if chosen := options.get("virtualenv"):
            venv = Path(request.info.root_directory or folder, chosen)
            python = str(venv / "bin" / "python")
            if not Path(python).exists():
                commands.append([sys.executable, "-m", "venv", str(venv)])
        requirements = Path(folder, "requirements.txt")
        if requirements.exists():
            commands.append([python, "-m", "pip", "install", "-r", str(requirements)])
        for argv in commands:
            status = 0
            for part in self._streamed(argv, context, dict(os.environ), folder):
                status = part.exitcode
                if part.stdout or part.stderr:
                    yield language_pb2.InstallDependenciesResponse(
                        stdout=part.stdout, stderr=part.stderr
                    )
            if status:
                context.abort(
                    grpc.StatusCode.UNKNOWN, f"`{' '.join(argv)}` ended with status {status}"
                )

    def About(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Return the program's interpreter."""
        with _as_status(context):
            python = interpreter(request.info)
        script = "import json, platform; print(json.dumps(platform.python_version()))"
        return language_pb2.AboutResponse(
            executable=python.binary,
            version=python.read_json(script, request.info.program_directory),
        )

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Return every Python package that is installed for the program."""
        with _as_status(context):
            python = interpreter(request.info)
            packages = python.read_json(_LIST_PACKAGES, request.info.program_directory)
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version)
                for name, version in sorted(packages.items())
            ]
        )

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Ask everything that runs to end."""
        for process in list(self._running):
            # SIGINT would end it too, with a traceback among the user's diagnostics.
            process.terminate()
        return empty_pb2.Empty()

    @contextmanager
    def _started(
        self,
        argv: Sequence[str],
        context: Any,
        environment: dict[str, str],
        directory: str,
        *,
        outputs: int | None = None,
    ) -> Generator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            argv,
            env=environment,
            cwd=directory or None,
            stdin=subprocess.DEVNULL,
            stdout=outputs,
            stderr=outputs,
        )
        self._running.add(process)
        context.add_callback(process.terminate)
        try:
            yield process
        finally:
            self._running.discard(process)

    def _streamed(
        self, argv: Sequence[str], context: Any, environment: dict[str, str], directory: str
    ) -> Iterator[Any]:
        """Run a program; yield RunPluginResponses with what it prints, and its status at last."""
        parts: queue.Queue[Any] = queue.Queue()
        with self._started(
            argv, context, environment, directory, outputs=subprocess.PIPE
        ) as process:
            for name in ("stdout", "stderr"):
                pipe = getattr(process, name)
                threading.Thread(target=_pump, args=(pipe, name, parts), daemon=True).start()
            for _ in ("stdout", "stderr"):
                while (part := parts.get()) is not None:
                    yield part
            yield language_pb2.RunPluginResponse(exitcode=process.wait())


def _pump(pipe: Any, name: str, parts: "queue.Queue[Any]") -> None:
    while chunk := pipe.read1(_CHUNK):
        parts.put(language_pb2.RunPluginResponse(**{name: chunk}))
    parts.put(None)


def _dependency(plugin: dict[str, Any]) -> Any:
    """Turn a pulumi-plugin.json into what the engine wants to know; its name is optional there."""
    return plugin_pb2.PackageDependency(
        kind="resource",
        name=plugin.get("name") or plugin["package"].removeprefix("pulumi-").replace("_", "-"),
        version="v" + (plugin.get("version") or plugin["package_version"]).removeprefix("v"),
        server=plugin.get("server", ""),
    )


@contextmanager
def _as_status(context: Any) -> Generator[None]:
    """Turn an expected error into the message that Pulumi shows."""
    try:
        yield
    except FileNotFoundError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
    except subprocess.CalledProcessError as error:
        message = f"the program's Python failed: {error.stderr.decode(errors='replace')}"
        context.abort(grpc.StatusCode.UNKNOWN, message)


def _end_with_parent(end: threading.Event) -> None:
    """Set ``end`` when the engine is gone, which it may be without a word."""
    parent = os.getppid()
    while not end.wait(1):
        if os.getppid() != parent:
            end.set()


def main() -> None:
    """Serve until the engine ends. The first line printed is the port, as the engine expects."""
    engine = next((word for word in reversed(sys.argv[1:]) if not word.startswith("-")), "")
    version = Path(__file__).with_name("version").read_text().strip()
    end = threading.Event()

    def stop(_number: int, _frame: Any) -> None:
        end.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    limits = [
        ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
        ("grpc.max_send_message_length", _MESSAGE_LIMIT),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS), options=limits)
    host = LanguageHost(engine, version)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Thread(target=_end_with_parent, args=(end,), daemon=True).start()
    end.wait()
    host.Cancel(None, None)
    server.stop(grace=None)


if __name__ == "__main__":
    main()
