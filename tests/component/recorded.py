"""A network as the program asks Pulumi for it: every resource that it registers, and how.

Pulumi's own mocks stand for the engine. Authorities and identities get real certificates, from
the code that makes them in earnest, so that everything made of them is as it would be.
"""

import base64
import functools
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc

from actions import authority, credentials, identity, server_certificate
from actions.guard import Guard
from components.network import Network
from hlf.pki.authority import make_authority
from hlf.pki.pair import Source
from hlf.spec import load
from hlf.spec.settings import without_secrets

REPOSITORY = Path(__file__).parents[2]
OWNER = "hlf/simple"

DYNAMIC = "pulumi-python:dynamic/fabric:"
CLAIM, AUTHORITY, IDENTITY = f"{DYNAMIC}Claim", f"{DYNAMIC}Authority", f"{DYNAMIC}Identity"
GENESIS, CHANNEL, ROLLOUT = f"{DYNAMIC}Genesis", f"{DYNAMIC}Channel", f"{DYNAMIC}Rollout"
CHAINCODES, INVOCATION = f"{DYNAMIC}Chaincodes", f"{DYNAMIC}Invocation"
SOURCE, CREDENTIALS = f"{DYNAMIC}Source", f"{DYNAMIC}Credentials"
GUARD = f"{DYNAMIC}Guard"
BACKUP, RESTORE = f"{DYNAMIC}Backup", f"{DYNAMIC}Restore"
RESTORED_KEYS = f"{DYNAMIC}RestoredKeys"
SERVER_CERTIFICATE = f"{DYNAMIC}ServerCertificate"

NAMESPACE = "kubernetes:core/v1:Namespace"
SECRET, CONFIG_MAP = "kubernetes:core/v1:Secret", "kubernetes:core/v1:ConfigMap"
SERVICE, CLAIMED_VOLUME = "kubernetes:core/v1:Service", "kubernetes:core/v1:PersistentVolumeClaim"
PROVIDER = "pulumi:providers:kubernetes"
CRON_JOB, ACCOUNT = "kubernetes:batch/v1:CronJob", "kubernetes:core/v1:ServiceAccount"
ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role"
ROLE_BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
STATEFUL_SET, DEPLOYMENT = "kubernetes:apps/v1:StatefulSet", "kubernetes:apps/v1:Deployment"

_MADE_OUTPUTS = {
    AUTHORITY: authority.AuthorityProvider,
    CREDENTIALS: credentials.CredentialsProvider,
    IDENTITY: identity.IdentityProvider,
    SERVER_CERTIFICATE: server_certificate.ServerCertificateProvider,
}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration. `inputs` are plain; `secret` are the keys of those marked secret."""

    type: str
    name: str
    urn: str
    inputs: Mapping[str, Any]
    secret: frozenset[str]
    secret_outputs: frozenset[str]
    dependencies: frozenset[str]
    """URNs of what it waits for."""
    provider: str
    """URN and id of what makes it."""
    ignored: tuple[str, ...]
    """Inputs that count when it is made, and never again."""
    deleted_with: str
    retained: bool
    protected: bool

    @property
    def manifest_name(self) -> str:
        return self.inputs["metadata"]["name"]

    @property
    def is_action(self) -> bool:
        return self.type.startswith(DYNAMIC)

    @property
    def is_manifest(self) -> bool:
        return self.type.startswith("kubernetes:")

    @property
    def pod(self) -> Mapping[str, Any]:
        """The pod template of a StatefulSet or Deployment."""
        return self.inputs["spec"]["template"]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """All resources of one run."""

    resources: tuple[Resource, ...]

    def of(self, *types: str) -> list[Resource]:
        found = [each for each in self.resources if each.type in types]
        assert found, f"the network has no {' or '.join(types)}"
        return found

    def named(self, type_: str, manifest_name: str) -> Resource:
        return next(r for r in self.of(type_) if r.manifest_name == manifest_name)

    def names(self, type_: str) -> set[str]:
        return {each.manifest_name for each in self.of(type_)}

    @property
    def channels(self) -> list[Resource]:
        """Those of applications."""
        return [each for each in self.of(CHANNEL) if "application" in each.inputs["config"]]

    @property
    def workloads(self) -> list[Resource]:
        return self.of(STATEFUL_SET, DEPLOYMENT)

    @property
    def manifests(self) -> list[Resource]:
        return [each for each in self.resources if each.is_manifest]

    @property
    def actions(self) -> list[Resource]:
        return [each for each in self.resources if each.is_action]

    def waits_for(self, resource: Resource) -> set[str]:
        """The URNs of everything that is there before a resource is made."""
        by_urn = {each.urn: each for each in self.resources}
        found: set[str] = set()
        todo = [resource]
        while todo:
            for urn in todo.pop().dependencies - found:
                found.add(urn)
                if urn in by_urn:
                    todo.append(by_urn[urn])
        return found


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A copy of samples/simple to change, with chaincode folders that hold just enough."""

    root: Path
    settings: Mapping[str, object]

    @classmethod
    def copy(cls, root: Path) -> "Sample":
        shutil.copytree(REPOSITORY / "samples" / "simple", root / "net")
        for name in ("very-simple", "even-simpler"):
            (root / "chaincode" / name).mkdir(parents=True)
            (root / "chaincode" / name / "go.mod").write_text(f"module {name}\n")
        return cls(root=root, settings={"network": "net", "chaincode": "chaincode"})

    def change(self, file: str, *changes: tuple[str, str]) -> "Sample":
        """Replace the first of each old text, which must be there."""
        path = self.root / "net" / file
        for old, new in changes:
            text = path.read_text()
            assert old in text, f"{file} does not hold {old!r}"
            path.write_text(text.replace(old, new, 1))
        return self

    def with_settings(self, **settings: object) -> "Sample":
        return replace(self, settings={**self.settings, **settings})

    def record(self, **changes: object) -> Recorded:
        """Run the program's Network and return what it registered.

        `changes` are to what was loaded: what the files may not say yet.
        """
        with _in_folder(self.root):
            network = replace(load(self.settings, root=self.root, stack="simple"), **changes)
            monitor = _Monitor()
            mocks.set_mocks(
                monitor.mocks, project="hlf", stack="simple", preview=False, monitor=monitor
            )

            @mocks.test
            def run() -> pulumi.Output[str]:
                written = without_secrets(self.settings)
                made = Network(network, owner=OWNER, context=None, settings=written)
                Guard("simple", made, owner=OWNER, protect=network.settings.protect)
                return made.urn

            run()
        return Recorded(resources=tuple(monitor.recorded))


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


class _Outputs(mocks.Mocks):
    def call(self, args: mocks.MockCallArgs) -> Any:
        raise AssertionError(f"the network calls {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = {key: _plain(value) for key, value in args.inputs.items()}
        made: dict[str, Any] = {}
        if args.typ == AUTHORITY:
            made = _authority(inputs["domain"])
        elif args.typ == IDENTITY:
            made = _identity(json.dumps(inputs, sort_keys=True))
        elif args.typ == SERVER_CERTIFICATE:
            made = _server_certificate(json.dumps(inputs, sort_keys=True))
        elif args.typ == GENESIS:
            made = {"block": base64.b64encode(b"a block").decode()}
        elif args.typ == CREDENTIALS:
            made = {"password": "a password"}
        elif args.typ == SERVICE:
            return f"{args.name}-id", _with_address(args.name, args.inputs)
        return f"{args.name}-id", {**args.inputs, **_marked(args.typ, made)}


class _Monitor(mocks.MockMonitor):
    """Keeps what the mocks do not show: options, dependencies, secrets."""

    def __init__(self) -> None:
        super().__init__(_Outputs())
        self.recorded: list[Resource] = []

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the engine does it: with the types of all parents."""
        parents = f"{parent.split('::')[2]}$" if parent else ""
        return f"urn:pulumi:simple::hlf::{parents}{type_}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        answer = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            inputs = rpc.deserialize_properties(request.object)
            self.recorded.append(
                Resource(
                    type=request.type,
                    name=request.name,
                    urn=answer.urn,
                    inputs={key: _plain(value) for key, value in inputs.items()},
                    secret=frozenset(k for k, v in inputs.items() if rpc.is_rpc_secret(v)),
                    secret_outputs=frozenset(request.additionalSecretOutputs),
                    dependencies=frozenset(request.dependencies),
                    provider=request.provider,
                    ignored=tuple(request.ignoreChanges),
                    deleted_with=request.deletedWith,
                    retained=request.retainOnDelete,
                    protected=request.protect,
                )
            )
        return answer


def _plain(value: Any) -> Any:
    return rpc.unwrap_rpc_secret(value) if rpc.is_rpc_secret(value) else value


def _marked(type_: str, made: Mapping[str, Any]) -> dict[str, Any]:
    """Mark secret outputs, as the engine does for additional_secret_outputs."""
    secrets = _MADE_OUTPUTS[type_].secrets if type_ in _MADE_OUTPUTS else ()
    return {k: rpc.wrap_rpc_secret(v) if k in secrets else v for k, v in made.items()}


def _with_address(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Give a Service an address, as Kubernetes does."""
    address = f"10.96.{len(name)}.{sum(name.encode()) % 256}"
    return {**inputs, "spec": {**inputs["spec"], "clusterIP": address}}


@functools.cache
def _authority(domain: str) -> dict[str, str]:
    """Equal domains get equal keys, so that two runs can be compared."""
    ca, tlsca = make_authority(domain, "ca"), make_authority(domain, "tlsca")
    return {**authority._outputs("ca", ca), **authority._outputs("tlsca", tlsca)}


@functools.cache
def _identity(inputs: str) -> dict[str, str]:
    wanted = json.loads(inputs)
    tls = identity._issue_tls(wanted, Source())
    return identity._outputs(identity._issue(wanted, Source()), tls)


@functools.cache
def _server_certificate(inputs: str) -> dict[str, str]:
    made = server_certificate.ServerCertificateProvider().apply(json.loads(inputs), lambda _: None)
    return dict(made)
