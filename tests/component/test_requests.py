"""What pods ask for: of every container, as quotas want it; of a build; of a whole sample."""

import re
from fractions import Fraction

import pytest
import yaml

from hlf.spec.pod_values import quantity
from hlf.spec.pods import amount
from tests.component.recorded import (
    CLAIMED_VOLUME,
    DEPLOYMENT,
    REPOSITORY,
    Recorded,
    Resource,
    Sample,
)

SAMPLES = sorted(path.parent.name for path in REPOSITORY.glob("samples/*/network.yaml"))
TABLE = (REPOSITORY / "docs" / "operations.md").read_text()
MIB, GIB = 2**20, 2**30


def build(network: Recorded) -> dict:
    server, *_ = network.of(DEPLOYMENT)
    (container,) = server.pod["spec"]["initContainers"]
    return container["resources"]


def server(network: Recorded) -> dict:
    first, *_ = network.of(DEPLOYMENT)
    (container,) = first.pod["spec"]["containers"]
    return container["resources"]


def asked_for(workload: Resource, key: str) -> Fraction:
    """What Kubernetes counts of a pod: all containers together, or an init container with more."""
    spec = workload.pod["spec"]

    def asked(container: dict) -> Fraction:
        return amount(key, container["resources"]["requests"][key])

    return max([sum(map(asked, spec["containers"])), *map(asked, spec.get("initContainers", []))])


def test_a_build_asks_for_what_it_needs(simple: Recorded) -> None:
    assert build(simple) == {"requests": {"cpu": "50m", "memory": "256Mi"}}
    assert server(simple) == {"requests": {"cpu": "5m", "memory": "32Mi"}}


def test_a_limit_that_is_enough_for_a_server_does_not_kill_a_build(sample: Sample) -> None:
    resources = {
        "requests": {"cpu": "100m", "memory": "16Mi"},
        "limits": {"cpu": "200m", "memory": "64Mi"},
    }
    network = sample.with_settings(pods={"chaincode": {"resources": resources}}).record()
    assert server(network) == resources
    assert build(network) == {
        "requests": {"cpu": "100m", "memory": "256Mi"},
        "limits": {"cpu": "1", "memory": "1Gi"},
    }


def test_a_build_in_java_asks_for_more(sample: Sample) -> None:
    folder = sample.root / "chaincode" / "very-simple"
    (folder / "go.mod").rename(folder / "build.gradle")
    (folder / "gradlew").write_text("")
    resources = {"limits": {"cpu": "200m", "memory": "384Mi"}}
    network = sample.with_settings(pods={"chaincode": {"resources": resources}}).record()
    of = {each.name: each for each in network.of(DEPLOYMENT)}
    (container,) = of["very-simple"].pod["spec"]["initContainers"]
    assert container["resources"] == {
        "requests": {"cpu": "50m", "memory": "512Mi"},
        "limits": {"cpu": "1", "memory": "2Gi"},
    }
    (container,) = of["even-simpler"].pod["spec"]["initContainers"]
    assert container["resources"]["limits"] == {"cpu": "1", "memory": "1Gi"}


def test_a_build_has_what_a_larger_server_has(sample: Sample) -> None:
    resources = {"requests": {"cpu": "2", "memory": "2Gi"}, "limits": {"memory": "4Gi"}}
    network = sample.with_settings(pods={"chaincode": {"resources": resources}}).record()
    assert build(network) == server(network) == resources


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_asks_for_what_the_documentation_says(name: str) -> None:
    settings = {"network": f"samples/{name}", "chaincode": "samples/chaincode"}
    own = REPOSITORY / "samples" / name / "Pulumi.stack.yaml"
    if own.is_file():
        said = yaml.safe_load(own.read_text())["config"]
        settings |= {key.removeprefix("hlf:"): value for key, value in said.items()}
    network = Sample(root=REPOSITORY, settings=settings).record()
    cpu, memory = (
        sum(asked_for(each, key) for each in network.workloads) for key in ("cpu", "memory")
    )
    pods, cores, bytes_, volumes = documented(name)
    shown = f"{memory / MIB} MiB" if memory < GIB else f"{float(memory / GIB):.1f} GiB"
    assert (pods, cores, bytes_) == (len(network.workloads), f"{cpu * 1000}m", shown)
    sizes = [each.inputs["spec"]["resources"] for each in network.of(CLAIMED_VOLUME)]
    gib = sum(quantity(each["requests"]["storage"]) or 0 for each in sizes) // GIB
    assert gib == sum(int(n) * int(size) for n, size in re.findall(r"(\d+) of (\d+) GiB", volumes))


def documented(name: str) -> tuple[int, str, str, str]:
    """Pods, CPU, memory and volumes in the row of the table that names a sample."""
    for row in TABLE.splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if f"`{name}`" in cells[0] and "GiB" in row:
            return int(cells[1]), cells[2], cells[3], cells[4]
    raise AssertionError(f"docs/operations.md says nothing of what {name} asks for")
