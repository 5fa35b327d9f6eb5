"""The checks of one entry, fast enough to run while it is typed; those of all entries, each looked at once."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from weakref import ref

import numpy as np
from rapidfuzz import fuzz, process

from bot.faq.check import HAIR, Folder, answers, citations, coverage, dates, deadlines, fault_of, references
from bot.faq.citation import parse
from bot.faq.entry import Entry
from bot.faq.finding import Finding
from bot.faq.laws import paragraphs
from bot.faq.library import Snapshot
from bot.matching.normalise import essence, normalise

QUICK: tuple[Callable[[Folder], Iterator[Finding]], ...] = (citations, answers, dates, deadlines, references)
BLOCK, KEPT = 16, 50
NEAR = HAIR - 4
"""Texts rewritten by the lexicon are compared first, with this much less likeness."""

_PLAIN = (
    ("在 laws.yaml 里", "在法律登记表里"),
    ("「## 更多」", "「更多」一栏"),
    ("没有写 deadline", "没有写期限"),
)


@dataclass(frozen=True)
class Cited:
    """A line of 依据 as it is looked up: how it is cited properly, the article's text, what is wrong and what to do."""

    line: str
    proper: str
    text: str
    problem: str
    remedy: str


def cited(folder: Folder, line: str) -> Cited:
    """Look up a citation."""
    citation = parse(line)
    if citation is None:
        return Cited(line, "", "", "读不懂", "写成《劳动法》第五十条，或《民法典》第一千零七十九条第二款")
    problem, remedy = map(_in_words, fault_of(folder, citation) or ("", ""))
    text = folder.snapshot.laws.article(citation, folder.today) or ""
    if citation.clause and 0 < citation.clause <= len(parts := paragraphs(text)):
        text = parts[citation.clause - 1]
    return Cited(line, str(citation), text, problem, remedy)


def check_one(path: Path, snapshot: Snapshot, entry: Entry, today: date) -> list[Finding]:
    """Return the findings of an entry as it would be in the snapshot, the faults of its phrasings among them.

    Whether another entry would be taken for one of its phrasings is not asked: that shows when a question is tried.
    """
    folder = _only(path, snapshot, entry, today)
    return [*_quick(folder, entry), *map(plain, _phrasings(folder, entry))]


def _only(path: Path, snapshot: Snapshot, entry: Entry, today: date) -> Folder:
    return Folder(path, replace(snapshot, entries={**snapshot.entries, entry.id: entry}), today, only=entry.id)


def _quick(folder: Folder, entry: Entry) -> list[Finding]:
    found = [finding for one in QUICK for finding in one(folder)]
    found += [f for f in coverage(folder) if f.path.stem == entry.id]
    return [plain(f) for f in found if f.path.stem == entry.id]


def _phrasings(folder: Folder, entry: Entry) -> Iterator[Finding]:
    """Find phrasings that stand twice, say nothing, or that another entry has almost word for word."""
    index = folder.snapshot.index
    seen: dict[str, str] = {}
    own: list[tuple[str, str]] = []
    for phrasing in (entry.question, *entry.phrasings):
        short = normalise(phrasing)
        if short in seen:
            same = f"「{phrasing}」和「{seen[short]}」一样"
            yield folder.at(entry, "phrasings", same, "删掉一处", needle=phrasing)
        elif not (text := index.essence(phrasing)):
            nothing = f"「{phrasing}」去掉客套话就没有内容了"
            yield folder.at(entry, "phrasings", nothing, "写出是什么事", needle=phrasing)
        else:
            own.append((text, phrasing))
        seen.setdefault(short, phrasing)
    for phrasing, said, other in _alike(folder.snapshot, entry, own):
        alike = "一样" if normalise(phrasing) == normalise(said) else "几乎一样"
        problem = f"「{phrasing}」和「{other.question}」这一条的「{said}」{alike}"
        yield folder.at(entry, "phrasings", problem, "改得各有各的说法，或者删掉一处", needle=phrasing)


def _alike(snapshot: Snapshot, entry: Entry, own: list[tuple[str, str]]) -> Iterator[tuple[str, str, Entry]]:
    """Yield phrasings (essence, text) of an entry with the phrasing of another that cannot be told from it."""
    known = snapshot.index.essences
    theirs = [
        (text, said, other)
        for other in snapshot.entries.values()
        if other.id != entry.id and other.status != "withdrawn"
        for said in (other.question, *other.phrasings)
        if (text := known.get(said))
    ]
    theirs.sort(key=lambda one: len(one[0]))
    texts = [text for text, _, _ in theirs]
    lengths = np.array([len(text) for text in texts])
    own = sorted(own, key=lambda one: len(one[0]))
    for first in range(0, len(own), BLOCK):
        block = own[first : first + BLOCK]
        # The ratio of two texts is at most twice the shorter length over both.
        start = int(np.searchsorted(lengths, len(block[0][0]) * NEAR / (200 - NEAR)))
        end = int(np.searchsorted(lengths, len(block[-1][0]) * (200 - NEAR) / NEAR, side="right"))
        if start == end:
            continue
        ratios = process.cdist(
            [text for text, _ in block], texts[start:end], scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.uint8
        )
        for row in range(len(block)):
            column = int(ratios[row].argmax())
            _, said, other = theirs[start + column]
            if ratios[row, column] and fuzz.ratio(essence(block[row][1]), essence(said)) >= HAIR:
                yield block[row][1], said, other


def plain(finding: Finding) -> Finding:
    """Return a finding in the words of the form, without names of files and fields."""
    problem, remedy = _in_words(finding.problem), _in_words(finding.remedy)
    if finding.field == "id":
        remedy = remedy.replace("把文件移到 faq/", "类别改成「").rstrip("/") + "」" if "faq/" in remedy else remedy
    return replace(finding, problem=problem, remedy=remedy)


def _in_words(text: str) -> str:
    for name, word in _PLAIN:
        text = text.replace(name, word)
    return text


@dataclass
class Checked:
    """The findings of all entries but those of their phrasings, and of one with them; what did not change is not redone."""

    _of: dict[str, tuple[Entry, tuple[Finding, ...]]] = field(default_factory=dict)
    _laws: object = None
    _today: date | None = None
    _phrasings: tuple[object, dict[tuple[object, ...], list[Finding]]] = (None, {})
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def one(self, path: Path, snapshot: Snapshot, entry: Entry, today: date) -> list[Finding]:
        """Return what ``check_one`` does; while only the answer is typed, the phrasings are not compared again."""
        folder = _only(path, snapshot, entry, today)
        whole, key = self._phrasings, (entry.id, entry.category, entry.question, entry.phrasings)
        last = whole[0]
        if not (isinstance(last, ref) and last() is snapshot.index) or len(whole[1]) > KEPT:
            self._phrasings = whole = ref(snapshot.index), {}
        if key not in whole[1]:
            whole[1][key] = [plain(f) for f in _phrasings(folder, entry)]
        return [*_quick(folder, entry), *whole[1][key]]

    def findings(self, path: Path, snapshot: Snapshot, today: date) -> Mapping[str, tuple[Finding, ...]]:
        """Return the findings by entry."""
        with self._lock:
            if (snapshot.laws, today) != (self._laws, self._today):
                self._of, self._laws, self._today = {}, snapshot.laws, today
            changed = {i: e for i, e in snapshot.entries.items() if i not in self._of or self._of[i][0] is not e}
            found: dict[str, list[Finding]] = {id_: [] for id_ in changed}
            # Read as a whole where much is new: each check opens its word list once.
            only = replace(snapshot, entries=changed) if changed else snapshot
            for check in QUICK if changed else ():
                for finding in check(Folder(path, only, today)) if check is not references else ():
                    if finding.path.stem in found:
                        found[finding.path.stem].append(plain(finding))
            self._of |= {id_: (changed[id_], tuple(of)) for id_, of in found.items()}
            pointing: dict[str, list[Finding]] = {}
            for finding in references(Folder(path, snapshot, today)):
                pointing.setdefault(finding.path.stem, []).append(plain(finding))
            for finding in snapshot.findings:
                if finding.path.suffix == ".md":
                    pointing.setdefault(finding.path.stem, []).append(plain(finding))
            return {id_: (*self._of[id_][1], *pointing.get(id_, ())) for id_ in snapshot.entries}
