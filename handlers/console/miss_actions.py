"""What is done with a group of questions: a phrasing, a new entry, outside our scope, a lawyer. Each is asked once more."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms.fields.choices import SelectChoice

from bot import wording
from bot.faq.edit import history
from bot.faq.edit.additions import Refused, to_entry, to_new_entry, to_topic
from bot.faq.lists import categories
from bot.ledger import advisers, misses, tickets
from bot.ledger.access import audit
from bot.ledger.access.users import LAWYER
from bot.ledger.clock import local_day
from bot.ledger.misses import Miss
from bot.matching.outside import Topic
from bot.reports.misses import Group, suggestions
from handlers.console import miss_access as access
from handlers.console.access import allow, user
from handlers.console.faq_common import author
from handlers.console.links import link
from handlers.console.miss_forms import NEW_TOPIC, EntryForm, LawyerForm, NewForm, TakingForm, TopicForm, ranked
from handlers.services import services

blueprint = Blueprint("act", __name__)

NOT_LEGAL = "不是法律问题"
_Made = TypeVar("_Made")


@blueprint.route("/<id_>/phrasing", methods=["GET", "POST"])
@allow(*access.ACT)
def phrasing(id_: str) -> BaseResponse | str:
    """Add questions to an entry, as further ways to put it."""
    group = _group(id_)
    if group is None:
        return _gone()
    form, snapshot = EntryForm(), services().library.current
    live = sorted((e for e in snapshot.entries.values() if e.status != "withdrawn"), key=lambda e: (e.category, e.id))
    near = [(one.entry.id, one.entry.question) for one in suggestions(group, snapshot)]
    rest: dict[str, list[tuple[str, str]]] = {}
    for entry in live:
        rest.setdefault(entry.category, []).append((entry.id, entry.question))
    form.entry.choices = ranked(near, rest)
    if request.method == "GET":
        form.fill(group)
        form.entry.data = request.args.get("entry") or (near[0][0] if near else None)
    elif form.validate_on_submit():
        target = snapshot.entries[form.entry.data]
        made = _written(
            form,
            lambda: to_entry(
                services().library.folder, snapshot, target.id, form.texts, author=author(), at=_now(), today=_today()
            ),
        )
        if not form.errors:
            _settle(form.settled(group), "加进问法", f"「{target.question}」")
            wait = "" if made is None or made.live else "这一条是签发过的，要等第二个人审核签发，加的问法才生效。"
            flash(f"已经加进「{target.question}」。{wait or '几秒钟后机器人就认得了。'}", "success")
            return redirect(url_for("console.misses.listing"))
    return _page("phrasing", group, form)


@blueprint.route("/<id_>/new", methods=["GET", "POST"])
@allow(*access.ACT)
def new(id_: str) -> BaseResponse | str:
    """Write the draft of a new entry."""
    group = _group(id_)
    if group is None:
        return _gone()
    form, folder = NewForm(), services().library.folder
    form.category.choices = [*map(SelectChoice, categories(folder))]
    if request.method == "GET":
        form.fill(group)
        form.question.data = group.said[0].text[:60]
        near = suggestions(group, services().library.current)
        form.category.data = near[0].entry.category if near else None
    elif form.validate_on_submit():
        path = _written(
            form,
            lambda: to_new_entry(
                folder,
                form.question.data,
                form.category.data,
                form.texts,
                author=author(),
                by=user().shown,
                at=_now(),
                today=_today(),
            ),
        )
        if not form.errors:
            _settle(form.settled(group), "写了新条目的草稿", f"「{form.question.data}」")
            flash(f"「{form.question.data}」的草稿写好了。补上答案和依据，审核签发以后机器人才会答。", "success")
            there = link("console.faq.entry", id_=path.stem) if path else ""
            return redirect(there or url_for("console.misses.listing"))
    return _page("new", group, form)


@blueprint.route("/<id_>/outside", methods=["GET", "POST"])
@allow(*access.ACT)
def outside(id_: str) -> BaseResponse | str:
    """Say that it is outside our scope: questions go to a topic of which the bot knows that it has no entry."""
    group = _group(id_)
    if group is None:
        return _gone()
    form, snapshot = TopicForm(), services().library.current
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for topic in snapshot.index.outside:
        by_kind.setdefault(f"已有的话题（{topic.kind}）", []).append((topic.topic, topic.topic))
    found = snapshot.index.ranking(group.said[0].text).outside
    near = [(found.topic, found.topic)] if found else []
    form.topic.choices = ranked(near, {"新的": [(NEW_TOPIC, "写一个新话题")]} | by_kind)
    if request.method == "GET":
        form.fill(group)
        form.topic.data = found.topic if found else NEW_TOPIC
    elif form.validate_on_submit():
        is_new = form.is_new()
        if not form.errors:
            name = form.name.data if is_new else form.topic.data
            known = next((topic for topic in snapshot.index.outside if topic.topic == name), None)
            kind, why = (known.kind, known.why) if known else (form.kind.data, form.why.data)
            made = Topic.model_construct(topic=name, kind=kind, why=why, phrasings=tuple(form.texts))
            _written(form, lambda: to_topic(services().library.folder, snapshot, made, author=author(), at=_now()))
        if not form.errors:
            _settle(form.settled(group), "归到条目以外", f"话题「{name}」")
            flash(f"已经归到条目以外的话题「{name}」。几秒钟后机器人就不会拿别的条目去答了。", "success")
            return redirect(url_for("console.misses.listing"))
    return _page("outside", group, form)


@blueprint.post("/<id_>/aside")
@allow(*access.ACT)
def aside(id_: str) -> BaseResponse:
    """Note that it is no legal question; nothing else changes."""
    group = _group(id_)
    if group is None:
        return _gone()
    _settle([miss for miss in group.misses if miss.at <= request.form.get("until", "")], NOT_LEGAL, "没有改知识库")
    flash("记下了：不是法律问题。知识库没有改。", "success")
    return redirect(url_for("console.misses.listing"))


@blueprint.route("/<id_>/lawyer", methods=["GET", "POST"])
@allow(*access.ACT)
def lawyer(id_: str) -> BaseResponse | str:
    """Send it to a lawyer: the latest who asked gets an answer, which can then become an entry."""
    group = _group(id_)
    if group is None:
        return _gone()
    form = LawyerForm()
    with services().store.reading() as db:
        people = [one for one in advisers.everybody(db) if one.role == LAWYER]
    form.to.choices = [SelectChoice(one.number, f"{one.name}（{one.village or '全镇'}）") for one in people]
    if request.method == "GET":
        form.until.data = group.last.at
        own = next((one for one in people if one.village and one.village == group.villages[0][0]), None)
        form.to.data = own.number if own else None
    elif form.validate_on_submit():
        there = [miss for miss in group.misses if miss.at <= (form.until.data or "")]
        if there:
            number = _ticket(there[-1], form.to.data)
            name = next(one.name for one in people if one.number == form.to.data)
            _settle(there, "转给法律顾问", f"{name}，提问 {number}")
            flash(f"已经转给{name}，编号 {number}。答复会交给最近问的这位群众；对大家有用，再做成条目草稿。", "success")
        return redirect(url_for("console.misses.listing"))
    return _page("lawyer", group, form)


def _group(id_: str) -> Group | None:
    with services().store.reading() as db:
        return access.group_or_none(db, id_)


def _gone() -> BaseResponse:
    flash("这一组已经处理过了，或者原话过了保存的时间。", "info")
    return redirect(url_for("console.misses.listing"))


def _page(name: str, group: Group, form: TakingForm | LawyerForm) -> str:
    return render_template(f"console/misses/{name}.html", group=group, form=form, most=access.MOST)


def _written(form: TakingForm, write: Callable[[], _Made]) -> _Made | None:
    """Write; put what was refused beside the questions. Return what was made, where it is known."""
    try:
        return write()
    except history.NotRecorded as e:
        flash(str(e), "warning")
    except (Refused, history.HistoryError, OSError) as e:
        form.form_errors.append(str(e))
    return None


def _settle(found: Sequence[Miss], what: str, about: str) -> None:
    with services().store.writing() as db:
        misses.settle(db, found, who=user().shown, what=what, about=about, now=_now())
        audit.note(db, who=user().name, what=f"没答上的问题：{what}", about=f"{about}，{len(found)}个问题", now=_now())


def _ticket(miss: Miss, to: int) -> str:
    """Open a ticket for a question, unless it has one that is open, and pass it to a lawyer; return its number."""
    entry = services().library.current.entries.get(miss.entry_id or "")
    with services().store.writing() as db:
        sender = misses.sender_of(db, miss.key) or ""
        own = [one for one in tickets.of_villager(db, sender) if one.closed_at is None and one.question == miss.text]
        opened = (
            own[0]
            if own
            else tickets.open_ticket(
                db,
                villager=sender,
                village=miss.village,
                question=miss.text,
                category=entry.category if entry else None,
                turn=miss.key,
                because="useless" if miss.kind == "useless" else "missed",
                now=_now(),
            )
        )
        if opened.assigned != to:
            tickets.assign(db, opened.number, to=to, adviser=user().adviser, now=_now())
    return wording.number(opened.number)


def _now() -> datetime:
    return services().clock()


def _today() -> date:
    return local_day(_now())
