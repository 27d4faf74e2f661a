"""Brings a chaincode's source to the cluster, in ConfigMaps that its build reads.

An action and not ConfigMap resources, because the stack's state is written anew at every step: a
few megabytes of source in it would cost more time than everything else together.
"""

from pathlib import Path
from typing import ClassVar

import pulumi

from actions import cluster
from actions.cluster import ClusterError
from actions.progress import Report
from actions.provider import Action, ActionResource, Props
from hlf import names
from hlf.chaincode import pack_source, source_digest
from hlf.client.wait import gather

_SOURCE_OF = "hlf/source-of"
_PARTS = "hlf/parts"


class SourceProvider(Action):
    """Inputs: namespace, chaincode, folder, digest (of the source), server."""

    replace_on: ClassVar = ("namespace", "server")

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["server"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        folder = Path(inputs["folder"])
        if source_digest(folder) != inputs["digest"]:
            raise ClusterError(
                f"The source of {inputs['chaincode']} in {folder} changed while it was deployed: "
                "run `pulumi up` again."
            )
        report(f"sending the source of {inputs['chaincode']}")
        parts = pack_source(folder)
        labels = {_SOURCE_OF: inputs["server"], _PARTS: str(len(parts))}

        def send(number: int) -> None:
            name = names.chaincode_source(inputs["server"], number)
            content = {f"source-{number:02}": parts[number]}
            cluster.apply_config_map(inputs["namespace"], name, binary=content, labels=labels)

        gather(send, range(len(parts)))
        wanted = {names.chaincode_source(inputs["server"], n) for n in range(len(parts))}
        _delete(inputs, {part["metadata"]["name"] for part in _found(inputs)} - wanted)
        return {}

    def observe(self, inputs: Props) -> Props | None:  # noqa: D102
        parts = _found(inputs)
        complete = {part["metadata"]["labels"][_PARTS] for part in parts} == {str(len(parts))}
        return inputs if complete else None

    def remove(self, inputs: Props) -> None:  # noqa: D102
        _delete(inputs, {part["metadata"]["name"] for part in _found(inputs)})


def _found(inputs: Props) -> list[cluster.Manifest]:
    selector = f"{_SOURCE_OF}={inputs['server']}"
    return cluster.find(inputs["namespace"], "configmaps", selector)


def _delete(inputs: Props, parts: set[str]) -> None:
    gather(lambda name: cluster.delete(inputs["namespace"], "configmaps", name), sorted(parts))


class Source(ActionResource, module="fabric", name="Source"):
    """The source of one chaincode."""

    def __init__(
        self,
        name: str,
        *,
        namespace: pulumi.Input[str],
        chaincode: str,
        folder: str,
        digest: str,
        server: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "namespace": namespace,
            "chaincode": chaincode,
            "folder": folder,
            "digest": digest,
            "server": server,
        }
        super().__init__(SourceProvider(), name, inputs, opts)
