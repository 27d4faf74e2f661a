"""A few requests to the embedded node's API server, for its own set-up; not a client for users."""

import http.client
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import netns
from tools.errors import ToolsError

PORT = 6443
_TIMEOUT = 10.0
_FIELD_MANAGER = "hlf-tools"
_PLURALS = {"StorageClass": "storageclasses", "NetworkPolicy": "networkpolicies"}
_CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "StorageClass", "Namespace"}


class Api:
    """The API server, as its administrator."""

    def __init__(self, pki: Path) -> None:
        self._context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        self._context.load_cert_chain(str(pki / "admin.crt"), str(pki / "admin.key"))

    def get(self, path: str) -> Any:
        """Return what is there, or None; raises OSError while the server cannot be reached."""
        status, content = self._request("GET", path)
        return json.loads(content) if status == http.client.OK else None

    def is_ready(self) -> bool:
        """Say whether the API server can do its work."""
        try:
            status, _ = self._request("GET", "/readyz")
        except OSError:
            return False
        return status == http.client.OK

    def apply(self, manifest: Mapping[str, Any]) -> None:
        """Make an object be as the manifest says (server-side apply)."""
        path = object_path(manifest)
        status, content = self._request(
            "PATCH", f"{path}?fieldManager={_FIELD_MANAGER}&force=true", json.dumps(manifest)
        )
        if status not in {http.client.OK, http.client.CREATED}:
            raise ToolsError(f"the embedded node does not accept {path}: {content.decode()}")

    def _request(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(
            netns.NODE_ADDRESS, PORT, context=self._context, timeout=_TIMEOUT
        )
        try:
            headers = {"Content-Type": "application/apply-patch+yaml"} if body else {}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()


def object_path(manifest: Mapping[str, Any]) -> str:
    """Return the path of a manifest's object below the API server."""
    group = manifest["apiVersion"]
    kind = manifest["kind"]
    metadata = manifest["metadata"]
    parts = ["/apis" if "/" in group else "/api", group]
    if kind not in _CLUSTER_WIDE:
        parts += ["namespaces", metadata["namespace"]]
    return "/".join([*parts, _PLURALS.get(kind, f"{kind.lower()}s"), metadata["name"]])
