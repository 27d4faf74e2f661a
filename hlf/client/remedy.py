"""What a node's refusal means for the user: one sentence with Fabric's own words and a remedy.

Fabric has few statuses and many texts, so the texts are looked at. A text that is not known here is
shown all the same.
"""

_SIGN = "see who must sign by that policy, and that each key is its certificate's"
# A peer says the same of a server that is not there and of one that speaks no TLS
_SERVER = (
    "see that the chaincode runs at its package's address, and that it speaks TLS where the "
    "network does (it is told so by CHAINCODE_TLS_DISABLED=false)"
)
_REMEDIES = (
    ("currently at version", "the configuration has changed since; make the update anew"),
    ("is not an admin", "sign as an admin of the node's own organization"),
    ("creator is malformed", "sign as a member of an organization that the node knows"),
    ("creator org", "see that the signer's certificate is valid and that the key is its own"),
    ("not satisfied", _SIGN),
    ("policy evaluation failed", _SIGN),
    ("system channel exists", "create channels through the orderer's system channel"),
    ("API is disabled", "switch on `ChannelParticipation` in the orderer's configuration"),
    ("invalid join block", "join with a config block of a channel with Application and Orderer"),
    ("404: channel does not exist", "let the orderer join the channel first"),
    ("FORBIDDEN", "see that the signer is a member of the channel, with its own key"),
    ("NOT_FOUND", "create the channel first, or ask a node that has joined it"),
    ("SERVICE_UNAVAILABLE", "see that a majority of the orderers runs and knows a leader"),
    ("error creating grpc connection", _SERVER),
    ("could not launch chaincode", "see that the chaincode runs at its package's address"),
    ("cannot be less than the last committed block", "ask for its last block or a later one"),
    ("ledger is bootstrapped from a snapshot", "ask a node that has it, such as an orderer"),
    ("it is under processing", "wait until the snapshot is there"),
    ("cannot create ledger from snapshot", "see that this folder of the peer holds a snapshot"),
    ("not agreed to by this org", "approve exactly this definition for the organization first"),
)
"""What a status or text holds, the first that fits, and what to do about it."""


def refusal(node: str, doing: str, *, status: str, reason: str) -> str:
    """The sentence for a refusal: which node, what it was asked, what it said, what to do."""
    said = f"{status}: {reason}" if reason else status
    remedy = next((remedy for text, remedy in _REMEDIES if text in said), "see the node's log")
    return f"{node} refused {doing} ({said}); {remedy}"
