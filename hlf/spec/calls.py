"""A call of a chaincode as Fabric's commands take it: `{"Function": "put", "Args": ["apple"]}`.

The function is the first of the arguments, under a key of its own. PIVT writes all of it as JSON in
a string; a mapping is the same. As with Fabric, upper and lower case make no difference to the two
keys. Follows `internal/peer/chaincode/common.go` (chaincodeInput).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hlf.spec.document import Item, Scalar, Sequence, Table
from hlf.spec.errors import suggest
from hlf.spec.reader import Fields, Reader

_FUNCTION, _ARGS = "function", "args"
_EXAMPLE = '`{"Args": ["init", "100"]}`'


@dataclass(frozen=True, kw_only=True, eq=False)
class CallEntry:
    """A call."""

    arguments: tuple[str, ...]
    """The function first, where one is named."""
    others: Fields
    """What else stands beside it."""


def read(at: Reader, *others: str) -> CallEntry | None:
    """The call that is here, in which the keys `others` may stand too; None after a mistake."""
    if isinstance(at.item, Scalar):
        written = _from_json(at, at.item)
        if written is None:
            return None
        at = written
    present = at.entries()
    known = (_FUNCTION, _ARGS, *others)
    own: dict[str, Reader] = {}
    for key, value in present.items():
        folded = key.lower()
        if folded in own:
            value.tell(f"`{key}` is here twice, in upper and lower case", "keep one")
        elif folded in (_FUNCTION, _ARGS):
            own[folded] = value
        elif key not in known:
            value.tell(f"the key `{key}` is not known here", suggest(key, known))
    fields = Fields(at=at, present=own)
    function, listed = fields.word(_FUNCTION), fields.get(_ARGS)
    if isinstance(at.item, Table) and not {_FUNCTION, _ARGS} & own.keys():
        at.tell("the call names neither `Function` nor `Args`", f"write it as in {_EXAMPLE}")
        return None
    arguments = [_argument(each) for each in listed.elements()] if listed else []
    named = (function.text,) if function else ()
    return CallEntry(
        arguments=(*named, *(each for each in arguments if each is not None)),
        others=Fields(at=at, present={k: v for k, v in present.items() if k in others}),
    )


def _argument(at: Reader) -> str | None:
    """An argument as it is written: to Fabric it is a text, whatever YAML takes it for."""
    if not isinstance(at.item, Scalar):
        at.tell("an argument is one text", "write it in quotes, JSON as well")
        return None
    if at.item.kind == "null":
        at.tell("the argument is empty", 'write `""` for an empty one')
        return None
    return at.item.text


def _from_json(at: Reader, scalar: Scalar) -> Reader | None:
    """The same place with what the text of JSON holds that stands there."""
    try:
        value = json.loads(scalar.text)
    except (ValueError, RecursionError):
        at.tell(f"`{scalar.text}` is no call", f"write it as in {_EXAMPLE}")
        return None
    return replace(at, item=_item(value, scalar))


def _item(value: object, place: Scalar) -> Item:
    line, column = place.line, place.column
    if isinstance(value, Mapping):
        entries = {str(key): _item(each, place) for key, each in value.items()}
        return Table(entries=entries, line=line, column=column)
    if isinstance(value, list):
        items = tuple(_item(each, place) for each in value)
        return Sequence(items=items, line=line, column=column)
    if isinstance(value, str):
        return replace(place, text=value, kind="string")
    return replace(place, text=json.dumps(value), kind="null" if value is None else "number")
