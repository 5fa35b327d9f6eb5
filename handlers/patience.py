"""How long a client may take to say what it wants, so that slow and silent ones neither hold a place nor fill the disk.

waitress by itself drops a connection that is silent for a while, but waits for ever for one that sends a byte a second.
"""

import copy
import time
from functools import partial
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

REQUEST_SECONDS = 10.0
"""A request must be here in this time, from its first byte on, and ``SECONDS_PER_BYTE`` more (as Apache's mod_reqtimeout)."""

SECONDS_PER_BYTE = 1 / 2000

NEVER_SPOKE_SECONDS = 10.0
"""A connection on which nothing came yet is closed after this time."""

IDLE_SECONDS = 30.0
"""A connection that had its answer is kept so long for the next request."""

CROWDED, CROWDED_SECONDS = 1000, 2.0
"""With so many connections open, silent ones are closed this soon."""

LOOK_EVERY = 1.0
"""How often it is looked for those that took too long, in seconds."""

LARGE, MOST_ELSEWHERE = "/console", 1024 * 1024
"""Below this address uploads may be as large as the server takes; elsewhere no request may have more bytes than this."""


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Refuses a large body as soon as its length is known, where none belongs."""

    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request."""
        super().parse_header(header_plus)
        if not self.path.startswith(LARGE):
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = min(MOST_ELSEWHERE, self.adj.max_request_body_size)


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, which knows since when a request has been coming in on it."""

    parser_class = Parser
    _coming: Any = None
    _since = 0.0
    _bytes = 0

    def received(self, data: bytes) -> bool:
        """Take in what came."""
        took_in: bool = super().received(data)
        if self.request is not self._coming:
            self._coming, self._since, self._bytes = self.request, time.time(), 0
        self._bytes += len(data)
        return took_in

    def is_too_slow(self, now: float, *, crowded: bool) -> bool:
        """Tell whether it is to be closed."""
        if self.requests:
            return False  # being answered
        if self.request is not None:
            return now - self._since > REQUEST_SECONDS + self._bytes * SECONDS_PER_BYTE
        silent = IDLE_SECONDS if self.last_activity > self.creation_time else NEVER_SPOKE_SECONDS
        return bool(now - self.last_activity > (CROWDED_SECONDS if crowded else silent))


def impose(server: Any) -> None:
    """Let a waitress server have no more patience than this."""
    server.channel_class = Channel
    server.adj.cleanup_interval = LOOK_EVERY
    server.maintenance = partial(_close_slow, server)


def _close_slow(server: Any, now: float) -> None:
    channels = list(server.active_channels.values())
    crowded = len(channels) > CROWDED
    for channel in channels:
        if channel.is_too_slow(now, crowded=crowded):
            channel.will_close = True
