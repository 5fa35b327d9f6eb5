"""群众提问: the questions that wait for a person, and what is done with each. Nobody learns here who asked."""

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from bot import wording
from bot.dialogue.drafts import ELSEWHERE
from bot.dialogue.people import answer_text
from bot.faq.edit import history
from bot.faq.edit.additions import Refused, to_new_entry
from bot.ledger import advisers, tickets, turns
from bot.ledger.access import audit
from bot.ledger.advisers import Adviser
from bot.ledger.clock import local_day, stamp
from bot.ledger.database import Database
from bot.ledger.tickets import LONGEST_ANSWER, Ticket
from bot.text import WECHAT_TEXT_BYTES, clean
from handlers.console import duties
from handlers.console import ticket_access as access
from handlers.console.access import allow, user
from handlers.console.faq_common import author
from handlers.console.links import link
from handlers.console.ticket_shown import BECAUSE, STATES, minute, shown_of, state_of, told
from handlers.services import services

blueprint = Blueprint("tickets", __name__, url_prefix="/tickets")
blueprint.register_blueprint(duties.blueprint)

PER_PAGE = 30
REASONS = ("已经电话或当面答复", "群众说不用了", "重复的提问", "不是法律问题", "已请群众找别的部门")
"""Why a ticket is closed without an answer: chosen, not typed, so that no villager's word stays in its history."""


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """An answer; ``state``: how the ticket stood when it was begun."""

    text = TextAreaField(
        "答复",
        filters=[lambda text: clean(text or "")],
        validators=[
            DataRequired("写上答复的话"),
            Length(max=LONGEST_ANSWER, message=f"最多{LONGEST_ANSWER}个字，请写短一点"),
        ],
    )
    state = HiddenField()


class PassForm(FlaskForm):  # type: ignore[misc]
    """To whom it is passed on."""

    to = SelectField("转给谁", coerce=int)


class CloseForm(FlaskForm):  # type: ignore[misc]
    """Why it is closed."""

    reason = SelectField("为什么不用答复", choices=[*map(SelectChoice, REASONS)])


@blueprint.get("/")
@allow(*access.SEE)
def listing() -> str:
    """Show the questions that the person may see, those that are due first on top."""
    who, now = user(), services().clock()
    state = request.args.get("state", "open")
    state = state if state in STATES else "open"
    village, mine, page = request.args.get("village", ""), bool(request.args.get("mine")), _page()
    with services().store.reading() as db:
        adviser = access.adviser_of(db, who)
        names = {person.number: person.name for person in advisers.all_ever(db)}
        seen = [ticket for ticket in tickets.everything(db) if access.may_see(who, adviser, ticket)]
    villages = sorted({ticket.village for ticket in seen if ticket.village})
    found = [
        ticket
        for ticket in seen
        if state in {"all", state_of(ticket)}
        and (not village or ticket.village == village)
        and (not mine or _is_mine(adviser, ticket) or access.has_to(who, adviser, ticket, now))
    ]
    shown = [shown_of(ticket, names, now) for ticket in found[(page - 1) * PER_PAGE : page * PER_PAGE]]
    return render_template(
        "console/tickets/listing.html", shown=shown, found=len(found), state=state, states=STATES, village=village,
        villages=villages, mine=mine, page=page, pages=-(-len(found) // PER_PAGE), adviser=adviser, because=BECAUSE,
        answers=who.role in access.ANSWER,
    )  # fmt: skip


@blueprint.get("/<int:number>")
@allow(*access.SEE)
def page(number: int) -> str:
    """Show a question, what the bot said, and what can be done."""
    with services().store.writing() as db:
        ticket, adviser = _open(db, number)
        audit.note_view(db, who=user().name, what="看群众提问", about=wording.number(number), now=services().clock())
    with services().store.reading() as db:
        return _page_of(db, ticket, adviser, AnswerForm(text=ticket.answer or "", state=ticket.state))


@blueprint.post("/<int:number>/answer")
@allow(*access.ANSWER)
def answer(number: int) -> BaseResponse | str:
    """Answer a question, or show how the answer would read. Who was overtaken is asked first."""
    form, now = AnswerForm(), services().clock()
    with services().store.writing() as db:
        ticket, adviser = _open(db, number)
        if adviser is None or ticket.is_gone:
            flash(services().library.current.words.queue.gone if adviser else _NOT_LINKED, "warning")
            return redirect(url_for(".page", number=number))
        if ticket.answer == form.text.data and ticket.answered_by == adviser.number:
            return redirect(url_for(".page", number=number))
        if not form.validate_on_submit() or request.form.get("do") == "preview":
            return _page_of(db, ticket, adviser, form, preview=not form.errors)
        if form.state.data != ticket.state:
            return _page_of(db, ticket, adviser, form, overtaken=True)
        tickets.answer(db, number, form.text.data, adviser=adviser.number, now=now)
        if ticket.turn is not None:
            turns.answered_by(db, ticket.turn, adviser.role)
        audit.note(db, who=user().name, what="答复群众提问", about=wording.number(number), now=now)
    flash(f"{wording.number(number)} 的答复记下了。群众下次发消息或者发编号就能看到。", "success")
    return redirect(url_for(".page", number=number))


@blueprint.post("/<int:number>/pass")
@allow(*access.ANSWER)
def hand_on(number: int) -> BaseResponse:
    """Pass a question on to another adviser."""
    now = services().clock()
    with services().store.writing() as db:
        ticket, adviser = _open(db, number)
        people = {one.number: one for one in access.others(db, adviser)}
        to = people.get(request.form.get("to", 0, type=int))
        if adviser is None or to is None:
            flash("选一个人再转。" if adviser else _NOT_LINKED, "warning")
            return redirect(url_for(".page", number=number))
        if ticket.assigned != to.number:
            tickets.assign(db, number, to=to.number, adviser=adviser.number, now=now)
            audit.note(db, who=user().name, what="转办群众提问", about=f"{wording.number(number)} 给 {to.name}", now=now)
        still = access.may_see(user(), adviser, replace(ticket, assigned=to.number))
    flash(f"{wording.number(number)} 已转给{to.name}。", "success")
    return redirect(url_for(".page", number=number) if still else url_for(".listing"))


@blueprint.post("/<int:number>/close")
@allow(*access.ANSWER)
def close(number: int) -> BaseResponse:
    """Close a question without an answer, or one whose answer nobody fetched."""
    now, reason = services().clock(), request.form.get("reason", "")
    with services().store.writing() as db:
        ticket, adviser = _open(db, number)
        if adviser is None or reason not in REASONS:
            flash("选一个原因再办结。" if adviser else _NOT_LINKED, "warning")
            return redirect(url_for(".page", number=number))
        if ticket.closed_at is None:
            tickets.close(db, number, adviser=adviser.number, now=now, reason=reason)
            audit.note(db, who=user().name, what="办结群众提问", about=f"{wording.number(number)} {reason}", now=now)
    spoken = "请再到「台账」的线下咨询里记一笔。" if reason == REASONS[0] else ""
    flash(f"{wording.number(number)} 已办结。{spoken}", "success")
    return redirect(url_for(".page", number=number))


@blueprint.post("/<int:number>/draft")
@allow(*access.ANSWER)
def draft(number: int) -> BaseResponse:
    """Turn a question and its answer into the draft of an entry."""
    now = services().clock()
    with services().store.reading() as db:
        ticket, adviser = _open(db, number)
    if adviser is None or ticket.answer is None or ticket.question is None:
        flash("先答复，再做成条目草稿。" if adviser else _NOT_LINKED, "warning")
        return redirect(url_for(".page", number=number))
    id_ = f"ticket-{wording.number(number)}"
    try:
        path = to_new_entry(
            services().library.folder, ticket.question[:60], ticket.category or ELSEWHERE, [ticket.question[:200]],
            author=author(), by=adviser.name, at=now, today=local_day(now), answer=ticket.answer, id_=id_,
        )  # fmt: skip
    except history.NotRecorded as e:
        path = None
        flash(str(e), "warning")
    except (Refused, history.HistoryError, OSError) as e:
        flash(str(e), "danger")
        return redirect(url_for(".page", number=number))
    with services().store.writing() as db:
        if not any(event.what.startswith("drafted: ") for event in tickets.history(db, number)):
            tickets.note(db, number, f"drafted: {path.stem if path else id_}", now, adviser.number)
            audit.note(db, who=user().name, what="做成条目草稿", about=wording.number(number), now=now)
    flash("做成草稿了。补上依据和问法，审核签发以后才会发给群众。", "success")
    return redirect(link("console.faq.entry", id_=id_) or url_for(".page", number=number))


_NOT_LINKED = "您的账号还没有和顾问名册对上，不能答复。请管理员在「账号」里选好您是哪一位顾问。"


def _open(db: Database, number: int) -> tuple[Ticket, Adviser | None]:
    """Return a ticket and who the person is among the advisers; 404 for one that they may not see, as for none."""
    ticket = tickets.find(db, number) if number < 1 << 31 else None
    adviser = access.adviser_of(db, user())
    if ticket is None or not access.may_see(user(), adviser, ticket):
        abort(404)
    return ticket, adviser


def _page_of(
    db: Database, ticket: Ticket, adviser: Adviser | None, form: AnswerForm, *, preview: bool = False, overtaken: bool = False
) -> str:
    now = services().clock()
    names = {person.number: person.name for person in advisers.all_ever(db)}
    people = access.others(db, adviser)
    to = PassForm()
    to.to.choices = [SelectChoice(one.number, f"{one.name}（{one.role}，{one.village or '全镇'}）") for one in people]
    as_read = ""
    number = adviser.number if adviser else None
    answered = replace(ticket, answered_by=number, answered_at=stamp(now))
    snapshot = services().library.current
    if preview or overtaken:
        as_read = answer_text(db, snapshot.words, replace(answered, answer=form.text.data))
    if overtaken:
        form.state.data = ticket.state
    return render_template(
        "console/tickets/page.html", ticket=ticket, shown=shown_of(ticket, names, now), form=form, to=to, closing=CloseForm(),
        people=people, adviser=adviser, as_read=as_read, overtaken=overtaken, names=names, because=BECAUSE,
        frame=len(answer_text(db, snapshot.words, replace(answered, answer="")).encode()), limit=WECHAT_TEXT_BYTES,
        size=len(as_read.encode()), longest=LONGEST_ANSWER, others=tickets.others(db, ticket),
        thread=turns.thread(db, ticket.turn) if ticket.turn else [], entries=snapshot.entries,
        events=[(minute(event.at), told(event, names)) for event in tickets.history(db, ticket.number)],
        minute=minute, number=wording.number(ticket.number), not_linked=_NOT_LINKED,
    )  # fmt: skip


def _is_mine(adviser: Adviser | None, ticket: Ticket) -> bool:
    return adviser is not None and adviser.number in {ticket.assigned, ticket.answered_by}


def _page() -> int:
    return max(1, min(request.args.get("page", 1, type=int), 10_000))
