"""The real server in a process of its own, as a town runs it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.actors import AES_KEY, APP_ID, TOKEN, WeChat
from tests.conftest import KNOWLEDGE, ROOT, make_knowledge


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@dataclass
class Server:
    """A running ``python app.py``."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    mode: str
    path: str = "/wechat"
    knowledge: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def wechat(self) -> WeChat:
        return WeChat(self._post, mode=self.mode)

    def get(self, path: str) -> tuple[int, str]:
        with contextlib.closing(self._open(urllib.request.Request(self.url + path))) as response:
            return response.status, response.read().decode()

    def stop(self, sign: int = signal.SIGTERM) -> int:
        self.process.send_signal(sign)
        return self.process.wait(20)

    def wait_until_it_answers(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"the server stopped: {(self.folder / 'log').read_text()}")
            with contextlib.suppress(OSError):
                if self.get("/healthz")[0] in {200, 503}:
                    return
            time.sleep(0.05)
        raise AssertionError("no answer in 30 seconds")

    def _post(self, query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        url = f"{self.url}{self.path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(url, body, {"Content-Type": "text/xml"})
        with contextlib.closing(self._open(request)) as response:
            return response.status, response.read(), response.headers["Content-Type"]

    @staticmethod
    def _open(request: urllib.request.Request):  # type: ignore[no-untyped-def]
        try:
            return urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as e:
            return e


Start = Callable[..., Server]


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """Return an environment without any setting of the machine, with the test's."""
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR"}}
    settings = {"DATABASE_URL": f"sqlite:///{folder / 'bot.db'}", "CACHE_DIR": str(ROOT / "instance" / "cache")}
    return kept | settings | {"PYTHONPATH": str(ROOT), **changes}


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a server with these settings and, unless they name another, a small knowledge folder; all are killed at the end.

    ``within``: a command that runs the server, as ``unshare`` does.
    """
    started: list[Server] = []
    small = make_knowledge(tmp_path_factory.mktemp("small") / "knowledge")

    def start(
        folder: Path | None = None, *, mode: str = "safe", demo: bool = False, within: Sequence[str] = (), **changes: str
    ) -> Server:
        folder = folder or tmp_path_factory.mktemp("server")
        port = free_port()
        keys = {"WECHAT_TOKEN": TOKEN, "WECHAT_APP_ID": APP_ID, "WECHAT_AES_KEY": AES_KEY, "WECHAT_MODE": mode}
        settings = {"PORT": str(port), "KNOWLEDGE_DIR": str(small), **({} if demo else keys), **changes}
        with (folder / "log").open("a") as log:
            process = subprocess.Popen(
                [*within, sys.executable, str(ROOT / "app.py")],
                cwd=folder,
                env=environment(folder, **settings),
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        server = Server(process, port, folder, mode, knowledge=settings["KNOWLEDGE_DIR"])
        started.append(server)
        server.wait_until_it_answers()
        return server

    yield start
    for server in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait(10)


@pytest.fixture(scope="session")
def server(start_server: Start) -> Server:
    """One server in safe mode with the shipped knowledge, shared by tests that do not break it."""
    return start_server(KNOWLEDGE_DIR=str(KNOWLEDGE))
