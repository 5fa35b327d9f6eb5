"""The settings files changed by a program: only the values that change are touched; comments, order and quotes stay.

What a value means is for the readers of the files to say (``faults``); here they are only put where they belong.
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString, ScalarString

from bot.faq import plain_yaml

Document = Any
"""What a file holds: mappings and lists that know their comments."""


class Unreadable(Exception):
    """The file is no YAML, so that no form can be filled from it."""


def parsed(text: str) -> Document:
    """Return what a file holds. Raises Unreadable."""
    try:
        plain_yaml.look_over(text)
        return _yaml(text).load(text)
    except Exception as e:  # 2026-02-30, !!bool x, …: whatever the converter of a value lets through
        raise Unreadable(str(e)) from e


def changed(text: str, change: Callable[[Document], None]) -> str:
    """Return the file after ``change`` was let at what it holds; the very same text where that changed nothing.

    Raises Unreadable.
    """
    document = parsed(text)
    document = CommentedMap() if document is None else document
    before = _dumped(text, document)
    change(document)
    after = _dumped(text, document)
    return text if after == before else after


def put(into: CommentedMap, key: str, value: object) -> None:
    """Set a value unless it is that already; a text that YAML would take for a number, a date or a truth is quoted.

    None takes the key away; a list is changed where it differs, so that the comments on the others stay.
    """
    if value is None:
        if key in into:
            take(into, key)
    elif isinstance(value, (list, tuple)):
        if key in into and isinstance(into[key], CommentedSeq):
            put_list(into[key], value)
        else:
            _add(into, key, CommentedSeq([_scalar(one) for one in value]))
    elif key not in into:
        _add(into, key, _scalar(value))
    elif isinstance(into[key], bool) != isinstance(value, bool) or into[key] != value:
        into[key] = _scalar(value)


def _add(into: CommentedMap, key: str, value: object) -> None:
    last = next(reversed(into), None)
    behind = into.ca.items.pop(last, None)
    into[key] = value
    if behind is not None:
        into.ca.items[key] = behind


def take(into: CommentedMap, key: str) -> None:
    """Take a key away; the comment that stands behind it goes to the one before, for it speaks of what follows."""
    keys = list(into)
    behind = into.ca.items.pop(key, None)
    place = keys.index(key)
    del into[key]
    if behind is not None and place and keys[place - 1] not in into.ca.items:
        into.ca.items[keys[place - 1]] = behind


def put_list(items: CommentedSeq, wanted: Sequence[object]) -> None:
    """Make a list what is wanted; what stays keeps its comments, and what stands behind the list stays behind it."""
    behind = items.ca.items.pop(len(items) - 1, None) if items else None
    blocks = SequenceMatcher(None, [_key(one) for one in items], [_key(one) for one in wanted], autojunk=False).get_opcodes()
    for kind, a, b, c, d in reversed(blocks):
        if kind == "equal":
            continue
        for place in range(b - 1, a - 1, -1):
            del items[place]
        for number, value in enumerate(wanted[c:d]):
            items.insert(a + number, _scalar(value))
    if behind is not None and items:
        items.ca.items[len(items) - 1] = behind


def mapping(values: Mapping[str, object]) -> CommentedMap:
    """Return a new mapping, to be put into a document."""
    made = CommentedMap()
    for key, value in values.items():
        made[key] = mapping(value) if isinstance(value, Mapping) else _scalar(value)
    return made


def number_text(text: str) -> DoubleQuotedScalarString:
    """Return a text in quotes whatever it is, as telephone numbers are written."""
    quoted: DoubleQuotedScalarString = DoubleQuotedScalarString(text)
    return quoted


def long_text(text: str) -> ScalarString:
    """Return a text as people find it readable in the file: of several lines as such, of one in quotes."""
    return LiteralScalarString(text) if "\n" in text else number_text(text)


def _key(value: object) -> str:
    return f"{type(value).__name__ if not isinstance(value, str) else 'str'}:{value}"


def _scalar(value: object) -> object:
    if isinstance(value, (DoubleQuotedScalarString, LiteralScalarString)) or not isinstance(value, str):
        return value
    # The readers follow YAML 1.1, in which 9:30 and on are no texts.
    try:
        plain = plain_yaml.load(f"[{value}]" if re.search(r"[\[\]{},]", value) is None else "x")
    except yaml.YAMLError:
        plain = [value]
    is_text = plain == [value] or plain == "x"
    return value if is_text else DoubleQuotedScalarString(value)


def _yaml(text: str) -> YAML:
    made = YAML()
    made.preserve_quotes = True
    made.width = 1 << 20
    made.allow_unicode = True
    # As the file has it: "- a" below its key or two further in.
    inset = 0 if re.search(r"^- ", text, re.MULTILINE) or re.search(r"^(\S[^\n]*):\n- ", text, re.MULTILINE) else 2
    made.indent(mapping=2, sequence=2 + inset, offset=inset)
    return made


def _dumped(text: str, document: Document) -> str:
    out = io.StringIO()
    _yaml(text).dump(document, out)
    return out.getvalue()


def as_text(value: object) -> str:
    """Return a value as a form shows it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
