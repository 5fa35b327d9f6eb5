"""Three WSGI servers with the same bare app: throughput, then throughput beside 200 idle half-open connections.

python -m tests.benchmarks.servers    (installs nothing: pip install granian waitress gunicorn first)
"""

import contextlib
import hashlib
import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.benchmarks import load
from tests.benchmarks.echo import TOKEN

PORT = 8765
COMMANDS = {
    "granian": [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", "{port}", "--workers", "1",
                "--blocking-threads", "8", "--no-ws", "--log-level", "error", "tests.benchmarks.echo:app"],
    "waitress": [sys.executable, "-m", "waitress", "--listen", "127.0.0.1:{port}", "--threads", "8",
                 "--connection-limit", "1000", "tests.benchmarks.echo:app"],
    "gunicorn": [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "1", "--threads", "8",
                 "--log-level", "error", "tests.benchmarks.echo:app"],
}  # fmt: skip
WINDOWS = {"granian": "yes (wheels)", "waitress": "yes (pure Python)", "gunicorn": "no (needs fork)"}


@contextlib.contextmanager
def serving(command: list[str], port: int) -> Iterator[None]:
    """Run a server until the block ends."""
    process = subprocess.Popen([part.format(port=port) for part in command], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.1)
        time.sleep(0.5)
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:  # gunicorn waits half a minute for what blocks it
            process.kill()
            process.wait()


def message(number: int, text: str = "老板拖欠工资怎么办") -> bytes:
    """Return a signed plain-mode push as a whole HTTP request."""
    now, nonce = str(int(time.time())), str(number)
    signature = hashlib.sha1("".join(sorted((TOKEN, now, nonce))).encode()).hexdigest()
    body = (
        "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>"
        f"<FromUserName><![CDATA[o{number % 3000:027d}]]></FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
        f"<MsgId>{number + 1}</MsgId></xml>"
    ).encode()
    return (
        f"POST /wechat?signature={signature}&timestamp={now}&nonce={nonce} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


HALVES = {"half headers": 60, "half bodies": -60}
"""Where a request is cut: in its headers, or in its (signed) body."""


def beside(port: int, cut: int) -> str:
    """Return throughput and p99 while 200 clients have sent only half of a request, or that it stopped."""
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    try:
        for s in idle:
            s.sendall(message(0)[:cut])
        held = load.run(port, message, seconds=5)
        return f"{held.rate:8.0f} {held.p99:8.1f}"
    except OSError:
        return f"{'blocked':>17}"
    finally:
        for s in idle:
            s.close()


def main() -> None:
    """Print one line per server."""
    print(f"{'server':10} {'free, req/s, p99 ms':>19} | {'200 half headers':>17} | {'200 half bodies':>17} | Windows")
    for n, (name, command) in enumerate(COMMANDS.items()):
        if importlib.util.find_spec(name) is None:
            print(f"{name:10} not installed")
            continue
        with serving(command, PORT + n):
            load.run(PORT + n, message, seconds=1)
            free = load.run(PORT + n, message, seconds=5)
            held = " | ".join(beside(PORT + n, cut) for cut in HALVES.values())
        print(f"{name:10} {free.rate:10.0f} {free.p99:8.1f} | {held} | {WINDOWS[name]}", flush=True)


if __name__ == "__main__":
    main()
