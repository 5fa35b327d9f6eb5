"""How well labelled questions are matched; the measures and their names are those of the README."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

NO_ENTRY = frozenset({"none", "unclear", "nonlegal"})
"""Labels of questions that no entry answers."""


class Labelled(NamedTuple):
    """A question, the entry that answers it (or one of ``NO_ENTRY``), and the others that an expert accepts."""

    q: str
    id: str
    also: tuple[str, ...] = ()


class Matched(NamedTuple):
    """What the bot made of a question: the decision, the entry it answers with, the candidates' ids, best first."""

    decision: str
    id: str | None
    candidates: Sequence[str]


@dataclass(frozen=True)
class Measures:
    """Shares of the questions that have an entry (``inside``); ``false_answer`` is a share of the others."""

    inside: int
    outside: int
    top1: float
    top5: float
    direct_right: float
    direct_wrong: float
    offered_right: float
    helped: float
    missed: float
    false_answer: float


IN_WORDS = {
    "inside": "有条目的问题（个）",
    "outside": "没有条目的问题（个）",
    "top1": "第一名就是对的",
    "top5": "前五名里有对的",
    "direct_right": "直接答对",
    "direct_wrong": "直接答错",
    "offered_right": "给了选项、其中有对的",
    "helped": "帮到（直接答对+选项里有对的）",
    "missed": "没答上",
    "false_answer": "没有条目却直接作答",
}


def measure(pairs: Iterable[tuple[Labelled, Matched]]) -> Measures:
    """Count the pairs of question and result into shares; a share of nothing is 0."""
    counts = dict.fromkeys((f.name for f in fields(Measures)), 0)
    for label, got in pairs:
        answered = got.decision == "answer"
        if label.id in NO_ENTRY:
            counts["outside"] += 1
            counts["false_answer"] += answered
            continue
        counts["inside"] += 1
        right = {label.id, *label.also}
        shown = got.candidates[:5]
        counts["top1"] += bool(shown) and shown[0] in right
        counts["top5"] += any(i in right for i in shown)
        counts["direct_right"] += answered and got.id in right
        counts["direct_wrong"] += answered and got.id not in right
        counts["offered_right"] += got.decision == "choose" and any(i in right for i in shown)
        counts["missed"] += got.decision not in {"answer", "choose"}
    inside, outside = counts.pop("inside"), counts.pop("outside")
    counts["helped"] = counts["direct_right"] + counts["offered_right"]
    shares = {n: c / max(1, outside if n == "false_answer" else inside) for n, c in counts.items()}
    return Measures(inside, outside, **shares)
