"""``/wechat``: WeChat's check of our address (GET) and the messages that it pushes (POST).

Plain WSGI: what Flask does for a browser's request takes as long as the rest of a message.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from bot.dialogue.respond import respond
from bot.ledger.turns import Replayed
from bot.message import Reply
from bot.tally import MESSAGE
from handlers import towns_gate
from handlers.metrics import REFUSED, REPLAYED, Metrics
from handlers.server import CONSOLE, QUEUE, SIDE
from handlers.services import TOWN, Services
from handlers.wechat_io import MAX_BODY, BadMessage, Forged, Received

logger = logging.getLogger(__name__)

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

_STATUS = {
    200: "200 OK", 400: "400 Bad Request", 403: "403 Forbidden", 404: "404 Not Found", 405: "405 Method Not Allowed",
    413: "413 Request Entity Too Large", 500: "500 Internal Server Error",
}  # fmt: skip


@dataclass(frozen=True)
class _Answer:
    """What goes back. ``refused``: as what it counts, where the status does not say it all."""

    body: str
    status: int = 200
    type: str = "text/plain"
    refused: str = ""


def edge(app: Flask) -> Wsgi:
    """Return what answers ``/wechat`` with the services of ``app``."""
    metrics: Metrics = app.extensions["bot"].metrics

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        installation: Services = app.extensions["bot"]
        began = metrics.begin(len(environ.get(QUEUE, ())))
        try:
            said = _answer(environ, installation)
            metrics.answered("wechat", said.status, began)
            if said.status in REFUSED and environ["REQUEST_METHOD"] == "POST":
                metrics.tell(MESSAGE, said.refused or REFUSED[said.status])
        finally:
            metrics.end()
        body = said.body.encode()
        headers = [("Content-Type", f"{said.type}; charset=utf-8"), ("Content-Length", str(len(body)))]
        if said.status == 405:
            headers.append(("Allow", "GET, HEAD, POST"))
        start_response(_STATUS[said.status], headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return answer


def _answer(environ: dict[str, Any], installation: Services) -> _Answer:
    own: Services = environ.get(TOWN) or installation
    if own.settings.console_address is not None and environ.get(SIDE) == CONSOLE:
        return _Answer("没有这个网址。", 404)
    method = environ["REQUEST_METHOD"]
    try:
        if method == "POST":
            return _receive(environ, own, installation)
        if method in {"GET", "HEAD"}:
            return _handshake(environ, own)
    except Exception:
        logger.exception("处理一条消息时出错")
        return _Answer("出错了", 500)
    return _Answer("只收 GET 和 POST", 405)


def _handshake(environ: dict[str, Any], own: Services) -> _Answer:
    """Answer WeChat's check of the address with its ``echostr``, as plain text so that no browser runs it."""
    try:
        return _Answer(own.gate.handshake(_query(environ)))
    except Forged:
        return _Answer("签名不对", 403)


def _receive(environ: dict[str, Any], own: Services, installation: Services) -> _Answer:
    """Answer one message. 403: not from WeChat; 400: unreadable; 413: too large; never a 5xx."""
    now = own.clock()
    try:
        body = get_input_stream(environ, max_content_length=MAX_BODY).read()
        received = own.gate.receive(_query(environ), body, now)
    except RequestEntityTooLarge:
        return _Answer("太大", 413)
    except Forged as e:
        logger.warning("拒绝一条消息：%s", e)
        return _Answer("拒绝", 403)
    except (BadMessage, HTTPException) as e:
        logger.warning("读不懂一条消息：%s", e)
        return _Answer("读不懂", 400)
    if closed := towns_gate.instead(own, installation):
        return _written(own, received, closed)
    try:
        reply = respond(
            received.incoming,
            store=own.store,
            library=own.library,
            now=now,
            pace=own.pace,
            tell=own.metrics.tell,
            standby=own.standby,
        )
    except Replayed:
        logger.warning("拒绝一条消息：签名用过了")
        return _Answer("拒绝", 403, refused=REPLAYED)
    return _written(own, received, reply)


def _written(own: Services, received: Received, reply: Reply) -> _Answer:
    body = own.gate.write(received, reply, own.clock())
    return _Answer(body, type="text/plain" if body == "success" else "text/xml")


def _query(environ: dict[str, Any]) -> dict[str, str]:
    """Return the query with the first value of each name."""
    text = environ.get("QUERY_STRING", "").encode("latin-1").decode(errors="replace")
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found.setdefault(name, value)
    return found
