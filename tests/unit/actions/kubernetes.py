"""The little of the Kubernetes API that actions use, over HTTP on loopback.

Objects are kept as they are given. What only controllers do (starting pods, revisions, emptying a
namespace) is done by the tests, through `put`, `remove` and `empty`.
"""

import json
import threading
import urllib.parse
from collections.abc import Callable, Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Manifest = dict[str, Any]
_PODS = {
    "name": "pods",
    "singularName": "pod",
    "namespaced": True,
    "kind": "Pod",
    "verbs": ["watch"],
}
_DISCOVERY: dict[str, Manifest] = {
    "version": {"major": "1", "minor": "34", "gitVersion": "v1.34.0"},
    "api": {"kind": "APIVersions", "versions": ["v1"]},
    "api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [_PODS]},
    "apis": {"kind": "APIGroupList", "groups": []},
}
"""What clients ask about the API itself."""
Key = tuple[str, str, str]
"""Namespace (empty for what is in none), plural, name."""
NAMESPACES = "namespaces"


class Kubernetes:
    """The objects, and what was asked for."""

    def __init__(self) -> None:
        self.objects: dict[Key, Manifest] = {}
        self.requests: list[str] = []
        """`METHOD namespace/plural/name`, in order."""
        self.refusals = 0
        """How many of the next reads are answered as those with a token that has expired."""
        self.on_delete: Callable[[Key], None] = lambda _: None
        """Called after each deletion, before its answer; stands for controllers."""
        self.on_create: Callable[[Key, Manifest], None] = lambda _key, _manifest: None
        """The same after each POST."""
        self.logs: dict[str, Iterable[str]] = {}
        """Logs, line by line as they are written, by the names of pods."""
        self._changes: list[tuple[str, Key, Manifest]] = []
        self._changed = threading.Condition()
        handler = type("Handler", (_Handler,), {"kubernetes": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, namespace: str, plural: str, manifest: Manifest) -> None:
        key = (namespace, plural, manifest["metadata"]["name"])
        if namespace:
            manifest["metadata"]["namespace"] = namespace
        manifest["metadata"]["resourceVersion"] = "1"
        manifest.setdefault("kind", plural)
        before = self.objects.get(key, {"metadata": {"uid": f"uid-{len(self._changes)}"}})
        manifest["metadata"].setdefault("uid", before["metadata"]["uid"])
        with self._changed:
            kind = "MODIFIED" if key in self.objects else "ADDED"
            self.objects[key] = manifest
            self._changes.append((kind, key, manifest))
            self._changed.notify_all()

    def remove(self, key: Key) -> Manifest | None:
        with self._changed:
            manifest = self.objects.pop(key, None)
            if manifest is not None:
                self._changes.append(("DELETED", key, manifest))
                self._changed.notify_all()
        return manifest

    def put_namespace(self, name: str, *, phase: str = "Active", **metadata: Any) -> Manifest:
        manifest = {"metadata": {"name": name, **metadata}, "status": {"phase": phase}}
        self.put("", NAMESPACES, manifest)
        return manifest

    def phase(self, namespace: str) -> str | None:
        """Return what state a namespace is in, or None where there is none."""
        found = self.objects.get(("", NAMESPACES, namespace))
        return None if found is None else found["status"]["phase"]

    def empty(self, namespace: str) -> None:
        """End the deletion of a namespace: what is in it goes, then the namespace."""
        for key in [key for key in self.objects if key[0] == namespace]:
            self.remove(key)
        self.remove(("", NAMESPACES, namespace))

    def changes_from(self, number: int) -> list[tuple[str, Key, Manifest]]:
        with self._changed:
            self._changed.wait_for(lambda: len(self._changes) > number, timeout=1)
            return self._changes[number:]

    def snapshot(self) -> tuple[list[tuple[Key, Manifest]], int]:
        with self._changed:
            return list(self.objects.items()), len(self._changes)


class _Handler(BaseHTTPRequestHandler):
    kubernetes: Kubernetes
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self.kubernetes.refusals:
            self.kubernetes.refusals -= 1
            self._answer({"kind": "Status", "message": "Unauthorized"}, status=401)
            return
        if self.path.strip("/") in _DISCOVERY:
            self._answer(_DISCOVERY[self.path.strip("/")])
            return
        key, query = self._target()
        if key[2].endswith("/log"):
            self._write(self.kubernetes.logs.get(key[2].removesuffix("/log")))
        elif "watch" in query:
            self._watch(key, query)
        elif key[2]:
            self._answer(self.kubernetes.objects.get(key))
        else:
            objects, _ = self.kubernetes.snapshot()
            items = [m for k, m in objects if k[:2] == key[:2] and _matches(m, query)]
            self._answer({"kind": "List", "metadata": {"resourceVersion": "1"}, "items": items})

    def do_POST(self) -> None:
        (namespace, plural, _), _ = self._target()
        manifest = self._body()
        if self._refused(namespace):
            return
        if (namespace, plural, manifest["metadata"]["name"]) in self.kubernetes.objects:
            self._answer({"message": "already exists"}, status=409)
            return
        if plural == NAMESPACES:
            manifest = self.kubernetes.put_namespace(**manifest["metadata"])
        else:
            self.kubernetes.put(namespace, plural, manifest)
        self.kubernetes.on_create((namespace, plural, manifest["metadata"]["name"]), manifest)
        self._answer(manifest)

    def do_PATCH(self) -> None:
        key, query = self._target()
        namespace, plural, _ = key
        if self.headers["Content-Type"] == "application/merge-patch+json":
            found, patch = self.kubernetes.objects.get(key), self._body()
            self._answer(None if found is None else _merged(found, patch))
            return
        assert self.headers["Content-Type"] == "application/apply-patch+yaml"
        assert query["fieldManager"]
        manifest = self._body()
        if self._refused(namespace):
            return
        self.kubernetes.put(namespace, plural, manifest)
        self._answer(manifest)

    def do_DELETE(self) -> None:
        key, _ = self._target()
        if key[1] == NAMESPACES:
            removed = self.kubernetes.objects.get(key)
            if removed is not None:
                removed["status"]["phase"] = "Terminating"
        else:
            removed = self.kubernetes.remove(key)
        if removed is not None:
            self.kubernetes.on_delete(key)
        self._answer(removed)

    def _refused(self, namespace: str) -> bool:
        """Answer for a namespace in which nothing can be made."""
        if not namespace or self.kubernetes.phase(namespace) == "Active":
            return False
        gone = self.kubernetes.phase(namespace) is None
        message = f"namespace {namespace} is {'not there' if gone else 'being terminated'}"
        self._answer({"kind": "Status", "message": message}, status=404 if gone else 403)
        return True

    def _target(self) -> tuple[Key, dict[str, list[str]]]:
        path, _, query = self.path.partition("?")
        _, _, after = path.partition("/v1/")
        parts = after.split("/")
        namespace = parts[1] if parts[0] == NAMESPACES and len(parts) > 2 else ""
        plural, *name = parts[2:] if namespace else parts
        key = (namespace, plural, "/".join(name))
        self.kubernetes.requests.append(f"{self.command} {'/'.join(key)}")
        return key, urllib.parse.parse_qs(query)

    def _body(self) -> Manifest:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _write(self, lines: Iterable[str] | None) -> None:
        if lines is None:
            self._answer(None)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with suppress(OSError):
            for line in lines:
                self.wfile.write(f"{line}\n".encode())
                self.wfile.flush()

    def _answer(self, body: Manifest | None, *, status: int = 200) -> None:
        if body is None:
            body, status = {"kind": "Status", "message": "not found"}, 404
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _watch(self, key: Key, query: dict[str, list[str]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        objects, number = self.kubernetes.snapshot()
        events = [("ADDED", k, m) for k, m in objects]
        try:
            while True:
                for kind, changed, manifest in events:
                    if changed[:2] == key[:2] and _matches(manifest, query):
                        line = json.dumps({"type": kind, "object": manifest})
                        self.wfile.write(f"{line}\n".encode())
                self.wfile.flush()
                events = self.kubernetes.changes_from(number)
                number += len(events)
        except OSError:
            self.close_connection = True


def _merged(manifest: Manifest, patch: Manifest) -> Manifest:
    """Merge a patch into an object, as RFC 7396 says."""
    for key, value in patch.items():
        if value is None:
            manifest.pop(key, None)
        elif isinstance(value, dict):
            _merged(manifest.setdefault(key, {}), value)
        else:
            manifest[key] = value
    return manifest


def _matches(manifest: Manifest, query: dict[str, list[str]]) -> bool:
    """Tell whether the labels are as the selector wants: `name=value`, or `name` for any value."""
    labels = manifest["metadata"].get("labels", {})
    wanted = [each for q in query.get("labelSelector", []) for each in q.split(",")]
    return set(wanted) <= {*labels, *(f"{name}={value}" for name, value in labels.items())}
