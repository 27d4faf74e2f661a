"""Authorities and identities: made once, kept, taken over when they fit, refused when not."""

import base64
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from actions.authority import AuthorityProvider
from actions.cluster import ClusterError
from actions.identity import IdentityProvider
from tests.unit.actions.kubernetes import Kubernetes

NAMESPACE = "fabric"
AUTHORITY = {
    "domain": "aptalkarga.tr",
    "namespace": NAMESPACE,
    "secret": "hlf-authority--karga",
    "resource": "urn",
}
Props = dict[str, Any]


@pytest.fixture(scope="module")
def authority(server: Kubernetes) -> Props:
    return AuthorityProvider().create(dict(AUTHORITY)).outs


@pytest.fixture
def peer(authority: Props) -> Props:
    """The inputs of a peer's identity."""
    return identity(authority, "peer0.aptalkarga.tr", role="peer", sans=("peer0", "127.0.0.1"))


def identity(
    authority: Props, name: str, *, role: str, sans: tuple[str, ...] = (), node_ous: bool = True
) -> Props:
    keys = ("caCertificate", "caKey", "tlscaCertificate", "tlscaKey")
    return {
        "commonName": name,
        "role": role,
        "nodeOus": node_ous,
        "sans": dict.fromkeys(sans, True),
        "namespace": NAMESPACE,
        "secret": "hlf-peer--karga--peer0",
        "resource": "urn",
        **{key: authority[key] for key in keys},
    }


def keep_authority(kubernetes: Kubernetes, made: Props, **changes: str | None) -> None:
    files = {
        "cacert.pem": made["caCertificate"],
        "cakey.pem": made["caKey"],
        "tlscacert.pem": made["tlscaCertificate"],
        "tlscakey.pem": made["tlscaKey"],
    }
    keep(kubernetes, "hlf-authority--karga", {**files, **changes})


def keep_identity(
    kubernetes: Kubernetes, made: Props, *, tls: str = "server", **changes: str | None
) -> None:
    files = {
        "cert.pem": made["certificate"],
        "key.pem": made["key"],
        f"{tls}.crt": made["tlsCertificate"],
        f"{tls}.key": made["tlsKey"],
    }
    keep(kubernetes, made["secret"], {**files, **changes})


def keep(kubernetes: Kubernetes, name: str, files: dict[str, str | None]) -> None:
    data = {k: base64.b64encode(v.encode()).decode() for k, v in files.items() if v is not None}
    kubernetes.put(NAMESPACE, "secrets", {"metadata": {"name": name}, "data": data})


def load(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def units(pem: str) -> list[str]:
    found = load(pem).subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return [str(each.value) for each in found]


def names(pem: str) -> set[str]:
    extension = load(pem).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(each.value) for each in extension.value}


def test_an_authority_is_two_cas(kubernetes: Kubernetes) -> None:
    made = AuthorityProvider().create(dict(AUTHORITY))
    assert made.id == "aptalkarga.tr"
    assert "CN=ca.aptalkarga.tr" in load(made.outs["caCertificate"]).subject.rfc4514_string()
    assert "CN=tlsca.aptalkarga.tr" in load(made.outs["tlscaCertificate"]).subject.rfc4514_string()
    assert made.outs["caKey"] != made.outs["tlscaKey"]


def test_an_authority_that_was_kept_is_taken_over(kubernetes: Kubernetes, authority: Props) -> None:
    keep_authority(kubernetes, authority)
    assert AuthorityProvider().create(dict(AUTHORITY)).outs == authority


def test_an_update_leaves_an_authority_as_it_is(kubernetes: Kubernetes, authority: Props) -> None:
    news = {**AUTHORITY, "secret": "hlf-authority--other"}
    updated = AuthorityProvider().update("aptalkarga.tr", authority, news)
    assert updated.outs == {**authority, "secret": "hlf-authority--other"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cakey.pem": None}, "it lacks cakey.pem"),
        ({"cakey.pem": "nonsense"}, "no private key in PEM"),
        ({"tlscacert.pem": "nonsense"}, "no certificate in PEM"),
    ],
)
def test_an_authority_that_is_spoiled_is_refused_and_not_replaced(
    kubernetes: Kubernetes, authority: Props, changes: dict[str, str | None], said: str
) -> None:
    keep_authority(kubernetes, authority, **changes)
    with pytest.raises(ClusterError, match=said) as caught:
        AuthorityProvider().create(dict(AUTHORITY))
    for part in ("hlf-authority--karga", NAMESPACE, "delete the Secret"):
        assert part in str(caught.value)
    assert "BEGIN" not in str(caught.value)


def test_an_authority_with_anothers_key_is_refused(
    kubernetes: Kubernetes, authority: Props
) -> None:
    keep_authority(kubernetes, authority, **{"cakey.pem": authority["tlscaKey"]})
    with pytest.raises(ClusterError, match="does not belong to the certificate"):
        AuthorityProvider().create(dict(AUTHORITY))


def test_an_identity_has_its_role_and_its_names(kubernetes: Kubernetes, peer: Props) -> None:
    made = IdentityProvider().create(peer).outs
    assert units(made["certificate"]) == ["peer"]
    assert names(made["tlsCertificate"]) == {"peer0", "127.0.0.1"}
    load(made["certificate"]).verify_directly_issued_by(load(peer["caCertificate"]))
    load(made["tlsCertificate"]).verify_directly_issued_by(load(peer["tlscaCertificate"]))


def test_a_user_has_no_names_for_tls(kubernetes: Kubernetes, authority: Props) -> None:
    user = identity(authority, "User1@aptalkarga.tr", role="client")
    made = IdentityProvider().create(user).outs
    with pytest.raises(x509.ExtensionNotFound):
        names(made["tlsCertificate"])
    keep_identity(kubernetes, made, tls="client")
    assert IdentityProvider().create(user).outs == made


def test_an_identity_that_was_kept_is_taken_over(kubernetes: Kubernetes, peer: Props) -> None:
    made = IdentityProvider().create(peer).outs
    keep_identity(kubernetes, made)
    assert IdentityProvider().create(peer).outs == made


def test_taking_over_with_other_names_renews_the_tls_certificate_only(
    kubernetes: Kubernetes, peer: Props
) -> None:
    made = IdentityProvider().create(peer).outs
    keep_identity(kubernetes, made)
    other = IdentityProvider().create({**peer, "sans": {"peer0.example.com": True}}).outs
    assert names(other["tlsCertificate"]) == {"peer0.example.com"}
    for kept in ("key", "tlsKey", "certificate"):
        assert other[kept] == made[kept]


def test_taking_over_for_node_ous_renews_the_certificate_only(
    kubernetes: Kubernetes, peer: Props
) -> None:
    """EnableNodeOUs replaces the identity while its old Secret is still there."""
    made = IdentityProvider().create({**peer, "nodeOus": False}).outs
    assert units(made["certificate"]) == []
    keep_identity(kubernetes, made)
    other = IdentityProvider().create(peer).outs
    assert units(other["certificate"]) == ["peer"]
    for kept in ("key", "tlsKey", "tlsCertificate"):
        assert other[kept] == made[kept]


def test_an_update_renews_the_tls_certificate_for_the_same_key(
    kubernetes: Kubernetes, peer: Props
) -> None:
    made = IdentityProvider().create(peer).outs
    news = {**peer, "sans": {"new": True}}
    updated = IdentityProvider().update("peer0.aptalkarga.tr", made, news).outs
    assert names(updated["tlsCertificate"]) == {"new"}
    assert load(updated["tlsCertificate"]).public_key() == load(made["tlsCertificate"]).public_key()
    for kept in ("certificate", "key", "tlsKey"):
        assert updated[kept] == made[kept]


def test_keys_of_another_owner_are_refused(
    kubernetes: Kubernetes, authority: Props, peer: Props
) -> None:
    other = identity(authority, "peer1.aptalkarga.tr", role="peer")
    keep_identity(kubernetes, IdentityProvider().create(other).outs)
    with pytest.raises(ClusterError) as caught:
        IdentityProvider().create(peer)
    for part in ("peer0.aptalkarga.tr", "peer1.aptalkarga.tr", peer["secret"], NAMESPACE):
        assert part in str(caught.value)


def test_a_tls_certificate_of_another_owner_is_refused(
    kubernetes: Kubernetes, authority: Props, peer: Props
) -> None:
    made = IdentityProvider().create(peer).outs
    other = IdentityProvider().create(identity(authority, "Admin@a.tr", role="admin")).outs
    mixed = {**made, "tlsCertificate": other["tlsCertificate"], "tlsKey": other["tlsKey"]}
    keep_identity(kubernetes, mixed)
    with pytest.raises(ClusterError, match=r"server\.crt is Admin@a\.tr's"):
        IdentityProvider().create(peer)


def test_keys_of_another_authority_are_refused(kubernetes: Kubernetes, peer: Props) -> None:
    namesake = AuthorityProvider().create(dict(AUTHORITY)).outs
    other = identity(namesake, peer["commonName"], role="peer", sans=("peer0",))
    keep_identity(kubernetes, IdentityProvider().create(other).outs)
    with pytest.raises(ClusterError, match="was not issued by"):
        IdentityProvider().create(peer)


@pytest.mark.parametrize("key", ["commonName", "role", "nodeOus", "namespace", "caCertificate"])
def test_what_makes_another_identity(peer: Props, key: str) -> None:
    assert IdentityProvider().diff("", peer, {**peer, key: "other"}).replaces == [key]


@pytest.mark.parametrize("key", ["sans", "secret", "tlscaCertificate"])
def test_what_does_not(peer: Props, key: str) -> None:
    assert IdentityProvider().diff("", peer, {**peer, key: "other"}).replaces == []
