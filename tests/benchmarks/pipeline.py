"""The whole path (verify, decrypt, dedupe, match, log) beside a bare wechatpy echo app, under the same server, in one run.

python -m tests.benchmarks.pipeline [--seconds 6] [--rounds 3] [--threads 8] [--distinct]

Each round measures echo, bot, echo with the same messages (``tests.benchmarks.mix``): noise of the machine shows as a
difference between the two echoes, and the share is that of the bot in the mean of the two around it.

--distinct: no two typed questions alike, so nothing that was matched before helps.
Where the rest goes: python -m tests.benchmarks.stages.
"""

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.actors import AES_KEY, APP_ID
from tests.benchmarks import load
from tests.benchmarks.mix import MIX, ROOT, TOKEN, Message, Town, request

PORT, PEOPLE = 8790, 6000
WARM_UP = 0.5
ECHO = """
from handlers.server import serve
from tests.benchmarks.echo import app
serve(lambda: app, host="127.0.0.1", port={port}, threads={threads}, processes=1)
"""


@contextlib.contextmanager
def serving(command: list[str], port: int, **env: str) -> Iterator[int]:
    """Run a server until the block ends; give its process id."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **env}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(OSError):
                load.run(port, lambda n: b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", seconds=0.01, connections=1)
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def settings(mode: str, folder: str, **more: str) -> dict[str, str]:
    """Return the environment of a bot that these benchmarks can talk to."""
    return {
        "WECHAT_TOKEN": TOKEN, "WECHAT_APP_ID": APP_ID, "WECHAT_AES_KEY": AES_KEY, "WECHAT_MODE": mode,
        "DATABASE_URL": f"sqlite:///{folder}/bot.db", "PSEUDONYM_KEY": "k" * 32, "SECRET_KEY": "k" * 32, **more,
    }  # fmt: skip


def busy_seconds(pid: int) -> float:
    """Return the processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(command: list[str], messages: list[Message], args: argparse.Namespace, mode: str, **env: str) -> load.Result:
    """Serve and send the messages; return what came after a short warm-up."""
    now = int(time.time())
    ready = iter([request(m.xml(now), str(n), mode=mode) for n, m in enumerate(messages)])

    with serving(command, PORT, PORT=str(PORT), THREADS=str(args.threads), MODE=mode, **env) as pid:
        load.run(PORT, lambda _: next(ready), seconds=WARM_UP, connections=args.connections)
        before = busy_seconds(pid)
        result = load.run(PORT, lambda _: next(ready), seconds=args.seconds, connections=args.connections)
        busy = busy_seconds(pid) - before
    print(
        f"  {mode:6} {'bot' if env else 'echo':5}{result.rate:7.0f}/s  p50 {result.p50:6.1f} ms  p99 {result.p99:6.1f} ms"
        f"  failed {result.failures}  processor {busy / result.requests * 1e6:5.0f} µs a message",
        flush=True,
    )
    return result


def compared(mode: str, args: argparse.Namespace) -> float:
    """Print and return the bot's share of the echo app's throughput in a mode."""
    shares = []
    echo = [sys.executable, "-c", ECHO.format(port=PORT, threads=args.threads)]
    for round_ in range(args.rounds):
        town = Town(seed=round_, distinct=args.distinct)
        said = town.messages(PEOPLE)
        # More than the echo app can take.
        messages = [next(said) for _ in range(int((args.seconds + WARM_UP + 1) * args.most))]
        print(f"{mode}, round {round_ + 1}")
        one = measured(echo, messages, args, mode)
        with tempfile.TemporaryDirectory() as folder:
            bot = measured([sys.executable, "app.py"], messages, args, mode, **settings(mode, folder))
        two = measured(echo, messages, args, mode)
        shares.append(bot.rate / statistics.mean((one.rate, two.rate)))
        print(f"  share of the echo app {shares[-1]:.0%}; the two echoes differ by {abs(one.rate / two.rate - 1):.0%}")
    return statistics.median(shares)


def main() -> None:
    """Print throughput and its share of a bare echo app, in plain and in safe mode."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--most", type=int, default=3500, help="messages a second that are made ready")
    parser.add_argument("--modes", nargs="*", default=["plain", "safe"])
    parser.add_argument("--distinct", action="store_true")
    args = parser.parse_args()
    print("the mix: " + ", ".join(f"{kind} {share} %" for kind, share in MIX.items()))
    shares = {mode: compared(mode, args) for mode in args.modes}
    print("\n" + ", ".join(f"{mode}: {share:.0%} of the echo app" for mode, share in shares.items()))


if __name__ == "__main__":
    main()
