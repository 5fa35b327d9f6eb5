"""YAML as people write it by hand: without what only a mischief-maker or a broken disk puts in."""

import re
from typing import Any

import yaml

DEEPEST = 50
"""How many brackets or indents may stand within each other; the parser's own recursion ends the process at some 20,000."""

# A block cannot be deeper than its longest run of indents; only where one of these finds something is it worth a closer look.
_INDENT = re.compile(rf"^[ \-?:]{{{DEEPEST},}}", re.MULTILINE)


class TooClever(yaml.YAMLError):
    """YAML that is no hand-written list of things; ``problem_mark`` says where, as in PyYAML's own errors."""

    def __init__(self, problem: str, problem_mark: Any = None) -> None:
        super().__init__(problem)
        self.problem_mark = problem_mark


def load(text: str) -> Any:
    """Return what YAML says. Raises yaml.YAMLError, and nothing else, for what cannot be read."""
    look_over(text)
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        raise
    except Exception as e:  # 2026-02-30, !!bool x, …: whatever the converter of a value lets through
        raise TooClever(type(e).__name__) from e


def look_over(text: str) -> None:
    """Raise TooClever for references (``*``), which grow without end, and for nesting that is too deep to be read."""
    brackets = text.count("[") + text.count("{")
    if brackets < DEEPEST and "*" not in text and not _INDENT.search(text):
        return
    depth = 0
    # The parser makes events one by one; only what composes them calls itself.
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise TooClever("alias", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise TooClever("depth", event.start_mark)
