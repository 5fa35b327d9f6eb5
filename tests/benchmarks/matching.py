"""What matching costs, by stage, beside plain methods over the same phrasings, in one run; and how well each matches.

python -m tests.benchmarks.matching [--labels FILE] [--large]

--labels: JSON lines {"q", "id", "also"}; then the measures of each method are printed too.
--large: also 100,000 phrasings, and an index of 10,000 entries that is swapped in while questions go on.
bm25s and scikit-learn are compared where they are installed.
"""

import argparse
import importlib.util
import json
import random
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from bot.faq.entry import Entry
from bot.faq.library import Library
from bot.matching.fields import Asked
from bot.matching.grams import pairs, sound_pairs
from bot.matching.index import Index, Ranking
from bot.matching.measures import NO_ENTRY
from bot.matching.normalise import _normalised

KNOWLEDGE = Path(__file__).parent.parent.parent / "knowledge"
FEW = 18
"""Phrasings that an entry of a small town has."""

Rank = Callable[[str], Sequence[str]]


def timed(rank: Callable[[str], object], questions: Sequence[str]) -> tuple[float, float]:
    """Return p50 and p99 in milliseconds."""
    took = []
    for question in questions:
        start = time.perf_counter()
        rank(question)
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took), sorted(took)[int(len(took) * 0.99)]


def others(index: Index, entries: Sequence[Entry]) -> dict[str, Rank]:
    """Return plain methods over the same phrasings: each gives entry ids, best first, from its 30 best phrasings."""
    said = [(e.id, index.essence(p)) for e in entries for p in (e.question, *e.phrasings)]
    ids, texts = [i for i, _ in said], [t for _, t in said]

    def wratio(question: str) -> list[str]:
        found = process.extract(index.essence(question), texts, scorer=fuzz.WRatio, limit=30)
        return list(dict.fromkeys(ids[n] for _, _, n in found))

    methods: dict[str, Rank] = {"rapidfuzz WRatio": wratio}
    if importlib.util.find_spec("sklearn"):
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        table = vectorizer.fit_transform(texts)

        def tfidf(question: str) -> list[str]:
            scores = (table @ vectorizer.transform([index.essence(question)]).T).toarray().ravel()
            return list(dict.fromkeys(ids[n] for n in np.argsort(-scores)[:30]))

        methods["TF-IDF, characters 1-3"] = tfidf
    if importlib.util.find_spec("bm25s"):
        import bm25s

        searcher = bm25s.BM25()
        searcher.index([list(t) + [t[n : n + 2] for n in range(len(t) - 1)] for t in texts], show_progress=False)

        def bm25(question: str) -> list[str]:
            text = index.essence(question)
            tokens = [list(text) + [text[n : n + 2] for n in range(len(text) - 1)]]
            found, _ = searcher.retrieve(tokens, k=30, show_progress=False)
            return list(dict.fromkeys(ids[n] for n in found[0]))

        methods["bm25s, characters 1-2"] = bm25
    return methods


def fresh(index: Index) -> Callable[[str], Ranking]:
    """Return what ranks a question as if nobody had asked it before."""
    return lambda question: index._ranked(index.essence(question), 5, True)


def stages(index: Index, questions: Sequence[str]) -> None:
    """Print what each part of a ranking costs."""
    texts = [index.essence(q) for q in questions]
    vocabulary, sounded = index._wholes.vocabulary, index._sounds.vocabulary
    single = [Asked.of(text, vocabulary) for text in texts]
    double = [Asked.of(pairs(text), vocabulary) for text in texts]
    first = fresh(index)
    _normalised.cache_clear()
    rows = {
        "normalise and lexicon": lambda n: index.essence(questions[n]),
        "characters and pairs": lambda n: index._wholes.compared(single[n], double[n]),
        "sounds": lambda n: index._sounds.covered(Asked.of(sound_pairs(texts[n]), sounded)),
        "every phrasing (cosine)": lambda n: index._nearest.cosines(single[n] + double[n]),
        "learned": lambda n: index.learned.scores(texts[n]) if index.learned else None,
        "all signals": lambda n: index.signals(texts[n]),
        "ranking, asked first": lambda n: first(questions[n]),
        "ranking, asked again": lambda n: index.ranking(questions[0]),
    }
    for name, call in rows.items():
        p50, p99 = timed(call, range(len(questions)))  # type: ignore[arg-type]
        print(f"  {name:28} {p50:7.2f} {p99:7.2f}")


def copies(entries: Sequence[Entry], count: int) -> list[Entry]:
    """Return ``count`` entries: copies with some characters of their phrasings changed."""
    shuffle = random.Random(3)
    letters = sorted({c for e in entries for p in e.phrasings for c in p})

    def changed(text: str) -> str:
        return "".join(shuffle.choice(letters) if shuffle.random() < 0.15 else c for c in text)

    out = []
    for n in range(count):
        entry = entries[n % len(entries)]
        fields = {
            "id": f"{entry.id}-{n}",
            "phrasings": tuple(map(changed, entry.phrasings)),
            "related": (),
            "not_to_confuse_with": (),
        }
        out.append(entry.model_copy(update=fields))
    return out


def large(entries: Sequence[Entry], questions: Sequence[str]) -> None:
    """Print the cost of 100,000 phrasings, and of 10,000 entries built while questions go on being answered."""
    entries = [e.model_copy(update={"phrasings": e.phrasings[::10][:FEW]}) for e in entries]
    per_entry = len(entries[0].phrasings) + 1
    for name, count in (("100,000 phrasings", 100_000 // per_entry), ("10,000 entries", 10_000)):
        many = copies(entries, count)
        small, answered, stop = Index(entries), [0], threading.Event()

        def ask(index: Index = small, stop: threading.Event = stop, answered: list[int] = answered) -> None:
            while not stop.is_set():
                fresh(index)(questions[answered[0] % len(questions)])
                answered[0] += 1

        asking = threading.Thread(target=ask)
        asking.start()
        began = time.perf_counter()
        index = Index(many)
        took = time.perf_counter() - began
        stop.set()
        asking.join()
        p50, p99 = timed(fresh(index), questions[:100])
        print(f"{name}: {len(index)} phrasings, built in {took:.1f} s while {answered[0]} questions were answered")
        print(f"  one question, p50 and p99 in ms {p50:16.2f} {p99:7.2f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--large", action="store_true")
    args = parser.parse_args()
    began = time.perf_counter()
    snapshot = Library(KNOWLEDGE).refresh()
    loaded = time.perf_counter() - began
    entries, index = list(snapshot.entries.values()), snapshot.index
    began = time.perf_counter()
    Index(entries, index.lexicon, index.model, index.outside, index)
    edit = time.perf_counter() - began
    questions = [f"我想问{p}，现在不知道找谁" for e in entries for p in e.phrasings[::12]]
    print(f"{len(entries)} entries, {len(index)} phrasings; {len(questions)} questions")
    few = Index([e.model_copy(update={"phrasings": e.phrasings[::10][:FEW]}) for e in entries], index.lexicon, index.model)
    p50, p99 = timed(fresh(few), questions)
    print(f"of them {len(few)} phrasings: one question, p50 and p99 in ms {p50:.2f} {p99:.2f}")
    print(f"read all files, index and learn {loaded:6.2f} s; index after an edit {edit:.2f} s")
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    print(f"memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit:.0f} MB")
    print("stage, p50 and p99 in ms:")
    stages(index, questions)
    methods: dict[str, Rank] = {"this matcher": lambda q: [c.id for c in fresh(index)(q).candidates], **others(index, entries)}
    print("method, p50 and p99 in ms:")
    for name, rank in methods.items():
        p50, p99 = timed(rank, questions[:300])
        print(f"  {name:28} {p50:7.2f} {p99:7.2f}")
    if args.labels:
        labels = [json.loads(line) for line in args.labels.read_text(encoding="utf-8").splitlines() if line.strip()]
        labels = [x for x in labels if x["id"] not in NO_ENTRY]
        print(f"method, top1 and top5 on {len(labels)} questions:")
        for name, rank in methods.items():
            shown = [list(rank(x["q"]))[:5] for x in labels]
            right = [{x["id"], *x.get("also", ())} for x in labels]
            top1 = sum(bool(s) and s[0] in r for s, r in zip(shown, right, strict=True)) / len(labels)
            top5 = sum(bool(r & set(s)) for s, r in zip(shown, right, strict=True)) / len(labels)
            print(f"  {name:28} {top1:7.1%} {top5:7.1%}")
    if args.large:
        large(entries, questions)


if __name__ == "__main__":
    main()
