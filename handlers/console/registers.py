"""台账: the seven registers, their rows, each row. What changes them is in ``register_entry``, ``_months`` and ``_books``."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for

from bot.ledger.access import audit
from bot.ledger.access.users import READER, User
from bot.ledger.database import Database
from bot.ledger.register import browse, records
from bot.ledger.register.browse import Wanted
from bot.ledger.register.definitions import PENDING, REGISTERS
from bot.ledger.register.fields import Register
from handlers.console import register_access as access
from handlers.console import register_books, register_entry, register_months
from handlers.console.access import ANYBODY, allow, user
from handlers.console.register_shown import history_of, minute, short, shown
from handlers.services import services

blueprint = Blueprint("registers", __name__, url_prefix="/registers")
for part in (register_entry, register_months, register_books):
    blueprint.register_blueprint(part.blueprint)

PER_PAGE = 50
LONG_PENDING = timedelta(days=30)
"""A dispute that waits longer is named: the law sets no term, the town looks monthly."""

FILTERS = ("village", "channel", "category", "served", "kind", "form", "type", "result", "answered_by")
"""Choices by which rows are looked for, where a register has them."""


@dataclass(frozen=True)
class Line:
    """A register on the first page: its rows this month and this year, and its last day."""

    register: Register
    month: int
    year: int
    last: str
    may_enter: bool


@blueprint.get("/")
@allow(*ANYBODY)
def listing() -> str:
    """Show the registers, how full they are and what is missing."""
    who, now = user(), access.today()
    with services().store.reading() as db:
        lines = [_line(db, who, register, now) for register in access.seen(who)]
        missing = _missing(db, who, now)
        closed = [month for month in records.closed_months(db) if month >= f"{now.year - 1}-01"]
        serving = browse.serving(db) if any(line.register.key == "people" for line in lines) else None
    return render_template(
        "console/registers/listing.html",
        lines=lines, missing=missing, closed=closed, serving=serving, month=f"{now:%Y-%m}", today=now,
        keeps=who.role in access.KEEPERS, village=access.own_village(who),
    )  # fmt: skip


@blueprint.get("/<key>")
@allow(*ANYBODY)
def rows(key: str) -> str:
    """Show rows of a register, those that are looked for."""
    register, who, lists = access.register_of(key), user(), access.lists()
    fields = access.shown_fields(who, register)
    filters = [f for f in fields if f.key in FILTERS and f.kind == "choice"]
    start, end = _period(register)
    equal = {f.key: said for f in filters if (said := request.args.get(f.key, ""))}
    if (village := access.own_village(who)) is not None:
        equal["village"] = village
    word = request.args.get("word", "").strip()[:50] if who.role != READER else ""
    wanted = Wanted(start, end, equal, word, voided=request.args.get("voided") == "1")
    with services().store.reading() as db:
        totals = browse.totals(db, register, wanted)
        last = max(1, -(-totals["all"] // PER_PAGE))
        page = min(max(1, request.args.get("page", 1, type=int)), last)
        found = browse.rows(db, register, wanted, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
        closed = set(records.closed_months(db))
    _note_names(register, who, f"{len(found)} 条")
    kept = {**equal, "word": word, "voided": "1" if wanted.voided else None, "from": start.isoformat(), "to": end.isoformat()}
    return render_template(
        "console/registers/rows.html",
        register=register, rows=found, totals=totals, page=page, last=last, closed=closed,
        columns=[f for f in fields if any(row[f.key] is not None for row in found)],
        sums=[(f, totals[f.key]) for f in fields if totals.get(f.key)],
        filters=[(f, f.allowed(lists)) for f in filters if f.key != "village" or village is None],
        wanted=wanted, start=start, end=end, spans=_spans(), village=village, can_search=who.role != READER,
        may_enter=access.may_enter(who, register), keeps=who.role in access.KEEPERS, shown=shown, short=short,
        address=lambda **new: url_for("console.registers.rows", key=key, **{**kept, **new}),
    )  # fmt: skip


@blueprint.get("/<key>/<int:number>")
@allow(*ANYBODY)
def row(key: str, number: int) -> str:
    """Show one row, with its history."""
    register, who = access.register_of(key), user()
    with services().store.reading() as db:
        found = access.row_of(db, register, number)
        changes = history_of(db, register, number, access.shown_fields(who, register))
        closed = records.is_closed(db, found["day"])
        may_correct = not found[records.VOIDED] and access.may_correct(db, who, register, found)
    _note_names(register, who, f"第{number}号")
    return render_template(
        "console/registers/row.html",
        register=register, row=found, fields=access.shown_fields(who, register), changes=changes, closed=closed,
        may_correct=may_correct, may_void=not found[records.VOIDED] and access.may_void(who), reader=who.role == READER,
        may_enter=access.may_enter(who, register), keeps=who.role in access.KEEPERS, shown=shown, minute=minute,
    )  # fmt: skip


def _line(db: Database, who: User, register: Register, today: date) -> Line:
    village = access.own_village(who)
    equal = {} if village is None else {"village": village}
    counted = [
        browse.totals(db, register, Wanted(start, today, equal))["rows"]
        for start in (today.replace(day=1), date(today.year, 1, 1))
    ]
    last = browse.rows(db, register, Wanted(date(2000, 1, 1), today, equal), limit=1)
    return Line(register, counted[0], counted[1], last[0]["day"] if last else "", access.may_enter(who, register))


def _missing(db: Database, who: User, today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what is missing, in words, each with links (text, address) to where it is mended or looked at."""
    villages = access.lists().texts.get("村", ())
    own = access.own_village(who)
    if own is not None:
        villages = tuple(village for village in villages if village == own)
    month, found = f"{today:%Y-%m}", []
    for key, said in (("inspections", "这个月还没有记排查的村"), ("services", "这个月还没有记法律顾问服务的村")):
        register = REGISTERS[key]
        if register not in access.seen(who):
            continue
        where = "console.registers.entry.new" if access.may_enter(who, register) else ""
        names = browse.villages_without(db, register, villages, month)
        if names:
            found.append((said, [(name, url_for(where, key=key, village=name) if where else "") for name in names]))
    if REGISTERS["disputes"] in access.seen(who):
        waiting = browse.pending_since(db, today - LONG_PENDING, own)
        if waiting:
            asked: dict[str, Any] = {"key": "disputes", "result": PENDING, "from": "2000-01-01", "to": today.isoformat()}
            link = url_for("console.registers.rows", **asked)
            found.append((f"受理超过{LONG_PENDING.days}天还在办的纠纷", [(f"{waiting} 件", link)]))
    before = f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"
    if who.role in access.KEEPERS and before not in records.closed_months(db):
        found.append(("上个月还没有关账", [(before, url_for("console.registers.months.page", month=before))]))
    return found


def _period(register: Register) -> tuple[date, date]:
    """Return the days that are asked for; without any the year until today, of the roster everybody."""
    now = access.today()
    start, end = (_day(request.args.get(name, "")) for name in ("from", "to"))
    end = end or now
    start = start or (date(2000, 1, 1) if register.key == "people" else date(end.year, 1, 1))
    return (start, end) if start <= end else (end, start)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _spans() -> list[tuple[str, str, str]]:
    """Return the periods that people ask for most: a name, the first and the last day."""
    now = access.today()
    last_month = now.replace(day=1) - timedelta(days=1)
    ends = calendar.monthrange(now.year, now.month)[1]
    return [
        ("本月", f"{now:%Y-%m}-01", f"{now:%Y-%m}-{ends:02}"),
        ("上月", f"{last_month:%Y-%m}-01", last_month.isoformat()),
        ("今年", f"{now.year}-01-01", f"{now.year}-12-31"),
        ("去年", f"{now.year - 1}-01-01", f"{now.year - 1}-12-31"),
    ]


def _note_names(register: Register, who: User, what: str) -> None:
    """Note in the security log that somebody read names of the roster."""
    if register.key == "people" and who.role != READER:
        with services().store.writing() as db:
            audit.note(db, who=who.name, what="查看名册", about=f"{register.title} {what}", now=services().clock())
