"""Machines of the tests' own: network namespaces, each held by a process and gone with it."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALIVE = 900
"""Seconds after which the namespaces end by themselves, whatever becomes of the tests."""

_libc = ctypes.CDLL(None, use_errno=True)


def why_not() -> str:
    """Return why namespaces cannot be made here, '' where they can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "network namespaces need Linux and root"
    for tool in ("unshare", "nsenter", "setpriv", "ip", "openssl"):
        if shutil.which(tool) is None:
            return f"{tool} is missing"
    if not Path("/usr/sbin/nginx").exists():
        return "nginx is missing"
    made = subprocess.run(
        ["unshare", "--net", "ip", "link", "add", "x", "type", "bridge"], capture_output=True, text=True, timeout=20
    )
    return f"namespaces cannot be made: {made.stderr.strip()}" if made.returncode else ""


@dataclass
class Node:
    """One machine: a namespace with one address."""

    name: str
    address: str
    holder: subprocess.Popen[bytes]
    folder: Path
    process: subprocess.Popen[str] | None = None

    def within(self, *command: str) -> list[str]:
        return ["nsenter", "-t", str(self.holder.pid), "-n", "--", *command]

    def ip(self, *words: str) -> None:
        subprocess.run(self.within("ip", *words), check=True, capture_output=True, timeout=20)

    def starts(self, command: list[str], **more: Any) -> None:
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                self.within(*command), stdout=log, stderr=subprocess.STDOUT, text=True, start_new_session=True, **more
            )

    def ends(self, sign: int = signal.SIGKILL) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, sign)
            self.process.wait(20)

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def inside(node: Node) -> Iterator[None]:
    """Let this thread see the node's network: sockets made here stay in it."""
    with open("/proc/thread-self/ns/net", "rb") as own, open(f"/proc/{node.holder.pid}/ns/net", "rb") as other:
        assert _libc.setns(other.fileno(), 0x40000000) == 0, os.strerror(ctypes.get_errno())
        try:
            yield
        finally:
            assert _libc.setns(own.fileno(), 0x40000000) == 0


def hold(name: str, address: str, folder: Path) -> Node:
    """Make a machine without any network yet, and its folder."""
    folder.mkdir()
    holder = subprocess.Popen(["unshare", "--net", "sleep", str(ALIVE)], start_new_session=True)
    return Node(name, address, holder, folder=folder)
