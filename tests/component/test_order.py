"""What waits for what: whatever an action or a pod refers to is there before it."""

from collections.abc import Iterable

from tests.component.recorded import (
    CHAINCODES,
    CHANNEL,
    CLAIM,
    CLAIMED_VOLUME,
    CONFIG_MAP,
    DEPLOYMENT,
    GENESIS,
    INVOCATION,
    NAMESPACE,
    PROVIDER,
    ROLLOUT,
    SECRET,
    SERVICE,
    SOURCE,
    STATEFUL_SET,
    Recorded,
    Resource,
)


def urns(resources: Iterable[Resource]) -> set[str]:
    return {each.urn for each in resources}


def test_everything_waits_for_the_claim(simple: Recorded) -> None:
    (claim,) = simple.of(CLAIM)
    for each in [*simple.manifests, *simple.actions]:
        if each is not claim:
            assert claim.urn in simple.waits_for(each), each.urn


def test_the_claim_waits_for_nothing_and_nothing_else_stands_for_the_namespace(
    simple: Recorded,
) -> None:
    """A stack that was refused has nothing in its state whose deletion would harm another's."""
    (claim,) = simple.of(CLAIM)
    assert not simple.waits_for(claim) & urns([*simple.manifests, *simple.actions])
    assert NAMESPACE not in {each.type for each in simple.resources}


def test_manifests_are_made_by_a_provider_that_waits_for_the_claim(simple: Recorded) -> None:
    """A context that the claim refuses must not be in the state."""
    (claim,) = simple.of(CLAIM)
    (provider,) = simple.of(PROVIDER)
    assert provider.dependencies == {claim.urn}
    for each in simple.manifests:
        assert each.provider.startswith(f"{provider.urn}::"), each.urn


def test_the_genesis_block_waits_for_every_msp_and_orderers_for_it(simple: Recorded) -> None:
    (genesis,) = simple.of(GENESIS)
    msps = [c for c in simple.of(CONFIG_MAP) if c.manifest_name.startswith("hlf-msp--")]
    assert len(msps) == 4
    assert urns(msps) <= simple.waits_for(genesis)
    assert set(genesis.inputs["msps"].values()) == {each.manifest_name for each in msps}
    block = simple.named(CONFIG_MAP, "hlf-genesis")
    for node in simple.of(STATEFUL_SET):
        is_orderer = node.manifest_name.startswith("hlf-orderer--")
        assert (block.urn in simple.waits_for(node)) == is_orderer


def test_a_node_waits_for_what_it_mounts(simple: Recorded) -> None:
    for node in simple.of(STATEFUL_SET):
        waited = simple.waits_for(node)
        assert simple.named(SECRET, node.manifest_name).urn in waited
        assert simple.named(CLAIMED_VOLUME, node.manifest_name).urn in waited
        volumes = node.pod["spec"]["volumes"]
        found = [v["configMap"] for v in volumes if "configMap" in v]
        for name in [each["name"] for each in found if not each.get("optional")]:
            assert simple.named(CONFIG_MAP, name).urn in waited


def test_a_chaincodes_server_waits_for_its_source(simple: Recorded) -> None:
    for server in simple.of(DEPLOYMENT):
        sources = [s for s in simple.of(SOURCE) if s.inputs["server"] == server.manifest_name]
        assert len(sources) == 1
        assert urns(sources) <= simple.waits_for(server)


def test_the_rollout_waits_for_all_nodes_and_nothing_runs_before_it(simple: Recorded) -> None:
    (rollout,) = simple.of(ROLLOUT)
    nodes = simple.of(STATEFUL_SET)
    assert set(rollout.inputs["nodes"]) == {each.manifest_name for each in nodes}
    assert urns(nodes) <= simple.waits_for(rollout)
    for action in simple.of(CHANNEL, CHAINCODES, INVOCATION):
        assert rollout.urn in simple.waits_for(action)


def test_an_action_waits_for_every_secret_and_msp_it_refers_to(simple: Recorded) -> None:
    for action in simple.of(CHANNEL, CHAINCODES, INVOCATION):
        waited = simple.waits_for(action)
        for secret in action.inputs["admins"].values():
            assert simple.named(SECRET, secret).urn in waited, f"{action.urn}: {secret}"
        for config_map in action.inputs.get("msps", {}).values():
            assert simple.named(CONFIG_MAP, config_map).urn in waited


def test_channel_then_chaincodes_then_invocation(simple: Recorded) -> None:
    channels = {each.inputs["channel"]: each for each in simple.channels}
    assert set(channels) == {"common", "private-karga-atlantis"}
    chaincodes = {each.inputs["channel"]: each for each in simple.of(CHAINCODES)}
    for name, each in chaincodes.items():
        assert channels[name].urn in simple.waits_for(each)
    for call in simple.of(INVOCATION):
        waited = simple.waits_for(call)
        assert chaincodes[call.inputs["channel"]].urn in waited
        assert simple.named(DEPLOYMENT, call.inputs["server"]).urn in waited


def test_chaincodes_and_servers_come_up_side_by_side(simple: Recorded) -> None:
    """Building from source takes a minute, which agreeing on the definition need not wait for."""
    servers = urns(simple.of(DEPLOYMENT))
    for each in simple.of(CHAINCODES):
        assert not servers & simple.waits_for(each)


def test_channels_do_not_wait_for_each_other(simple: Recorded) -> None:
    one, other = simple.channels
    assert one.urn not in simple.waits_for(other)
    assert other.urn not in simple.waits_for(one)


def test_channels_wait_for_the_system_channel(simple: Recorded) -> None:
    """An organization is in no channel before it is in the consortium."""
    (system,) = [each for each in simple.of(CHANNEL) if each not in simple.channels]
    assert system.inputs["peers"] == {}
    (genesis,) = simple.of(GENESIS)
    assert system.inputs["config"] == genesis.inputs["config"]
    for each in simple.channels:
        assert system.urn in simple.waits_for(each)


def test_services_do_not_wait_for_pods(simple: Recorded) -> None:
    workloads = urns(simple.workloads)
    for service in simple.of(SERVICE):
        assert not workloads & simple.waits_for(service)
        assert service.inputs["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"
