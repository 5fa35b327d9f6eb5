"""The hotlines: what each is for, and when somebody called it last to see that it is right."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.check import HOTLINES_CHECKED
from bot.faq.edit import settings_files as files
from bot.faq.edit import setup as parts
from bot.faq.edit.settings_files import Document
from bot.faq.edit.setup import Values
from handlers.console import faq_common as common
from handlers.console.access import ANYBODY, allow
from handlers.console.setup_edit import SETTERS, Page, broken, document_of, keep, may_set, shown, stored, text_of
from handlers.console.setup_forms import DropForm, HotlineForm, SetupForm

blueprint = Blueprint("hotlines", __name__, url_prefix="/hotlines")

HOTLINES = "hotlines.yaml"
Shown = str | tuple[str, int]
Stored = BaseResponse | str | tuple[str, int]


@blueprint.get("/")
@allow(*ANYBODY)
def listing() -> Shown:
    """Show the hotlines and when each was checked last."""
    found = document_of(HOTLINES)
    if found is None:
        return broken(HOTLINES, "热线")
    return render_template(
        "console/setup/hotlines.html", found=found, may_set=may_set(), today=common.today(), late=HOTLINES_CHECKED,
        used=_in_cards(), form=FlaskForm(),
    )  # fmt: skip


@blueprint.get("/<number>")
@allow(*ANYBODY)
def hotline(number: str) -> Shown:
    """Show a hotline."""
    return shown(_hotline(number))


@blueprint.post("/<number>")
@allow(*SETTERS)
def save_hotline(number: str) -> Stored:
    """Save it."""
    return stored(_hotline(number))


@blueprint.get("/new")
@allow(*SETTERS)
def new_hotline() -> Shown:
    """Show an empty form of a hotline."""
    return shown(_hotline(None))


@blueprint.post("/new")
@allow(*SETTERS)
def add_hotline() -> Stored:
    """Add a hotline."""
    return stored(_hotline(None))


@blueprint.post("/<number>/checked")
@allow(*SETTERS)
def checked(number: str) -> Stored:
    """Note that somebody called a hotline today and found it right."""
    text, found = text_of(HOTLINES), document_of(HOTLINES)
    if found is None:
        return broken(HOTLINES, "热线")
    if parts.hotline(found, number) is None:
        abort(404)
    today = common.today()
    keep(
        HOTLINES,
        text,
        files.changed(text, lambda into: parts.put_hotline(into, number, {"checked": today})),
        f"核对了 {number}",
    )
    return redirect(url_for(".listing"))


@blueprint.route("/<number>/remove", methods=["GET", "POST"])
@allow(*SETTERS)
def drop_hotline(number: str) -> Stored:
    """Take a hotline out, unless an emergency card names it."""
    text, found = text_of(HOTLINES), document_of(HOTLINES)
    if found is None:
        return broken(HOTLINES, "热线")
    row = parts.hotline(found, number)
    if row is None:
        abort(404)
    if cards := _in_cards().get(number):
        flash(f"急事卡片（{'、'.join(cards)}）里用着 {number}，不能去掉。先由律师改急事卡片。", "danger")
        return redirect(url_for(".listing"))
    if len(found) == 1:
        flash("至少要有一条热线，不能去掉。", "danger")
        return redirect(url_for(".listing"))
    form = DropForm()
    if form.validate_on_submit():
        if not form.sure.data:
            form.sure.errors = ["先看过上面说的，再勾选这一项。"]
        else:
            keep(HOTLINES, text, files.changed(text, lambda into: parts.drop_hotline(into, number)), f"去掉热线 {number}")
            return redirect(url_for(".listing"))
    told = [f"{row['purpose']}：{row['when']}。条目答案里写的这个号码不跟着改。"]
    return render_template(
        "console/setup/drop.html", form=form, title=f"去掉热线 {number}", told=told, back=url_for(".listing")
    )


def _hotline(number: str | None) -> Page:
    def read(found: Document) -> Values | None:
        return {"checked": common.today()} if number is None else parts.hotline(found, number)

    def prepare(form: SetupForm, found: Document) -> None:
        form.others = [str(row["number"]) for row in found if str(row["number"]) != number]
        form.today = common.today()

    def write(found: Document, said: Values) -> None:
        parts.put_hotline(found, number, said)

    def warn(before: Values, after: Values) -> list[str]:
        cards = _in_cards().get(number or "", [])
        renamed = number is not None and after["number"] != number
        return [f"急事卡片（{'、'.join(cards)}）里用着 {number}，改了号码，卡片上就没有说明了。"] if renamed and cards else []

    title = "加一条热线" if number is None else f"热线 {number}"
    lead = "打一遍，通了、说的是这件事，再改核对日期。"
    return Page(title, lead, HOTLINES, HotlineForm, read, write, title, back=".listing", prepare=prepare, warn=warn)


def _in_cards() -> dict[str, list[str]]:
    """Return the emergency cards that name a number, by number."""
    found: dict[str, list[str]] = {}
    cards: Any = common.snapshot().crisis.cards
    for card in cards.kinds if cards else ():
        for number in card.hotlines:
            found.setdefault(number, []).append(card.kind)
    return found
