"""What each page of the console weighs and how long it takes, with the shipped FAQ and a made-up year in the ledger.

python -m tests.benchmarks.console [--consultations 3000] [--times 5]

Weight: the page with its own style sheets and scripts, as a browser fetches them the first time. Time: median of the server's.
"""

import argparse
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime

from app import create_app
from bot.commands.demo import advisers_of, entries_of
from bot.faq.lists import read_lists
from bot.faq.town import read_town
from bot.ledger.access import users
from bot.ledger.sample import fill
from bot.settings import Settings
from handlers.console.access import roles_of
from tests.conftest import KNOWLEDGE, ROOT

NOW = datetime(2026, 1, 15, 4, 0, tzinfo=UTC)
TOO_HEAVY, TOO_SLOW = 700, 1000
"""kB and ms, marked: an old phone on a village's network shows the page in three seconds."""


def main() -> None:
    """Print a line for every page that needs no further choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consultations", type=int, default=3000)
    parser.add_argument("--times", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            wechat_token="a-token-for-benchmarks", wechat_mode="plain", database_url=f"sqlite:///{folder}/bot.db",
            knowledge_dir=KNOWLEDGE, cache_dir=ROOT / "instance" / "cache", secret_key="s" * 32, pseudonym_key="p" * 32,
        )  # fmt: skip
        app = create_app(settings, clock=lambda: NOW)
        services = app.extensions["bot"]
        town, _ = read_town(KNOWLEDGE / "town.yaml")
        lists, _ = read_lists(KNOWLEDGE)
        assert town and lists
        fill(
            services.store, year=2025, consultations=args.consultations, seed=1, villages=lists.texts["村"],
            categories=entries_of(KNOWLEDGE), advisers=advisers_of(town), lists=lists,
        )  # fmt: skip
        with services.store.writing() as db:
            clerk = users.add(
                db, name="示例", shown="示例", role="司法所", village=None, password="x" * 20, adviser=None, now=NOW,
                must_change=False,
            )  # fmt: skip
            token = users.log_in(db, clerk.number, NOW)
        client = app.test_client()
        with client.session_transaction(path="/console/") as session:
            session["login"] = token
        print(f"{'页面':<44}{'kB':>8}{'毫秒':>9}")
        for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
            roles = roles_of(app.view_functions[rule.endpoint])
            if "GET" not in (rule.methods or ()) or rule.arguments or clerk.role not in roles:
                continue
            took = []
            for _ in range(args.times):
                began = time.perf_counter()
                response = client.get(rule.rule)
                took.append((time.perf_counter() - began) * 1000)
            if response.status_code != 200 or response.mimetype != "text/html":
                continue
            weight = len(response.data) + sum(len(client.get(path).data) for path in _parts(response.text))
            median = statistics.median(took)
            mark = " !" if weight / 1000 > TOO_HEAVY or median > TOO_SLOW else ""
            print(f"{rule.rule:<44}{weight / 1000:>8.0f}{median:>9.0f}{mark}", flush=True)
        services.stop.set()


def _parts(page: str) -> set[str]:
    return set(re.findall(r'(?:<script src|<link rel="stylesheet" href)="([^"]+)"', page))


if __name__ == "__main__":
    main()
