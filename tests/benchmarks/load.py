"""A small load generator: keep-alive connections over loopback, one request under way on each."""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What a run gave; times in milliseconds."""

    requests: int
    failures: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def run(
    port: int,
    make: Callable[[int], bytes],
    *,
    seconds: float,
    connections: int = 16,
    connect: Callable[[], socket.socket] | None = None,
) -> Result:
    """Send ``make(n)`` (a whole HTTP request) for ``seconds`` to 127.0.0.1:``port``; a failure is any status but 200.

    ``connect``: how to get a connection, where it is not that address.
    """
    selector = selectors.DefaultSelector()
    sent, failures, took = 0, 0, []
    began = time.perf_counter()
    for _ in range(connections):
        s = connect() if connect else socket.create_connection(("127.0.0.1", port), 5)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(s, selectors.EVENT_READ, [b"", 0.0])
        selector.get_key(s).data[1] = time.perf_counter()
        s.sendall(make(sent))
        sent += 1
    open_ = connections
    while open_:
        if not (ready := selector.select(5)):
            raise TimeoutError("no answer for 5 seconds")
        for key, _ in ready:
            s, state = key.fileobj, key.data
            assert isinstance(s, socket.socket)
            data = s.recv(65536)
            state[0] += data
            if data and not _complete(state[0]):
                continue
            now = time.perf_counter()
            took.append((now - state[1]) * 1000)
            failures += not state[0].startswith(b"HTTP/1.1 200")
            state[0] = b""
            if not data or now - began >= seconds:
                selector.unregister(s)
                s.close()
                open_ -= 1
                continue
            state[1] = now
            s.sendall(make(sent))
            sent += 1
    took.sort()
    return Result(len(took), failures, time.perf_counter() - began, took[len(took) // 2], took[int(len(took) * 0.99)])


def _complete(response: bytes) -> bool:
    head, found, body = response.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    return response.endswith(b"0\r\n\r\n")
