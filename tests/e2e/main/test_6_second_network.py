"""Two networks in one namespace would be merged by Kubernetes: the second one is refused."""

from pathlib import Path

from tests.e2e.conftest import MakeStack
from tests.e2e.main.conftest import Launched


def test_a_second_network_is_refused_and_the_first_is_left_alone(
    launched: Launched, make_stack: MakeStack, with_images: Path
) -> None:
    first = launched.stack
    before = _versions(launched)
    second = make_stack("e2e-main-second", with_images, namespace=first.name)

    for refused in (second.preview(ok=False), second.up(ok=False)):
        assert refused.status != 0
        assert (
            f"has a problem: Namespace {first.name} belongs to the Fabric network of stack "
            f"hlf/{first.name}; a second network"
        ) in refused.output
        assert "pulumi config set namespace" in refused.output
        assert "Traceback" not in refused.output
        assert _versions(launched) == before

    second.destroy()
    assert _versions(launched) == before
    first.preview("--expect-no-changes")
    assert "Active" in str(first.namespace.manifest()["status"])


def _versions(launched: Launched) -> dict[tuple[str, str], str]:
    """Return the version of every object that does not change by itself."""
    return {
        (each["kind"], each["metadata"]["name"]): each["metadata"]["resourceVersion"]
        for each in launched.stack.namespace.everything()
    }
