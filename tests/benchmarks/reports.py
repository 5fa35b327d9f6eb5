"""What reports cost as the ledger grows, each in a fresh process, and what recording costs while they run.

python -m tests.benchmarks.reports [--sizes 10000,100000,1000000] [--seconds 10] [--keep FOLDER]

A size is the consultations of the reported year; the year before holds a tenth of that, so that there is something to compare.
The ledger is the sample of ``bot.ledger.sample``: the same in every run. --keep: make the ledgers there and leave them.
"""

import argparse
import json
import math
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

# The rest is imported where it is used: what this process holds counts as memory of those that it starts.


ROOT = Path(__file__).parent.parent.parent
KNOWLEDGE = ROOT / "knowledge"
KEY = "a-key-for-benchmarks-only"
YEAR = 2025
RATE = 50
"""Messages a second that are recorded beside the reports: far more than a town ever sends."""

REPORTS = {
    "month, first time": ("--month", f"{YEAR}-05", "--format", "json"),
    "year, first time": ("--year", f"{YEAR}", "--format", "json"),
    "year": ("--year", f"{YEAR}", "--format", "json"),
    "year, xlsx": ("--year", f"{YEAR}", "--format", "xlsx"),
    "year, docx": ("--year", f"{YEAR}", "--format", "docx"),
    "quarter": ("--quarter", f"{YEAR}-Q2", "--format", "json"),
    "month": ("--month", f"{YEAR}-05", "--format", "json"),
}
"""In this order; before each first time what was counted is dropped."""


def fill_up(path: Path, consultations: int) -> None:
    """Make the ledger."""
    from bot.commands.demo import advisers_of, entries_of
    from bot.faq.lists import read_lists
    from bot.faq.town import read_town
    from bot.ledger.sample import fill
    from bot.ledger.store import Store

    town, _ = read_town(KNOWLEDGE / "town.yaml")
    lists, _ = read_lists(KNOWLEDGE)
    assert town and lists
    with closing(Store(f"sqlite:///{path}", pseudonym_key=KEY)) as store:
        for year, asked in ((YEAR - 1, consultations // 10), (YEAR, consultations)):
            fill(
                store,
                year=year,
                consultations=asked,
                seed=1,
                villages=[v.name for v in town.villages],
                categories=entries_of(KNOWLEDGE),
                advisers=advisers_of(town),
                lists=lists,
            )


def environment(path: Path) -> dict[str, str]:
    own = {"DATABASE_URL": f"sqlite:///{path}", "KNOWLEDGE_DIR": str(KNOWLEDGE), "PSEUDONYM_KEY": KEY, "SECRET_KEY": KEY}
    return {**os.environ, **own}


def run(path: Path, *words: str) -> tuple[float, float]:
    """Run a module in a process of its own; return its seconds and the most memory it had, in MB."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=environment(path), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"python -m {' '.join(words)} ended with {process.returncode}")
    return took, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def report(path: Path, folder: Path, name: str) -> tuple[float, float]:
    if "first time" in name:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("delete from counted")
    return run(path, "bot", "report", *REPORTS[name], "--out", str(folder / f"report-{os.getpid()}"))


@contextmanager
def recording(path: Path, seconds: float) -> Iterator[list[float]]:
    """Record messages in a process of its own until it is done; the list then holds the latencies in ms, failures as inf."""
    command = [sys.executable, "-m", "tests.benchmarks.reports", "--record", str(path), "--seconds", str(seconds)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    took: list[float] = []
    yield took
    took += json.loads(process.communicate()[0])


def record_for(path: Path, seconds: float) -> list[float]:
    """Record ``RATE`` messages a second, each in its transaction as the bot does it; return the latencies in ms."""
    from bot.ledger.clock import local_day, stamp
    from bot.ledger.store import Store, StoreError
    from bot.ledger.turns import Turn, record
    from bot.message import Reply

    took = []
    with closing(Store(f"sqlite:///{path}", pseudonym_key=KEY)) as store:
        began = time.perf_counter()
        for number in range(round(seconds * RATE)):
            time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            now = datetime.now(UTC)
            turn = Turn(
                key=store.message_key(f"{now} {number}"), received_at=stamp(now), day=local_day(now).isoformat(),
                channel="公众号文字", villager=store.pseudonym(f"{number % 97}"), kind="text", text="老板拖欠工资怎么办",
                decision="answer", entry_id="construction-wage-arrears", entry_version="sample", category="劳动与工资",
                score=0.9, offered=(), follows=None, reply=Reply("示例答复。" * 40), latency_ms=5.0,
            )  # fmt: skip
            start = time.perf_counter()
            try:
                with store.writing() as db:
                    record(db, turn)
                took.append((time.perf_counter() - start) * 1000)
            except StoreError:
                took.append(math.inf)
    return took


def said(took: list[float]) -> str:
    """Return p50, p99 and the longest of latencies, and how many messages could not be recorded."""
    p99 = sorted(took)[int(len(took) * 0.99)]
    return f"{statistics.median(took):8.2f} {p99:8.2f} {max(took):8.2f} {sum(map(math.isinf, took)):7d}"


def main() -> None:
    """Print what each size costs, then how the cost grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--record", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.record:
        print(json.dumps(record_for(args.record, args.seconds)))
        return
    if args.fill:
        fill_up(args.fill, int(args.sizes))
        return
    sizes = [int(size) for size in args.sizes.split(",")]
    costs: dict[str, dict[int, tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for size in sizes:
            path = folder / f"{size}.db"
            if not path.exists():
                took, memory = run(path, "tests.benchmarks.reports", "--fill", str(path), "--sizes", str(size))
                print(f"{size:,} consultations made in {took:.1f} s, {memory:.0f} MB")
            with closing(sqlite3.connect(path)) as db:
                (turns,) = db.execute("select count(*) from turns").fetchone()
            print(f"{size:,} consultations, {turns:,} turns, {path.stat().st_size / 1e6:,.0f} MB on disk")
            costs.setdefault("(start and help)", {})[size] = run(path, "bot", "report", "--help")
            for name in REPORTS:
                costs.setdefault(name, {})[size] = report(path, folder, name)
                print(f"  {name:20} {costs[name][size][0]:7.2f} s {costs[name][size][1]:7.0f} MB", flush=True)
            print(f"  recording {RATE} messages/s, ms        p50      p99      max  failed")
            with recording(path, args.seconds) as alone:
                pass
            with recording(path, args.seconds) as beside:
                until = time.perf_counter() + args.seconds
                while time.perf_counter() < until:
                    for name in ("year, first time", "year", "year, xlsx"):
                        report(path, folder, name)
            print(f"  {'alone':28} {said(alone)}\n  {'while reports run':28} {said(beside)}", flush=True)
            if not args.keep:
                path.unlink()
    print(f"\n{'seconds (MB)':20}" + "".join(f"{size:>18,}" for size in sizes) + "   growth from first to last")
    for name, cost in costs.items():
        cells = "".join(f"{cost[size][0]:10.2f} ({cost[size][1]:4.0f})" for size in sizes)
        print(f"{name:20}{cells}   x{cost[sizes[-1]][0] / cost[sizes[0]][0]:.1f} for x{sizes[-1] // sizes[0]}")


if __name__ == "__main__":
    main()
