"""The way to a pod that is not there is closed at once, and costs one request."""

import socket
import time

from actions import cluster
from tests.unit.actions.kubernetes import Kubernetes

REQUEST = "GET fabric/pods/gone-0/portforward"


def test_a_connection_to_a_pod_that_is_gone_is_closed_and_not_tried_again(
    kubernetes: Kubernetes,
) -> None:
    host, _, port = cluster.forward("fabric", "gone-0", 7051).partition(":")
    for number in (1, 2):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(b"hello")
            assert connection.recv(1) == b""
        time.sleep(0.3)
        assert kubernetes.requests.count(REQUEST) == number


def test_an_expired_token_is_renewed_and_the_connection_made(kubernetes: Kubernetes) -> None:
    """Renewed by an ordinary request, which is refused as well."""
    host, _, port = cluster.forward("fabric", "gone-0", 7051).partition(":")
    kubernetes.refusals = 2
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        assert connection.recv(1) == b""
    assert kubernetes.refusals == 0
    assert kubernetes.requests.count(REQUEST) == 1


def test_a_port_of_a_pod_is_opened_once(kubernetes: Kubernetes) -> None:
    first = cluster.forward("fabric", "gone-0", 7051)
    assert cluster.forward("fabric", "gone-0", 7051) == first
    assert cluster.forward("fabric", "gone-0", 7050) != first
