"""Where the time of one message goes: processor time by stage, each without the stages inside it, in one thread.

python -m tests.benchmarks.stages [--messages 3000] [--modes plain safe]

The server itself is not in it: ``tests.benchmarks.pipeline`` prints the whole processor time a message.
"""

import argparse
import contextlib
import io
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from flask import Flask

from bot.dialogue import respond
from bot.ledger.sqlite import Connection
from bot.matching.alarm import Alarm
from bot.matching.index import Index
from handlers import wechat, wechat_io
from handlers.wechat_io import Gate
from tests.benchmarks.mix import MIX, Message, Town, request
from tests.benchmarks.pipeline import settings


class Stages:
    """Processor time by name, of which what is inside another stage counts there alone."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._inside: list[float] = []

    def of(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``function`` with its time counted under ``name``."""

        def timed(*args: Any, **more: Any) -> Any:
            with self.stage(name):
                return function(*args, **more)

        return timed

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the block under ``name``."""
        self._inside.append(0.0)
        began = time.thread_time()
        try:
            yield
        finally:
            took = time.thread_time() - began
            self.spent[name] = self.spent.get(name, 0.0) + took - self._inside.pop()
            if self._inside:
                self._inside[-1] += took


def statement(stages: Stages, execute: Callable[..., Any]) -> Callable[..., Any]:
    """Return a connection's ``execute`` with its time counted: commits by themselves."""

    def timed(db: Connection, sql: str, values: Any = None) -> Any:
        with stages.stage("commit" if sql == "commit" else "ledger, statements"):
            return execute(db, sql, values)

    return timed


def stages_of(app: Flask, messages: list[Message], mode: str) -> tuple[dict[str, float], float]:
    """Send the messages through the app; return seconds by stage, and how long it took by the clock."""
    stages = Stages()
    patches = [
        (Gate, "_check", "verify"), (Gate, "_decrypt", "decrypt"), (Gate, "write", "write the reply, encrypt"),
        (wechat_io, "parse_message", "parse"), (Gate, "receive", "gate, the rest"),
        (respond, "_known", "look up: seen before, villager"), (Index, "ranking", "match"), (Alarm, "heard", "emergency"),
        (respond, "first_answer", "dialogue"), (respond, "record", "make the row"), (wechat, "respond", "respond, the rest"),
    ]  # fmt: skip
    now = int(time.time())
    environs = [environ(request(m.xml(now), f"{now}{n}", mode=mode)) for n, m in enumerate(messages)]
    with contextlib.ExitStack() as stack:
        for owner, name, stage in patches:
            stack.enter_context(patch.object(owner, name, stages.of(stage, getattr(owner, name))))
        stack.enter_context(patch.object(Connection, "execute", statement(stages, Connection.execute)))
        began = time.perf_counter()
        for one in environs:
            with stages.stage("the edge: query, body, headers, metrics"):
                b"".join(app(one, lambda *_: None))
        return stages.spent, time.perf_counter() - began


def environ(raw: bytes) -> dict[str, Any]:
    """Return a request as the server hands it to the app."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/wechat", "QUERY_STRING": head.split(b" ")[1].decode().partition("?")[2],
        "SCRIPT_NAME": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1", "CONTENT_TYPE": "text/xml", "CONTENT_LENGTH": str(len(body)), "HTTP_HOST": "localhost",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip


def main() -> None:
    """Print the stages of each mode, the largest first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--modes", nargs="*", default=["plain", "safe"])
    args = parser.parse_args()
    print("the mix: " + ", ".join(f"{kind} {share:g} %" for kind, share in MIX.items()))
    for mode in args.modes:
        with tempfile.TemporaryDirectory() as folder:
            from app import create_app

            os.environ.update(settings(mode, folder, LOG_LEVEL="error"))
            app = create_app()
            time.sleep(2)  # what it does in the background when it starts
            said = Town().messages(6000)
            stages_of(app, list(itertools.islice(said, 1000)), mode)
            spent, took = stages_of(app, list(itertools.islice(said, args.messages)), mode)
            app.extensions["bot"].stop.set()
        print(f"\n{mode}: {took / args.messages * 1e6:.0f} µs a message by the clock, in microseconds of the processor:")
        for name, seconds in sorted(spent.items(), key=lambda one: -one[1]):
            print(f"  {seconds / args.messages * 1e6:7.0f}  {name}")
        print(f"  {sum(spent.values()) / args.messages * 1e6:7.0f}  in all")


if __name__ == "__main__":
    main()
