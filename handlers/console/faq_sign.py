"""From draft to live: handing in, signing by a second person, withdrawing and bringing back, dropping an edit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, HiddenField, StringField

from bot.faq.edit import drafting, history, review
from bot.faq.edit.drafting import Held, NotAllowed
from bot.faq.edit.editing import Composed, Fields, is_day
from bot.faq.edit.merging import merge
from bot.faq.edit.review import Waiting
from bot.faq.entry import Entry
from handlers.console import faq_common as common
from handlers.console.access import allow, user
from handlers.console.faq_shown import Look, look
from handlers.services import services

blueprint = Blueprint("signing", __name__)

LASTS, LONGEST = timedelta(days=365), timedelta(days=3 * 366)
"""For how long a signature holds unless the signer says otherwise, and at most."""


class SignForm(FlaskForm):  # type: ignore[misc]
    """Signing an entry. seen: what the signer read, as ``history.digest`` says it."""

    valid_until = StringField("有效期至")
    read = BooleanField("我已通读全文，答案和依据没有错")
    seen = HiddenField()


@blueprint.route("/entry/<id_>/sign", methods=["GET", "POST"])
@allow(*common.SIGNERS)
def sign(id_: str) -> BaseResponse | str:
    """Read what waits to be signed, beside what is signed, and sign it."""
    now, form = common.held_or_404(id_), SignForm()
    entry = now.current.entry if now.current else None
    if now.current is None or entry is None:
        flash("这一条还没有写完，不能签发。", "warning")
        return redirect(common.home_of(id_))
    if request.method == "GET":
        form.seen.data = history.digest(now.current.text)
        form.valid_until.data = f"{common.today() + LASTS:%Y-%m-%d}"
        return _page(form, now, entry)
    if form.seen.data != history.digest(now.current.text):
        flash("这一条刚刚被人改过，没有签发。下面是现在的内容，请重新看一遍。", "warning")
        return redirect(url_for("console.faq.signing.sign", id_=id_))
    until = (form.valid_until.data or "").strip()
    problems = []
    if not is_day(until) or not common.today() < date.fromisoformat(until) <= common.today() + LONGEST:
        form.valid_until.errors = ["要写今天以后、三年以内的日期。"]
        problems.append("有效期至：要写今天以后、三年以内的日期。")
    if not form.read.data:
        form.read.errors = ["请通读以后打勾。"]
        problems.append("请通读以后打勾。")
    if not problems and ((reason := refusal(now)) or _look(now, entry, until).errors):
        problems.append(reason or "还有错误没有改，不能签发。")
    if problems:
        return _page(form, now, entry, problems)
    try:
        drafting.sign(
            common.folder(), now, reviewer=user().shown, valid_until=date.fromisoformat(until), author=common.author(),
            today=common.today(), at=services().clock(),
        )  # fmt: skip
    except history.NotRecorded as e:
        flash(str(e), "warning")
    except (history.HistoryError, NotAllowed, OSError) as e:
        return _page(form, now, entry, [str(e)])
    common.note("签发常见问题", id_)
    flash(f"已签发，有效期至 {until}。几秒后群众看到的就是这一版。", "success")
    return redirect(common.home_of(id_))


@blueprint.post("/entry/<id_>/hand-in")
@allow(*common.EDITORS)
def hand_in(id_: str) -> BaseResponse:
    """Hand a draft in to be signed."""
    now = common.held_or_404(id_)
    file, entry = now.current, now.current.entry if now.current else None
    if file is None or entry is None or entry.status != "draft":
        flash("这一条没有写完，或者不用签发，没有送审。", "warning")
        return redirect(common.home_of(id_))
    if handed_in(now):
        flash("已经送审了。", "info")
        return redirect(common.home_of(id_))
    with _told("已送审。法律顾问或司法所在「送审的」里能看到。", "送审常见问题", id_):
        review.hand_in(
            common.folder(),
            id_,
            file.text,
            by=user().shown,
            author=common.author(),
            today=common.today(),
            at=services().clock(),
        )
    return redirect(common.home_of(id_))


@blueprint.post("/entry/<id_>/stop")
@allow(*common.STOPPERS)
def stop(id_: str) -> BaseResponse:
    """Withdraw an entry: it answers nobody from now on."""
    with _told("已停用。几秒后不再用它回答；随时可以恢复。", "停用常见问题", id_):
        drafting.turn(common.folder(), common.held_or_404(id_), off=True, author=common.author(), at=services().clock())
    return redirect(common.home_of(id_))


@blueprint.post("/entry/<id_>/resume")
@allow(*common.STOPPERS)
def resume(id_: str) -> BaseResponse:
    """Bring a withdrawn entry back as a draft."""
    with _told("已恢复成草稿，要重新签发。", "恢复常见问题", id_):
        drafting.turn(common.folder(), common.held_or_404(id_), off=False, author=common.author(), at=services().clock())
    return redirect(common.home_of(id_))


@blueprint.route("/entry/<id_>/discard", methods=["GET", "POST"])
@allow(*common.EDITORS)
def discard(id_: str) -> BaseResponse | str:
    """Drop the edit that waits beside an entry, after asking once more."""
    now = common.held_or_404(id_)
    if now.draft is None:
        return redirect(common.home_of(id_))
    if request.method == "GET":
        return render_template("console/faq/discard.html", id_=id_, now=now, said=now.draft.fields or Fields())
    with _told("这份修改稿不要了；在历史里还找得回来。", "不要常见问题的修改稿", id_):
        drafting.discard(common.folder(), now, author=common.author(), at=services().clock())
    return redirect(common.home_of(id_) if now.live else url_for("console.faq.listing"))


@blueprint.post("/entry/<id_>/replay")
@allow(*common.SIGNERS)
def replay(id_: str) -> BaseResponse:
    """Look which questions get another answer once what waits is signed."""
    now = common.held_or_404(id_)
    if now.current is None or now.current.entry is None or now.current.fields is None:
        abort(404)
    edit = common.Parked(user().name, id_, now.current.fields, now.current.text, signing=True)
    return redirect(url_for("console.faq.tries.replay", token=common.park(edit)))


def refusal(now: Held) -> str:
    """Return why the person who asks may not sign what waits; empty where they may."""
    try:
        editor = drafting.last_editor(common.folder(), now)
    except history.HistoryError as e:
        return str(e)
    waits = now.draft is not None or (now.live is not None and now.live.entry is not None and now.live.entry.status == "draft")
    if waits and common.is_mine(editor):
        return "这一版是您自己改的，要由另一位法律顾问或司法所的人签发。"
    return ""


def handed_in(now: Held) -> Waiting | None:
    """Return who handed in what waits, as it is now."""
    found = review.waiting(common.folder()).get(now.id)
    return found if found and now.current and found.version == history.digest(now.current.text) else None


def _page(form: SignForm, now: Held, entry: Entry, problems: list[str] | None = None) -> str:
    live = now.live.fields if now.live and now.draft else None
    said = now.current.fields if now.current else None
    until = form.valid_until.data or ""
    return render_template(
        "console/faq/sign.html",
        id_=now.id, now=now, entry=entry, form=form, problems=problems or [],
        look=_look(now, entry, until), refusal=refusal(now),
        differences=merge(live, said, live).differences if live and said else (), handed_in=handed_in(now),
        editor=_editor(now), titles={i: e.question for i, e in common.snapshot().entries.items()},
    )  # fmt: skip


def _editor(now: Held) -> str:
    try:
        return drafting.last_editor(common.folder(), now) or "不明"
    except history.HistoryError:
        return "不明"


def _look(now: Held, entry: Entry, until: str) -> Look:
    """Return what is to be signed as it is once it is signed."""
    day = date.fromisoformat(until) if is_day(until) else common.today() + LASTS
    signed = drafting.as_signed(entry, user().shown, common.today(), day)
    said = now.current.fields if now.current else None
    return look(replace(said or Fields(), valid_until=f"{day}"), Composed(signed.category, "", signed, ()), now.id)


@contextmanager
def _told(done: str, what: str, id_: str) -> Iterator[None]:
    """Say that something was done and put it into the security log, or say why it was not."""
    try:
        yield
    except history.NotRecorded as e:
        flash(str(e), "warning")
        common.note(what, id_)
    except (history.HistoryError, NotAllowed, OSError) as e:
        flash(str(e), "warning")
    else:
        flash(done, "success")
        common.note(what, id_)
