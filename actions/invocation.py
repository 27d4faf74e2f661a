"""Calls a chaincode on every peer of its organizations, once it runs there.

A commit says that a definition is agreed, not that the code runs. This action waits for the
chaincode's server and submits one transaction that all the peers endorse and commit.
"""

from typing import ClassVar

import pulumi

from actions.nodes import Access, Nodes
from actions.progress import Report, count
from actions.provider import Action, ActionResource, Props
from actions.servers import await_servers, reach, serves
from hlf.client.transaction import submit


class InvocationProvider(Action):
    """Inputs.

    channel; chaincode, function, server (its Deployment), packageId (another one is another call),
    answers (true; false where the server was found missing); actions.nodes.Access; code, which is
    there where the package's id does not say which code the server runs (another one is another
    call).
    """

    replace_on: ClassVar = ("channel", "chaincode", "namespace")
    outputs: ClassVar = ("transaction", "result")

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return f"{inputs['channel']}/{inputs['chaincode']}"

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        namespace, server = inputs["namespace"], inputs["server"]
        await_servers(namespace, [server], report, code=inputs.get("code"))
        nodes = Nodes.of(inputs)
        peers = nodes.peers(inputs["peers"])
        any_member = nodes.signers[min(inputs["peers"].values())]
        orderer = nodes.ordering(inputs["orderers"], any_member)
        chaincode, channel, function = inputs["chaincode"], inputs["channel"], inputs["function"]
        report(f"calling {function} of {chaincode} on {count(len(peers), 'peer')} of {channel}")
        result = reach(
            lambda: submit(list(peers.values()), orderer, channel, chaincode, [function])
        )
        return {
            "transaction": result.tx_id,
            "result": result.payload.decode(errors="replace"),
        }

    def observe(self, inputs: Props) -> Props | None:  # noqa: D102
        return {**inputs, "answers": serves(inputs["namespace"], inputs["server"])}


class Invocation(ActionResource, module="fabric", name="Invocation"):
    """One call, made again when the chaincode is another, or when its server was missing."""

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
        code: str | None = None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "channel": channel,
            "chaincode": chaincode,
            "function": function,
            "server": server,
            "packageId": package_id,
            "answers": True,
            **access.inputs(),
            **({} if code is None else {"code": code}),
        }
        super().__init__(InvocationProvider(), name, inputs, opts)
