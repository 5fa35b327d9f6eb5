"""What towns cost in memory, and whether others wait while one begins: ``python -m tests.benchmarks.towns``.

Every number of towns is measured in a process of its own: a county on SQLite with the shipped FAQ, each town with its folder,
its ledger and its threads. ``own``: each town has written one entry of its own, so that no two are the same.
"""

import ctypes
import gc
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from app import create_app
from bot.dialogue.respond import respond
from bot.faq.edit import beginning
from bot.ledger import towns
from bot.message import WECHAT_TEXT, Incoming
from bot.settings import Settings
from handlers.services import Services
from tests.conftest import KNOWLEDGE, ROOT, write_entry

SIZES = (0, 1, 5, 20)
OWN = (1, 3)
QUESTION = "老板拖欠工资怎么办"


def main() -> None:
    """Print the figures."""
    if len(sys.argv) > 1:
        _measure(int(sys.argv[1]), own=sys.argv[2:] == ["own"])
        return
    print(f"{'towns':>22} {'RSS MB':>8} {'of it files':>12} {'ready s':>8} {'slowest answer meanwhile s':>27}")
    for args in [*((str(n),) for n in SIZES), *((str(n), "own") for n in OWN)]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.towns", *args], cwd=ROOT, capture_output=True, text=True, timeout=900
        )
        print(done.stdout.rstrip() or done.stderr[-2000:], flush=True)


def _measure(number: int, *, own: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-towns-") as place:
        folder = Path(place)
        shutil.copytree(KNOWLEDGE, folder / "knowledge", ignore=shutil.ignore_patterns(".*"))
        settings = Settings(
            wechat_token="t" * 32, wechat_mode="plain", database_url=f"sqlite:///{folder / 'bot.db'}",
            knowledge_dir=folder / "knowledge", towns_dir=folder / "towns", cache_dir=ROOT / "instance" / "cache",
            secret_key="s" * 32, pseudonym_key="p" * 32, log_level="error",
        )  # fmt: skip
        app = create_app(settings)
        base: Services = app.extensions["bot"]
        assert base.towns
        for n in range(number):
            slug = f"town-{n}"
            beginning.found(settings, base.store, slug, f"第{n}镇", towns.new_keys(), by="bench", now=datetime.now(UTC))
            if own:
                write_entry(settings.towns_dir / slug / "knowledge", f"own-{n}", f"第{n}镇的集日是哪天？", [f"第{n}镇哪天赶集"])
        began, slowest, asked = time.monotonic(), 0.0, 0
        base.towns.look()
        while not all(town.ready.is_set() for town in base.towns.all()):
            asked += 1
            one = time.monotonic()
            message = Incoming(f"v|{asked}", f"v{asked}", WECHAT_TEXT, "text", QUESTION)
            respond(message, store=base.store, library=base.library, now=datetime.now(UTC))
            slowest = max(slowest, time.monotonic() - one)
            time.sleep(0.05)
        took = time.monotonic() - began
        for town in base.towns.all():
            message = Incoming("v|1", "v", WECHAT_TEXT, "text", QUESTION)
            assert "工资" in respond(message, store=town.store, library=town.library, now=datetime.now(UTC)).text
        rss, files = _memory()
        what = f"{number}, one own entry each" if own else str(number)
        print(f"{what:>22} {rss:8.0f} {files:12.0f} {took:8.1f} {slowest:27.2f}")
        base.stop.set()


def _memory() -> tuple[float, float]:
    """Return megabytes in memory, and how much of that are pages of files, which the system may take back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    found = {line[0]: int(line[1]) / 1024 for line in lines if line[0] in {"VmRSS:", "RssFile:"}}
    return found["VmRSS:"], found["RssFile:"]


if __name__ == "__main__":
    main()
