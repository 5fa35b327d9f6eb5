"""Trying questions, on what is served and on an edit; and asking the villagers' last questions again before it is saved."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from weakref import ref

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.edit.drafting import composed, held
from bot.faq.edit.replay import MOST, Occupied, Said
from bot.faq.edit.replay import replay as ask_again
from bot.faq.library import Snapshot
from bot.ledger.access.users import MINDER
from bot.ledger.turns import questions_asked
from handlers.console import faq_common as common
from handlers.console import faq_keep
from handlers.console.access import ANYBODY, allow, user
from handlers.console.faq_ask import LONGEST, Trial, answering, ask, said_of
from handlers.console.faq_shown import as_entry
from handlers.services import services

logger = logging.getLogger(__name__)
blueprint = Blueprint("tries", __name__)

KEPT_RUNS = 20
SECONDS = 2


@blueprint.get("/try")
@allow(*ANYBODY)
def page() -> str:
    """Try a question on what is served."""
    question = request.args.get("q", "").strip()[:LONGEST]
    found = Trial(question, ask(common.snapshot(), question)) if question else None
    return render_template("console/faq/try.html", trial=found, question=question)


@blueprint.route("/replay/<token>", methods=["GET", "POST"])
@allow(*common.EDITORS)
def replay(token: str) -> BaseResponse | str:
    """Show which of the villagers' questions an edit gives another answer; save it from here."""
    edit = common.parked(token)
    now = held(common.folder(), edit.id)
    back = url_for("console.faq.edit.edit", id_=edit.id, parked=token)
    if edit.base is None and now.current is None:
        back = url_for("console.faq.edit.new", parked=token)
    if request.method == "POST":
        if edit.signing:
            abort(404)
        kept = faq_keep.keep(edit.fields, edit.base or "", now, why=edit.why, unfinished=False)
        if kept.path is not None:
            return faq_keep.saved(kept, edit.id)
        if kept.merged:
            flash("别人刚刚也改了这一条，还没有保存。请在这里再按一次「保存」，看看他改了什么，合在一起。", "warning")
        for fault in kept.faults:
            flash(f"没有保存。{fault}", "danger")
        return redirect(back)
    run = common.desk().runs.get(token)
    if run is None:
        run = _start(token, edit)
    elif request.args.get("again") and (run.found or run.failed):
        _start(token, edit)
        return redirect(url_for(".replay", token=token))
    response = make_response(render_template(
        "console/faq/replay.html", run=run, edit=edit, token=token, back=back, own=user().role == MINDER, most=MOST,
        only_signed=common.snapshot().only_signed, is_beside=_waits(now),
    ))  # fmt: skip
    if run.found is None and not run.failed:
        response.headers["Refresh"] = str(SECONDS)
    return response


def _waits(now: object) -> bool:
    live = getattr(now, "live", None)
    return live is not None and live.entry is not None and live.entry.status == "signed"


def _start(token: str, edit: common.Parked) -> common.Run:
    """Ask the questions again in the background; whoever reads the page sees how far it is."""
    desk, base, store, clock = common.desk(), common.snapshot(), services().store, services().clock
    village = user().village or "" if user().role == MINDER else None
    made = composed(edit.fields, held(common.folder(), edit.id), edit.id, common.today())
    entry = answering(base, as_entry(edit.fields, made, edit.id))
    for old in [name for name, run in desk.runs.items() if run.found or run.failed][: -KEPT_RUNS or None]:
        del desk.runs[old]
    run = desk.runs[token] = common.Run()

    def work() -> None:
        try:
            with desk.turn:
                run.said = "正在读群众最近的问题"
                questions = questions_asked(store, village=village, limit=MOST)
                run.said = "正在学改过的问法，要二三十秒"
                after = desk.trials.snapshot(base, entry, learn=True) if questions else base
                run.said = "正在一个一个地比"
                old = _remembered(desk, base, clock())
                run.found = ask_again(
                    questions, old, lambda q: said_of(after, q, clock()), edited=entry.id,
                    tell=lambda done, of: vars(run).update(done=done, of=of),
                )  # fmt: skip
        except Occupied:
            run.failed = "别人正在试，没有轮到"
        except Exception:  # shown on the page; the server goes on
            logger.exception("没能比对群众的问题")
            run.failed = "出错了，没有比完"

    threading.Thread(target=work, name="replay", daemon=True).start()
    return run


def _remembered(desk: common.Desk, base: Snapshot, now: datetime) -> Callable[[str], Said]:
    """Return how questions are answered now; what was asked of the same snapshot before is not asked again."""
    last = desk.before[0]
    if not (isinstance(last, ref) and last() is base):
        desk.before = ref(base), {}
    known = desk.before[1]

    def answer(question: str) -> Said:
        if question not in known:
            known[question] = said_of(base, question, now)
        return known[question]

    return answer
