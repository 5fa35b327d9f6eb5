"""The security log, to be read: who did what, and when."""

from datetime import date, timedelta

from flask import render_template, request

from bot.ledger.access import audit
from bot.ledger.clock import local_day, local_time, moment
from handlers.console.access import ADMIN, JUSTICE, READER, allow
from handlers.services import services

LONGEST = 500
DAYS = 7


@allow(ADMIN, JUSTICE, READER)
def log() -> str:
    """Show the security log of some days, the newest first; nobody can change it."""
    today = local_day(services().clock())
    start, end = _day("start", today - timedelta(days=DAYS - 1)), _day("end", today)
    problem = "第二个日期比第一个早，换一下再查。" if start > end else None
    with services().store.reading() as db:
        found = audit.entries(db, start, end, limit=None)[::-1] if problem is None else []
    people = sorted({entry.who for entry in found})
    who = request.args.get("who", "").strip()[:40]
    if who:
        found = [e for e in found if who == e.who or f"「{who}」" in e.about or e.about.startswith(f"{who}（")]
    rows = [(f"{local_time(moment(e.at)):%Y-%m-%d %H:%M}", e.who, e.what, e.about) for e in found[:LONGEST]]
    return render_template(
        "console/people/log.html", rows=rows, number=len(found), longest=LONGEST, start=start, end=end, who=who,
        people=people, problem=problem,
    )  # fmt: skip


def _day(name: str, default: date) -> date:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return default
    return found if 2000 <= found.year <= 2200 else default
