"""What a chaincode is called with once it runs on a channel, `invoke` of network.yaml.

PIVT has one call for all chaincodes, the value `flow.invoke.function` of its flow; here each
channel of a chaincode has its own. Without any it is `ping`, as there.
"""

import re

from hlf.spec import calls, rules
from hlf.spec.document import Scalar
from hlf.spec.model import Call, SecretKey
from hlf.spec.reader import Fields, Reader

_SECRET_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def read(fields: Fields) -> Call | None:
    """The call that `invoke` among `fields` says; None where it is switched off, or wrong."""
    at = fields.get("invoke")
    if at is None:
        return Call()
    if isinstance(at.item, Scalar) and at.item.kind == "boolean":
        return Call() if at.flag() else None
    entry = calls.read(at, "transient", "trigger")
    if entry is None:
        return None
    if not entry.arguments:
        at.tell("the call names no function", "write one, or `invoke: false` for no call")
        return None
    trigger = entry.others.word("trigger")
    values = {name: _secret_key(each) for name, each in entry.others.entries("transient").items()}
    return Call(
        function=entry.arguments[0],
        arguments=entry.arguments[1:],
        transient={name: each for name, each in values.items() if each},
        trigger=trigger.text if trigger else None,
    )


def _secret_key(at: Reader) -> SecretKey | None:
    fields = at.fields("secret", "key")
    secret = fields.required_word("secret", "name a Secret of the network's namespace")
    key = fields.required_word("key", "name the key of the Secret that has the value")
    if secret and not rules.is_domain(secret.text):
        secret.at.tell(
            f"`{secret.text}` is no name of a Secret", "use lower-case letters, digits and dashes"
        )
    if key and not _SECRET_KEY.fullmatch(key.text):
        key.at.tell(
            f"`{key.text}` is no key of a Secret", "use letters, digits, dashes, dots, underscores"
        )
    return SecretKey(secret=secret.text, key=key.text) if secret and key else None
