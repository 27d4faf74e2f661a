"""Issues the certificates of one node or one user: one for Fabric, one for TLS.

Where the Secret that holds them is there already (a stack that kept its data), they are taken
over. Other names for TLS, or NodeOUs where there were none, mean another certificate for the same
key; nothing else changes.
"""

from typing import ClassVar

import pulumi
from cryptography import x509
from cryptography.x509.oid import NameOID
from pulumi.dynamic import UpdateResult

from actions import adoption
from actions.adoption import Kept
from actions.authority import Authority
from actions.progress import Report
from actions.provider import Action, ActionResource, Props
from hlf.pki.authority import Role, issue, issue_tls
from hlf.pki.folder import config_yaml
from hlf.pki.msp import make_msp
from hlf.pki.pair import Pair, Source, load_certificate, load_key

_TLS_NAME = {"admin": "client", "client": "client", "orderer": "server", "peer": "server"}


class IdentityProvider(Action):
    """Inputs: commonName, role, nodeOus, sans (name -> true), namespace, secret, the authority."""

    replace_on: ClassVar = ("commonName", "role", "nodeOus", "namespace", "caCertificate")
    outputs: ClassVar = ("certificate", "tlsCertificate")
    secrets: ClassVar = ("key", "tlsKey")

    def identity(self, inputs: Props) -> str:  # noqa: D102
        return inputs["commonName"]

    def apply(self, inputs: Props, report: Report) -> Props:  # noqa: D102
        report(f"issuing the certificates of {inputs['commonName']}")
        kept = adoption.keys(inputs["namespace"], inputs["secret"])
        if kept:
            pair, tls_pair = _adopt(inputs, kept)
        else:
            pair, tls_pair = _issue(inputs, Source()), _issue_tls(inputs, Source())
        return _outputs(pair, tls_pair)

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Keep the keys and the identity; the TLS certificate is issued for the names wanted."""
        old = Pair(certificate=olds["tlsCertificate"].encode(), key=olds["tlsKey"].encode())
        tls_pair = _issue_tls(news, _same_key(old))
        pair = Pair(certificate=olds["certificate"].encode(), key=olds["key"].encode())
        return UpdateResult({**self._inputs(news), **_outputs(pair, tls_pair)})


def _adopt(inputs: Props, kept: Kept) -> tuple[Pair, Pair]:
    """Take over the keys; certificates that no longer say what they should are issued anew."""
    owner, tls = inputs["commonName"], _TLS_NAME[inputs["role"]]
    pair = kept.identity("cert.pem", "key.pem", authority=inputs["caCertificate"], owner=owner)
    tls_pair = kept.identity(
        f"{tls}.crt", f"{tls}.key", authority=inputs["tlscaCertificate"], owner=owner
    )
    if inputs["nodeOus"] and inputs["role"] not in _units(pair):
        pair = _issue(inputs, _same_key(pair))
    if _names(tls_pair) != set(inputs["sans"]):
        tls_pair = _issue_tls(inputs, _same_key(tls_pair))
    return pair, tls_pair


def _issue(inputs: Props, source: Source) -> Pair:
    authority = Pair(certificate=inputs["caCertificate"].encode(), key=inputs["caKey"].encode())
    role: Role | None = inputs["role"] if inputs["nodeOus"] else None
    return issue(authority, common_name=inputs["commonName"], role=role, source=source)


def _issue_tls(inputs: Props, source: Source) -> Pair:
    authority = Pair(
        certificate=inputs["tlscaCertificate"].encode(), key=inputs["tlscaKey"].encode()
    )
    sans = sorted(inputs["sans"])
    return issue_tls(authority, common_name=inputs["commonName"], sans=sans, source=source)


def _same_key(pair: Pair) -> Source:
    key = load_key(pair.key)
    return Source(key=lambda: key)


def _units(pair: Pair) -> set[str]:
    subject = load_certificate(pair.certificate).subject
    units = subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return {str(unit.value) for unit in units}


def _names(pair: Pair) -> set[str]:
    extensions = load_certificate(pair.certificate).extensions
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in names}


def _outputs(pair: Pair, tls: Pair) -> Props:
    return {
        "certificate": pair.certificate.decode(),
        "key": pair.key.decode(),
        "tlsCertificate": tls.certificate.decode(),
        "tlsKey": tls.key.decode(),
    }


class Identity(ActionResource, module="fabric", name="Identity"):
    """The certificates and keys of one node or user."""

    def __init__(
        self,
        name: str,
        *,
        authority: Authority,
        common_name: str,
        role: Role,
        node_ous: bool,
        sans: tuple[str, ...],
        namespace: pulumi.Input[str],
        secret: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        inputs = {
            "commonName": common_name,
            "role": role,
            "nodeOus": node_ous,
            "sans": dict.fromkeys(sans, True),
            "namespace": namespace,
            "secret": secret,
            "caCertificate": authority.ca_certificate,
            "caKey": authority.ca_key,
            "tlscaCertificate": authority.tlsca_certificate,
            "tlscaKey": authority.tlsca_key,
        }
        super().__init__(IdentityProvider(), name, inputs, opts)
        self._authority = authority
        self._tls_name = _TLS_NAME[role]
        self._node_ous = node_ous

    @property
    def certificate(self) -> pulumi.Output[str]:
        """PEM."""
        return pulumi.get(self, "certificate")

    @property
    def tls_certificate(self) -> pulumi.Output[str]:
        """PEM."""
        return pulumi.get(self, "tlsCertificate")

    def files(self, admin: "Identity") -> pulumi.Output[dict[str, str]]:
        """Return the content of the Secret that holds them, as MSP and TLS folders need it.

        Without NodeOUs a node knows its organization's admin by the certificate.
        """
        values: dict[str, pulumi.Output[str]] = {
            "cert.pem": self.certificate,
            "key.pem": pulumi.get(self, "key"),
            "cacert.pem": self._authority.ca_certificate,
            "tlscacert.pem": self._authority.tlsca_certificate,
            f"{self._tls_name}.crt": self.tls_certificate,
            f"{self._tls_name}.key": pulumi.get(self, "tlsKey"),
            "ca.crt": self._authority.tlsca_certificate,
        }
        if not self._node_ous:
            values["admincert.pem"] = admin.certificate
        return pulumi.Output.all(**values).apply(self._with_config)

    def _with_config(self, texts: dict[str, str]) -> dict[str, str]:
        ca, tlsca = texts["cacert.pem"].encode(), texts["tlscacert.pem"].encode()
        msp = make_msp("", ca=ca, tlsca=tlsca, node_ous=self._node_ous)
        return {**texts, "config.yaml": config_yaml(msp)}
