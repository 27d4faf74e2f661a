"""HTTP connections to an `Endpoint`: over TLS with a name of its own, with a client certificate.

For `http.client` the name in a server's certificate is the host that it connects to; nodes are
reached by port-forwards, on addresses that are in no certificate.
"""

import http.client
import os
import socket
import ssl
import tempfile
from pathlib import Path

from hlf.client.connection import Endpoint
from hlf.pki.pair import Pair

_CAUSES = {
    "Hostname mismatch": "its TLS certificate is for other names",
    "IP address mismatch": "its TLS certificate is for other names",
    "CERTIFICATE_VERIFY_FAILED": "its TLS certificate was not issued by the expected TLS CA",
    "WRONG_VERSION_NUMBER": "it does not speak TLS, or the address is another service's",
    "KEY_VALUES_MISMATCH": "the given TLS certificate or key cannot be used",
    "PEM lib": "the given TLS certificate or key cannot be used",
    "ALERT": "it asks for a TLS client certificate, or does not take ours",
}
"""What an error of OpenSSL's holds, the first that fits, and what that means."""


class Connection(http.client.HTTPConnection):
    """A connection to an endpoint, with TLS where the endpoint has roots; `timeout` in seconds.

    The timeout is that of each step (connecting, sending, receiving).
    """

    def __init__(self, endpoint: Endpoint, *, timeout: float) -> None:
        host, _, port = endpoint.address.rpartition(":")
        super().__init__(host, int(port), timeout=timeout)
        self._endpoint = endpoint

    def connect(self) -> None:
        """Connect; http.client calls this."""
        plain = socket.create_connection((self.host, self.port), self.timeout)
        self.sock = plain
        if self._endpoint.tls_roots is not None:
            name = self._endpoint.server_name or self.host
            self.sock = _context(self._endpoint).wrap_socket(plain, server_hostname=name)


def cause(error: ssl.SSLError) -> str:
    """What went wrong, for people."""
    text = str(error)
    return next((said for mark, said in _CAUSES.items() if mark in text), "TLS failed")


def _context(endpoint: Endpoint) -> ssl.SSLContext:
    """What to trust and who we are; nothing that the machine trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if endpoint.tls_roots is not None:
        context.load_verify_locations(cadata=endpoint.tls_roots.decode())
    if endpoint.client is not None:
        load(context, endpoint.client)
    return context


def load(context: ssl.SSLContext, pair: Pair) -> None:
    """Give the context a certificate and its key, which OpenSSL takes from a file only.

    The file is the user's alone and is gone when this returns.
    """
    descriptor, name = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pair.key + pair.certificate)
        context.load_cert_chain(name)
    finally:
        Path(name).unlink()
