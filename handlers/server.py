"""The WSGI server: waitress, in one process or several on one socket, with a clean stop.

waitress reads a whole request before it takes a thread and sends the answer after it gave the thread back, so idle,
half-open and slow connections cost no thread; ``python -m tests.benchmarks.servers`` shows it beside others.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server

logger = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
"""No request may be larger; each page sets its own, lower limit."""

DRAIN_SECONDS = 10.0
"""How long requests under way may take when the server is told to stop."""


def serve(make_app: Callable[[], Flask], *, host: str, port: int, threads: int, processes: int) -> int:
    """Serve until SIGTERM or SIGINT. Returns 0; raises OSError where the address cannot be used.

    Each process makes its own app. Several processes need ``fork``; without it (Windows) there is one.
    """
    listening = socket.create_server((host, port), backlog=2048)
    if processes == 1 or not hasattr(os, "fork"):
        _run(make_app(), listening, threads)
        return 0
    return _supervise(lambda: _run(make_app(), listening, threads), processes)


def _run(app: Flask, listening: socket.socket, threads: int) -> None:
    server: Any = create_server(
        app,
        sockets=[listening],
        threads=threads,
        connection_limit=2000,
        channel_timeout=30,
        cleanup_interval=10,
        max_request_body_size=MAX_BODY,
        max_request_header_size=32 * 1024,
        asyncore_use_poll=hasattr(os, "fork"),
        ident="",
        clear_untrusted_proxy_headers=True,
    )
    stop = threading.Event()

    def told(*_: object) -> None:
        stop.set()
        server.trigger.pull_trigger()

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, told)

    def turn(timeout: float) -> None:
        server.asyncore.loop(timeout=timeout, map=server._map, use_poll=server.adj.asyncore_use_poll, count=1)

    while not stop.is_set():
        turn(1.0)
    server.accepting = False
    end = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < end and any(c.requests or c.total_outbufs_len for c in list(server.active_channels.values())):
        turn(0.05)
    server.task_dispatcher.shutdown()
    server.close()
    logger.info("已停止")


def _supervise(run: Callable[[], None], processes: int) -> int:
    """Keep ``processes`` children alive until told to stop, then wait for them to finish what they are doing."""
    children: set[int] = set()
    stopping = threading.Event()

    def told(*_: object) -> None:
        stopping.set()
        for child in children:
            os.kill(child, signal.SIGTERM)

    def start() -> None:
        if child := os.fork():
            children.add(child)
            return
        status = 1
        try:
            run()
            status = 0
        finally:
            os._exit(status)

    for _ in range(processes):
        start()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, told)
    while children:
        child, status = os.wait()
        children.discard(child)
        if not stopping.is_set():
            logger.error("一个服务进程意外退出（%s），重新启动", os.waitstatus_to_exitcode(status))
            time.sleep(1)
            start()
    return 0
