"""Writing an entry: the form, its preview, saving it, and merging what two people changed."""

import re
from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.edit import history
from bot.faq.edit.drafting import Held, composed, held, taken
from bot.faq.edit.editing import Fault, Fields, fields_of, suggested_id, tidied, visible, with_phrasings
from bot.faq.edit.merging import Merged, merge
from bot.faq.edit.replay import Occupied
from bot.faq.entry import ID
from handlers.console import faq_ask
from handlers.console import faq_common as common
from handlers.console.access import allow, user
from handlers.console.faq_form import EntryForm
from handlers.console.faq_keep import keep, saved
from handlers.console.faq_shown import look

blueprint = Blueprint("edit", __name__)

LASTS = timedelta(days=365)
"""For how long a new entry is valid unless somebody says otherwise."""


@blueprint.route("/new", methods=["GET", "POST"])
@allow(*common.EDITORS)
def new() -> BaseResponse | str:
    """Write a new entry. ``?question=&answer=&category=&phrasing=`` fill it in."""
    form = EntryForm()
    if request.method == "GET":
        args = request.args
        until = f"{common.today() + LASTS:%Y-%m-%d}"
        said = Fields(args.get("question", ""), args.get("category", ""), tuple(args.getlist("phrasing")),
                      args.get("answer", ""), valid_until=until, author=user().shown)  # fmt: skip
        if token := args.get("parked"):
            edit = common.parked(token)
            said, form.id.data, form.why.data = edit.fields, edit.id, edit.why
        return _page(form, tidied(said), Held(""))
    said = form.said()
    wanted = (form.id.data or "").strip()
    faults = _faults_of_id(wanted) if wanted else ()
    twin = held(common.folder(), wanted or suggested_id(said.question, ()) if said.question else "")
    if twin.current and twin.current.fields == said:  # sent twice
        return redirect(common.home_of(twin.id))
    if twin.current and twin.current.fields and twin.current.fields.question == said.question:
        faults = (*faults, Fault("question", f"这个问题已经有一条（{twin.id}）", "去改那一条，或者换个问题"))
    id_ = suggested_id(said.question, taken(common.folder())) if not wanted else "new-entry" if faults else wanted
    return _posted(form, said, Held(id_), faults)


@blueprint.route("/entry/<id_>/edit", methods=["GET", "POST"])
@allow(*common.EDITORS)
def edit(id_: str) -> BaseResponse | str:
    """Edit an entry. ``?phrasing=`` adds phrasings to it."""
    now = common.held_or_404(id_)
    form = EntryForm()
    file = now.current
    before = file.fields if file else None
    if file is None or before is None:
        return render_template("console/faq/broken.html", id_=id_, file=file, findings=common.snapshot().findings)
    if request.method == "GET":
        form.base.data = file.text
        said = with_phrasings(before, request.args.getlist("phrasing"))
        if token := request.args.get("parked"):
            parked = common.parked(token)
            said, form.base.data, form.why.data = parked.fields, parked.base or "", parked.why
        return _page(form, said, now)
    return _posted(form, form.said(before), now, ())


@blueprint.post("/preview")
@allow(*common.EDITORS)
def preview() -> str:
    """Return what is being typed as villagers would see it, and what is wrong with it: a piece of a page, for the script."""
    form = EntryForm()
    said, id_ = form.said(), _id_typed(form)
    made = composed(said, held(common.folder(), id_), id_, common.today())
    return render_template("console/faq/preview.html", look=look(said, made, id_))


def _posted(form: EntryForm, said: Fields, now: Held, faults: tuple[Fault, ...]) -> BaseResponse | str:
    did = request.form.get("do", "save")
    if did in {"look", "try"}:
        return _page(form, said, now, faults=faults, ask=(form.ask.data or "").strip() if did == "try" else "")
    base = (form.base.data or "").replace("\r\n", "\n")
    said, undecided = _chosen(form, said, base, now)
    if did == "replay":
        unfit = (*faults, *undecided, *visible(said)[1], *composed(said, now, now.id, common.today()).faults)
        if unfit:
            return _page(form, said, now, faults=unfit)
        edit = common.Parked(user().name, now.id, said, base if now.current else None, (form.why.data or "").strip())
        return redirect(url_for("console.faq.tries.replay", token=common.park(edit)))
    if did not in {"save", "keep"}:
        abort(400)
    kept = keep(said, base, now, why=(form.why.data or "").strip(), unfinished=did == "keep", faults=(*faults, *undecided))
    if kept.path is not None:
        return saved(kept, now.id)
    merged = kept.merged
    if merged:
        form.older.data, form.base.data, form.conflicts.data = base, kept.base, ",".join(merged.conflicts)
    elif undecided and now.current:  # asked once more
        texts = ((form.older.data or "").replace("\r\n", "\n"), base)
        before, theirs = (fields_of(now.current.path, text) or Fields() for text in texts)
        merged = merge(before, theirs, said)
    return _page(form, kept.said, held(common.folder(), now.id), faults=kept.faults, merged=merged, may_wait=kept.is_unfinished)


def _chosen(form: EntryForm, said: Fields, base: str, now: Held) -> tuple[Fields, tuple[Fault, ...]]:
    """Settle the fields of which the editor had to choose: theirs, which is in the base, or what stands in the form."""
    file = now.current
    theirs = fields_of(file.path, base) if file else None
    undecided = []
    for name in filter(None, (form.conflicts.data or "").split(",")):
        take = request.form.get(f"take-{name}")
        if name not in Fields.__dataclass_fields__ or theirs is None:
            continue
        if take == "theirs":
            said = replace(said, **{name: getattr(theirs, name)})
        elif take != "mine":
            undecided.append(Fault(name, "两个人改得不一样", "选用哪一个"))
    return said, tuple(undecided)


def _page(
    form: EntryForm,
    said: Fields,
    now: Held,
    *,
    faults: tuple[Fault, ...] = (),
    merged: Merged | None = None,
    ask: str = "",
    may_wait: bool = False,
) -> str:
    id_ = now.id or _id_typed(form)
    form.fill(said)
    form.offer(now.id, said)
    made = composed(said, now, id_, common.today())
    trial = None
    if ask and (said.phrasings or said.question):
        try:
            trial = faq_ask.trial(said, made, id_, ask)
        except Occupied:
            flash("别人也在试，请过几秒再按一次。", "warning")
    return render_template(
        "console/faq/edit.html",
        form=form, now=now, id_=id_, faults=form.blame(faults), merged=merged, trial=trial, may_wait=may_wait,
        look=look(said, made, id_), only_signed=common.snapshot().only_signed, changed=_who(now) if merged else None,
    )  # fmt: skip


def _who(now: Held) -> history.Change | None:
    """Return the change by which the entry came to what it says now; None where that was made by hand."""
    if now.current is None:
        return None
    try:
        last = history.log(common.folder(), now.current.path, 1)
        text = history.text_at(common.folder(), now.current.path, last[0].id) if last else None
    except history.HistoryError:
        return None
    return last[0] if text == now.current.text else None


def _id_typed(form: EntryForm) -> str:
    typed = (form.id.data or "").strip()
    return typed if re.fullmatch(ID, typed) and len(typed) <= 64 else "new-entry"


def _faults_of_id(id_: str) -> tuple[Fault, ...]:
    if not re.fullmatch(ID, id_) or len(id_) > 64:
        return (Fault("id", "编号只能用小写字母、数字和短横线，字母开头", "改一下，或者留空，由程序起"),)
    if id_ in taken(common.folder()):
        return (Fault("id", "这个编号已经有了", "换一个，或者留空，由程序起"),)
    return ()
