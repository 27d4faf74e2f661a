"""What a node tells on its operations port: of its metrics, the channels that an orderer leads.

Source: Fabric's `docs/source/metrics_reference.rst`, `consensus_etcdraft_is_leader`.
"""

import re
import urllib.error
import urllib.request

_IS_LEADER = re.compile(
    r'^consensus_etcdraft_is_leader\{channel="([^"]+)"\} 1(?:\.0+)?$', re.MULTILINE
)


def leads(address: str, *, timeout: float) -> frozenset[str]:
    """The channels whose Raft cluster an orderer leads, by its operations server's `host:port`.

    None where it does not tell: it is in trouble, or keeps no metrics. Asking `/metrics` is safe,
    unlike `/healthz`, which crashes an orderer of a Kafka network that is still starting.
    """
    try:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=timeout) as answer:
            return frozenset(_IS_LEADER.findall(answer.read().decode(errors="replace")))
    except (urllib.error.URLError, OSError):
        return frozenset()
