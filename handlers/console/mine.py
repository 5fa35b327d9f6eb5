"""My account: password, second step, recovery codes, and where I am logged in."""

import base64
import hashlib
import hmac

import segno
from flask import flash, g, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from bot.ledger.access import audit, second, users
from bot.ledger.access.passwords import LEAST, MOST, weakness
from bot.ledger.access.users import ADMIN, User
from bot.ledger.clock import local_time, moment
from bot.wording import minute
from handlers.console.access import ANY_ACCOUNT, LOGIN, allow, user
from handlers.console.login import open_login, succeeded, too_often, try_, wrong
from handlers.services import services

_LONG = Length(max=MOST, message="太长了。")


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The old password and the new one twice."""

    old = PasswordField("现在的密码", [InputRequired("请填现在的密码。"), _LONG])
    new = PasswordField("新密码", [InputRequired("请填新密码。")])
    again = PasswordField("新密码，再填一遍", [InputRequired("请再填一遍。"), EqualTo("new", "两遍不一样。")])


class BindForm(FlaskForm):  # type: ignore[misc]
    """The first code of a telephone; the password, except at the first login."""

    password = PasswordField("现在的密码", [Optional(), _LONG])
    code = StringField("手机上显示的6位数字", [InputRequired("请填手机上的6位数字。"), Length(max=40, message="太长了。")])


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password, before something that a stranger at the keyboard must not do."""

    password = PasswordField("现在的密码", [InputRequired("请填现在的密码。"), _LONG])


@allow(*ANY_ACCOUNT)
def mine() -> str:
    """Show my account."""
    return _mine(ConfirmForm())


@allow(*ANY_ACCOUNT)
def password() -> BaseResponse | str | tuple[str, int]:
    """Change the own password; every other login ends."""
    form, me = PasswordForm(), user()
    if form.validate_on_submit() and _is_mine(form.old):
        town = services().library.current.town
        about = (me.name, me.shown, me.village or "", town.name if town else "")
        if users.verified(me, form.new.data):
            form.new.errors = ["新密码不能和现在的一样。"]
        elif problem := weakness(form.new.data, about=about):
            form.new.errors = [problem]
        else:
            with services().store.writing() as db:
                users.set_password(db, me.number, form.new.data)
                ended = users.log_out_everywhere(db, me.number, but=session.get(LOGIN, ""))
                audit.note(
                    db,
                    who=me.name,
                    what="改密码",
                    about=f"结束了别处的{ended}个登录" if ended else "别处没有登录",
                    now=services().clock(),
                )
            open_login(me)
            flash("密码改好了。别处的登录都结束了，要用新密码重新登录。", "success")
            return redirect(url_for("console.home.page"))
    return render_template("console/people/password.html", form=form, least=LEAST, first=me.must_change)


@allow(*ANY_ACCOUNT)
def second_step() -> BaseResponse | str | tuple[str, int]:
    """Bind a telephone to the account, and show the recovery codes once."""
    form, me, now = BindForm(), user(), services().clock()
    secret, forced = _offered(me), me.role == ADMIN and me.secret is None
    if form.validate_on_submit() and (forced or _is_mine(form.password)):
        if step := second.step_of(secret, form.code.data, now):
            with services().store.writing() as db:
                codes = second.bind(db, me.number, secret, step)
                ended = users.log_out_everywhere(db, me.number, but=session.get(LOGIN, ""))
                audit.note(
                    db,
                    who=me.name,
                    what="绑定手机验证",
                    about=f"结束了别处的{ended}个登录" if ended else "别处没有登录",
                    now=now,
                )
            g.user = me = _again(me)
            return render_template("console/people/codes.html", codes=codes)
        form.code.errors = ["不对。看看手机的时间准不准，等换了新的数字再填一次。"]
    town = services().library.current.town
    address = second.address(secret, name=me.name, issuer=f"{town.name if town else '镇'}普法问答")
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=4)
    grouped = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    return render_template("console/people/second.html", form=form, picture=picture, secret=grouped, forced=forced)


@allow(*ANY_ACCOUNT)
def new_codes() -> BaseResponse | str:
    """Make new recovery codes in place of the old ones, and show them once."""
    form, me, now = ConfirmForm(), user(), services().clock()
    if me.secret is None or not (form.validate_on_submit() and _is_mine(form.password)):
        return _mine(form)
    with services().store.writing() as db:
        codes = second.new_codes(db, me.number)
        audit.note(db, who=me.name, what="换恢复码", about="旧的作废了", now=now)
    return render_template("console/people/codes.html", codes=codes)


@allow(*[role for role in ANY_ACCOUNT if role != ADMIN])
def second_off() -> BaseResponse | str:
    """Log in with the password alone from now on; not for a 管理员."""
    form, me, now = ConfirmForm(), user(), services().clock()
    if not (form.validate_on_submit() and _is_mine(form.password)):
        return _mine(form)
    with services().store.writing() as db:
        second.unbind(db, me.number)
        audit.note(db, who=me.name, what="解除手机验证", about="", now=now)
    flash("已解除，以后只用密码登录。", "success")
    return redirect(url_for("console.people.mine"))


@allow(*ANY_ACCOUNT)
def end_login() -> BaseResponse:
    """End one of my logins, or all but this one."""
    me, which, now = user(), request.form.get("which", ""), services().clock()
    with services().store.writing() as db:
        if which == "others":
            ended = users.log_out_everywhere(db, me.number, but=session.get(LOGIN, ""))
        else:
            ended = int(users.log_out_one(db, me.number, which))
        if ended:
            audit.note(db, who=me.name, what="结束登录", about=f"自己的{ended}处", now=now)
    flash(f"结束了{ended}处登录。" if ended else "那处登录已经结束了。", "success")
    return redirect(url_for("console.people.mine"))


def _mine(form: ConfirmForm) -> str:
    me, now = user(), services().clock()
    with services().store.reading() as db:
        left, found = second.codes_left(db, me.number), users.logins(db, me.number, now)
    here = users.key_of(session.get(LOGIN, ""))
    rows = [
        (minute(local_time(moment(login.opened_at))), minute(local_time(moment(login.seen_at))),
         login.browser or "不明", login.key, login.key == here)
        for login in found
    ]  # fmt: skip
    return render_template("console/people/mine.html", form=form, left=left, logins=rows, must=me.role == ADMIN)


def _is_mine(field: PasswordField) -> bool:
    """Check the own password, as slowly as at the login; say on the field what is wrong."""
    me = user()
    if wait := try_(me.name, services().clock()):
        field.errors = [too_often(wait)]
        return False
    if users.verified(me, field.data or ""):
        succeeded(me.name)
        return True
    wrong(me.name, me.name, "密码没填对", "在「我的账号」里")
    field.errors = ["现在的密码不对。"]
    return False


def _offered(me: User) -> str:
    """Return the secret that this login may bind: always the same one until it is, so that showing a page keeps nothing."""
    key = services().settings.secret_key.encode()
    text = f"second\0{me.number}\0{session.get(LOGIN, '')}\0{me.secret or ''}"
    return base64.b32encode(hmac.new(key, text.encode(), hashlib.sha1).digest()).decode()


def _again(me: User) -> User:
    with services().store.reading() as db:
        return users.get(db, me.number)
