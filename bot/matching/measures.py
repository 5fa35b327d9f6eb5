"""How well labelled questions are matched; the measures and their names are those of the README."""

from collections import Counter
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


def confusions(pairs: Iterable[tuple[Labelled, Matched]]) -> list[tuple[int, str, str]]:
    """Return (how often, wanted id, id that came first) for every pair that was confused, most frequent first."""
    counted = Counter(
        (label.id, got.candidates[0])
        for label, got in pairs
        if label.id not in NO_ENTRY and got.candidates and got.candidates[0] not in {label.id, *label.also}
    )
    return [(n, wanted, first) for (wanted, first), n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]


def worst(pairs: Iterable[tuple[Labelled, Matched]], scores: Iterable[float]) -> list[tuple[float, Labelled, Matched]]:
    """Return the questions that went wrong, worst first: answered wrongly, then not even among the five, by score."""
    out = []
    for (label, got), score in zip(pairs, scores, strict=True):
        right = {label.id, *label.also}
        if label.id in NO_ENTRY:
            rank = 3.0 if got.decision == "answer" else 0.0
        elif got.decision == "answer" and got.id not in right:
            rank = 4.0
        elif not right & set(got.candidates[:5]):
            rank = 2.0
        else:
            rank = 1.0 if got.candidates[0] not in right else 0.0
        if rank:
            out.append((rank + score, label, got))
    return sorted(out, key=lambda row: -row[0])


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
