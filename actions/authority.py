"""Makes an organization's CA and TLS CA, once.

The keys are in the stack's state, encrypted, and in a Secret of the namespace. Where that Secret
is there already (a stack that kept its data), it is taken over.
"""

from typing import ClassVar

import pulumi

from actions import adoption
from actions.progress import Report
from actions.provider import Action, ActionResource, Props
from hlf.pki.authority import make_authority
from hlf.pki.pair import Pair


class AuthorityProvider(Action):
    """Inputs: domain, namespace, secret (its name)."""

    replace_on: ClassVar = ("domain", "namespace")
    outputs: ClassVar = ("caCertificate", "tlscaCertificate")
    secrets: ClassVar = ("caKey", "tlscaKey")

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["domain"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        domain = inputs["domain"]
        report(f"making the authorities of {domain}")
        kept = adoption.keys(inputs["namespace"], inputs["secret"])
        if kept:
            ca = kept.authority("cacert.pem", "cakey.pem")
            tlsca = kept.authority("tlscacert.pem", "tlscakey.pem")
        else:
            ca, tlsca = make_authority(domain, "ca"), make_authority(domain, "tlsca")
        return {**_outputs("ca", ca), **_outputs("tlsca", tlsca)}

    def update(self, _id: str, olds: Props, news: Props) -> pulumi.dynamic.UpdateResult:
        """Keep the authorities: nothing that can change here concerns them."""
        return self.keep(olds, news)


def _outputs(prefix: str, pair: Pair) -> Props:
    return {f"{prefix}Certificate": pair.certificate.decode(), f"{prefix}Key": pair.key.decode()}


class Authority(ActionResource, module="fabric", name="Authority"):
    """The CA and the TLS CA of one organization."""

    def __init__(
        self,
        name: str,
        *,
        domain: str,
        namespace: pulumi.Input[str],
        secret: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {"domain": domain, "namespace": namespace, "secret": secret}
        super().__init__(AuthorityProvider(), name, inputs, opts)

    @property
    def ca_certificate(self) -> pulumi.Output[str]:
        """PEM."""
        return pulumi.get(self, "caCertificate")

    @property
    def ca_key(self) -> pulumi.Output[str]:
        """PEM, secret."""
        return pulumi.get(self, "caKey")

    @property
    def tlsca_certificate(self) -> pulumi.Output[str]:
        """PEM."""
        return pulumi.get(self, "tlscaCertificate")

    @property
    def tlsca_key(self) -> pulumi.Output[str]:
        """PEM, secret."""
        return pulumi.get(self, "tlscaKey")

    @property
    def files(self) -> pulumi.Output[dict[str, str]]:
        """The content of the Secret that keeps them."""
        return pulumi.Output.all(
            **{
                "cacert.pem": self.ca_certificate,
                "cakey.pem": self.ca_key,
                "tlscacert.pem": self.tlsca_certificate,
                "tlscakey.pem": self.tlsca_key,
            }
        )
