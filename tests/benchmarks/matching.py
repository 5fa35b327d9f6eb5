"""What matching one question costs: python -m tests.benchmarks.matching [--repeat N]"""

import argparse
import statistics
import time
import tracemalloc
from pathlib import Path

from bot.faq.library import Library
from bot.matching.decision import decide
from bot.matching.index import Index

KNOWLEDGE = Path(__file__).parent.parent.parent / "knowledge"


def main() -> None:
    """Ask every phrasing of every entry, slightly changed, and print times and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=1)
    args = parser.parse_args()
    began = time.perf_counter()
    library = Library(KNOWLEDGE)
    snapshot = library.refresh()
    loaded = time.perf_counter() - began
    entries = list(snapshot.entries.values())
    tracemalloc.start()
    began = time.perf_counter()
    index = Index(entries)
    built = time.perf_counter() - began
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    questions = [f"我想问{p}，现在不知道找谁" for e in entries for p in e.phrasings[::3]] * args.repeat
    took = []
    for question in questions:
        start = time.perf_counter()
        decide(index.rank(question))
        took.append((time.perf_counter() - start) * 1000)
    took.sort()
    print(f"entries {len(entries)}, phrasings {len(snapshot.index)}, questions {len(questions)}")
    print(f"read and index all files  {loaded:8.2f} s")
    print(f"build the index           {built:8.2f} s (while memory is traced: slower than alone)")
    print(f"memory of the index       {memory / 1e6:8.1f} MB")
    print(f"one question, p50         {statistics.median(took):8.2f} ms")
    print(f"one question, p99         {took[int(len(took) * 0.99)]:8.2f} ms")


if __name__ == "__main__":
    main()
