"""What a message and a stored year cost in PostgreSQL and in SQLite: every figure of ``docs/scale.md``.

python -m tests.benchmarks.scale [--parts traffic journeys towns stored] [--seconds 10] [--folder instance] [--towns 20]

traffic: the county of ``deploy/`` in network namespaces of its own (Linux, root), with 1, 2 and 3 bots on PostgreSQL beside one
on SQLite, each commit on the disk; signed and sealed messages of ``tests.benchmarks.mix`` through nginx; whose processor time
it was, and what was written. journeys: statements sent to PostgreSQL for a message, with one town and with many. towns: what
each more costs though nobody asks. stored: a
made-up year in both, its bytes, and what reports and copies of it take.
"""

import argparse
import collections
import os
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg

from bot.commands.demo import advisers_of, entries_of
from bot.dialogue.respond import respond
from bot.faq.library import Library
from bot.faq.lists import read_lists
from bot.faq.town import read_town
from bot.ledger.postgres_pool import Connection
from bot.ledger.sample import fill
from bot.ledger.store import Store
from bot.message import WECHAT_TEXT, Incoming
from tests.actors import ACCOUNT
from tests.benchmarks import load
from tests.benchmarks.mix import ROOT, TOKEN, Town, request
from tests.postgres import new_database
from tests.server.county import DOMAIN, County, county
from tests.server.namespaces import Node, inside, why_not

KNOWLEDGE = ROOT / "knowledge"
KEY = "a-key-for-benchmarks-only"
YEAR, PEOPLE, WARM_UP = 2025, 6000, 3.0


@dataclass(frozen=True)
class Spent:
    """Processor seconds so far."""

    bots: float
    database: float
    nginx: float
    client: float

    def since(self, before: "Spent") -> "Spent":
        return Spent(*(getattr(self, name) - getattr(before, name) for name in Spent.__annotations__))


def spent(place: County) -> Spent:
    return Spent(sum(map(busy, place.bots)), busy(place.database), busy(place.nginx), time.process_time())


def busy(node: Node) -> float:
    """Return the processor seconds of a node's processes, also of those that have ended."""
    assert node.process is not None
    return tree_seconds(psutil.Process(node.process.pid))


def tree_seconds(first: psutil.Process) -> float:
    times = [p.cpu_times() for p in (first, *first.children(recursive=True))]
    return sum(t.user + t.system for t in times) + times[0].children_user + times[0].children_system


def traffic(args: argparse.Namespace) -> None:
    """Print throughput and cost for each number of bots, and for SQLite before and after."""
    if reason := why_not():
        print(f"traffic is not measured: {reason}")
        return
    print(
        f"{os.cpu_count()} cores for everything, {args.connections} connections, {args.seconds:g} s each; a failure is not 200"
    )
    print(f"{'':17} {'messages/s':>10} {'p50 ms':>7} {'p99 ms':>7} {'failed':>6}   processor ms a message: "
          f"{'bots':>5} {'PostgreSQL':>10} {'nginx':>6} {'client':>6}")  # fmt: skip
    for name, bots in (("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL", 2), ("PostgreSQL", 3), ("SQLite", 1)):
        more = {"DATABASE_URL": "sqlite:///instance/bot.db"} if name == "SQLite" else {}
        free = {"PACE_PER_MINUTE": "0", "PACE_PER_DAY": "0", "WECHAT_TOKEN": TOKEN}
        with county(KNOWLEDGE, bots=bots, mount=args.folder, durable=True, **free, **more) as place:
            print(f"{name:10} {bots} bot{'s' if bots > 1 else ' '} ", end="", flush=True)
            written = sent(place, args, name)
        print("".join(f"    {line}\n" for line in written), end="", flush=True)


def sent(place: County, args: argparse.Namespace, name: str) -> list[str]:
    """Send for some seconds; print what came of it, and return what was written by it."""
    said, now = Town(seed=1).messages(PEOPLE), int(time.time())
    made = [request(next(said).xml(now), str(n), mode="safe") for n in range(int((args.seconds + WARM_UP) * args.most))]
    ready = iter([one.replace(b"Host: localhost", b"Host: " + DOMAIN.encode()) for one in made])

    def connect() -> socket.socket:
        with inside(place.outside):
            raw = socket.create_connection((place.nginx.address, 443), timeout=10)
        return place.trusted.wrap_socket(raw, server_hostname=DOMAIN)

    def run(seconds: float) -> load.Result:
        return load.run(0, lambda _: next(ready), seconds=seconds, connections=args.connections, connect=connect)

    run(WARM_UP)
    before, there = spent(place), stored(place)
    result = run(args.seconds)
    used, each = spent(place).since(before), 1000 / result.requests
    database = f"{used.database * each:10.2f}" if name == "PostgreSQL" else f"{'-':>10}"
    print(f"{result.rate:10.0f} {result.p50:7.1f} {result.p99:7.1f} {result.failures:6}   {'':24}"
          f"{used.bots * each:5.2f} {database} {used.nginx * each:6.2f} {used.client * each:6.2f}", flush=True)  # fmt: skip
    if name != "PostgreSQL":
        return []
    grown = {what: (value - there[what]) / result.requests for what, value in stored(place).items()}
    return [
        f"a message wrote {grown['rows']:.2f} rows ({grown['inserted']:.2f} new), {grown['log']:,.0f} bytes of log (WAL),"
        f" and tables and indexes grew by {grown['size']:,.0f} bytes; {grown['commits']:.2f} transactions",
        f"connections open: {place.sql('select count(*) from pg_stat_activity where usename = %s', 'bot')[0][0]}",
    ]


def stored(place: County) -> dict[str, float]:
    """Return the database's own counters."""
    place.sql("select pg_stat_clear_snapshot()")
    time.sleep(1.2)  # its processes report once a second
    values = place.sql(
        "select sum(n_tup_ins + n_tup_upd + n_tup_del), sum(n_tup_ins), pg_current_wal_lsn() - '0/0',"
        " pg_database_size('bot'), (select xact_commit from pg_stat_database where datname = 'bot') from pg_stat_user_tables"
    )[0]
    return dict(zip(("rows", "inserted", "log", "size", "commits"), map(float, (v or 0 for v in values)), strict=True))


def journeys(args: argparse.Namespace) -> None:
    """Print how many statements go to the database for a message: each is a journey there and back."""
    library = Library(KNOWLEDGE, memory=ROOT / "instance" / "cache")
    library.refresh()
    told: collections.Counter[str] = collections.Counter()
    execute = Connection.execute

    def counted(self: Connection, query: Any, *values: Any, **more: Any) -> Any:
        told[" ".join(str(query).split()[:3])] += 0 if self.last else 1
        return execute(self, query, *values, **more)

    see = Connection.see

    def seen(self: Connection, schema: str) -> None:
        told["set search_path"] += 1
        see(self, schema)

    town, number = Town(seed=1).messages(600), iter(range(10**9))

    def messages(count: int) -> list[Incoming]:
        found = (m for m in town if m.type == "text")
        return [
            Incoming(f"{next(number)}", m.openid, WECHAT_TEXT, "text", dict(m.fields).get("Content", ACCOUNT), None)
            for m, _ in zip(found, range(count), strict=False)
        ]

    print("\na message, in one thread, without the web server; processor ms here and in PostgreSQL")
    print(f"{'':22} {'journeys':>9} {'ms':>7} {'here':>7} {'PostgreSQL':>11}")
    url = new_database()
    with psycopg.connect(url) as db:
        server = psutil.Process(db.info.backend_pid).parent()
        assert server
    one = [Store(url, pseudonym_key=KEY)]
    many = [Store(url, pseudonym_key=KEY, schema=f"town_t{n}") for n in range(args.towns)]
    with tempfile.TemporaryDirectory() as folder:
        file = [Store(f"sqlite:///{folder}/bot.db", pseudonym_key=KEY)]
        for name, stores in (("SQLite", file), ("PostgreSQL, 1 town", one), (f"PostgreSQL, {args.towns} towns", many)):
            for m in messages(args.messages // 2):
                respond(m, store=stores[hash(m.key) % len(stores)], library=library, now=datetime.now(UTC))
            said = messages(args.messages)
            told.clear()
            Connection.execute, Connection.see = counted, seen  # type: ignore[method-assign]
            there, began, used = tree_seconds(server), time.perf_counter(), time.process_time()
            for n, m in enumerate(said):
                respond(m, store=stores[n % len(stores)], library=library, now=datetime.now(UTC))
            took, used = time.perf_counter() - began, time.process_time() - used
            there = tree_seconds(server) - there
            Connection.execute, Connection.see = execute, see  # type: ignore[method-assign]
            each = 1000 / len(said)
            # What waits for the end of the transaction goes in one journey with it.
            sum_ = sum(told.values()) / len(said) + (1 if told else 0)
            print(f"{name:22} {sum_ or '-':>9.4} {took * each:7.2f} {used * each:7.2f} {there * each:11.2f}")
        print("; ".join(f"{words} … {count / len(said):.2f}" for words, count in told.most_common(8)))
        for store in (*file, *one, *many):
            store.close()


def towns(args: argparse.Namespace) -> None:
    """Print what towns cost of which nobody asks anything: memory, threads, processor time, what the database keeps."""
    if reason := why_not():
        print(f"towns are not measured: {reason}")
        return
    print(f"\none bot, nobody asks anything, {args.seconds:g} s each")
    print(f"{'towns':>5} {'memory MB':>10} {'threads':>8} {'connections':>12} {'tables and indexes':>19} {'database MB':>12}"
          f" {'transactions/s':>15}   processor ms a second: {'bot':>6} {'PostgreSQL':>11}")  # fmt: skip
    with county(KNOWLEDGE, bots=1, mount=args.folder) as place:
        (bot,), there = place.bots, 0
        for wanted in sorted({0, 1, args.towns // 2, args.towns}):
            for n in range(there, wanted):
                place.command(bot, "town", "add", f"t{n}", "--name", f"示例{n}镇")
            there = wanted
            place.until(lambda n=wanted: ready_towns(place, n), "the towns", bot, seconds=300)  # type: ignore[misc]
            time.sleep(10)
            idle(place, wanted, args.seconds)
        bot.ends()
        began = time.perf_counter()
        place.start_bot(bot)
        place.until(lambda: '"ready"' in place.ready(bot), "the bot", bot, seconds=300)
        print(f"started again with {there} towns: the first answers come after {time.perf_counter() - began:.1f} s", end="")
        place.until(lambda: ready_towns(place, there), "the towns", bot, seconds=300)
        print(f", all towns know their entries after {time.perf_counter() - began:.1f} s")


def ready_towns(place: County, towns: int) -> bool:
    """Tell whether so many towns answer from their entries."""
    return all('"ready"' in place.ready(place.bots[0], f"/t/t{n}/readyz") for n in range(towns))


def idle(place: County, towns: int, seconds_: float) -> None:
    before, there, began = spent(place), stored(place), time.perf_counter()
    time.sleep(seconds_)
    used, now = spent(place).since(before), stored(place)
    took = time.perf_counter() - began
    assert place.bots[0].process is not None
    process = psutil.Process(place.bots[0].process.pid)
    relations = place.sql("select count(*) from pg_class where relkind in ('r', 'i', 'p', 'I')")[0][0]
    connections = place.sql("select count(*) from pg_stat_activity where usename = %s", "bot")[0][0]
    print(f"{towns:5} {process.memory_info().rss / 1e6:10.0f} {process.num_threads():8} {connections:12} {relations:19}"
          f" {now['size'] / 1e6:12.1f} {(now['commits'] - there['commits']) / took:15.1f}   {'':23}"
          f"{used.bots / took * 1000:6.1f} {used.database / took * 1000:11.1f}", flush=True)  # fmt: skip


def year(args: argparse.Namespace) -> None:
    """Print the bytes of a made-up year in both databases, and the seconds that reports and copies take."""
    town, _ = read_town(KNOWLEDGE / "town.yaml")
    lists, _ = read_lists(KNOWLEDGE)
    assert town and lists
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        urls = {"SQLite": f"sqlite:///{folder}/bot.db", "PostgreSQL": new_database()}
        print(f"\na made-up year of {args.consultations:,} consultations, and seven registers")
        for engine, url in urls.items():
            with closing(Store(url, pseudonym_key=KEY, place=folder)) as store:
                empty, began = size(store, folder), time.perf_counter()
                fill(
                    store, year=YEAR, consultations=args.consultations, seed=1, villages=[v.name for v in town.villages],
                    categories=entries_of(KNOWLEDGE), advisers=advisers_of(town), lists=lists,
                )  # fmt: skip
                store.settle(compact=engine == "SQLite")
                filled = time.perf_counter() - began
                (turns,) = store.query("select count(*) as n from turns", {})
                whole = size(store, folder) - empty
            for_ten_thousand = whole / args.consultations * 10_000 / 1e6
            print(f"{engine:10} {turns['n']:,} messages, {for_ten_thousand:.1f} MB for 10,000 consultations,"
                  f" {whole / turns['n']:,.0f} bytes a message; filled in {filled:.1f} s")  # fmt: skip
            for what, words in REPORTS.items():
                took = seconds([sys.executable, "-m", "bot", *words, "--out", str(folder / what.replace(" ", "-"))], url)
                print(f"{'':10} {what:24} {took:6.1f} s")
            if engine == "PostgreSQL":
                from pgserver import _commands

                copy = folder / "dump"
                took = seconds([str(_commands.POSTGRES_BIN_PATH / "pg_dump"), "-Fc", "-f", str(copy), url], url)
                print(f"{'':10} {'copy by pg_dump -Fc':24} {took:6.1f} s, {copy.stat().st_size / 1e6:.1f} MB")


REPORTS = {
    "year, first time": ("report", "--year", f"{YEAR}", "--format", "docx"),
    "year, again": ("report", "--year", f"{YEAR}", "--format", "docx"),
    "month": ("report", "--month", f"{YEAR}-05", "--format", "xlsx"),
}


def seconds(command: list[str], url: str) -> float:
    own = {"DATABASE_URL": url, "KNOWLEDGE_DIR": str(KNOWLEDGE), "PSEUDONYM_KEY": KEY, "SECRET_KEY": KEY}
    began = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | own, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def size(store: Store, folder: Path) -> int:
    """Return the bytes of a ledger on the disk."""
    if store.is_file:
        return sum(path.stat().st_size for path in folder.glob("bot.db*"))
    return int(store.query("select pg_database_size(current_database()) as n", {})[0]["n"])


PARTS = {"traffic": traffic, "journeys": journeys, "towns": towns, "stored": year}


def main() -> None:
    """Print the parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--most", type=int, default=1500, help="messages a second that are made ready")
    parser.add_argument("--folder", type=Path, help="where the data are; by default where the system keeps temporary files")
    parser.add_argument("--towns", type=int, default=20)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--consultations", type=int, default=10_000)
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # where nobody is logged in there is no XDG_RUNTIME_DIR
    for part in args.parts:
        PARTS[part](args)


if __name__ == "__main__":
    main()
