"""What DURABILITY costs on this disk: whole messages answered and recorded, with each commit on the disk and without.

python -m tests.benchmarks.durability [--folder instance] [--messages 2000] [--threads 8]
"""

import argparse
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.dialogue.respond import respond
from bot.faq.library import Library
from bot.ledger.store import Store
from bot.message import WECHAT_TEXT, Incoming
from tests.benchmarks.pipeline import ROOT


def measure(durability: str, folder: Path, library: Library, asked: list[str], messages: int, threads: int) -> list[float]:
    """Answer and record so many messages; return the milliseconds of each, and first the whole time in seconds."""
    took: list[float] = []
    numbers = iter(range(messages))
    lock = threading.Lock()
    with tempfile.TemporaryDirectory(dir=folder) as place:
        store = Store(f"sqlite:///{place}/bot.db", pseudonym_key="k", durability=durability)

        def work() -> None:
            while True:
                with lock:
                    n = next(numbers, None)
                if n is None:
                    return
                message = Incoming(f"{durability}{n}", f"o{n % 500}", WECHAT_TEXT, "text", asked[n % len(asked)])
                began = time.perf_counter()
                respond(message, store=store, library=library, now=datetime.now(UTC))
                took.append((time.perf_counter() - began) * 1000)

        workers = [threading.Thread(target=work) for _ in range(threads)]
        began = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        whole = time.perf_counter() - began
        store.close()
    return [whole, *sorted(took)]


def main() -> None:
    """Print messages per second and milliseconds for both, twice in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "instance")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=8)
    args = parser.parse_args()
    library = Library(ROOT / "knowledge", memory=ROOT / "instance" / "cache")
    asked = [p for e in library.refresh().entries.values() for p in e.phrasings]
    args.folder.mkdir(exist_ok=True)
    print(f"{'':7} {'threads':>7} {'messages/s':>11} {'p50 ms':>8} {'p99 ms':>8}")
    for threads in (1, args.threads):
        for durability in ("normal", "full", "normal", "full"):
            whole, *took = measure(durability, args.folder, library, asked, args.messages, threads)
            p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
            print(f"{durability:7} {threads:7} {args.messages / whole:11.0f} {p50:8.2f} {p99:8.2f}")


if __name__ == "__main__":
    main()
