"""Noting what was printed, posted and taken down."""

import secrets

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.ledger.access import audit
from bot.ledger.database import Database
from bot.notices import kept
from bot.notices.content import Content, title, version
from bot.notices.kept import Printed, Step
from bot.notices.phrases import MOST
from bot.text import clean
from handlers.console import notice_common as common
from handlers.console.access import allow, user
from handlers.console.notice_forms import NoteForm, StepForm, places
from handlers.console.notice_pages import entry_page, village_page
from handlers.services import services

blueprint = Blueprint("notes", __name__)

_STEPS: dict[str, tuple[Step, str]] = {
    "posted": ("posted", "记下贴出"), "down": ("down", "记下撤下"), "voided": ("voided", "作废张贴记录"),
}  # fmt: skip


@blueprint.post("/village")
@allow(*common.NOTERS)
def village() -> BaseResponse | str:
    """Note that a village's notice was printed."""
    name, texts = request.form.get("name", ""), request.form.getlist("say")[:MOST]
    form = NoteForm()
    content = common.village_content(name, texts)
    form.village.choices, form.village.data = [(name, name)], name
    if not form.validate_on_submit():
        return village_page(name, texts, form)
    return common.stale(content, form.v.data) or _noted(content, form, name)


@blueprint.post("/entry/<id_>")
@allow(*common.NOTERS)
def entry(id_: str) -> BaseResponse | str:
    """Note that an entry's 明白纸 was printed."""
    form = NoteForm()
    content = common.entry_content(id_)
    form.village.choices = places()
    if not form.validate_on_submit():
        return entry_page(id_, form)
    return common.stale(content, form.v.data) or _noted(content, form, form.village.data or None)


@blueprint.post("/all")
@allow(*(role for role in common.NOTERS if role in common.WHOLE_TOWN))
def all_() -> BaseResponse:
    """Note that the notices of all villages were printed, one each."""
    contents = [common.village_content(name) for name in common.villages()]
    if request.form.get("v") != common.version_of(contents):
        flash("内容刚刚有变化，没有记下。请重新下载、打印，再记。", "warning")
        return redirect(url_for("console.notices.listing"))
    token, done = request.form.get("token", "")[:40] or secrets.token_urlsafe(12), 0
    with services().store.writing() as db:
        for content in contents:
            name = content["about"]
            done += _note(db, f"{token}/{name}", content, village=name, copies=1, place=None, posted=False) is not None
    flash(f"记下了 {done} 个村的。" if done else "前面已经记过了。", "success")
    return redirect(url_for("console.notices.printed"))


@blueprint.post("/printed/<int:number>")
@allow(*common.NOTERS)
def step(number: int) -> BaseResponse:
    """Note what became of a printing."""
    found, said = _seen(number), StepForm().what.data
    if said not in _STEPS:
        abort(400)
    what, called = _STEPS[said]
    if not common.may_step(found, what):
        abort(403)
    now = services().clock()
    with services().store.writing() as db:
        if kept.step(db, number, what, who=user().name, now=now):
            audit.note(db, who=user().name, what=called, about=f"第{number}号 {title(found.content)}", now=now)
    flash("记下了。", "success")
    return redirect(url_for("console.notices.printed"))


def _noted(content: Content, form: NoteForm, village: str | None) -> BaseResponse:
    place = clean(form.place.data or "") or None
    token = (form.token.data or secrets.token_urlsafe(12))[:40]
    with services().store.writing() as db:
        posted, copies = bool(form.posted.data), form.copies.data
        number = _note(db, token, content, village=village, copies=copies, place=place, posted=posted)
        if number and form.down.data:
            _take_down(db, content, village, but=number)
    flash(f"记下了，第 {number} 号。" if number else "这一次前面已经记过了。", "success")
    return redirect(url_for("console.notices.printed"))


def _take_down(db: Database, content: Content, village: str | None, *, but: int) -> None:
    """Note that the same notice of before was replaced, where it hung."""
    now, same = services().clock(), (content["kind"], content["about"], village)
    for one in kept.printings(db, out=True):
        if (one.kind, one.about, one.village) == same and one.number != but:
            kept.step(db, one.number, "down", who=user().name, now=now)
            audit.note(db, who=user().name, what="记下撤下", about=f"第{one.number}号 {title(one.content)}", now=now)


def _note(
    db: Database, token: str, content: Content, *, village: str | None, copies: int, place: str | None, posted: bool
) -> int | None:
    who, now = user(), services().clock()
    number = kept.note(
        db, f"{who.number}/{token}", content, village=village, copies=copies, place=place, posted=posted, who=who.name, now=now
    )
    if number is not None:
        about = f"第{number}号 {title(content)} {copies} 份 版本 {version(content)}"
        audit.note(db, who=who.name, what="记下贴出" if posted else "记下打印", about=about, now=now)
    return number


def _seen(number: int) -> Printed:
    """Return a printing that somebody sees; 404 for any other."""
    with services().store.reading() as db:
        found = kept.find(db, number)
    if found is None or not common.seen(found):
        abort(404)
    return found
