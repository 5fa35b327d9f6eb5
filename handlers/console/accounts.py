"""Accounts, for a 管理员: who may log in, and as what."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from bot.ledger.access import accounts, guesses, users
from bot.ledger.access.accounts import Refused
from bot.ledger.access.users import ADMIN, COUNTY, FIRST_PASSWORD_LASTS, ROLES, User
from bot.ledger.database import Database
from handlers.console import county
from handlers.console.access import allow, user
from handlers.services import services

_MEANS = {
    "管理员": "登记账号、看操作日志、改设置", "统计员": "录入台账、出报表", "司法所": "答复群众、签发条目、看全镇",
    "法律顾问": "答复群众、写和签发条目", "法律明白人": "只看本村的提问和台账", "只读": "看报表和操作日志，不能改",
    COUNTY: "只看各镇的合计和对比",
}  # fmt: skip


class AccountForm(FlaskForm):  # type: ignore[misc]
    """What an account is."""

    shown = StringField("姓名", [Optional(), Length(max=20, message="最多20个字。")])
    role = SelectField(
        "角色",
        choices=[SelectChoice(role, f"{role}：{_MEANS[role]}") for role in ROLES],
        invalid_choice_message="请从表里选一个。",
    )
    village = SelectField("村", invalid_choice_message="请从表里选一个。")


class NewForm(AccountForm):
    """A new account."""

    name = StringField("登录名", [InputRequired("请填登录名。"), Length(max=20, message="最多20个字。")])


class NothingForm(FlaskForm):  # type: ignore[misc]
    """A button."""


@allow(ADMIN)
def listing() -> str:
    """List all accounts."""
    with services().store.reading() as db:
        return render_template("console/people/listing.html", accounts=users.everybody(db), now=services().clock())


@allow(ADMIN)
def new() -> BaseResponse | str:
    """Add an account and show its first password once."""
    form, now = NewForm(role="法律顾问"), services().clock()
    _offer_villages(form, None)
    if form.validate_on_submit():
        try:
            with services().store.writing() as db:
                made, password = accounts.create(
                    db, name=form.name.data, shown=form.shown.data or "", role=form.role.data,
                    village=form.village.data or None, by=user().name, now=now,
                )  # fmt: skip
            return _first(made, password)
        except Refused as e:
            _say(form, str(e))
    return render_template("console/people/account.html", form=form, account=None)


@allow(ADMIN)
def edit(number: int) -> BaseResponse | str:
    """Change what somebody is called and may do."""
    found, now = _found(number), services().clock()
    form = AccountForm(shown=found.shown, role=found.role, village=found.village or "")
    _offer_villages(form, found.village)
    if form.validate_on_submit():
        try:
            with services().store.writing() as db:
                accounts.change(
                    db, number, shown=form.shown.data or "", role=form.role.data, village=form.village.data or None,
                    by=user().name, own=user().number, now=now,
                )  # fmt: skip
            flash("改好了。", "success")
            return redirect(url_for("console.people.listing"))
        except Refused as e:
            _say(form, str(e))
    return render_template("console/people/account.html", form=form, account=found)


@allow(ADMIN)
def reset(number: int) -> BaseResponse | str:
    """Give somebody a first password again and show it once."""
    found, store = _found(number), services().store
    try:
        with store.writing() as db:
            password = accounts.reset(db, number, by=user().name, own=user().number, now=services().clock())
            guesses.forget(db, account=guesses.account_of(store, found.name))
    except Refused as e:
        flash(str(e), "danger")
        return redirect(url_for("console.people.edit", number=number))
    return _first(found, password)


@allow(ADMIN)
def disable(number: int) -> BaseResponse:
    """End an account at once."""
    return _act(
        number, lambda db: accounts.disable(db, number, by=user().name, own=user().number, now=services().clock()),
        "已停用，登录也都结束了。微信里的答复权限要另外停。",
    )  # fmt: skip


@allow(ADMIN)
def enable(number: int) -> BaseResponse:
    """Let an account log in again."""
    return _act(
        number, lambda db: accounts.enable(db, number, by=user().name, now=services().clock()), "又可以登录了，密码还是原来的。"
    )  # fmt: skip


@allow(ADMIN)
def end_logins(number: int) -> BaseResponse:
    """End every login of an account."""
    return _act(
        number, lambda db: accounts.end_logins(db, number, by=user().name, now=services().clock()), "登录都结束了。"
    )  # fmt: skip


def _act(number: int, act: Callable[[Database], object], said: str) -> BaseResponse:
    found = _found(number)
    try:
        with services().store.writing() as db:
            act(db)
        flash(f"{found.shown}：{said}", "success")
    except Refused as e:
        flash(str(e), "danger")
    return redirect(url_for("console.people.edit", number=number))


def _found(number: int) -> User:
    try:
        with services().store.reading() as db:
            return users.get(db, number)
    except LookupError:
        abort(404)


def _first(account: User, password: str) -> str:
    days = FIRST_PASSWORD_LASTS.days
    return render_template("console/people/first.html", account=account, password=password, days=days)


def _offer_villages(form: AccountForm, present: str | None) -> None:
    town = services().library.current.town
    names = [village.name for village in town.villages] if town else []
    if present and present not in names:  # a village that town.yaml no longer has
        names.append(present)
    roles = (*ROLES, COUNTY) if county.is_open() else ROLES
    form.role.choices = [SelectChoice(role, f"{role}：{_MEANS[role]}") for role in roles]
    form.village.choices = [SelectChoice("", "全镇（不限）"), *(SelectChoice(name, name) for name in names)]


def _say(form: AccountForm, problem: str) -> None:
    field = form.village if "村" in problem[:10] else form.name if "name" in form and "登录名" in problem else form.role
    field.errors = [*field.errors, problem]
