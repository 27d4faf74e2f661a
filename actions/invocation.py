"""Calls a chaincode on every peer of its organizations, once it runs there.

A commit says that a definition is agreed, not that the code runs. This action waits for the
chaincode's server and submits one transaction that all the peers endorse and commit.

Values that must be in no file and no state come as transient data, from Secrets that somebody else
makes. What is in them is read when the call is made, and is no input.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pulumi

from actions import cluster
from actions.access import Access
from actions.arguments import in_order, numbered
from actions.cluster import ClusterError
from actions.nodes import Nodes
from actions.progress import Report, count
from actions.provider import Action, ActionResource, Props
from actions.servers import await_servers, reach, serves
from hlf.client.transaction import submit


class InvocationProvider(Action):
    """Inputs.

    channel; chaincode, function, server (its Deployment), packageId (another one is another call),
    answers (true; false where the server was found missing); actions.access.Access. Where they are
    said: arguments by number; transient (name -> secret and key); trigger (another text is another
    call). Code, which is there where the package's id does not say which code the server runs
    (another one is another call).
    """

    replace_on: ClassVar = ("channel", "chaincode", "namespace")
    outputs: ClassVar = ("transaction", "result")

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return f"{inputs['channel']}/{inputs['chaincode']}"

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        namespace, server = inputs["namespace"], inputs["server"]
        transient = _values(namespace, inputs.get("transient", {}))
        await_servers(namespace, [server], report, code=inputs.get("code"))
        nodes = Nodes.of(inputs)
        peers = nodes.peers(inputs["peers"])
        any_member = nodes.signers[min(inputs["peers"].values())]
        orderer = nodes.ordering(inputs["orderers"], any_member)
        chaincode, channel, function = inputs["chaincode"], inputs["channel"], inputs["function"]
        report(f"calling {function} of {chaincode} on {count(len(peers), 'peer')} of {channel}")
        call = [function, *in_order(inputs.get("arguments", {}))]
        result = reach(
            lambda: submit(
                list(peers.values()), orderer, channel, chaincode, call, transient=transient
            )
        )
        return {
            "transaction": result.tx_id,
            "result": result.payload.decode(errors="replace"),
        }

    def observe(self, inputs: Props) -> Props | None:  # noqa: D102
        return {**inputs, "answers": serves(inputs["namespace"], inputs["server"])}


def _values(namespace: str, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, bytes]:
    """Return the values of Secrets by name; ClusterError tells which is not there."""
    found: dict[str, bytes] = {}
    for name, place in wanted.items():
        secret, key = place["secret"], place["key"]
        files = cluster.secret(namespace, secret)
        if files is None or key not in files:
            raise ClusterError(
                f"Secret {secret} with the key {key}, which has the transient value {name}, is not "
                f"in namespace {namespace}: make it with `kubectl -n {namespace} create secret "
                f"generic {secret} --from-file={key}=<file>`, then run `pulumi up` again."
            )
        found[name] = files[key]
    return found


class Invocation(ActionResource, module="fabric", name="Invocation"):
    """One call, made again when it or the chaincode is another, or the server was missing."""

    transaction: pulumi.Output[str]
    """Its id."""
    result: pulumi.Output[str]
    """What the chaincode answered."""

    def __init__(
        self,
        name: str,
        *,
        channel: str,
        chaincode: str,
        function: str,
        server: str,
        package_id: pulumi.Input[str],
        access: Access,
        arguments: Sequence[str] = (),
        transient: Mapping[str, Mapping[str, str]] | None = None,
        trigger: str | None = None,
        code: str | None = None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """With `transient` data the answer is kept encrypted, because it may hold some of it."""
        inputs = {
            "channel": channel,
            "chaincode": chaincode,
            "function": function,
            "server": server,
            "packageId": package_id,
            "answers": True,
            **access.inputs(),
            **({"arguments": numbered(arguments)} if arguments else {}),
            **({"transient": transient} if transient else {}),
            **({} if trigger is None else {"trigger": trigger}),
            **({} if code is None else {"code": code}),
        }
        if transient:
            secret = pulumi.ResourceOptions(additional_secret_outputs=["result"])
            opts = pulumi.ResourceOptions.merge(opts, secret)
        super().__init__(InvocationProvider(), name, inputs, opts)
