"""A row entered, corrected, struck out: each form is taken once, and nothing changes before it is sent."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.ledger.access import audit
from bot.ledger.database import Database
from bot.ledger.register import forms, records
from bot.ledger.register.fields import Fault, Lists, Register, corrected, validated
from bot.ledger.register.records import MonthClosed, Refused
from handlers.console import register_access as access
from handlers.console import register_forms
from handlers.console.access import LAWYER, allow, user
from handlers.console.register_forms import RowForm, as_text
from handlers.console.register_shown import shown
from handlers.services import services

blueprint = Blueprint("entry", __name__)

CLOSED = "确实要改，请管理员或司法所先在「关账」页重开这个月。"
STALE = "这一条刚刚有人改过，下面已经换成最新的。请核对后重新改。"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


class _OnlyTried(Exception):
    """Ends a transaction that was to show what would come of it."""


class _Stale(Exception):
    """Somebody else changed the row since the form was shown."""


@blueprint.route("/<key>/new", methods=["GET", "POST"])
@allow(*access.ENTERING)
def new(key: str) -> BaseResponse | str:
    """Enter a row."""
    register, who, lists = access.register_of(key), user(), access.lists()
    if not access.may_enter(who, register):
        abort(403)
    with services().store.reading() as db:
        fixed = access.fixed(db, who, register)
        made = register_forms.make(register, lists, without=fixed, first=register_forms.preferred(db, who, register))
        values = _beginning(db, register, lists) if request.method == "GET" else {}
    form = made() if request.method == "POST" else register_forms.filled(made, register, values)
    if request.method == "GET":
        return _page("new", register, form, fixed=fixed)
    problems = _token_problems(form)
    row, faults = validated(register, {**form.said(register), **fixed}, lists, today=access.today())
    if problems or faults:
        return _page("new", register, form, fixed=fixed, problems=[*problems, *form.blame(register, faults)])
    try:
        number, again = _enter(register, row, form.token.data)
    except MonthClosed as e:
        form.blame(register, [_closed(register, e)])
        return _page("new", register, form, fixed=fixed)
    if again:
        flash(f"这张表交过了，记成了第{number}号，没有再记。要再记一条，点「再记一条」。", "warning")
    else:
        flash(f"记下了：{register.title}第{number}号。", "success")
    if request.form.get("then") == "again" and not again:
        return redirect(url_for("console.registers.entry.new", key=key, like=number))
    return redirect(url_for("console.registers.row", key=key, number=number))


@blueprint.route("/<key>/<int:number>/correct", methods=["GET", "POST"])
@allow(*access.KEEPERS, LAWYER)
def correct(key: str, number: int) -> BaseResponse | str:
    """Correct a row: what would change is shown first, and done only when that was read."""
    register, who, lists = access.register_of(key), user(), access.lists()
    with services().store.reading() as db:
        row = access.row_of(db, register, number)
        if not access.may_correct(db, who, register, row):
            abort(403)
        version = len(records.history(db, register, number))
        fixed = access.fixed(db, who, register).keys()
        closed = records.is_closed(db, row["day"])
    if row[records.VOIDED]:
        flash(f"{register.title}第{number}号已经作废，不能再改。", "warning")
        return redirect(url_for("console.registers.row", key=key, number=number))
    made = register_forms.make(register, lists, without=fixed, row=row)
    about: dict[str, Any] = {"row": row, "closed": closed, "fixed": {name: row[name] for name in fixed}}
    if request.method == "GET":
        return _page("correct", register, register_forms.filled(made, register, row, seen=version), **about)
    form, reason = made(), request.form.get("reason", "").strip()[:400]
    about["reason"] = reason
    if request.form.get("step") == "edit":
        return _page("correct", register, form, **about)
    said = {name: value for name, value in form.said(register).items() if not _is_same(value, row[name])}
    changes, faults = corrected(register, row, said, lists, today=access.today())
    problems = [*_token_problems(form), *form.blame(register, faults)]
    if not reason:
        about["no_reason"] = "没有填。必须填：为什么改，以后查得到。"
    if problems or faults or not reason:
        return _page("correct", register, form, problems=problems, **about)
    try:
        again = _correct(register, number, changes, reason, form, only_try=request.form.get("step") != "save")
    except _OnlyTried:
        differ = [
            (f.heading, shown(row[f.key], "（空）"), shown(changes[f.key], "（空）"))
            for f in register.fields
            if f.key in changes
        ]
        return _page("preview", register, form, changes=differ, **about)
    except _Stale:
        return _page("correct", register, register_forms.filled(made, register, row, seen=version), problems=[STALE], **about)
    except MonthClosed as e:
        form.blame(register, [_closed(register, e)])
        return _page("correct", register, form, **about)
    except Refused as e:
        return _page("correct", register, form, problems=[str(e)], **about)
    if again:
        flash("这张表交过了，没有再改一次。", "warning")
    else:
        flash(f"改好了：{register.title}第{number}号。", "success")
    return redirect(url_for("console.registers.row", key=key, number=number))


@blueprint.route("/<key>/<int:number>/void", methods=["GET", "POST"])
@allow(*access.KEEPERS)
def void(key: str, number: int) -> BaseResponse | str:
    """Strike a row out, with a reason."""
    register, who, now = access.register_of(key), user(), services().clock()
    back = url_for("console.registers.row", key=key, number=number)
    with services().store.reading() as db:
        row = access.row_of(db, register, number)
        closed = records.is_closed(db, row["day"])
    if row[records.VOIDED]:
        flash(f"{register.title}第{number}号已经作废了。", "warning")
        return redirect(back)
    problem, reason = "", request.form.get("reason", "").strip()[:400]
    if request.method == "POST" and not reason:
        problem = "没有填原因。必须填：为什么作废，以后查得到。"
    elif request.method == "POST":
        try:
            with services().store.writing() as db:
                records.void(db, register, number, by=who.shown, reason=reason, now=now)
                audit.note(db, who=who.name, what="作废台账", about=f"{register.title}第{number}号", now=now)
        except Refused as e:
            problem = f"{e.problem}{CLOSED}" if isinstance(e, MonthClosed) else str(e)
        else:
            flash(f"{register.title}第{number}号作废了，还查得到，但不再计数。", "success")
            return redirect(back)
    filled = [(f.heading, shown(row[f.key])) for f in register.fields if row[f.key] is not None]
    return render_template(
        "console/registers/void.html",
        register=register, row=row, filled=filled, problem=problem, reason=reason, closed=closed, closed_hint=CLOSED,
    )  # fmt: skip


def _enter(register: Register, row: Mapping[str, Any], token: str) -> tuple[int, bool]:
    """Enter a row where the form was not taken before; return its number, and whether it was."""
    who, now = user(), services().clock()
    with services().store.writing() as db:
        if before := forms.sent(db, who.number, token):
            return before.number, True
        number = records.add(db, register, row, by=who.shown, now=now)
        forms.note(db, register, number, person=who.number, token=token, what=forms.ENTERED, now=now)
        audit.note(db, who=who.name, what="记台账", about=f"{register.title}第{number}号", now=now)
    return number, False


def _correct(
    register: Register, number: int, changes: Mapping[str, Any], reason: str, form: RowForm, *, only_try: bool
) -> bool:
    """Correct a row where the form was not taken before; return whether it was. Raises _Stale, _OnlyTried, Refused."""
    who, now, token = user(), services().clock(), form.token.data
    with services().store.writing() as db:
        if forms.sent(db, who.number, token):
            return True
        if form.seen.data != str(len(records.history(db, register, number))):
            raise _Stale
        records.correct(db, register, number, changes, by=who.shown, reason=reason, now=now)
        if only_try:
            raise _OnlyTried
        forms.note(db, register, number, person=who.number, token=token, what=forms.CORRECTED, now=now)
        audit.note(db, who=who.name, what="更正台账", about=f"{register.title}第{number}号", now=now)
    return False


def _beginning(db: Database, register: Register, lists: Lists) -> dict[str, str]:
    """Return what the form comes filled in with: like the row that ``like`` names, or in the ``village`` of the address."""
    who = user()
    values = register_forms.beginning(db, who, register, lists, today=access.today())
    like = request.args.get("like", type=int)
    row = access.found(db, register, like) if like else None
    if row is not None and who.looks_after(row.get("village")):
        values |= {key: as_text(row[key]) for key in register_forms.LIKE if row.get(key) is not None}
    if (village := request.args.get("village")) in lists.texts.get("村", ()) and register.field("village"):
        values["village"] = str(village)
    return values


def _is_same(said: str, value: Any) -> bool:
    """Tell whether a form says what the row holds; several choices in whatever order."""
    return said == as_text(value) or ("、" in said and set(said.split("、")) == set(as_text(value).split("、")))


def _token_problems(form: RowForm) -> list[str]:
    return [] if _TOKEN.fullmatch(form.token.data or "") else ["这一页不完整，没有记。请从「台账」重新打开这张表。"]


def _closed(register: Register, e: MonthClosed) -> Fault:
    return Fault(register.fields[0].heading, e.problem.rstrip("。"), CLOSED.rstrip("。"))


def _page(name: str, register: Register, form: RowForm, **about: Any) -> str:
    about.setdefault("problems", [])
    with services().store.reading() as db:
        people = register_forms.names(db, user(), register)
    conditional = {f.key: register_forms.condition(register, f) for f in register.fields}
    fields = form.fields_of(register)
    return render_template(
        f"console/registers/{name}.html",
        register=register, form=form, people=people, conditional=conditional, when=register_forms.when,
        upfront=[(f, asked) for f, asked in fields if register_forms.is_upfront(register, f)],
        more=[(f, asked) for f, asked in fields if not register_forms.is_upfront(register, f)],
        faulty=[(f, asked) for f, asked in fields if asked.errors], today=access.today().isoformat(), **about,
    )  # fmt: skip
