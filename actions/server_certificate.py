"""Issues the TLS certificate of one chaincode's server.

Nothing of it is kept beside the stack: whoever trusts the authority trusts another certificate of
it, so a new one can be issued at any time.
"""

from typing import ClassVar

import pulumi
from pulumi.dynamic import UpdateResult

from actions.authority import Authority
from actions.progress import Report
from actions.provider import Action, ActionResource, Props
from hlf.pki.authority import issue_tls
from hlf.pki.pair import Pair


class ServerCertificateProvider(Action):
    """Inputs: server (its Service, whose name peers look for), the authority's for TLS."""

    replace_on: ClassVar = ("server", "tlscaCertificate")
    outputs: ClassVar = ("certificate",)
    secrets: ClassVar = ("key",)

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["server"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        server = inputs["server"]
        report(f"issuing the certificate of {server}")
        authority = Pair(
            certificate=inputs["tlscaCertificate"].encode(), key=inputs["tlscaKey"].encode()
        )
        made = issue_tls(authority, common_name=server, sans=[server])
        return {"certificate": made.certificate.decode(), "key": made.key.decode()}

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Keep the certificate: nothing that can change here concerns it."""
        return self.keep(olds, news)


class ServerCertificate(ActionResource, module="fabric", name="ServerCertificate"):
    """The certificate and key of one server."""

    def __init__(
        self,
        name: str,
        *,
        server: str,
        authority: Authority,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "server": server,
            "tlscaCertificate": authority.tlsca_certificate,
            "tlscaKey": authority.tlsca_key,
        }
        super().__init__(ServerCertificateProvider(), name, inputs, opts)

    @property
    def certificate(self) -> pulumi.Output[str]:
        """PEM."""
        return pulumi.get(self, "certificate")

    @property
    def key(self) -> pulumi.Output[str]:
        """PEM, secret."""
        return pulumi.get(self, "key")
