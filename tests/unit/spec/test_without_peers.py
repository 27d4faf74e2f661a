"""A peer that is to be outside a channel of its organization."""

import pytest

FILE = "network.yaml"
COMMON = "- name: common\n"
PATH = "network.channels[0].withoutPeers"


@pytest.fixture
def two_peers(simple):
    """Karga has two."""
    simple.change("crypto-config.yaml", "Template:\n      Count: 1", "Template: {Count: 2}")
    return simple


def leave_out(given, *peers):
    listed = ", ".join(peers)
    given.change(FILE, COMMON, f"{COMMON}      withoutPeers: [{listed}]\n")


def test_it_is_known_by_its_domain(two_peers):
    leave_out(two_peers, "peer1.aptalkarga.tr")
    common, other = two_peers.load().channels
    assert {(node.org, node.host) for node in common.without_peers} == {("Karga", "peer1")}
    assert other.without_peers == frozenset()


@pytest.mark.parametrize(
    ("peers", "element", "words"),
    [
        (["peer2.aptalkarga.tr"], 0, "is no peer of an organization of the channel `common`"),
        (["peer1.aptalkarga.t"], 0, "did you mean `peer1.aptalkarga.tr`?"),
        (["peer1.aptalkarga.tr", "peer0.atlantis.com"], 1, "`Atlantis` would have no peer"),
        (["peer0.aptalkarga.tr"], 0, "is an anchor peer of the channel `common`|`AnchorPeers`"),
        (["peer1.aptalkarga.tr", "peer1.aptalkarga.tr"], 1, "twice"),
    ],
)
def test_mistakes(two_peers, tell, peers, element, words):
    leave_out(two_peers, *peers)
    tell(two_peers.mistake(), file=FILE, path=f"{PATH}[{element}]", words=words)


def test_not_all_of_an_organization(two_peers, tell):
    leave_out(two_peers, "peer0.aptalkarga.tr", "peer1.aptalkarga.tr")
    for number, each in enumerate(two_peers.mistakes()):
        tell(each, file=FILE, path=f"{PATH}[{number}]", words="`Karga` would have no peer|`orgs`")
