"""``/``: the public page, a chat that asks the same dialogue and fills the same ledger as WeChat."""

import ipaddress
import re
import secrets

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bot.dialogue.respond import respond
from bot.faq import telling
from bot.message import WEB, Incoming, Reply
from handlers.console.safety import address
from handlers.services import services

blueprint = Blueprint("web", __name__)

MAX_BODY = 16 * 1024
VISITOR = "visitor"
_NUMBER = re.compile(r"([0-9]{3,})")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")


@blueprint.before_request
def _same_site_only() -> None:
    # Browsers send this header with every request; programs that send none have no villager's cookie to abuse.
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        abort(403)


@blueprint.get("/")
def page() -> BaseResponse:
    """Show the chat with its greeting."""
    return _with_visitor(make_response(_page()))


@blueprint.post("/ask")
def ask() -> BaseResponse:
    """Answer one question: JSON ``{"id", "text"}`` in and ``{"text", "options", "tail"}`` out, or a form and a page."""
    request.max_content_length = MAX_BODY
    data = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    if not isinstance(data, dict) or not isinstance(text := data.get("text"), str):
        abort(400)
    visitor = _visitor() or secrets.token_urlsafe(16)
    number = data.get("id")
    once = number if isinstance(number, str) and _TOKEN.fullmatch(number) else secrets.token_urlsafe(16)
    message = Incoming(f"web|{visitor}|{once}", f"web|{visitor}", WEB, "text", text, address=_address())
    with_ = services()
    reply = respond(
        message,
        store=with_.store,
        library=with_.library,
        now=with_.clock(),
        pace=with_.pace,
        tell=with_.metrics.tell,
        standby=with_.standby,
    )
    if not reply.text:
        served = services().library.current
        abort(Response(telling.too_many(served.words, served.hotlines, today=False), 429, mimetype="text/plain"))
    if request.is_json:
        response: Response = jsonify(_json(reply))
    else:
        response = make_response(_page(asked=text, reply=reply))
    return _with_visitor(response, visitor)


def _address() -> str:
    """Return from where the visitor comes, where that is theirs: behind a private address may be a proxy and the whole town."""
    try:
        own = ipaddress.ip_address(request.remote_addr or "").is_global
    except ValueError:
        own = False
    return address() if own else ""


def _page(**more: object) -> str:
    now = services().library.current
    calls = _NUMBER.split(now.words.web.calls)  # every other part is a number to tap
    return render_template("chat.html", town=now.town.name if now.town else "镇", words=now.words, calls=calls, **more)


def _json(reply: Reply) -> dict[str, object]:
    options = [{"label": o.label, "send": o.send, "number": o.number or str(n)} for n, o in enumerate(reply.options, 1)]
    return {"text": reply.text, "options": options, "tail": reply.tail}


def _visitor() -> str | None:
    cookie = request.cookies.get(_cookie(), "")
    return cookie if _TOKEN.fullmatch(cookie) else None


def _cookie() -> str:
    """Return the name of the cookie: each town's own, for a browser sends those of the whole site to every town."""
    slug = services().settings.slug
    return f"{VISITOR}-{slug}" if slug else VISITOR


def _with_visitor(response: Response, visitor: str | None = None) -> Response:
    """Name the browser until it is closed: phones are shared, and the next user is somebody else."""
    if _visitor() is None:
        response.set_cookie(
            _cookie(),
            visitor or secrets.token_urlsafe(16),
            path=f"{request.root_path.rstrip('/')}/",
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    response.headers["Cache-Control"] = "no-store"
    return response
