"""A town after a broadcast: 3,000 villagers within one minute, then a steady mix, as WeChat delivers it to the real server.

python -m tests.benchmarks.broadcast [--minutes 10] [--villagers 3000] [--rate 30]

Everything is signed and sealed as in safe mode. WeChat waits five seconds, and sends a message that got no answer again,
twice, with its MsgId. Exits with 1 where a promise is broken: a message without its answer, a row too few or too many, a
message that came again and got another answer, a p99 beyond 500 ms, memory that grows.
"""

import argparse
import http.client
import itertools
import queue
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from wechatpy.crypto import WeChatCrypto

from tests.actors import AES_KEY, APP_ID
from tests.benchmarks.mix import MIX, TOKEN, Message, Town, request
from tests.benchmarks.pipeline import serving, settings

PORT, WORKERS = 8791, 32
PATIENCE, TRIES = 5.0, 3
"""How long WeChat waits for an answer, and how often it sends a message at most."""

SLOWEST_P99 = 500.0
GROWTH = 1.1
"""How much larger the memory may be at the end than after the first minute of the steady part."""


@dataclass
class Heard:
    """What came of it all. Latencies in milliseconds, from the first try to the answer."""

    latencies: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    answers: dict[int, str] = field(default_factory=dict)
    delivered: dict[int, int] = field(default_factory=dict)
    lag: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class WeChat:
    """WeChat's servers: some connections, each with one message under way."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._due: queue.Queue[tuple[float, Message] | None] = queue.Queue()
        self._nonces = itertools.count(10**9)
        self._workers = [threading.Thread(target=self._work) for _ in range(WORKERS)]
        for worker in self._workers:
            worker.start()

    def send(self, due: float, message: Message) -> None:
        """Deliver ``message`` at the moment ``due`` (of ``time.monotonic``)."""
        self._due.put((due, message))

    def finish(self) -> None:
        """Wait for every answer."""
        for _ in self._workers:
            self._due.put(None)
        for worker in self._workers:
            worker.join()

    def _work(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)
        while (one := self._due.get()) is not None:
            due, message = one
            time.sleep(max(0.0, due - time.monotonic()))
            began = time.monotonic()
            answer, problem = self._deliver(connection, message)
            took = (time.monotonic() - began) * 1000
            with self._heard.lock:
                self._heard.lag = max(self._heard.lag, began - due)
                if answer is None:
                    self._heard.failures.append(problem)
                    continue
                self._heard.latencies.append(took)
                first = self._heard.answers.setdefault(message.number, answer)
                if first != answer:
                    self._heard.failures.append(f"{message.kind}: 重发的消息得到了另一个答复")

    def _deliver(self, connection: http.client.HTTPConnection, message: Message) -> tuple[str | None, str]:
        xml, problem = message.xml(int(time.time())), ""
        for _ in range(TRIES):
            with self._heard.lock:
                self._heard.delivered[message.number] = self._heard.delivered.get(message.number, 0) + 1
            head, _, body = request(xml, str(next(self._nonces)), mode="safe").partition(b"\r\n\r\n")
            try:
                connection.request("POST", head.split(b" ")[1].decode(), body, {"Content-Type": "text/xml"})
                response = connection.getresponse()
                said = response.read()
                if response.status == 200:
                    return opened(said), ""
                problem = f"{message.kind}: 状态 {response.status}"
            except (OSError, http.client.HTTPException) as e:
                problem = f"{message.kind}: {type(e).__name__}"
                connection.close()
        return None, problem


def opened(body: bytes) -> str:
    """Return the text of a sealed answer, '' for an acknowledgement."""
    if body == b"success":
        return ""
    root = ET.fromstring(body)
    signature, timestamp, nonce = (root.findtext(name) or "" for name in ("MsgSignature", "TimeStamp", "Nonce"))
    clear = WeChatCrypto(TOKEN, AES_KEY, APP_ID).decrypt_message(body, signature, timestamp, nonce)
    return ET.fromstring(clear).findtext("Content") or ""


def broadcast(town: Town, villagers: int, seed: int = 2) -> Iterator[tuple[float, Message]]:
    """Yield (seconds, message): each villager writes one to four messages within a minute, a few seconds apart."""
    chance = random.Random(seed)
    kinds = {kind: share for kind, share in MIX.items() if kind != "the same message again"}
    found: list[tuple[float, Message]] = []
    for n in range(villagers):
        at = chance.uniform(0, 45)
        for _ in range(chance.randint(1, 4)):
            kind = chance.choices(list(kinds), list(kinds.values()))[0]
            found.append((min(at, 60.0), town.message(kind, f"oBench{n:022d}")))
            at += chance.uniform(2, 6)
    yield from sorted(found, key=lambda one: one[0])


def resident(pid: int) -> float:
    """Return the megabytes that a process holds."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


def rows_of(folder: str) -> tuple[int, int, str]:
    """Return how many turns there are, how often they came again, and whether the file is sound."""
    with closing(sqlite3.connect(f"{folder}/bot.db")) as db:
        turns, again = db.execute("select count(*), coalesce(sum(retries), 0) from turns").fetchone()
        return turns, again, db.execute("pragma integrity_check").fetchone()[0]


def main() -> int:
    """Run the broadcast and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--villagers", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=30, help="messages a second of the steady part")
    args = parser.parse_args()
    town, heard, sizes = Town(seed=3), Heard(), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        env = settings("safe", folder, PORT=str(PORT), LOG_LEVEL="warning")
        with serving([sys.executable, "app.py"], PORT, **env) as pid:
            sizes.append(resident(pid))
            wechat, start = WeChat(heard), time.monotonic() + 1
            for at, message in broadcast(town, args.villagers):
                wechat.send(start + at, message)
            time.sleep(max(0.0, start + 61 - time.monotonic()))
            print(f"broadcast: {summary(heard)}", flush=True)
            sizes.append(resident(pid))
            said, sent = town.messages(args.villagers), len(heard.latencies)
            for second in range(int(args.minutes * 60)):
                due = start + 61 + second
                time.sleep(max(0.0, due - time.monotonic()))
                for n in range(int(args.rate)):
                    wechat.send(due + n / args.rate, next(said))
                if second % 60 == 59:
                    sizes.append(resident(pid))
                    print(f"minute {second // 60 + 1}: {sizes[-1]:.0f} MB, {len(heard.failures)} failures", flush=True)
            wechat.finish()
            sizes.append(resident(pid))
        turns, again, sound = rows_of(folder)
    steady = heard.latencies[sent:]
    print(f"steady:    {summary(Heard(steady, heard.failures, lag=heard.lag))}")
    expected, repeated = len(heard.delivered), sum(heard.delivered.values()) - len(heard.delivered)
    print(f"rows: expected {expected}, found {turns}; delivered again {repeated}, noted {again}; file {sound}")
    warm = sizes[min(2, len(sizes) - 1)]
    print(
        f"memory: start {sizes[0]:.0f} MB, after the broadcast {sizes[1]:.0f}, after a minute {warm:.0f}, end {sizes[-1]:.0f}"
    )
    p99 = sorted(heard.latencies)[int(len(heard.latencies) * 0.99)]
    kept = {
        "no failure": not heard.failures,
        "p99 within 500 ms": p99 <= SLOWEST_P99,
        "nothing lost, nothing twice": (turns, sound) == (expected, "ok") and again == repeated,
        "memory flat": sizes[-1] <= warm * GROWTH,
    }
    print(", ".join(f"{promise}: {'yes' if true else 'NO'}" for promise, true in kept.items()))
    for problem in heard.failures[:10]:
        print(f"  {problem}")
    return 0 if all(kept.values()) else 1


def summary(heard: Heard) -> str:
    """Return the figures of a part of it."""
    took = sorted(heard.latencies) or [0.0]
    marks = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    figures = ", ".join(f"{name} {took[min(len(took) - 1, int(len(took) * part))]:.0f} ms" for name, part in marks.items())
    late = f"sent at most {heard.lag:.1f} s late"
    return f"{len(took)} answers, {figures}, max {took[-1]:.0f} ms; {len(heard.failures)} failures; {late}"


if __name__ == "__main__":
    sys.exit(main())
