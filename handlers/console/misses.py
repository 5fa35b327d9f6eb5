"""没答上的: questions that were not answered well, in groups, and what was done with them."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import wording
from bot.ledger import misses
from bot.ledger.access import audit
from bot.ledger.clock import local_day, local_time, moment
from bot.ledger.database import Database
from bot.ledger.misses import KINDS, Action, Miss
from bot.matching.explain import explain, in_words
from bot.message import Reply
from bot.reports.misses import Group, Suggestion, groups, only, suggestions
from handlers.console import miss_access as access
from handlers.console import miss_actions
from handlers.console.access import allow, user
from handlers.services import services

blueprint = Blueprint("misses", __name__, url_prefix="/misses")
blueprint.register_blueprint(miss_actions.blueprint)

PER_PAGE = 10
PERIODS = {7: "最近7天", 30: "最近30天", 90: "最近90天", misses.DAYS: "最近180天"}
LAST = 50
FIRST_SAID = 3


@dataclass(frozen=True)
class Shown:
    """A group in the list: what may be meant, what the latest question was answered, what was done with it before."""

    group: Group
    suggestions: list[Suggestion]
    reply: Reply | None
    before: list[Action]


@blueprint.get("/")
@allow(*access.SEE)
def listing() -> str:
    """Show the groups, the largest first."""
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    days = request.args.get("days", misses.DAYS, type=int)
    days = days if days in PERIODS else misses.DAYS
    village, page = request.args.get("village", ""), max(1, min(request.args.get("page", 1, type=int), 10_000))
    snapshot, today = services().library.current, local_day(services().clock())
    since = (today - timedelta(days=days)).isoformat()
    with services().store.reading() as db:
        everything = access.seen(db)
        villages = sorted({miss.village for miss in everything if miss.village})
        found = only(
            groups(everything, snapshot),
            lambda miss: kind in {"", miss.kind} and village in {"", miss.village} and miss.day >= since,
        )
        shown = [_shown(db, group) for group in found[(page - 1) * PER_PAGE : page * PER_PAGE]]
    new = sum(group.since(today - timedelta(days=7)) > 0 for group in found)
    return render_template(
        "console/misses/listing.html", shown=shown, found=len(found), new=new, kind=kind, kinds=KINDS, days=days,
        periods=PERIODS, village=village, villages=villages, page=page, pages=-(-len(found) // PER_PAGE),
        acts=user().role in access.ACT, week=today - timedelta(days=7), day=_day, first=FIRST_SAID, entries=snapshot.entries,
    )  # fmt: skip


@blueprint.get("/<id_>")
@allow(*access.SEE)
def page(id_: str) -> str:
    """Show a group: every question, what it was answered, what may be meant and why, what can be done."""
    snapshot = services().library.current
    with services().store.reading() as db:
        group = access.group_of(db, id_)
        shown = _shown(db, group)
        replies = misses.replies(db, [miss.key for miss in group.misses[-access.MOST :]])
    questions = {entry.id: entry.question for entry in snapshot.entries.values()}
    why = in_words(explain(snapshot.index, group.said[0].text), questions)
    return render_template(
        "console/misses/group.html", one=shown, replies=replies, why=why, kinds=KINDS, day=_day, most=access.MOST,
        acts=user().role in access.ACT, entries=snapshot.entries,
    )  # fmt: skip


@blueprint.get("/done")
@allow(*access.ACT)
def done() -> str:
    """Show what was done with groups lately."""
    with services().store.reading() as db:
        found = misses.actions(db, LAST)
    return render_template("console/misses/done.html", actions=found, minute=_minute)


@blueprint.post("/done/<int:number>/back")
@allow(*access.ACT)
def back(number: int) -> BaseResponse:
    """Put what an action dealt with on the list again; files that were written stay."""
    with services().store.writing() as db:
        questions = misses.put_back(db, number) if number < 1 << 31 else 0
        if questions:
            audit.note(db, who=user().name, what="没答上的问题：放回列表", about=f"第{number}次处理", now=services().clock())
    flash(f"{questions} 个问题放回了列表。已经写进知识库的没有动。" if questions else "已经放回去了。", "success")
    return redirect(url_for(".done"))


def _shown(db: Database, group: Group) -> Shown:
    numbers = sorted({miss.action for miss in group.before if miss.action is not None}, reverse=True)
    before = [found for number in numbers[:3] if (found := misses.action(db, number)) is not None]
    reply = misses.replies(db, [group.last.key]).get(group.last.key)
    return Shown(group, suggestions(group, services().library.current), reply, before)


def _day(miss: Miss | Action) -> str:
    on = local_time(moment(miss.at))
    return f"{on.month}月{on.day}日"


def _minute(at: str) -> str:
    return wording.minute(local_time(moment(at)))
