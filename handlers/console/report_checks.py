"""发布前核对: what has to be done before an annual report goes out, until when, and who did it."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField

from bot.ledger import checklist
from bot.ledger.access import audit, users
from bot.ledger.clock import local_time, moment
from bot.ledger.register import records
from bot.reports.period import year as whole_year
from handlers.console.access import ANYBODY, allow, user
from handlers.console.report_pages import OFFICE_ROLES, YEARS, is_office, today
from handlers.services import services

blueprint = Blueprint("checks", __name__, url_prefix="/checks")

_DUE = {"upward": "报送上级", "public": "向社会公开"}


class TickForm(FlaskForm):  # type: ignore[misc]
    """A line of the list and what becomes of it."""

    item = HiddenField()
    done = HiddenField()


@blueprint.get("/")
@allow(*ANYBODY)
def current() -> BaseResponse:
    """Lead to the year whose report is written now: until it must be public that is the last one."""
    now = today()
    last = now.year - 1
    chosen = last if now <= checklist.due_days(last)["public"] else now.year
    return redirect(url_for("console.reports.checks.page", year=chosen))


@blueprint.get("/<int:year>")
@allow(*ANYBODY)
def page(year: int) -> str:
    """Show the list of a year."""
    now = _bounded(year)
    due = checklist.due_days(year)
    with services().store.reading() as db:
        ticks, history = checklist.standing(db, year), checklist.history(db, year)
        closed = set(records.closed_months(db))
        names = {person.name: person.shown for person in users.everybody(db)}
    titles = {item.key: item.title for item in checklist.ITEMS}
    return render_template(
        "console/reports/checks.html",
        year=year,
        years=range(now, now - YEARS, -1),
        items=checklist.ITEMS,
        ticks=ticks,
        days=[(_DUE[key], day, (day - today()).days) for key, day in due.items()],
        due=due,
        history=history[::-1],
        titles=titles,
        open_months=[month for month in whole_year(year).months() if month not in closed and month <= f"{today():%Y-%m}"],
        is_office=is_office(),
        names=names,
        minute=lambda stamped: f"{local_time(moment(stamped)):%Y-%m-%d %H:%M}",
        forms={item.key: _form(item.key, item.key in ticks and ticks[item.key].done) for item in checklist.ITEMS},
        today=today(),
    )


@blueprint.post("/<int:year>")
@allow(*OFFICE_ROLES)
def tick(year: int) -> BaseResponse:
    """Tick a line off, or take the tick away."""
    _bounded(year)
    form = TickForm()
    if form.item.data not in checklist.KEYS or form.done.data not in {"yes", "no"}:
        abort(400)
    done, now = form.done.data == "yes", services().clock()
    title = next(item.title for item in checklist.ITEMS if item.key == form.item.data)
    with services().store.writing() as db:
        if checklist.tick(db, year, form.item.data, done=done, by=user().name, now=now):
            what = "发布前核对：打勾" if done else "发布前核对：取消打勾"
            audit.note(db, who=user().name, what=what, about=f"{year}年 {title}", now=now)
    flash(f"「{title}」{'已打勾' if done else '已取消打勾'}。", "success")
    return redirect(url_for("console.reports.checks.page", year=year))


def _bounded(year: int) -> int:
    """Return this year; 404 for a year that has no report here."""
    now = today().year
    if not 2000 <= year <= now:
        abort(404)
    return now


def _form(item: str, is_done: bool) -> TickForm:
    return TickForm(formdata=None, data={"item": item, "done": "no" if is_done else "yes"})
