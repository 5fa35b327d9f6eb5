"""The whole path (verify, decrypt, dedupe, match, log) beside a bare wechatpy echo app, under the same server, in one run.

python -m tests.benchmarks.pipeline [--seconds 5] [--rounds 3]
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
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from wechatpy.crypto import WeChatCrypto

from bot.faq.library import Library
from tests.actors import AES_KEY, APP_ID
from tests.benchmarks import load
from tests.benchmarks.echo import TOKEN
from tests.benchmarks.servers import message

ROOT = Path(__file__).parent.parent.parent
ECHO = """
from handlers.server import serve
from tests.benchmarks.echo import app
serve(lambda: app, host="127.0.0.1", port={port}, threads=8, processes=1)
"""


def questions() -> list[str]:
    """Return the phrasings of the shipped FAQ: what people say."""
    library = Library(ROOT / "knowledge")
    return [p for e in library.refresh().entries.values() for p in e.phrasings]


def encrypted(number: int, text: str) -> bytes:
    """Return a push in safe mode as a whole HTTP request."""
    clear = message(number, text).partition(b"\r\n\r\n")[2].decode()
    nonce, now = str(number), str(int(time.time()))
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    sealed = ET.fromstring(crypto.encrypt_message(clear, nonce, now))
    query = {"timestamp": now, "nonce": nonce, "encrypt_type": "aes", "msg_signature": sealed.findtext("MsgSignature") or ""}
    body = f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{sealed.findtext('Encrypt')}]]></Encrypt></xml>".encode()
    head = f"POST /wechat?{urllib.parse.urlencode(query)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@contextlib.contextmanager
def serving(command: list[str], port: int, **env: str) -> Iterator[None]:
    """Run a server until the block ends."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **env}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                load.run(port, lambda n: b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", seconds=0.01, connections=1)
                break
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def main() -> None:
    """Print throughput and p99 of the echo app and of the bot in plain and in safe mode, and the bot's share of the echo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    asked = questions()
    count = iter(range(10**9))
    port = 8790

    def plain(_: int) -> bytes:
        n = next(count)
        return message(n, asked[n % len(asked)])

    sealed = [encrypted(10**8 + n, asked[n % len(asked)]) for n in range(20000)]

    def safe(_: int) -> bytes:
        return sealed.pop()

    rates: dict[str, list[load.Result]] = {"echo": [], "plain": [], "safe": []}

    def measure(name: str, make: Callable[[int], bytes]) -> None:
        load.run(port, make, seconds=0.5)
        rates[name].append(load.run(port, make, seconds=args.seconds))

    for _ in range(args.rounds):
        with serving([sys.executable, "-c", ECHO.format(port=port)], port):
            measure("echo", plain)
        for mode, make in (("plain", plain), ("safe", safe)):
            with tempfile.TemporaryDirectory() as folder:
                env = {
                    "WECHAT_TOKEN": TOKEN, "WECHAT_APP_ID": APP_ID, "WECHAT_AES_KEY": AES_KEY, "WECHAT_MODE": mode,
                    "PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/bot.db", "PSEUDONYM_KEY": "k", "SECRET_KEY": "k",
                }  # fmt: skip
                with serving([sys.executable, "app.py"], port, **env):
                    measure(mode, make)
    echo = statistics.median(r.rate for r in rates["echo"])
    print(f"{'':6} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'failed':>7} {'share of echo':>14}")
    for name, results in rates.items():
        rate = statistics.median(r.rate for r in results)
        p50, p99 = (statistics.median(getattr(r, p) for r in results) for p in ("p50", "p99"))
        print(f"{name:6} {rate:8.0f} {p50:8.1f} {p99:8.1f} {sum(r.failures for r in results):7} {rate / echo:14.0%}")


if __name__ == "__main__":
    main()
