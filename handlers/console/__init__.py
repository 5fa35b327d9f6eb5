"""``/console``: where advisers and clerks work. One module a section, one blueprint each, all under the same guard."""

import secrets
from functools import partial

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from bot.ledger.access import users
from bot.ledger.access.users import ADMIN, COUNTY
from bot.ledger.store import StoreError
from handlers.console import county, faq, faq_history, home, misses, notices, people, registers, reports, setup, tickets
from handlers.console.access import LOGIN, roles_of
from handlers.console.login import limiter
from handlers.console.menu import entries
from handlers.console.safety import Sessions, is_on_this_machine
from handlers.services import services

csrf = CSRFProtect()

SECTIONS = (people, home, registers, reports, faq, faq_history, misses, tickets, setup, notices, county)

MAX_FORM, MAX_UPLOAD = 64 * 1024, 8 * 1024 * 1024
"""How large a request may be: before somebody is logged in, and then. It is read for the CSRF token, before the view runs."""

_BEFORE_ALL_ELSE = {"console.people.password", "console.people.logout"}
"""What somebody may open whose password must be changed."""


def register(app: Flask) -> None:
    """Put the console on ``app``, with its guard, its CSRF protection and its headers."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # the token is bound to the session; a Referer is what privacy tools take away
        SESSION_COOKIE_NAME="console",
        SESSION_COOKIE_PATH="/console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        BOOTSTRAP_SERVE_LOCAL=True,
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.session_interface = Sessions()
    Bootstrap5(app)
    csrf.init_app(app)
    limiter.init_app(app)
    blueprint = Blueprint("console", __name__, url_prefix="/console")
    blueprint.before_request(_guard)
    blueprint.context_processor(_shared)
    blueprint.register_error_handler(CSRFError, _forged)
    for section in SECTIONS:
        blueprint.register_blueprint(section.blueprint)
    app.register_blueprint(blueprint)
    app.after_request(_headers)
    app.register_error_handler(StoreError, _no_ledger)
    for status, title, text in _PROBLEMS:
        app.register_error_handler(status, partial(_problem, status, title, text))


def _guard() -> BaseResponse | None:
    """Let in who may open the page; send who is not logged in to the login, and come back from there."""
    _who()
    view = current_app.view_functions[request.endpoint or ""]
    roles = roles_of(view)
    if not roles:
        abort(404)
    if "" not in roles:
        if g.user is None:
            there = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("console.people.login", next=there))
        if first := _first_of_all(request.endpoint or ""):
            return redirect(url_for(first))
        if g.user.role == COUNTY and request.endpoint == "console.home.page":
            return redirect(url_for("console.county.listing"))
        if g.user.role not in roles:
            abort(403)
    request.max_content_length = MAX_UPLOAD if g.user else MAX_FORM
    csrf.protect()
    return None


def _who() -> None:
    """Find out who asks, and note that their login is in use."""
    g.nonce, g.user = secrets.token_urlsafe(16), None
    token, now = session.get(LOGIN, ""), services().clock()
    if not token:
        return
    with services().store.reading() as db:
        g.user = users.of_token(db, token, now)
        if g.user and g.user.role == COUNTY and services().town is not None:  # no town has such an account
            g.user = None
        stale = g.user is not None and users.is_stale(db, token, now)
    if stale:
        with services().store.writing() as db:
            users.seen(db, token, now)


def _first_of_all(endpoint: str) -> str | None:
    """Return where somebody must go first: to a password of their own, a 管理员 to the second step of logging in."""
    if endpoint in _BEFORE_ALL_ELSE:
        return None
    if g.user.must_change:
        return "console.people.password"
    if g.user.role == ADMIN and g.user.secret is None and endpoint != "console.people.second":
        return "console.people.second"
    return None


def _headers(response: Response) -> Response:
    if not request.path.startswith("/console"):
        return response
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{g.get('nonce', '')}'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _shared() -> dict[str, object]:
    town = services().library.current.town
    return {"user": g.get("user"), "menu": entries(g.get("user")), "town": town.name if town else "镇", "nonce": g.get("nonce")}


def _forged(_: CSRFError) -> tuple[str, int]:
    if not session and not request.is_secure and not is_on_this_machine():
        return _page(
            400, "这个网址没有加密", "没有加密的网址登录不了，请用 https:// 开头的网址打开。还不行的，请管理员看看网站的证书。"
        )
    return _page(400, "这一页放得太久了", "请退回上一页，刷新后再提交一次；填好的内容可以先复制出来。")


def _no_ledger(error: StoreError) -> tuple[str, int]:
    """Say that the ledger is away; nothing of the console works without it, and villagers get their answers all the same."""
    current_app.logger.exception("台账用不了，后台打不开")
    if not request.path.startswith("/console"):
        raise error
    return _page(
        503,
        "台账这会儿用不了",
        "群众照样得到答案，记录先存着，台账好了自动补进去。刚才填的没有保存。"
        "请管理员在服务器上运行 python -m bot doctor，看怎么修。",
    )


_PROBLEMS = (
    (400, "提交的内容看不懂", "请退回上一页，刷新后再提交一次。"),
    (403, "您的角色不能看这一页", "需要的话，请管理员调整您的角色。"),
    (404, "没有这一页", "可能已经被删除，或者网址不全。"),
    (405, "这个网址不能直接打开", "请从首页的菜单进去。"),
    (413, "文件太大", "请拆成几个小一点的文件。"),
    (429, "试得太多了", "请过几分钟再试。"),
    (500, "出错了，没有办成", "刚才填的没有保存。过一会儿再试一次；还是不行，请告诉管理员是哪一页、几点几分。"),
)


def _problem(status: int, title: str, text: str, error: HTTPException) -> tuple[str, int] | HTTPException:
    return _page(status, title, text) if request.path.startswith("/console") else error


def _page(status: int, title: str, text: str) -> tuple[str, int]:
    if "nonce" not in g and status < 500:  # an address without a view has not come past the guard
        _who()
    return render_template("console/problem.html", title=title, text=text, **_shared()), status
