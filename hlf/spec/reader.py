"""A cursor over a YAML tree that collects mistakes instead of stopping at the first.

A method that cannot give what was asked for tells a mistake and gives None or the default, so
that reading goes on. Knows nothing of networks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hlf.spec.document import Item, Scalar, Sequence, Table, join
from hlf.spec.errors import Mistake, Mistakes, suggest

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)")
_LONGEST_NUMBER = 19
_TRUE = {"true", "yes", "on"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Reader:
    """A value and the place it stands at."""

    item: Item
    path: str
    file: str
    mistakes: Mistakes

    def tell(self, problem: str, remedy: str) -> None:
        """Tell a mistake at this place."""
        self.mistakes.tell(self.sentence(problem, remedy), place=(self.item.line, self.item.column))

    def sentence(self, problem: str, remedy: str) -> Mistake:
        """What could be told of this place, without telling it."""
        return Mistake(
            file=self.file, path=self.path, problem=problem, remedy=remedy, line=self.item.line
        )

    @property
    def is_null(self) -> bool:
        """Whether the key is there and its value is not, as in `Organizations:`."""
        return isinstance(self.item, Scalar) and self.item.kind == "null"

    def text(self) -> str | None:
        """The string that is here, without spaces around it; never an empty one."""
        item = self.item
        if not isinstance(item, Scalar):
            self.tell(f"{_what(item)} stands where a string is expected", "write a string")
            return None
        if item.kind not in {"string", "null"}:
            self.tell(
                f"YAML takes `{item.text}` for a {item.kind}, where a string is expected",
                f'write it in quotes: "{item.text}"',
            )
            return None
        if item.kind == "null" or not item.text.strip():
            self.tell("the value is empty", "write one, or take the key out")
            return None
        return item.text.strip()

    def scalar_text(self) -> str | None:
        """The text of the single value that is here, whatever YAML takes it for."""
        if not isinstance(self.item, Scalar):
            self.tell(f"{_what(self.item)} stands where one value is expected", "write one value")
            return None
        return self.item.text.strip()

    def number(self, *, least: int, most: int) -> int | None:
        """The whole number that is here."""
        item = self.item
        if not isinstance(item, Scalar) or not _DECIMAL.fullmatch(item.text):
            shown = f"`{item.text}`" if isinstance(item, Scalar) else _what(item)
            self.tell(
                f"{shown} stands where a whole number is expected",
                f"write a number from {least} to {most}",
            )
            return None
        value = int(item.text) if len(item.text) <= _LONGEST_NUMBER else most + 1
        if not least <= value <= most:
            self.tell(f"{item.text} is out of range", f"write a number from {least} to {most}")
            return None
        return value

    def flag(self) -> bool | None:
        """The boolean that is here."""
        item = self.item
        if not isinstance(item, Scalar) or item.kind != "boolean":
            shown = f"`{item.text}`" if isinstance(item, Scalar) else _what(item)
            self.tell(f"{shown} stands where true or false is expected", "write `true` or `false`")
            return None
        return item.text.lower() in _TRUE

    def elements(self) -> "tuple[Reader, ...]":
        """The elements of the list that is here."""
        item = self.item
        if self.is_null:
            return ()
        if not isinstance(item, Sequence):
            self.tell(f"{_what(item)} stands where a list is expected", "write a list: `- ...`")
            return ()
        return tuple(
            self._at(element, f"{self.path}[{index}]") for index, element in enumerate(item.items)
        )

    def entries(self) -> "dict[str, Reader]":
        """The entries of the mapping that is here, whatever its keys."""
        item = self.item
        if self.is_null:
            return {}
        if not isinstance(item, Table):
            self.tell(f"{_what(item)} stands where a mapping is expected", "write `key: value`")
            return {}
        return {key: self._at(value, join(self.path, key)) for key, value in item.entries.items()}

    def fields(self, *known: str) -> "Fields":
        """The entries of the mapping that is here, whose keys can only be `known`."""
        present = self.entries()
        for key, value in present.items():
            if key not in known:
                value.tell(f"the key `{key}` is not known here", suggest(key, known))
        return Fields(at=self, present=present)

    def words(self) -> "tuple[Word, ...]":
        """The strings of the list that is here."""
        texts = [(element.text(), element) for element in self.elements()]
        return tuple(Word(text=text, at=at) for text, at in texts if text is not None)

    def _at(self, item: Item, path: str) -> "Reader":
        return Reader(item=item, path=path, file=self.file, mistakes=self.mistakes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Word:
    """A string and the place it stands at."""

    text: str
    at: Reader


@dataclass(frozen=True, kw_only=True, eq=False)
class Fields:
    """The entries of a mapping with known keys. A key without a value counts as absent."""

    at: Reader
    present: Mapping[str, Reader]

    def get(self, key: str) -> Reader | None:
        """The value of `key`, if it has one."""
        value = self.present.get(key)
        return None if value is None or value.is_null else value

    def require(self, key: str, remedy: str) -> Reader | None:
        """The value of `key`, which must have one."""
        value = self.get(key)
        if value is None:
            self._tell_absent(key, f"`{key}` is missing", remedy)
        return value

    def word(self, key: str) -> Word | None:
        """The string at `key`, if there is one."""
        return _word(self.get(key))

    def required_word(self, key: str, remedy: str) -> Word | None:
        """The string at `key`, which must be there."""
        return _word(self.require(key, remedy))

    def words(self, key: str) -> tuple[Word, ...]:
        """The list of strings at `key`; an absent list is an empty one."""
        value = self.get(key)
        return value.words() if value else ()

    def required_words(self, key: str, problem: str, remedy: str) -> tuple[Word, ...]:
        """The list of strings at `key`, which must have an element; none may be in it twice."""
        value = self.get(key)
        if value is None or (isinstance(value.item, Sequence) and not value.item.items):
            self._tell_absent(key, problem, remedy)
            return ()
        words = value.words()
        tell_repeats(words)
        return words

    def elements(self, key: str) -> tuple[Reader, ...]:
        """The list at `key`; an absent list is an empty one."""
        value = self.get(key)
        return value.elements() if value else ()

    def entries(self, key: str) -> dict[str, Reader]:
        """The mapping at `key`; an absent mapping is an empty one."""
        value = self.get(key)
        return value.entries() if value else {}

    def _tell_absent(self, key: str, problem: str, remedy: str) -> None:
        """Tell what `key` lacks, unless no mapping is here at all, which is told already."""
        if self.at.is_null or isinstance(self.at.item, Table):
            (self.present.get(key) or self.at).tell(problem, remedy)

    def number(self, key: str, *, default: int, least: int, most: int) -> int:
        """The whole number at `key`; `default` where it is absent or wrong."""
        value = self.get(key)
        number = value.number(least=least, most=most) if value else None
        return default if number is None else number

    def flag(self, key: str, *, default: bool) -> bool:
        """The boolean at `key`; `default` where it is absent or wrong."""
        value = self.get(key)
        flag = value.flag() if value else None
        return default if flag is None else flag


def tell_repeats(words: tuple[Word, ...]) -> None:
    """Tell the words of a list that are in it twice."""
    seen: set[str] = set()
    for word in words:
        if word.text in seen:
            word.at.tell(f"`{word.text}` is in this list twice", "take one of them out")
        seen.add(word.text)


def _word(value: Reader | None) -> Word | None:
    text = value.text() if value else None
    return Word(text=text, at=value) if value and text is not None else None


def _what(item: Item) -> str:
    if isinstance(item, Table):
        return "a mapping"
    if isinstance(item, Sequence):
        return "a list"
    return "nothing" if item.kind == "null" else f"`{item.text}`"
