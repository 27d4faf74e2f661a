"""Endorsement policies of chaincodes and collections: a signature policy, or one of the channel's.

As text the second is its path, which begins with a slash: `/Channel/Application/Endorsement`.

Source: Fabric's `peer/policy.proto`.
"""

from hlf.client.protos import ApplicationPolicy, Policy, serialize
from hlf.config.policy import show, signature_envelope


def application_policy(text: str) -> ApplicationPolicy:
    """The message that a text says."""
    if text.startswith("/"):
        return ApplicationPolicy(channel_config_policy_reference=text)
    return ApplicationPolicy(signature_policy=signature_envelope(text))


def policy_text(policy: ApplicationPolicy) -> str:
    """The text that says a message."""
    if policy.WhichOneof("Type") == "channel_config_policy_reference":
        return policy.channel_config_policy_reference
    return show(Policy(type=Policy.SIGNATURE, value=serialize(policy.signature_policy)))
