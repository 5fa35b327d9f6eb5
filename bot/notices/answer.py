"""An answer taken apart for paper: the line that matters, headings, steps, and whom to go to."""

import re
from typing import Literal, NamedTuple

Kind = Literal["lead", "head", "step", "text"]

_STEP = re.compile(r"(\d{1,2})\s*[.、．)）]\s*(.+)")
_WHO = re.compile(r"找谁\s*[:：]\s*(.+)")


class Block(NamedTuple):
    """A paragraph of an answer. ``mark``: the number of a step."""

    kind: Kind
    text: str
    mark: str = ""


def blocks(answer: str) -> tuple[Block, ...]:
    r"""Return the paragraphs of an answer, without the line that says whom to go to.

    >>> [(b.kind, b.mark, b.text) for b in blocks("可以。\n\n怎么办：\n1. 投诉。\n找谁：12333。")]
    [('lead', '', '可以。'), ('head', '', '怎么办'), ('step', '1', '投诉。')]
    """
    found: list[Block] = []
    for line in _lines(answer):
        if _WHO.fullmatch(line):
            continue
        if step := _STEP.fullmatch(line):
            found.append(Block("step", step[2], step[1]))
        elif line.endswith(("：", ":")) and len(line) <= 30:
            found.append(Block("head", line[:-1]))
        else:
            found.append(Block("text" if found else "lead", line))
    return tuple(found)


def whom(answer: str) -> str:
    """Return what an answer says of whom to go to, "" where it does not."""
    return " ".join(who[1] for line in _lines(answer) if (who := _WHO.fullmatch(line)))


def _lines(answer: str) -> list[str]:
    return [line.strip() for line in answer.splitlines() if line.strip()]
