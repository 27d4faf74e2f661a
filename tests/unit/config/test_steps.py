"""Orderers come and go one at a time; nobody is told of one that has not caught up."""

from dataclasses import replace

import pytest

from hlf.config.model import ChannelConfig, Consenter, Orderer, Organization
from hlf.config.steps import steps
from tests.unit.config import networks


def orderer(config: ChannelConfig) -> Orderer:
    assert config.orderer is not None
    return config.orderer


def raft(*hosts: str, renewed: str = "", addresses: tuple[str, ...] | None = None) -> ChannelConfig:
    """A channel with these consenters, each an orderer of an organization of its own name."""
    config = networks.own_channel("etcdraft")
    known = orderer(config)
    assert known.raft is not None
    consenters = tuple(
        Consenter(
            host=host,
            port=7050,
            client_tls_cert=f"{host}/new" if host == renewed else host,
            server_tls_cert=host,
        )
        for host in hosts
    )
    template = networks.orderer_org()
    organizations = {
        host.title(): replace(template, orderer_endpoints=(f"{host}:7050",)) for host in hosts
    }
    changed = replace(
        known,
        raft=replace(known.raft, consenters=consenters),
        addresses=tuple(f"{host}:7050" for host in addresses or hosts),
        organizations=organizations,
    )
    return replace(config, orderer=changed)


def hosts(config: ChannelConfig) -> list[str]:
    return [each.host for each in orderer(config).consenters]


def addresses(config: ChannelConfig) -> list[str]:
    return [each.rpartition(":")[0] for each in orderer(config).addresses]


def endpoints(config: ChannelConfig) -> dict[str, list[str]]:
    organizations: dict[str, Organization] = dict(orderer(config).organizations)
    return {
        n: [e.rpartition(":")[0] for e in o.orderer_endpoints] for n, o in organizations.items()
    }


def test_where_nobody_comes_or_goes_it_is_one_step() -> None:
    live = raft("a", "b", "c")
    wanted = replace(live, orderer=replace(orderer(live), batch_timeout="5s"), capabilities=())
    assert steps(live, wanted) == [wanted]
    assert steps(live, live) == [live]


@pytest.mark.parametrize("kind", ["solo", "kafka"])
def test_without_a_cluster_it_is_one_step(kind) -> None:
    live = networks.own_channel(kind)
    wanted = replace(live, orderer=replace(orderer(live), addresses=("elsewhere:7050",)))
    assert steps(live, wanted) == [wanted]


def test_new_ones_come_one_by_one_and_are_made_known_at_last() -> None:
    live, wanted = raft("a", "b"), raft("a", "b", "c", "d")
    first, second, last = steps(live, wanted)
    assert [hosts(each) for each in (first, second)] == [["a", "b", "c"], ["a", "b", "c", "d"]]
    for each in (first, second):
        assert addresses(each) == ["a", "b"]
        assert endpoints(each) == {"A": ["a"], "B": ["b"], "C": ["c"], "D": ["d"]}
    assert last == wanted


def test_an_organization_of_several_names_those_that_have_caught_up() -> None:
    both = replace(networks.orderer_org(), orderer_endpoints=("b:7050", "c:7050"))

    def with_both(config: ChannelConfig) -> ChannelConfig:
        organizations = {"A": orderer(config).organizations["A"], "Both": both}
        return replace(config, orderer=replace(orderer(config), organizations=organizations))

    live, wanted = raft("a", "b"), with_both(raft("a", "b", "c"))
    first, last = steps(live, wanted)
    assert endpoints(first) == {"A": ["a"], "B": ["b"], "Both": ["b"]}
    assert last == wanted


def test_old_ones_are_unknown_first_and_go_one_by_one() -> None:
    live, wanted = raft("a", "b", "c", "d"), raft("b", "c")
    first, second, last = steps(live, wanted)
    assert [sorted(hosts(each)) for each in (first, second)] == [
        ["a", "b", "c", "d"],
        ["b", "c", "d"],
    ]
    for each in (first, second):
        assert addresses(each) == ["b", "c"]
        assert endpoints(each) == {"A": ["a"], "B": ["b"], "C": ["c"], "D": ["d"]}
    assert last == wanted


def test_new_ones_come_before_old_ones_go() -> None:
    found = steps(raft("a", "b", "c"), raft("b", "c", "d"))
    assert [sorted(hosts(each)) for each in found] == [
        ["a", "b", "c", "d"],
        ["a", "b", "c", "d"],
        ["b", "c", "d"],
    ]


def test_one_with_new_certificates_is_renewed_in_its_place() -> None:
    live, wanted = raft("a", "b", "c"), raft("a", "b", "c", renewed="b")
    assert steps(live, wanted) == [wanted, wanted]


def test_bft_goes_the_same_way() -> None:
    live = networks.own_channel("BFT")
    known = orderer(live)
    assert known.bft is not None
    fewer = replace(known, bft=replace(known.bft, consenters=known.bft.consenters[:3]))
    small = replace(live, orderer=fewer)
    assert steps(small, live)[-1] == live
    assert [len(hosts(each)) for each in steps(small, live)] == [4, 4]
    assert [len(hosts(each)) for each in steps(live, small)] == [4, 3]


def test_another_type_is_no_matter_of_steps() -> None:
    kafka, cluster = networks.own_channel("kafka"), networks.own_channel("etcdraft")
    assert steps(kafka, cluster) == [cluster]
