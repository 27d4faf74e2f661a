"""Which channels an orderer leads, by its metrics."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from hlf.client.operations import leads

METRICS = """# TYPE consensus_etcdraft_is_leader gauge
consensus_etcdraft_is_leader{channel="common"} 1
consensus_etcdraft_is_leader{channel="private"} 0
consensus_etcdraft_leader_changes{channel="private"} 1
"""


class _Operations(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/metrics" else 404)
        self.end_headers()
        self.wfile.write(METRICS.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_channels_that_it_leads() -> None:
    with HTTPServer(("127.0.0.1", 0), _Operations) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert leads(f"127.0.0.1:{server.server_port}", timeout=5) == {"common"}


def test_who_does_not_answer_leads_nothing() -> None:
    assert leads("127.0.0.1:1", timeout=1) == frozenset()
