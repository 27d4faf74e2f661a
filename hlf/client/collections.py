"""Private data collections: data of a chaincode that only some organizations' peers have.

They are part of a chaincode's definition. What may become of them is decided by Fabric: one that
is there stays, with how long its data lives.

Source: Fabric's `peer/collection.proto`, `core/chaincode/lifecycle/scc.go` (validateInput) and
`core/handlers/validation/builtin/v13/lscc_validation_logic.go`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hlf.client.endorsement import application_policy, policy_text
from hlf.client.protos import (
    CollectionConfigPackage,
    CollectionPolicyConfig,
    Policy,
    StaticCollectionConfig,
    serialize,
)
from hlf.config.policy import show, signature_envelope


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One collection; the defaults are those of `peer lifecycle chaincode`."""

    policy: str
    """Whose peers have the data: a signature policy."""
    required_peer_count: int = 0
    """To how many other peers the data must have gone before a transaction is endorsed."""
    max_peer_count: int = 1
    """To how many it goes."""
    block_to_live: int = 0
    """After how many blocks the data is purged; 0 is never."""
    member_only_read: bool = False
    member_only_write: bool = False
    endorsement_policy: str | None = None
    """In place of the chaincode's, as `hlf.client.endorsement` writes it."""


def packed(collections: Mapping[str, Collection]) -> bytes | None:
    """A serialised CollectionConfigPackage of collections by name; None for none of them."""
    if not collections:
        return None
    package = CollectionConfigPackage()
    for name, each in sorted(collections.items()):
        package.config.add().static_collection_config.CopyFrom(_message(name, each))
    return serialize(package)


def unpacked(package: bytes | None) -> dict[str, Collection]:
    """The collections of a serialised CollectionConfigPackage, by name."""
    configs = CollectionConfigPackage.FromString(package or b"").config
    statics = [each.static_collection_config for each in configs]
    return {each.name: _collection(each) for each in statics}


def to_plain(collections: Mapping[str, Collection]) -> dict[str, Any]:
    """Collections as texts and flags, with the names of `collections_config.json`."""
    return {
        name: {
            "policy": each.policy,
            "requiredPeerCount": str(each.required_peer_count),
            "maxPeerCount": str(each.max_peer_count),
            "blockToLive": str(each.block_to_live),
            "memberOnlyRead": each.member_only_read,
            "memberOnlyWrite": each.member_only_write,
            **(
                {}
                if each.endorsement_policy is None
                else {"endorsementPolicy": each.endorsement_policy}
            ),
        }
        for name, each in collections.items()
    }


def from_plain(plain: Mapping[str, Mapping[str, Any]]) -> dict[str, Collection]:
    """The collections that `to_plain` wrote."""
    return {
        name: Collection(
            policy=each["policy"],
            required_peer_count=int(each["requiredPeerCount"]),
            max_peer_count=int(each["maxPeerCount"]),
            block_to_live=int(each["blockToLive"]),
            member_only_read=each["memberOnlyRead"],
            member_only_write=each["memberOnlyWrite"],
            endorsement_policy=each.get("endorsementPolicy"),
        )
        for name, each in plain.items()
    }


def refusal(new: Mapping[str, Collection], live: Mapping[str, Collection]) -> str | None:
    """Why Fabric would not let `live` become `new`, with the remedy; None where it would."""
    for name, each in sorted(live.items()):
        if name not in new:
            return (
                f"its collection {name} is not in the files, and Fabric lets none go; put it back "
                f"into collections_config.json, with the policy {each.policy} and the blockToLive "
                f"{each.block_to_live}"
            )
        if new[name].block_to_live != each.block_to_live:
            return (
                f"its collection {name} has the blockToLive {each.block_to_live}, which is for "
                f"good, and not {new[name].block_to_live}; go back to {each.block_to_live} in "
                "collections_config.json, or take a collection of another name"
            )
    return None


def _message(name: str, collection: Collection) -> StaticCollectionConfig:
    members = CollectionPolicyConfig(signature_policy=signature_envelope(collection.policy))
    message = StaticCollectionConfig(
        name=name,
        member_orgs_policy=members,
        required_peer_count=collection.required_peer_count,
        maximum_peer_count=collection.max_peer_count,
        block_to_live=collection.block_to_live,
        member_only_read=collection.member_only_read,
        member_only_write=collection.member_only_write,
    )
    if collection.endorsement_policy is not None:
        message.endorsement_policy.CopyFrom(application_policy(collection.endorsement_policy))
    return message


def _collection(message: StaticCollectionConfig) -> Collection:
    members = message.member_orgs_policy.signature_policy
    own = message.HasField("endorsement_policy")
    return Collection(
        policy=show(Policy(type=Policy.SIGNATURE, value=serialize(members))),
        required_peer_count=message.required_peer_count,
        max_peer_count=message.maximum_peer_count,
        block_to_live=message.block_to_live,
        member_only_read=message.member_only_read,
        member_only_write=message.member_only_write,
        endorsement_policy=policy_text(message.endorsement_policy) if own else None,
    )
