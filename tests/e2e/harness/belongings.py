"""Whose the objects in a namespace are."""

from hlf import names
from tests.e2e.harness.kubernetes import Manifest
from tests.e2e.harness.stack import Stack

_OF_KUBERNETES = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
_OF_CLAIM = ("ConfigMap", "hlf-network")


def strangers(stack: Stack) -> list[str]:
    """Return the objects that nobody would take away: not in the state, nor made by what is.

    Organizations' CAs go with the claim.
    """
    resources = stack.resources()
    known = {
        _OF_CLAIM,
        *_OF_KUBERNETES,
        *(
            (each["type"].rpartition(":")[2], each["id"].rpartition("/")[2])
            for each in resources
            if "id" in each
        ),
    }
    sent = {each["id"] for each in resources if each["type"].endswith("fabric:Source")}
    return [
        f"{each['kind']} {each['metadata']['name']}"
        for each in stack.namespace.everything()
        if (each["kind"], each["metadata"]["name"]) not in known
        and not is_made_by_another(each)
        and each["metadata"].get("labels", {}).get("hlf/source-of") not in sent
        and names.IS_AUTHORITY not in each["metadata"].get("labels", {})
    ]


def is_made_by_another(manifest: Manifest) -> bool:
    """Say whether Kubernetes takes it away with what it made it for."""
    return bool(manifest["metadata"].get("ownerReferences")) or manifest["kind"] == "Endpoints"
