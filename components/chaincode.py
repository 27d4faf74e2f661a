"""A chaincode's server: a Deployment and a Service, of a ready image or built from source.

One server serves the peers of all organizations of this program. Its name holds a digest of what
it runs, so that another version comes up beside the one in use, and that one goes last.

With the lifecycle of Fabric 1 the name holds no more than name and version: peers keep the address
that a version was installed with. Other code of one version replaces the pod behind it, and
Kubernetes keeps the old pod until the new one is ready.
"""

import hashlib
import os
from typing import Any

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment

from actions.authority import Authority
from actions.definitions import package_for
from actions.legacy_chaincodes import LSCC
from actions.pods import CODE
from actions.source import Source
from components.chaincode_build import Build, build_volumes, builder
from components.chaincode_environment import environment
from components.chaincode_go import go
from components.chaincode_java import java
from components.chaincode_node import node
from components.chaincode_tls import PodTls, pod_tls, with_root
from components.node import TMP, service
from components.pod import container_security, env, listens, pod_spec, resources
from components.site import NO_WAIT, Site
from hlf import names
from hlf.chaincode import source_digest
from hlf.client import legacy
from hlf.errors import FabricError
from hlf.spec.model import Chaincode as ChaincodeSpec

_BUILDS = {"golang": go, "java": java, "node": node}


class Chaincode(pulumi.ComponentResource):
    """`hlf:network:Chaincode`."""

    server: str
    """The name of its Deployment and Service."""
    label: str
    address: str
    package_id: pulumi.Input[str]
    """Known before anything runs, because the package holds only the server's address; with TLS the
    servers' authority as well, without which there is no id."""
    code: str | None
    """What names the code that it runs, where neither the server's name nor the id does."""

    def __init__(
        self,
        spec: ChaincodeSpec,
        *,
        site: Site,
        opts: pulumi.ResourceOptions,
        authority: Authority | None = None,
        old_lifecycle: bool = False,
    ) -> None:
        """With an `authority` the server speaks TLS, by a certificate of it."""
        name = f"{spec.name}/{LSCC}" if old_lifecycle else spec.name
        super().__init__("hlf:network:Chaincode", name, {"version": spec.version}, opts)
        runs = _runs(spec)
        # peers speak to a server with TLS or without: never both to one
        known_as = (name, spec.version, *(("tls",) if authority else ()))
        code = _digest(*known_as, runs)
        self.code = code if old_lifecycle else None
        digest = _digest(*known_as) if old_lifecycle else code
        self.server = names.chaincode(spec.name, digest)
        self.label = f"{spec.name}_{spec.version}"
        self.address = f"{self.server}:{names.CHAINCODE_PORT}"
        self.package_id = (
            legacy.ccid(spec.name, spec.version)
            if old_lifecycle
            else with_root(
                authority,
                lambda root: (
                    package_for(self.label, self.address, root=root, indexes=spec.indexes).id
                ),
            )
        )
        selector = {"app": self.server}
        service(name, self.server, selector, {"grpc": names.CHAINCODE_PORT}, site=site, parent=self)
        settings = site.settings.pods["chaincode"]
        in_java = spec.language == "java"
        tls = pod_tls(name, self.server, authority, java=in_java, site=site, parent=self)
        volumes = [{"name": TMP, "emptyDir": {}}, *tls.volumes]
        pod: dict[str, Any] = {**pod_spec(settings), "volumes": volumes}
        before = list(tls.secrets)
        if spec.source is None:
            container = self._container(spec.image or "", tls)
        else:
            # named by the code: a pod never finds source that is not of its own time
            parts_of = names.chaincode(spec.name, code)
            sent = Source(
                name,
                namespace=site.namespace,
                chaincode=spec.name,
                folder=os.path.relpath(spec.source),
                digest=runs,
                server=parts_of,
                opts=site.passing(self),
            )
            before.append(sent)
            build = _BUILDS[spec.language](spec.source, site.settings.fabric_version)
            container = self._built_container(settings.image_of(build.image), build, tls)
            pod["initContainers"] = [builder(build, settings)]
            pod["volumes"] += build_volumes(parts_of)
        labels = {**selector, "chaincode": spec.name, **({CODE: code} if old_lifecycle else {})}
        deployment: Any = {
            "replicas": 1,
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {
                    "labels": {**settings.labels, **labels},
                    "annotations": {**settings.annotations, **tls.annotations},
                },
                "spec": {**pod, "containers": [{**container, **resources(settings)}]},
            },
        }
        Deployment(
            name,
            metadata=site.metadata(self.server, labels=selector, annotations=NO_WAIT),
            spec=deployment,
            opts=site.passing(self, depends_on=before),
        )
        self.register_outputs({"packageId": self.package_id})

    def _container(self, image: str, tls: PodTls) -> dict[str, Any]:
        return {
            "name": "chaincode",
            "image": image,
            "env": env(
                {
                    **environment(self.package_id, f"0.0.0.0:{names.CHAINCODE_PORT}"),
                    **tls.environment,
                }
            ),
            "ports": [{"name": "grpc", "containerPort": names.CHAINCODE_PORT}],
            **listens(names.CHAINCODE_PORT),
            "securityContext": container_security(),
            "volumeMounts": [{"name": TMP, "mountPath": "/tmp"}, *tls.mounts],  # noqa: S108
        }

    def _built_container(self, image: str, build: Build, tls: PodTls) -> dict[str, Any]:
        container = self._container(image, tls)
        mounts = [*container["volumeMounts"], build.mount]
        return {**container, "command": list(build.command), "volumeMounts": mounts}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


def _runs(spec: ChaincodeSpec) -> str:
    """Return what names the code: the image, or a digest of the source."""
    if spec.source is None:
        return spec.image or ""
    try:
        return source_digest(spec.source)
    except FabricError as error:
        raise pulumi.RunError(str(error)) from None
