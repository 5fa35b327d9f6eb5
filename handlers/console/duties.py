"""值班任务: alarms that the law wants reported. They hold a kind, a village and a time; never who wrote or what."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import wording
from bot.ledger import advisers, duties
from bot.ledger.access import audit
from bot.ledger.access.users import JUSTICE
from bot.ledger.clock import local_time, moment
from bot.text import clean, mask
from handlers.console.access import allow, user
from handlers.services import services

blueprint = Blueprint("duties", __name__, url_prefix="/duties")

LAST = 20
LONGEST = 200


@blueprint.get("/")
@allow(JUSTICE)
def listing() -> str:
    """Show the tasks that wait, and the last that were finished."""
    return _listing()


def _listing(*, fault: str = "", of: int = 0, said: str = "") -> str:
    now = services().clock()
    with services().store.reading() as db:
        waiting, done = duties.unfinished(db), duties.finished(db, LAST)
        names = {person.number: person.name for person in advisers.all_ever(db)}
    late = {duty.number for duty in waiting if duty.acknowledged_at is None and now > moment(duty.acknowledge_by)}

    def minute(at: str) -> str:
        return wording.minute(local_time(moment(at)))

    return render_template(
        "console/tickets/duties.html", waiting=waiting, done=done, names=names, late=late, minute=minute, fault=fault, of=of,
        said=said, longest=LONGEST,
    )  # fmt: skip


@blueprint.post("/<int:number>/acknowledge")
@allow(JUSTICE)
def acknowledge(number: int) -> BaseResponse:
    """Take a task on; the first who does stays."""
    now = services().clock()
    with services().store.writing() as db:
        duty = duties.find(db, number)
        if duty is None:
            abort(404)
        if duty.acknowledged_at is None:
            duties.acknowledge(db, number, adviser=user().adviser, now=now)
            audit.note(db, who=user().name, what="确认值班任务", about=str(number), now=now)
            flash(f"任务{number}记下是您收到的。办完写上结果。", "success")
        else:
            flash(f"任务{number}已经有人收到了。", "info")
    return redirect(url_for(".listing"))


@blueprint.post("/<int:number>/finish")
@allow(JUSTICE)
def finish(number: int) -> BaseResponse | str:
    """Finish a task; what came of it is kept without numbers that lead to somebody."""
    now, outcome = services().clock(), clean(request.form.get("outcome", ""))
    if not outcome or len(outcome) > LONGEST:
        fault = f"最多{LONGEST}个字，请写短一点。" if outcome else "写上结果，比如：已联系派出所和妇联，人已安置。"
        return _listing(fault=fault, of=number, said=outcome)
    with services().store.writing() as db:
        duty = duties.find(db, number)
        if duty is None:
            abort(404)
        if duty.outcome is None:
            duties.finish(db, number, mask(outcome), adviser=user().adviser, now=now)
            audit.note(db, who=user().name, what="办结值班任务", about=str(number), now=now)
            flash(f"任务{number}已办结。", "success")
        else:
            flash(f"任务{number}已经办结过了，结果没有改。", "warning")
    return redirect(url_for(".listing"))
