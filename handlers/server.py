"""The WSGI server: waitress, in one process or several on one socket, with a clean stop.

waitress reads a whole request before it takes a thread and sends the answer after it gave the thread back, so idle,
half-open and slow connections cost no thread; ``python -m tests.benchmarks.servers`` shows it beside others. Those that
take too long are ended by ``handlers.patience``.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Flask
from waitress import create_server
from waitress.wasyncore import dispatcher

from handlers.patience import impose

logger = logging.getLogger(__name__)

MAX_BODY = 8 * 1024 * 1024
"""No request may be larger: a workbook that somebody logged in uploads; each page sets its own, lower limit."""

SIDE = "bot.side"
"""In a request's WSGI environment: at which of two addresses it came in, ``CONSOLE`` or ``PUBLIC``."""

CONSOLE, PUBLIC = "console", "public"

QUEUE = "bot.queue"
"""In a request's WSGI environment: the requests that wait for a thread of the same server."""

DRAINING = threading.Event()
"""Set once this process is told to stop: what is under way is finished, and nothing more should be sent here."""

Address = tuple[str, int]

DRAIN_SECONDS = 10.0
"""How long requests under way may take when the server is told to stop."""


def serve(
    make_app: Callable[[], Flask],
    *,
    host: str,
    port: int,
    console: Address | None = None,
    trusted_proxy: str = "",
    threads: int,
    processes: int,
) -> int:
    """Serve until SIGTERM or SIGINT. Returns 0; raises OSError where an address cannot be used.

    ``console``: an address of its own for the console, with threads of its own. ``trusted_proxy``: the address of the
    proxy that is believed when it says for whom it asks. Each process makes its own app. Several processes need ``fork``;
    without it (Windows) there is one.
    """
    # It warns with every request that waits for a thread, thousands of times a minute; the metrics say how many wait.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    listening = {PUBLIC: _bound((host, port))} | ({CONSOLE: _bound(console)} if console else {})

    def run() -> None:
        app, sockets = make_app(), dict[int, Any]()
        _run([_server(app, side, s, sockets, threads, trusted_proxy) for side, s in listening.items()])

    if processes == 1 or not hasattr(os, "fork"):
        run()
        return 0
    return _supervise(run, processes)


def _bound(address: Address) -> socket.socket:
    """Return a socket at the address that does not listen yet: who comes before the app is made is turned away, not kept.

    So a proxy in front passes over a machine that is not ready.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def _server(app: Flask, side: str, listening: socket.socket, sockets: dict[int, Any], threads: int, trusted_proxy: str) -> Any:
    """Return a server on one socket; all servers of a process share ``sockets``, so that one loop serves them."""

    def marked(environ: dict[str, Any], start_response: Any) -> Any:
        environ[SIDE], environ[QUEUE] = side, made.task_dispatcher.queue
        return app(environ, start_response)

    proxy = {"trusted_proxy": trusted_proxy, "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto"}
    made = create_server(
        marked,
        map=sockets,
        sockets=[listening],
        threads=threads,
        backlog=2048,
        connection_limit=2000,
        max_request_body_size=MAX_BODY,
        max_request_header_size=32 * 1024,
        asyncore_use_poll=hasattr(os, "fork"),
        ident="",
        clear_untrusted_proxy_headers=True,
        **(proxy if trusted_proxy else {}),
    )
    impose(made)
    return made


def _run(servers: list[Any]) -> None:
    one = servers[0]
    stop = threading.Event()

    def told(*_: object) -> None:
        DRAINING.set()
        stop.set()
        one.trigger.pull_trigger()

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, told)

    def turn(timeout: float) -> None:
        one.asyncore.loop(timeout=timeout, map=one._map, use_poll=one.adj.asyncore_use_poll, count=1)

    while not stop.is_set():
        turn(1.0)
    for server in servers:  # turned away, not kept waiting: another process or machine answers
        server.accepting = False
        dispatcher.close(server)
    end = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < end and any(_is_busy(server) for server in servers):
        turn(0.05)
        for server in servers:
            _let_go(server)
    for server in servers:
        server.task_dispatcher.shutdown()
        server.close()
    logger.info("已停止")


def _is_busy(server: Any) -> bool:
    return any(_is_used(channel) for channel in list(server.active_channels.values()))


def _is_used(channel: Any) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)


def _let_go(server: Any) -> None:
    """Close connections on which nothing is under way: a proxy would go on sending on those that it keeps."""
    for channel in list(server.active_channels.values()):
        if not _is_used(channel):
            channel.will_close = True


def _supervise(run: Callable[[], None], processes: int) -> int:
    """Keep ``processes`` children alive until told to stop, then wait for them to finish what they are doing."""
    children: set[int] = set()
    stopping = threading.Event()
    signs = (signal.SIGTERM, signal.SIGINT)

    def told(*_: object) -> None:
        stopping.set()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)

    def start() -> None:
        # A child that is told to stop before it listens for that must not take it for a word to its parent, and go on.
        signal.pthread_sigmask(signal.SIG_BLOCK, signs)
        child = os.fork()
        if child:
            children.add(child)
        else:
            for sign in signs:
                signal.signal(sign, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signs)
        if child:
            if stopping.is_set():
                told()
            return
        status = 1
        try:
            run()
            status = 0
        finally:
            os._exit(status)

    for sign in signs:
        signal.signal(sign, told)
    for _ in range(processes):
        start()
    while children:
        child, status = os.wait()
        children.discard(child)
        if not stopping.is_set():
            logger.error("一个服务进程意外退出（%s），重新启动", os.waitstatus_to_exitcode(status))
            time.sleep(1)
            if not stopping.is_set():
                start()
    return 0
