"""Clients that are slow, silent, or send too much, beside villagers who want an answer."""

import contextlib
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.actors import AES_KEY, APP_ID, TOKEN
from tests.conftest import make_knowledge
from tests.server.conftest import Server, environment, free_port

PATIENCE = 2.0
IMPATIENT = f"""
import app
import handlers.patience as patience
patience.REQUEST_SECONDS = patience.NEVER_SPOKE_SECONDS = {PATIENCE}
raise SystemExit(app.main())
"""
"""The program as it is, but for how many seconds it waits."""

HEAD = b"POST /wechat?signature=x&timestamp=1&nonce=1 HTTP/1.1\r\nHost: localhost\r\n"
BOUND = 2.0
"""Seconds in which a villager is answered, however many others are slow; WeChat waits for five."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, port = tmp_path_factory.mktemp("slow"), free_port()
    settings = {
        "WECHAT_TOKEN": TOKEN, "WECHAT_APP_ID": APP_ID, "WECHAT_AES_KEY": AES_KEY, "WECHAT_MODE": "safe",
        "PORT": str(port), "KNOWLEDGE_DIR": str(make_knowledge(folder / "knowledge")), "PACE_PER_MINUTE": "0", "THREADS": "4",
    }  # fmt: skip
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", IMPATIENT],
            cwd=folder, env=environment(folder, **settings), stdout=log, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
    server = Server(process, port, folder, "safe")
    try:
        server.wait_until_it_answers()
        yield server
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[..., socket.socket]]:
    """Open a connection and send so much; all are closed at the end."""
    with contextlib.ExitStack() as opened:

        def connected(sent: bytes = b"") -> socket.socket:
            s = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
            if sent:
                s.sendall(sent)
            return s

        yield connected


def memory(server: Server) -> int:
    """Return the megabytes that the process holds."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def is_closed(s: socket.socket) -> bool:
    """Tell whether the server ended the connection; what it said last is read away."""
    while select.select([s], [], [], 0)[0]:
        try:
            if not s.recv(65536):
                return True
        except OSError:
            return True
    return False


@contextlib.contextmanager
def dripping(slow: list[socket.socket], bytes_: bytes) -> Iterator[None]:
    """Send a byte on each connection every fifth of a second, until the block ends."""
    end = threading.Event()

    def drip() -> None:
        for n in range(1000):
            for s in slow:
                with contextlib.suppress(OSError):
                    s.send(bytes_[n % len(bytes_)].to_bytes(1))
            if end.wait(0.2):
                return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def test_slow_silent_and_half_open_connections_stop_nobody_and_are_ended_in_time(
    server: Server, connect: Callable[..., socket.socket]
) -> None:
    server.wechat.villager("oFirst").says("老板拖欠工资怎么办")
    before = memory(server)
    silent = [connect() for _ in range(50)]
    half = [connect(HEAD) for _ in range(75)] + [connect(HEAD + b"Content-Length: 900\r\n\r\n<xml>") for _ in range(75)]
    slow_heads = [connect(HEAD) for _ in range(40)]
    slow_bodies = [connect(HEAD + b"Content-Length: 60000\r\n\r\n") for _ in range(40)]
    began = time.monotonic()
    with dripping(slow_heads + slow_bodies, b"X-Slow: and-slower\r\n"):
        took = []
        for n in range(12):
            asked = time.monotonic()
            assert server.wechat.villager(f"oBeside{n}").says("老板拖欠工资怎么办").text.startswith("您问的是：")
            took.append(time.monotonic() - asked)
        assert max(took) < BOUND
        left = [*silent, *half, *slow_heads, *slow_bodies]
        while left := [s for s in left if not is_closed(s)]:
            assert time.monotonic() - began < PATIENCE + 4, f"{len(left)} connections are still open"
            time.sleep(0.1)
    assert time.monotonic() - began > PATIENCE * 0.9, "they were not given the time that a bad line needs"
    assert memory(server) - before < 30


def test_a_slow_upload_that_goes_on_is_not_cut_off(connect: Callable[..., socket.socket]) -> None:
    s = connect(HEAD + b"Content-Length: 12000\r\n\r\n")
    for _ in range(12):
        time.sleep(PATIENCE * 1.5 / 12)
        s.sendall(b"x" * 1000)
    assert s.recv(100).startswith(b"HTTP/1.1 403 ")


def test_a_body_too_large_for_where_it_goes_is_refused_before_it_is_taken_in(
    server: Server, connect: Callable[..., socket.socket]
) -> None:
    before = memory(server)
    for _ in range(20):
        told = connect(HEAD + b"Content-Length: 8000000\r\n\r\n")
        assert told.recv(100).startswith(b"HTTP/1.1 413 ")
    endless = connect(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    sent = 0
    with contextlib.suppress(OSError):
        while sent < 50_000_000 and not select.select([endless], [], [], 0)[0]:
            sent += endless.send(chunk)
    assert sent < 10_000_000
    assert memory(server) - before < 30
    assert server.wechat.villager("oAfter").says("老板拖欠工资怎么办").text.startswith("您问的是：")
