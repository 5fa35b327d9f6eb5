"""Months closed, so that a report's figures stay as they were handed in, and reopened with a reason."""

import re
from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.ledger.access import audit
from bot.ledger.register import browse, records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.records import Refused
from handlers.console import register_access as access
from handlers.console.access import allow, user
from handlers.console.register_shown import minute
from handlers.services import services

blueprint = Blueprint("months", __name__, url_prefix="/months")

SHOWN = 18
"""As many months back are listed."""


@blueprint.get("/")
@allow(*access.KEEPERS)
def listing() -> str:
    """Show the months, which are closed, and every closing and reopening."""
    with services().store.reading() as db:
        closed = records.closed_months(db)
        events = records.month_events(db)[::-1]
        counted = {month: sum(records.counts(db, r, month)["rows"] for r in REGISTERS.values()) for month in _months()}
    return render_template(
        "console/registers/months.html", months=counted, closed=closed, events=events, minute=minute, this=_months()[0]
    )


@blueprint.get("/<month>")
@allow(*access.KEEPERS)
def page(month: str) -> str:
    """Show what would be closed."""
    return _page(_checked(month))


@blueprint.post("/<month>/close")
@allow(*access.KEEPERS)
def close(month: str) -> BaseResponse | str:
    """Close a month."""
    month, who, now = _checked(month), user(), services().clock()
    try:
        with services().store.writing() as db:
            records.close_month(db, month, by=who.shown, now=now)
            audit.note(db, who=who.name, what="关账", about=month, now=now)
    except Refused as e:
        flash(str(e), "warning")
    else:
        flash(f"{month} 关账了，这个月的记录不能再动。", "success")
    return redirect(url_for("console.registers.months.page", month=month))


@blueprint.post("/<month>/reopen")
@allow(*access.REOPENERS)
def reopen(month: str) -> BaseResponse | str:
    """Open a closed month again, with a reason."""
    month, who, now = _checked(month), user(), services().clock()
    reason = request.form.get("reason", "").strip()[:400]
    if not reason:
        return _page(month, problem="没有填原因。必须填：为什么重开，以后查得到。")
    try:
        with services().store.writing() as db:
            records.reopen_month(db, month, by=who.shown, reason=reason, now=now)
            audit.note(db, who=who.name, what="重开月份", about=month, now=now)
    except Refused as e:
        flash(str(e), "warning")
    else:
        flash(f"{month} 重开了。改完记得再关账。", "success")
    return redirect(url_for("console.registers.months.page", month=month))


def _page(month: str, problem: str = "") -> str:
    start = date.fromisoformat(f"{month}-01")
    end = _month_end(start)
    with services().store.reading() as db:
        counted = [(r, records.counts(db, r, month)) for r in REGISTERS.values()]
        is_closed = month in records.closed_months(db)
        events = [event for event in records.month_events(db) if event["month"] == month][::-1]
        villages = access.lists().texts.get("村", ())
        gaps = [
            (REGISTERS[key].title, browse.villages_without(db, REGISTERS[key], villages, month))
            for key in ("inspections", "services")
        ]
    return render_template(
        "console/registers/month.html",
        month=month, start=start, end=end, counted=counted, closed=is_closed, events=events, minute=minute, problem=problem,
        gaps=[(title, names) for title, names in gaps if names], over=end < access.today(), future=start > access.today(),
        may_reopen=user().role in access.REOPENERS,
    )  # fmt: skip


def _checked(month: str) -> str:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month, re.ASCII):
        abort(404)
    return month


def _months() -> list[str]:
    """Return this month and those before it."""
    day, found = access.today().replace(day=1), []
    for _ in range(SHOWN):
        found.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def _month_end(start: date) -> date:
    return (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
