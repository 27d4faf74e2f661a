"""The Kubernetes that actions work on: Secrets, ConfigMaps, pods, and the way to a node's port.

Actions own no manifests; this module has just what they need of the API. Nodes are reached by
port-forwards through it, which stay open for the life of the process.
"""

import asyncio
import base64
import contextlib
import json
import os
import threading
import time
import urllib.parse
from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import kr8s
import kr8s.asyncio
from yaml import YAMLError

from actions import forwarding, kubeconfig

T = TypeVar("T")
_Each = TypeVar("_Each")
Manifest = dict[str, Any]

_API_TIMEOUT = 30.0
_FORWARD_TIMEOUT = 10.0
_WATCH_PAUSE = 0.2
"""Seconds; the server ends a watch now and then."""
_CLOSE_PAUSE = 0.01
_NOT_FOUND = 404
_CONFLICT = 409
_BY_KUBECONFIG = (ValueError, LookupError, TypeError, RuntimeError, OSError, YAMLError)
"""What reading it raises; RuntimeError where a program that it names fails."""
_APPLY = "application/apply-patch+yaml"


class ClusterError(Exception):
    """What Kubernetes refused or lacks, as a sentence with the namespace and name."""


class RefusedError(ClusterError):
    """What Kubernetes answered with a refusal, such as a lack of rights."""


@dataclass(frozen=True, kw_only=True)
class PodEvent:
    """One change of a pod. `gone` is true where it was deleted."""

    name: str
    manifest: Manifest
    gone: bool


_context: list[str | None] = [None]
_loops: list[asyncio.AbstractEventLoop] = []
_loops_lock = threading.Lock()
_forwards: dict[tuple[str, str, int], int] = {}
"""The local ports by namespace, pod and port; they end with the process."""
_forwards_lock = threading.Lock()


def use(context: str | None) -> None:
    """Choose the kube context: the stack's setting, else `HLF_CONTEXT`, else the current one."""
    _context[0] = context or os.environ.get("HLF_CONTEXT") or None


def chosen() -> str:
    """Return the kube context in use, in words."""
    return f"kube context {_context[0]}" if _context[0] else "the current kube context"


def identity() -> str | None:
    """Return what tells this cluster from all others; None for who may not look."""
    try:
        found = namespace("kube-system")
    except RefusedError:
        return None
    return None if found is None else found["metadata"]["uid"]


def secret(namespace: str, name: str) -> dict[str, bytes] | None:
    """Return the data of a Secret, or None where it does not exist."""
    found = get(namespace, "secrets", name)
    if found is None:
        return None
    return {key: base64.b64decode(value) for key, value in found.get("data", {}).items()}


def config_map(namespace: str, name: str) -> dict[str, bytes] | None:
    """Return the data of a ConfigMap, or None where it does not exist."""
    found = get(namespace, "configmaps", name)
    if found is None:
        return None
    text = {key: value.encode() for key, value in found.get("data", {}).items()}
    binary = {key: base64.b64decode(v) for key, v in found.get("binaryData", {}).items()}
    return text | binary


def get(namespace: str, plural: str, name: str, *, version: str = "v1") -> Manifest | None:
    """Return one object, or None where it does not exist."""
    return _run(_request("GET", namespace, f"{plural}/{name}", version=version))


def find(namespace: str, plural: str, selector: str = "", *, version: str = "v1") -> list[Manifest]:
    """Return the objects that match a label selector; without one, all."""
    query = urllib.parse.urlencode({"labelSelector": selector})
    found = _run(_request("GET", namespace, f"{plural}?{query}", version=version))
    return [] if found is None else found["items"]


def namespace(name: str) -> Manifest | None:
    """Return a namespace, or None where it does not exist."""
    return _run(_request("GET", None, f"namespaces/{name}"))


def create_namespace(
    name: str, *, labels: Mapping[str, str], annotations: Mapping[str, str]
) -> bool:
    """Create a namespace; return False where one of this name is there already."""
    metadata = {"name": name, "labels": dict(labels), "annotations": dict(annotations)}
    made = _request("POST", None, "namespaces", {"metadata": metadata}, tolerate=_CONFLICT)
    return _run(made) is not None


def delete_namespace(name: str) -> None:
    """Begin to delete a namespace with all that is in it."""
    _run(_request("DELETE", None, f"namespaces/{name}"))


def lacks_storage_class(name: str) -> bool:
    """Return whether there surely is no such StorageClass; who may not look cannot be sure."""
    try:
        return _storage_class(name) is None
    except ClusterError:
        return False


def cannot_expand(name: str) -> bool:
    """Return whether a StorageClass surely does not let its volumes grow."""
    try:
        found = _storage_class(name)
    except RefusedError:
        return False
    return found is not None and not found.get("allowVolumeExpansion")


def _storage_class(name: str) -> Manifest | None:
    return _run(_request("GET", None, f"storageclasses/{name}", version="storage.k8s.io/v1"))


def create_config_map(namespace: str, name: str, data: Mapping[str, str]) -> bool:
    """Create a ConfigMap; return False where one of this name is there already."""
    manifest = {"metadata": {"name": name}, "data": dict(data)}
    return create(namespace, "configmaps", manifest) is not None


def create(
    namespace: str, plural: str, manifest: Manifest, *, version: str = "v1"
) -> Manifest | None:
    """Create an object; return it, or None where one of this name is there already."""
    url = _request("POST", namespace, plural, manifest, version=version, tolerate=_CONFLICT)
    return _run(url)


def apply_config_map(
    namespace: str,
    name: str,
    *,
    text: Mapping[str, str] | None = None,
    binary: Mapping[str, bytes] | None = None,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Create a ConfigMap or make it what is given."""
    encoded = {key: base64.b64encode(value).decode() for key, value in (binary or {}).items()}
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": dict(labels or {})},
        "data": dict(text or {}),
        "binaryData": encoded,
    }
    url = f"configmaps/{name}?fieldManager=hlf&force=true"
    _run(_request("PATCH", namespace, url, manifest, content_type=_APPLY))


def merge(
    namespace: str, plural: str, name: str, changes: Manifest, *, version: str = "v1"
) -> bool:
    """Change parts of an object, None taking them away; return False where it does not exist."""
    kind = "application/merge-patch+json"
    url = f"{plural}/{name}"
    made = _request("PATCH", namespace, url, changes, version=version, content_type=kind)
    return _run(made) is not None


def delete(
    namespace: str, plural: str, name: str, *, version: str = "v1", propagation: str | None = None
) -> None:
    """Delete one object; nothing happens where it does not exist.

    What it owns goes as `propagation` says, `Background` or `Foreground`, or as is usual for it.
    """
    query = f"?propagationPolicy={propagation}" if propagation else ""
    _run(_request("DELETE", namespace, f"{plural}/{name}{query}", version=version))


def pod_log(namespace: str, pod: str, container: str, *, lines: int) -> str:
    """Return the last lines of a container's log, of its last run where it crashed."""
    url = f"pods/{pod}/log"
    params = {"container": container, "tailLines": str(lines)}
    return _run(_text(namespace, url, params))


def follow_log(namespace: str, pod: str, container: str, *, silence: float) -> Generator[str]:
    """Yield the last line of a container's log, then each further one when it comes.

    Ends with the container, with the connection, and after `silence` seconds without a line.
    """
    lines = _log_lines(namespace, pod, container)
    try:
        while (line := _run(_next(lines, silence), timeout=silence + _API_TIMEOUT)) is not None:
            yield line
    finally:
        _run(_close(lines))


def watch_pods(namespace: str, selector: str, *, timeout: float) -> Generator[PodEvent]:
    """Yield pods that match a label selector as they change, those that exist first.

    Ends after `timeout` seconds; what that means is the caller's affair.
    """
    deadline = time.monotonic() + timeout
    events = _pod_events(namespace, selector)
    try:
        while (left := deadline - time.monotonic()) > 0:
            event = _run(_next(events, left), timeout=left + _API_TIMEOUT)
            if event is None:
                return
            yield event
    finally:
        _run(_close(events))


async def _close(events: AsyncGenerator[Any]) -> None:
    """End a watch, also in the middle of an event that was waited for, after an interrupt."""
    while True:
        try:
            return await events.aclose()
        except RuntimeError:
            await asyncio.sleep(_CLOSE_PAUSE)


async def _next(each: AsyncGenerator[_Each], seconds: float) -> _Each | None:
    """Return the next one, or None where there is none, or none within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await anext(each, None)
    except TimeoutError:
        return None


async def _log_lines(namespace: str, pod: str, container: str) -> AsyncGenerator[str]:
    api = await _api()
    params = {"container": container, "follow": "true", "tailLines": "1"}
    url = f"pods/{pod}/log"
    # a container that is gone, and a connection that is lost: the caller looks at the pod next
    with contextlib.suppress(kr8s.ServerError, kr8s.APITimeoutError, httpx.TransportError):
        async with api.call_api(
            "GET", version="v1", namespace=namespace, url=url, params=params, stream=True
        ) as response:
            async for line in response.aiter_lines():
                yield line


async def _pod_events(namespace: str, selector: str) -> AsyncGenerator[PodEvent]:
    while True:
        api = await _api()
        async for kind, pod in api.async_watch(
            "pods", namespace=namespace, label_selector=selector
        ):
            yield PodEvent(name=pod.name, manifest=pod.raw.to_dict(), gone=kind == "DELETED")
        await asyncio.sleep(_WATCH_PAUSE)


def forward(namespace: str, pod: str, port: int) -> str:
    """Return a local `host:port` that leads to a pod's port, opened once per process.

    A pod that was replaced under the same name is reached by the same address.
    """
    with _forwards_lock:
        key = (namespace, pod, port)
        if key not in _forwards:
            _forwards[key] = _run(_open_forward(namespace, pod, port), timeout=_FORWARD_TIMEOUT)
        return f"127.0.0.1:{_forwards[key]}"


async def _open_forward(namespace: str, pod: str, port: int) -> int:
    return await forwarding.listen(await _api(), namespace, pod, port)


async def _api() -> kr8s.asyncio.Api:
    """Return the API of the context; raise ClusterError where the kubeconfig does not lead there.

    kr8s lets through whatever its reading of the kubeconfig stumbles on.
    """
    try:
        return await kr8s.asyncio.api(context=_context[0])
    except TimeoutError:
        raise
    except (*_BY_KUBECONFIG, kr8s.ServerError) as error:
        raise ClusterError(kubeconfig.complaint(_context[0], str(error))) from None


async def _request(
    method: str,
    namespace: str | None,
    url: str,
    body: Manifest | None = None,
    *,
    version: str = "v1",
    tolerate: int = _NOT_FOUND,
    content_type: str = "application/json",
) -> Manifest | None:
    api = await _api()
    try:
        async with api.call_api(
            method,
            version=version,
            namespace=namespace,
            url=url,
            content=json.dumps(body) if body is not None else None,
            headers={"Content-Type": content_type},
        ) as response:
            return response.json()
    except kr8s.ServerError as error:
        if error.response is not None and error.response.status_code == tolerate:
            return None
        where = f" in {namespace}" if namespace else ""
        raise RefusedError(f"Kubernetes refused {method} {url}{where}: {error}.") from None


async def _text(namespace: str, url: str, params: Mapping[str, str]) -> str:
    api = await _api()
    try:
        async with api.call_api(
            "GET", version="v1", namespace=namespace, url=url, params=dict(params)
        ) as response:
            return response.text
    except kr8s.ServerError:
        return ""


def _run(work: Coroutine[Any, Any, T], *, timeout: float = _API_TIMEOUT) -> T:
    """Run on the module's event loop, which lives in a thread of its own."""
    future = asyncio.run_coroutine_threadsafe(work, _loop())
    try:
        return future.result(timeout)
    except TimeoutError:
        future.cancel()
        raise ClusterError(_silent(f"nothing came within {timeout:.0f} s")) from None
    except (httpx.TransportError, kr8s.APITimeoutError) as error:
        raise ClusterError(_silent(str(error))) from None
    except BaseException:
        # an interrupt, after which nothing may wait on
        future.cancel()
        raise


def _silent(reason: str) -> str:
    return (
        f"The Kubernetes API of {chosen()} does not answer: {reason}. "
        "Check the setting hlf:context and that the cluster is up."
    )


def _loop() -> asyncio.AbstractEventLoop:
    with _loops_lock:
        if not _loops:
            _loops.append(asyncio.new_event_loop())
            threading.Thread(target=_loops[0].run_forever, name="kubernetes", daemon=True).start()
        return _loops[0]
