"""Which town a request is for: said by its address, found out before Flask sees it; and towns that do not answer now."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bot.faq import telling
from bot.ledger.towns import PAUSED
from bot.message import Reply
from handlers.services import TOWN, Services, installation, services

PREFIX = "/t/"

_WECHAT = re.compile(r"/wechat/([a-z][a-z0-9-]{1,30})")
_PAGES = re.compile(r"/t/([a-z][a-z0-9-]{1,30})(/.*)?", re.DOTALL)
_ELSEWHERE = {"/wechat", "/metrics"}
"""Not below a town's address: messages come to ``/wechat/…``, and the numbers of all towns stand in one place."""
_ALWAYS = {"static", "bootstrap.static", "health.healthz", "health.readyz"}

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def register(app: Flask) -> None:
    """Let the addresses of towns lead to them."""
    inner = app.wsgi_app

    def outer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop(TOWN, None)
        found = _town(environ.get("PATH_INFO", ""))
        if found is None or environ.get("SCRIPT_NAME"):
            return inner(environ, start_response)
        slug, path = found
        whole = app.extensions["bot"].towns
        town = whole.find(slug) if whole else None
        if town is None or (path in _ELSEWHERE and not _is_message(environ)):
            return BaseResponse("没有这个网址。", 404, mimetype="text/plain")(environ, start_response)
        if not path:
            query = environ.get("QUERY_STRING", "")
            there = f"{PREFIX}{slug}/{'?' + query if query else ''}"
            return BaseResponse("", 308, {"Location": there})(environ, start_response)
        environ |= {TOWN: town, "SCRIPT_NAME": f"{PREFIX}{slug}", "PATH_INFO": path}
        return inner(environ, start_response)

    app.wsgi_app = outer  # type: ignore[method-assign]


def instead(here: Services, whole: Services) -> Reply | None:
    """Return what a villager gets instead of an answer where the town is paused; wait a little for one that begins.

    ``whole``: the services of the installation.
    """
    if here.town is None:
        return None
    if here.town.state == PAUSED:
        served = here.library.current
        return Reply(telling.paused(served.words, served.hotlines))
    if whole.towns:
        whole.towns.wait(here)
    return None


def _town(path: str) -> tuple[str, str] | None:
    """Return the town and what is left of the path; None where the path is the installation's own."""
    if found := _WECHAT.fullmatch(path):
        return found[1], "/wechat"
    if found := _PAGES.fullmatch(path):
        return found[1], found[2] or ""
    return None


def _is_message(environ: dict[str, Any]) -> bool:
    return _WECHAT.fullmatch(environ.get("PATH_INFO", "")) is not None


def closed() -> BaseResponse | None:
    """Keep people out of a town that is paused or not read yet; messages have an answer of their own."""
    here = services()
    if here.town is None or request.endpoint in _ALWAYS or request.path == "/wechat":
        return None
    if here.town.state == PAUSED:
        title, text = f"{here.town.name}暂停了", "县里暂停了这个镇的问答和管理后台，数据都在。有事请和县里联系。"
        return _said(here, title, text)
    whole = installation().towns
    if whole and not whole.wait(here):
        return _said(here, "正在启动", "知识库正在读，请过十几秒刷新这一页。")
    return None


def _said(here: Services, title: str, text: str) -> BaseResponse:
    if request.path.startswith("/console"):
        g.nonce, g.user = "", None
        page = render_template(
            "console/problem.html", title=title, text=text, user=None, menu=[], town=here.settings.slug, nonce=""
        )
        response = Response(page, 503)
    else:
        served = here.library.current
        response = Response(f"{title}。\n{telling.paused(served.words, served.hotlines)}", 503, mimetype="text/plain")
    response.headers["Retry-After"] = "15"
    return response
