"""Logging in, in one step or two, and out."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from flask import flash, g, make_response, redirect, render_template, request, session, url_for
from flask_limiter import Limiter
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from bot.ledger.access import audit, guesses, second, users
from bot.ledger.access.passwords import MOST
from bot.ledger.access.users import User
from handlers.console.access import ANY_ACCOUNT, LOGIN, OUTSIDE, allow, user
from handlers.console.safety import address, browser_of, device_of, on_from, remember_device
from handlers.services import services

OUTSIDER = "（未登录）"
WRONG = "登录名或密码不对，请再试一次。忘了密码，请管理员重置。"
WRONG_CODE = "验证码不对，或者已经用过。等手机上换了新的，再试一次。"

HALF = "half"
"""Where the session cookie keeps the token of a login that waits for its second step."""


def _from() -> str:
    return f"{services().settings.slug} {address()}"


limiter = Limiter(key_func=_from, storage_uri="memory://")

PER_ADDRESS = "60 per 10 minutes"
"""How many failures one address may have, whatever the accounts: an office behind one address never gets there."""


class LoginForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    name = StringField("登录名", [InputRequired("请填登录名。"), Length(max=100, message="太长了。")])
    password = PasswordField("密码", [InputRequired("请填密码。"), Length(max=MOST, message="太长了。")])
    next = HiddenField()


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The code of the second step."""

    code = StringField("验证码", [InputRequired("请填验证码。"), Length(max=40, message="太长了。")])


def _failed(_: object) -> bool:
    return bool(g.get("failed"))


def _is_known() -> bool:
    return request.method == "GET" or device_of(request.form.get("name", "") or str(session.get("name", ""))) is not None


_limited = limiter.shared_limit(PER_ADDRESS, "login", deduct_when=_failed, exempt_when=_is_known)


@allow(*OUTSIDE)
@_limited
def login() -> BaseResponse | str | tuple[str, int]:
    """Log in."""
    form = LoginForm(next=request.args.get("next", ""))
    if request.method == "GET" and g.user:
        return redirect(on_from(form.next.data or "") or url_for("console.home.page"))
    if form.validate_on_submit():
        name, now = users.plain_name(form.name.data), services().clock()
        if wait := try_(name, now):
            return _wait("login", form, wait)
        with services().store.reading() as db:
            found = users.find(db, name)
        if users.verified(found, form.password.data, now) and found:
            if found.secret is None:
                return _in(found, form.next.data or "")
            return _half(found, form.next.data or "", now)
        wrong(name, OUTSIDER, "登录失败", f"登录名「{_cut(name)}」，来自 {address()}")
        return _page("login", form, problem=WRONG), 403
    return _page("login", form)


@allow(*OUTSIDE)
@_limited
def code() -> BaseResponse | str | tuple[str, int]:
    """Take the second step: a code of the telephone, or a recovery code."""
    now, form = services().clock(), CodeForm()
    with services().store.reading() as db:
        found = users.at_second_step(db, session.get(HALF, ""), now)
    if found is None:
        session.pop(HALF, None)
        return redirect(url_for("console.people.login"))
    if form.validate_on_submit():
        if wait := try_(found.name, now):
            return _wait("code", form, wait)
        with services().store.writing() as db:
            how = second.use(db, found, form.code.data, now)
            if how == "recovery":
                left = second.codes_left(db, found.number)
                audit.note(db, who=found.name, what="用恢复码登录", about=f"还剩{left}个", now=now)
                flash(f"用掉了一个恢复码，还剩{left}个。手机找不到了的，在「我的账号」里重新绑定。", "warning")
        if how:
            return _in(found, str(session.get("next", "")))
        wrong(found.name, found.name, "登录失败", f"密码对，验证码不对，来自 {address()}")
        return _page("code", form, problem=WRONG_CODE), 403
    return _page("code", form)


@allow(*ANY_ACCOUNT)
def logout() -> BaseResponse:
    """Log out."""
    with services().store.writing() as db:
        users.log_out(db, session.get(LOGIN, ""))
        audit.note(db, who=user().name, what="退出", about=address(), now=services().clock())
    session.clear()
    flash("已退出。", "success")
    return redirect(url_for("console.people.login"))


def try_(name: str, now: datetime) -> timedelta | None:
    """Count a try at an account's password or code before it is looked at; return how long to wait instead."""
    known = device_of(name) is not None
    with services().store.writing() as db:
        return guesses.attempt(db, **_whose(name), known=known, now=now)


def wrong(name: str, who: str, what: str, about: str) -> None:
    """Note that a try failed, and that there are none left for a while."""
    g.failed, now = True, services().clock()
    with services().store.writing() as db:
        audit.note(db, who=who, what=what, about=about, now=now)
        if guesses.is_full(db, **_whose(name), now=now):
            minutes = int(guesses.WAIT.total_seconds() / 60)
            audit.note(db, who=audit.SYSTEM, what="登录暂停", about=f"{about}，失败太多，停{minutes}分钟", now=now)


def succeeded(name: str) -> None:
    """Forget the failed tries of this browser at an account."""
    with services().store.writing() as db:
        guesses.succeeded(db, **_whose(name))
    for limit in limiter.current_limits:
        limiter.limiter.clear(limit.limit, *limit.request_args)


def _whose(name: str) -> dict[str, str]:
    """Return whose account is tried from where, as hashes."""
    store, device = services().store, device_of(name)
    source = f"device {device}" if device else f"address {address()}"
    return {"account": guesses.account_of(store, name), "source": store.code_hash(source)}


def open_login(found: User) -> None:
    """Open a login with a new token, in a new session: nothing that was in the browser before opens anything now."""
    now = services().clock()
    with services().store.writing() as db:
        for old in (session.get(LOGIN, ""), session.get(HALF, "")):
            users.log_out(db, old)
        token = users.log_in(db, found.number, now, browser=browser_of(request.user_agent.string))
    kept = {name: session[name] for name in ("_flashes",) if name in session}
    session.clear()
    session.update(kept)
    session[LOGIN] = token


def too_often(wait: timedelta) -> str:
    """Return what to say to somebody who has to wait."""
    return f"试得太多了，请过{ceil(wait.total_seconds() / 60)}分钟再试。"


def _half(found: User, there: str, now: datetime) -> BaseResponse:
    with services().store.writing() as db:
        token = users.log_in(db, found.number, now, second_step=True)
        guesses.take_back(db, **_whose(found.name), at=now)
    session.clear()
    session.update({HALF: token, "next": there, "name": found.name})
    return redirect(url_for("console.people.code"))


def _in(found: User, there: str) -> BaseResponse:
    open_login(found)
    succeeded(found.name)
    _note(found.name, "登录", f"{browser_of(request.user_agent.string)}，来自 {address()}")
    response = make_response(redirect(on_from(there) or url_for("console.home.page")))
    remember_device(response, found.name)
    return response


def _wait(name: str, form: FlaskForm, wait: timedelta) -> tuple[str, int]:
    return _page(name, form, problem=too_often(wait)), 429


def _page(name: str, form: FlaskForm, **more: Any) -> str:
    return render_template(f"console/people/{name}.html", form=form, **more)


def _note(who: str, what: str, about: str) -> None:
    with services().store.writing() as db:
        audit.note(db, who=who, what=what, about=about, now=services().clock())


def _cut(name: str) -> str:
    return "".join(c for c in name if c.isprintable())[:40]
