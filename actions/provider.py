"""The contract that every action follows.

An action is written as two functions over its inputs, plain values that Pulumi shows:
`apply` brings Fabric to what the inputs say (observe, plan, act; safe to run again after a kill
at any moment), and `observe` says what is there now in the terms of the inputs, so that
`pulumi refresh` shows drift and the next `up` repairs it.

Why it is built this way, with the facts about Pulumi behind it: docs/design.md, "Actions".
"""

import logging
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import (
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import Unknown

from actions import cluster
from actions.progress import Report, reporter

Props = dict[str, Any]

RESOURCE = "resource"
"""Input that holds the resource's own URN, for `actions.progress`."""
RESTORED = "restored"
"""Input: the backup that the network was restored from, which made it another network. It is an
input of actions whose doing may be undone by that, so that they run again; that it is not there any
more is no difference."""
_INTERNAL = "__provider"


class Action(ResourceProvider):
    """Base of all providers. Subclasses hold no state: they are stored by reference."""

    serialize_as_secret_always = False
    replace_on: ClassVar[tuple[str, ...]] = ()
    """Inputs that identify the thing: another value is another thing."""
    outputs: ClassVar[tuple[str, ...]] = ()
    """What `apply` returns beside the inputs."""
    how: ClassVar[tuple[str, ...]] = ()
    """Inputs that say how something is done and not what, so they make no difference alone."""
    secrets: ClassVar[tuple[str, ...]] = ()
    """Further outputs, kept encrypted in the state."""

    def identity(self, inputs: Props) -> str:
        """Return the resource's id."""
        raise NotImplementedError

    def apply(self, inputs: Props, report: Report) -> Props:
        """Bring about what the inputs say; return the outputs."""
        raise NotImplementedError

    def observe(self, inputs: Props) -> Props | None:
        """Return the inputs as they are now, or None where the thing is gone.

        Raises FabricError or ClusterError where that cannot be found out: unreachable is not
        gone. The default is for actions that leave nothing to look at.
        """
        return inputs

    def remove(self, inputs: Props) -> None:
        """Undo the action where that is possible. The default leaves everything as it is."""

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's settings; called by Pulumi once per process."""
        sys.tracebacklimit = 0  # users see the sentence, not the stack
        for library in ("grpc", "kazoo"):
            logging.getLogger(library).setLevel(logging.CRITICAL + 1)  # it would log it again
        cluster.use(req.config.get("context"))

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Leave the comparison of inputs to the engine; name what means a new thing."""
        old, new = self._inputs(olds), self._inputs(news)
        differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        no_difference = {*self.how, *({RESTORED} - new.keys())}
        if differing and differing <= no_difference:
            return DiffResult(changes=False)
        changed = [
            key
            for key in self.replace_on
            if not isinstance(news.get(key), Unknown) and olds.get(key) != news.get(key)
        ]
        return DiffResult(changes=None, replaces=changed)

    def create(self, props: Props) -> CreateResult:
        """Apply, called by Pulumi for a resource that its state does not have."""
        inputs = self._inputs(props)
        outputs = self.apply(inputs, reporter(props[RESOURCE]))
        return CreateResult(self.identity(inputs), {**inputs, **outputs})

    def update(self, _id: str, _olds: Props, news: Props) -> UpdateResult:
        """Apply, called by Pulumi for inputs that changed."""
        inputs = self._inputs(news)
        outputs = self.apply(inputs, reporter(news[RESOURCE]))
        return UpdateResult({**inputs, **outputs})

    def keep(self, olds: Props, news: Props) -> UpdateResult:
        """Keep everything that was made, for actions whose updates do not concern it."""
        made = {key: olds[key] for key in (*self.outputs, *self.secrets)}
        return UpdateResult({**self._inputs(news), **made})

    def read(self, id_: str, props: Props) -> ReadResult:
        """Observe, called by `pulumi refresh`."""
        recorded = self._inputs(props)
        live = self.observe(recorded)
        if live is None:
            return ReadResult("", {})
        if live == recorded:
            return ReadResult(id_, props)
        return ReadResult(id_, {**props, **live}, inputs=live)

    def delete(self, _id: str, props: Props) -> None:
        """Remove, called by Pulumi for a resource that the program has no more."""
        self.remove(self._inputs(props))

    def _inputs(self, props: Mapping[str, Any]) -> Props:
        others = {_INTERNAL, *self.outputs, *self.secrets}
        return {key: value for key, value in props.items() if key not in others}


class ActionResource(Resource):
    """Base of the resources: gives each its URN and keeps what it makes secret."""

    def __init__(
        self, provider: Action, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions
    ) -> None:
        urn = pulumi.create_urn(name, f"pulumi-python:{self._resource_type_name}", opts.parent)
        outputs = dict.fromkeys((*provider.outputs, *provider.secrets))
        secret = pulumi.ResourceOptions(additional_secret_outputs=list(provider.secrets))
        super().__init__(
            provider,
            name,
            # as a future: the Output would depend on the parent, and so on everything in it
            {**outputs, **inputs, RESOURCE: pulumi.Output.from_input(urn.future())},
            pulumi.ResourceOptions.merge(opts, secret),
        )
