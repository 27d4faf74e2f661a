"""What a rollout asks of Kafka and its ZooKeeper: may one be replaced, and is it back.

Both are asked through ZooKeeper's servers, which can be reached from outside the cluster; a broker
sends its clients to addresses that only pods can resolve.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from functools import partial

from actions import cluster
from actions.provider import Props
from hlf import names
from hlf.client import kafka, zookeeper
from hlf.client.errors import Unreachable
from hlf.client.wait import gather
from hlf.errors import FabricError

_TIMEOUT = 120.0
_SETTLING = 30.0
"""Seconds for those that have just been replaced by a run that was killed."""
_LOOK = 3.0
"""Seconds for a look at what may be in trouble."""


class ZooKeeperServers:
    """The ZooKeeper servers of a Rollout's inputs."""

    def __init__(self, inputs: Props) -> None:
        self._namespace = inputs["namespace"]
        self._servers = sorted(filter(names.is_zookeeper, inputs["nodes"]))

    def has(self, node: str) -> bool:
        """Return whether a node is one of them."""
        return node in self._servers

    def addresses(self) -> list[str]:
        """Return where they are reached, as `host:port`."""
        return [self._address(server) for server in self._servers]

    def is_well(self, server: str) -> bool:
        """Return whether a server serves."""
        return self._serves(server, timeout=_LOOK)

    def leads(self, _: str) -> int:
        """Return 0: a server does not tell, and a new leader is found in a moment."""
        return 0

    @contextmanager
    def replacing(self, server: str) -> Generator[None]:
        """Replace a server within: the others serve before, and it serves after.

        Where none serves before, it may take more than this one to mend that. Raises FabricError.
        """
        well = dict(zip(self._servers, gather(self.is_well, self._servers), strict=True))
        if well[server]:
            self._check_others(server)
        yield
        if any(well.values()) and not self._serves(server, timeout=_TIMEOUT):
            raise FabricError(
                f"{server} was replaced, and after {_TIMEOUT:.0f} s it does not serve: it is in no "
                "majority of ZooKeeper servers. See what its log says "
                f"(`kubectl logs {names.pod(server)}`), mend it, and run `pulumi up` again."
            )

    def _check_others(self, server: str) -> None:
        others = [other for other in self._servers if other != server]
        serving = gather(partial(self._serves, timeout=_SETTLING), others)
        for other, is_serving in zip(others, serving, strict=True):
            if not is_serving:
                raise FabricError(
                    f"{server} is not replaced: {other} does not serve, and without both of them "
                    "there might be no majority of ZooKeeper servers. See what its log says "
                    f"(`kubectl logs {names.pod(other)}`), mend it, and run `pulumi up` again."
                )

    def _serves(self, server: str, *, timeout: float) -> bool:
        return zookeeper.serves(self._address(server), timeout=timeout)

    def _address(self, server: str) -> str:
        return cluster.forward(self._namespace, names.pod(server), names.ZOOKEEPER_PORT)


class Brokers:
    """The Kafka brokers of a Rollout's inputs."""

    def __init__(self, inputs: Props) -> None:
        self._servers = ZooKeeperServers(inputs)
        self._numbers = {
            node: number
            for node in inputs["nodes"]
            if (number := names.kafka_number(node)) is not None
        }
        self._nodes = {number: node for node, number in self._numbers.items()}

    def has(self, node: str) -> bool:
        """Return whether a node is one of them."""
        return node in self._numbers

    def is_well(self, broker: str) -> bool:
        """Return whether a broker is there and has every message that it is to have."""
        number = self._numbers[broker]
        found = self._look()
        return found is not None and number in found.brokers and not kafka.behind(found, number)

    def leads(self, broker: str) -> int:
        """Return how many topics a broker leads: each of them changes hands without it."""
        found = self._look()
        return 0 if found is None else kafka.leads(found, self._numbers[broker])

    @contextmanager
    def replacing(self, broker: str) -> Generator[None]:
        """Replace a broker within: the others are in sync before, and it is in sync after.

        Raises FabricError.
        """
        number = self._numbers[broker]
        before = self._wait(lambda found: in_the_way(found, number, self._nodes), _SETTLING)
        yield
        registered = before.brokers.get(number)
        self._wait(lambda found: not_back(found, number, registered, self._nodes), _TIMEOUT)

    def _wait(
        self, problem: Callable[[kafka.Cluster], str | None], timeout: float
    ) -> kafka.Cluster:
        """Return the brokers once there is no problem; raise FabricError where one stays."""
        said = None
        with closing(self._looks(timeout)) as looks:
            for found in looks:
                said = problem(found)
                if said is None:
                    return found
        raise FabricError(said)

    def _look(self) -> kafka.Cluster | None:
        """Return the brokers as they are now; None where ZooKeeper does not serve."""
        try:
            with closing(self._looks(_LOOK)) as looks:
                return next(looks)
        except Unreachable:
            return None

    def _looks(self, timeout: float) -> Generator[kafka.Cluster]:
        return zookeeper.watch(self._servers.addresses(), kafka.read, timeout=timeout)


def in_the_way(found: kafka.Cluster, number: int, nodes: Mapping[int, str]) -> str | None:
    """Return why a broker cannot be spared now, or None. `nodes` has the brokers by number."""
    missing = kafka.missing(found, number, of=nodes)
    if missing is None:
        return None
    topic, other = missing
    return (
        f"{nodes[number]} is not replaced: {nodes[other]} does not have all messages of {topic}, "
        "and without both of them the others might take none. See what its log says "
        f"(`kubectl logs {names.pod(nodes[other])}`), mend it, and run `pulumi up` again."
    )


def not_back(
    found: kafka.Cluster, number: int, before: int | None, nodes: Mapping[int, str]
) -> str | None:
    """Return what a new broker lacks, or None; `before` is how the old one had registered."""
    topics = kafka.behind(found, number)
    if found.brokers.get(number) in {None, before}:
        lack = "it has not registered with ZooKeeper"
    elif topics:
        lack = f"it does not yet have all messages of {', '.join(topics)}"
    else:
        return None
    return (
        f"{nodes[number]} was replaced, and after {_TIMEOUT:.0f} s {lack}. See what its log says "
        f"(`kubectl logs {names.pod(nodes[number])}`); when it has them, run `pulumi up` again."
    )
