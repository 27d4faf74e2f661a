"""A YAML file, or one of JSON, as a tree that still knows its lines.

Goes no further than YAML itself: encoding, syntax, duplicate keys, aliases and merge keys, and
how large the tree grows. What the values mean is for the readers. Scalars stay text, because
YAML's own guesses (`no` is false, `1.10` is 1.1) must be told instead of taken over.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from hlf.spec.errors import Mistake, Mistakes

_LARGEST_FILE = 1024 * 1024
_LARGEST_TREE = 50_000
_DEEPEST_TREE = 40
_YAML = "tag:yaml.org,2002:"
_KINDS = {
    f"{_YAML}str": "string",
    f"{_YAML}value": "string",
    f"{_YAML}int": "number",
    f"{_YAML}float": "number",
    f"{_YAML}bool": "boolean",
    f"{_YAML}null": "null",
    f"{_YAML}timestamp": "date",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Scalar:
    """A single value: its text and what YAML takes it for."""

    text: str
    kind: str
    """`string`, `number`, `boolean`, `date` or `null`."""
    line: int
    column: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Sequence:
    """A list."""

    items: "tuple[Item, ...]"
    line: int
    column: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A mapping, merge keys already merged: keys of its own win over merged ones."""

    entries: "Mapping[str, Item]"
    line: int
    column: int


Item = Scalar | Sequence | Table


def read(path: Path, *, file: str, mistakes: Mistakes) -> Table | None:
    """Read the one mapping that the file at `path` holds; None after a mistake that ends it.

    `file` is what the mistakes call the file.
    """
    try:
        node = _compose(_read_text(path))
    except _UnreadableError as error:
        mistakes.tell(_whole(file, error))
        return None
    root = _Converter(file, mistakes).convert(node, "")
    if not isinstance(root, Table):
        problem, remedy = "the file is no mapping", "start it with `key: value`"
        mistakes.tell(Mistake(file=file, path="", problem=problem, remedy=remedy, line=root.line))
        return None
    return root


def read_json(path: Path, *, file: str, mistakes: Mistakes) -> Item | None:
    """Read a JSON file, whatever it holds; otherwise like `read`."""
    try:
        text = _read_text(path)
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            problem = f"this is not JSON: {error.msg}"
            raise _UnreadableError(problem, "correct the line", error.lineno) from None
        except RecursionError:
            raise _UnreadableError("values are nested far too deep", "take them out") from None
        # JSON is YAML but for its tabs, which can only stand between values
        node = _compose(text.replace("\t", " "))
    except _UnreadableError as error:
        mistakes.tell(_whole(file, error))
        return None
    return _Converter(file, mistakes).convert(node, "")


class _UnreadableError(Exception):
    """A mistake after which there is nothing to read."""

    def __init__(self, problem: str, remedy: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.line = line


def _whole(file: str, error: _UnreadableError) -> Mistake:
    return Mistake(file=file, path="", problem=error.problem, remedy=error.remedy, line=error.line)


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise _UnreadableError(
            "there is no such file", "write it, or name another folder in `hlf:network`"
        ) from None
    except OSError as error:
        raise _UnreadableError(
            f"the file cannot be read ({error.strerror})", "make it a file that you may read"
        ) from None
    if len(data) > _LARGEST_FILE:
        raise _UnreadableError(
            "the file is larger than 1 MiB", "take out what does not describe the network"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _UnreadableError("the file is not UTF-8", "save it as UTF-8", line) from None


def _compose(text: str) -> yaml.Node:
    try:
        nodes = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise _UnreadableError(*_syntax(error, text)) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML's reader and its escapes refuse what is no character without naming a line
        raise _UnreadableError(
            "the file holds characters that YAML does not allow", "take them out"
        ) from None
    if len(nodes) > 1:
        raise _UnreadableError(
            "the file holds more than one document",
            "keep one, without a second `---`",
            nodes[1].start_mark.line + 1,
        )
    if not nodes or _is_null(nodes[0]):
        raise _UnreadableError("the file is empty", "fill it in; samples/simple shows how")
    problem = _too_large(nodes[0])
    if problem:
        raise _UnreadableError(
            problem, "write out what the aliases (`*name`) stand for, in fewer steps"
        )
    return nodes[0]


class _Loader(yaml.SafeLoader):
    """Composes nodes with marks, and stops where the nesting is deeper than any real file's."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > _DEEPEST_TREE:
            raise yaml.MarkedYAMLError(
                problem=f"values are nested deeper than {_DEEPEST_TREE} levels",
                problem_mark=self.peek_event().start_mark,
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[str, str, int | None]:
    """What to tell of a syntax error: problem, remedy, line."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    if mark:
        lines = text.splitlines()
        written = lines[mark.line] if mark.line < len(lines) else ""
        if "\t" in written[: len(written) - len(written.lstrip())]:
            return "the line is indented with a tab", "indent with spaces", line
    return f"this is not YAML: {error.problem or error.context}", "correct the line", line


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == f"{_YAML}null"


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    return []


def _too_large(root: yaml.Node) -> str | None:
    """Whether the tree that the aliases unfold to has an end and a sensible size."""
    measured: dict[int, tuple[int, int] | None] = {}

    def measure(node: yaml.Node) -> tuple[int, int]:
        """Nodes and levels; an anchor comes before its aliases, so the recursion stays shallow."""
        if id(node) in measured:
            known = measured[id(node)]
            if known is None:
                raise RecursionError
            return known
        measured[id(node)] = None
        parts = [measure(child) for child in _children(node)]
        result = (
            1 + sum(size for size, _ in parts),
            1 + max((levels for _, levels in parts), default=0),
        )
        measured[id(node)] = result
        return result

    try:
        size, levels = measure(root)
    except RecursionError:
        return "an alias contains itself"
    if size > _LARGEST_TREE or levels > _DEEPEST_TREE:
        return "the aliases unfold to far more than a network needs"
    return None


class _Converter:
    """Turns PyYAML's nodes into items, telling what YAML lets through and a person did not mean."""

    def __init__(self, file: str, mistakes: Mistakes) -> None:
        self._file = file
        self._mistakes = mistakes
        self._done: dict[int, Item] = {}

    def convert(self, node: yaml.Node, path: str) -> Item:
        if id(node) not in self._done:
            self._done[id(node)] = self._convert(node, path)
        return self._done[id(node)]

    def _convert(self, node: yaml.Node, path: str) -> Item:
        line, column = node.start_mark.line + 1, node.start_mark.column
        if isinstance(node, yaml.MappingNode):
            self._expect_tag(node, f"{_YAML}map", path)
            return Table(entries=self._entries(node, path), line=line, column=column)
        if isinstance(node, yaml.SequenceNode):
            self._expect_tag(node, f"{_YAML}seq", path)
            items = tuple(
                self.convert(child, f"{path}[{index}]") for index, child in enumerate(node.value)
            )
            return Sequence(items=items, line=line, column=column)
        if node.tag not in _KINDS:
            self._expect_tag(node, f"{_YAML}str", path)
        kind = _KINDS.get(node.tag, "string")
        return Scalar(text=self._text(node, path), kind=kind, line=line, column=column)

    def _entries(self, node: yaml.MappingNode, path: str) -> dict[str, Item]:
        entries: dict[str, Item] = {}
        merged: list[yaml.Node] = []
        lines: dict[str, int] = {}
        for key, value in node.value:
            name = self._key(key, path)
            if name is None:
                continue
            if name in lines:
                self._tell(
                    key,
                    join(path, name),
                    f"the key `{name}` is here twice; the first is in line {lines[name]}",
                    "take one of them out",
                )
                continue
            lines[name] = key.start_mark.line + 1
            if key.tag == f"{_YAML}merge":
                merged = list(value.value) if isinstance(value, yaml.SequenceNode) else [value]
            else:
                entries[name] = self.convert(value, join(path, name))
        for source in merged:
            item = self.convert(source, path)
            if isinstance(item, Table):
                for name, value in item.entries.items():
                    entries.setdefault(name, value)
            else:
                self._tell(
                    source,
                    path,
                    "`<<` merges something that is no mapping",
                    "merge an alias of a mapping",
                )
        return entries

    def _key(self, key: yaml.Node, path: str) -> str | None:
        if not isinstance(key, yaml.ScalarNode):
            self._tell(key, path, "a key is a list or a mapping", "write a word as the key")
            return None
        name = self._text(key, path)
        kind = _KINDS.get(key.tag, "string")
        if kind != "string":
            self._tell(
                key,
                join(path, name),
                f"YAML takes the key `{name}` for a {kind}",
                f'write it in quotes: "{name}"',
            )
            return None
        return name

    def _text(self, node: yaml.Node, path: str) -> str:
        """The node's text, with escapes for what no terminal or log should be given."""
        text = str(node.value)
        if text.replace("\n", "").replace("\t", "").isprintable():
            return text
        self._tell(node, path, "the text holds characters that cannot be printed", "take them out")
        return text.encode("unicode_escape").decode("ascii")

    def _expect_tag(self, node: yaml.Node, tag: str, path: str) -> None:
        if node.tag != tag:
            shown = node.tag.replace(_YAML, "!!")
            self._tell(node, path, f"the YAML tag `{shown}` has no meaning here", "take it out")

    def _tell(self, node: yaml.Node, path: str, problem: str, remedy: str) -> None:
        line, column = node.start_mark.line + 1, node.start_mark.column
        mistake = Mistake(file=self._file, path=path, problem=problem, remedy=remedy, line=line)
        self._mistakes.tell(mistake, place=(line, column))


def join(path: str, key: str) -> str:
    """The path of `key` inside the mapping at `path`."""
    return f"{path}.{key}" if path else key
