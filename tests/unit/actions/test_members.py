"""What an action on a channel makes of the names in its inputs, and of a live channel."""

import base64
from typing import Any

import pytest

from actions import channel, channel_site, cluster, nodes
from actions.channel import ChannelProvider
from actions.cluster import ClusterError
from actions.members import Members
from hlf.client.identity import Signer
from hlf.client.orderers import Orderers
from hlf.pki.authority import issue, make_authority
from hlf.pki.msp import Msp, make_msp
from tests.unit.actions.kubernetes import Kubernetes
from tests.unit.actions.pods_made import pod

CA, TLSCA = make_authority("example.com", "ca"), make_authority("example.com", "tlsca")
ADMIN = issue(CA, common_name="Admin@example.com", role="admin")


def msp(msp_id: str) -> Msp:
    return make_msp(msp_id, ca=CA.certificate, tlsca=TLSCA.certificate, node_ous=True)


def test_references_stand_for_msps_that_are_right() -> None:
    live = {"A": msp("AMSP"), "B": msp("OtherMSP"), "C": msp("CMSP")}
    wanted = {"A": msp("AMSP"), "B": msp("BMSP")}
    shown = channel._live_msps(live, wanted, {"A": "hlf-msp--a", "B": "hlf-msp--b"})
    assert shown["A"] == "hlf-msp--a"
    assert shown["B"] not in ("", "hlf-msp--b")
    assert "hlf-msp--b" in shown["B"]
    assert set(shown) == {"A", "B", "C"}


def test_an_organization_that_left_is_no_longer_shown() -> None:
    shown = channel._live_msps({}, {"A": msp("AMSP")}, {"A": "hlf-msp--a"})
    assert shown == {}


def test_one_can_look_again_at_what_was_seen() -> None:
    """A second refresh finds the references, though the first put drift in their place."""
    live = {"A": msp("AMSP"), "B": msp("OtherMSP"), "C": msp("CMSP")}
    wanted = {"A": msp("AMSP"), "B": msp("BMSP")}
    references = {"A": "hlf-msp--a", "B": "hlf-msp--b"}
    shown = channel._live_msps(live, wanted, references)
    assert channel._references(shown) == references
    assert channel._live_msps(live, wanted, channel._references(shown)) == shown


def test_an_orderer_speaks_for_the_channel_and_no_organization_that_may_just_join() -> None:
    signers: Any = {"OrdererMSP": "o", "BMSP": "b", "AMSP": "a"}
    inputs = {"channel": "c", "peers": {}, "orderers": {"orderer0": "OrdererMSP"}}
    assert channel_site._submitter(inputs, signers) == "o"


def test_nothing_is_said_about_nodes_that_are_all_down(kubernetes: Kubernetes) -> None:
    """Nor are the Secrets missed that went with them."""
    inputs = {
        "channel": "c",
        "namespace": "fabric",
        "config": {},
        "msps": {"A": "another than hlf-msp--a"},
        "orderers": {"hlf-orderer--o--orderer0": "OrdererMSP"},
        "peers": {"hlf-peer--a--peer0": "AMSP"},
        "admins": {"AMSP": "hlf-user--a--admin"},
    }
    assert ChannelProvider().observe(inputs) == inputs


def test_ready_nodes_are_those_with_a_pod_that_is(kubernetes: Kubernetes) -> None:
    kubernetes.put("fabric", "pods", pod("a"))
    kubernetes.put("fabric", "pods", pod("b", ready=False))
    wanted = {"a": "AMSP", "b": "BMSP", "c": "CMSP"}
    assert nodes.ready("fabric", wanted) == {"a": "AMSP"}
    assert nodes.ready("fabric", {}) == {}


def test_who_has_no_volume_is_lost(kubernetes: Kubernetes) -> None:
    kubernetes.put("fabric", "persistentvolumeclaims", {"metadata": {"name": "a"}})
    assert nodes.lost("fabric", {"a": "AMSP", "b": "BMSP"}) == {"b"}
    assert nodes.lost("fabric", ()) == set()


def test_the_lost_are_not_asked_and_have_nothing() -> None:
    class Peer:
        def __init__(self, *joined: str) -> None:
            self._joined = frozenset(joined)

        def channels(self) -> frozenset[str]:
            return self._joined

    peers: Any = {"a": Peer("c"), "b": Peer("other"), "lost": None}
    members = Members(
        channel="c",
        namespace="fabric",
        orderer=object.__new__(Orderers),
        peers=peers,
        organizations=dict.fromkeys(peers, "AMSP"),
        lost=frozenset({"lost"}),
    )
    assert set(members.joined().peers) == {"a"}
    found = members.packages(lambda peer: {"id": "label"} if peer is peers["a"] else {})
    assert found == {"a": {"id": "label"}, "b": {}, "lost": {}}


def test_admins_sign_with_what_their_secrets_hold(kubernetes: Kubernetes) -> None:
    files = {"cert.pem": ADMIN.certificate, "key.pem": ADMIN.key}
    data = {name: base64.b64encode(content).decode() for name, content in files.items()}
    manifest = {"metadata": {"name": "hlf-user--a--admin"}, "data": data}
    kubernetes.put("fabric", "secrets", manifest)
    signers = nodes.signers("fabric", {"AMSP": "hlf-user--a--admin"})
    assert isinstance(signers["AMSP"], Signer)
    assert signers["AMSP"].msp_id == "AMSP"
    with pytest.raises(ClusterError, match=r"hlf-user--b--admin .*BMSP.* fabric"):
        nodes.signers("fabric", {"BMSP": "hlf-user--b--admin"})


@pytest.mark.parametrize("tls", [True, False])
def test_members_of_a_channel_are_reached_as_the_nodes_speak(
    kubernetes: Kubernetes, monkeypatch: pytest.MonkeyPatch, *, tls: bool
) -> None:
    monkeypatch.setattr(cluster, "forward", lambda *_: "127.0.0.1:1")
    files = {"cert.pem": ADMIN.certificate, "key.pem": ADMIN.key}
    data = {name: base64.b64encode(content).decode() for name, content in files.items()}
    for msp_id in ("AMSP", "BMSP"):
        kubernetes.put("fabric", "secrets", {"metadata": {"name": f"admin-{msp_id}"}, "data": data})
    roots = {"AMSP": "hlf-msp--a", "BMSP": "hlf-msp--b", "OrdererMSP": "hlf-msp--o"}
    for name in roots.values():
        kubernetes.put(
            "fabric",
            "configmaps",
            {"metadata": {"name": name}, "data": {"tlscacert.pem": name}},
        )
    members = Members.of(
        {
            "channel": "common",
            "namespace": "fabric",
            "orderers": {"orderer0": "OrdererMSP"},
            "peers": {"b": "BMSP", "a1": "AMSP", "a0": "AMSP"},
            "admins": {"AMSP": "admin-AMSP", "BMSP": "admin-BMSP"},
            "tlsRoots": roots if tls else {},
            "ordererType": "etcdraft",
        }
    )
    assert members.any_peer is members.peers["a0"]
    assert members.one_peer_each() == {"AMSP": members.peers["a0"], "BMSP": members.peers["b"]}
    assert members.running({"AMSP"}) == ["a1", "a0"]
    assert members.peers["b"].signer.msp_id == "BMSP"
    assert members.orderer.signer.msp_id == "AMSP"
    assert members.peers["b"].endpoint.tls_roots == (b"hlf-msp--b" if tls else None)
    assert isinstance(members.orderer, Orderers)
    (orderer,) = members.orderer.members
    assert orderer.endpoint.tls_roots == (b"hlf-msp--o" if tls else None)


@pytest.mark.parametrize("node_ous", [True, False])
@pytest.mark.parametrize("tls", [True, False])
def test_msps_are_what_their_config_maps_say(
    kubernetes: Kubernetes, *, node_ous: bool, tls: bool
) -> None:
    """The TLS CA is a part of the MSP only while nodes speak TLS."""
    admin = () if node_ous else (ADMIN.certificate,)
    tlsca = TLSCA.certificate if tls else None
    data = {
        "mspid": "AMSP",
        "cacert.pem": CA.certificate.decode(),
        "tlscacert.pem": TLSCA.certificate.decode(),
        "tls": str(tls).lower(),
    }
    if not node_ous:
        data["admincert.pem"] = ADMIN.certificate.decode()
    kubernetes.put("fabric", "configmaps", {"metadata": {"name": "hlf-msp--a"}, "data": data})
    expected = make_msp("AMSP", ca=CA.certificate, tlsca=tlsca, node_ous=node_ous, admins=admin)
    assert expected.tls_root_certs == (() if tlsca is None else (tlsca,))
    assert nodes.msps("fabric", {"A": "hlf-msp--a"}) == {"A": expected}
    with pytest.raises(ClusterError, match=r"hlf-msp--b .* fabric"):
        nodes.msps("fabric", {"B": "hlf-msp--b"})
