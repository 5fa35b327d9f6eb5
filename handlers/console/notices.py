"""张贴材料: what to print for each village and entry, what hangs. Files are in ``notice_files``, notes in ``_notes``."""

import secrets
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.entry import Entry
from bot.ledger.access import users
from bot.ledger.access.users import ADMIN
from bot.notices import asked
from bot.notices.content import ENTRY, VILLAGE, phrases_of, title
from bot.notices.kept import Printed
from bot.notices.phrases import MOST
from handlers.console import notice_common as common
from handlers.console import notice_files, notice_notes, notice_pictures
from handlers.console.access import ANYBODY, allow, user
from handlers.console.notice_forms import NoteForm, StepForm
from handlers.console.notice_pages import entry_page, minute, village_page
from handlers.services import services

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
for part in (notice_files, notice_notes, notice_pictures):
    blueprint.register_blueprint(part.blueprint)

FOUND, FREQUENT, PER_PAGE = 40, 8, 50
"""Entries that a search shows, entries that are named without one, printings on a page."""


@dataclass(frozen=True)
class Line:
    """A village on the first page, and its last printing that is still out."""

    name: str
    adviser: str
    duty: str
    last: Printed | None


@blueprint.get("/")
@allow(*ANYBODY)
def listing() -> str:
    """Show what can be printed, and what has to be printed again."""
    words = request.args.get("q", "").strip()[:50]
    out = common.printings(out=True)
    changed = common.changes(out)
    made = common.now()
    town = made.snapshot.town
    last: dict[str, Printed] = {}
    for one in out:
        if one.kind == VILLAGE:
            last.setdefault(one.about, one)
    lines = [
        Line(v.name, v.adviser.name, v.adviser.duty, last.get(v.name)) for v in (town.villages if town else ())
        if user().looks_after(v.name)
    ]  # fmt: skip
    return render_template(
        "console/notices/listing.html",
        lines=lines, changed=[(one, changed[one.number]) for one in out if one.number in changed], words=words,
        entries=_entries(words), most=FOUND, kinds=(VILLAGE, ENTRY), minute=minute, title=title, out=len(out),
        whole=user().role in common.WHOLE_TOWN, notes=user().role in common.NOTERS, draws=user().role == ADMIN,
        picture=bool(made.pictures), address=made.address, example=bool(town and town.example), again=again,
        bound=common.own_village(),
    )  # fmt: skip


@blueprint.get("/village")
@allow(*ANYBODY)
def village() -> BaseResponse | str:
    """Show a village's notice as it would be printed now."""
    name = request.args.get("name", "") or common.own_village()
    if not name:
        return redirect(url_for("console.notices.listing"))
    return village_page(name, request.args.getlist("say")[:MOST], NoteForm(formdata=None))


@blueprint.get("/all")
@allow(*common.WHOLE_TOWN)
def all_() -> BaseResponse | str:
    """Show what to do to print for all villages at once."""
    contents = [common.village_content(name) for name in common.villages()]
    if not contents:
        return redirect(url_for("console.notices.listing"))
    return render_template(
        "console/notices/all.html",
        contents=contents, v=common.version_of(contents), token=secrets.token_urlsafe(12), notes=user().role in common.NOTERS,
        form=StepForm(formdata=None), no_picture=[c["about"] for c in contents if not c["picture"]],
        example=contents[0]["example"],
    )  # fmt: skip


@blueprint.get("/entry/<id_>")
@allow(*ANYBODY)
def entry(id_: str) -> str:
    """Show an entry's 明白纸 as it would be printed now."""
    return entry_page(id_, NoteForm(formdata=None))


@blueprint.get("/printed")
@allow(*ANYBODY)
def printed() -> str:
    """Show what was printed, where it hangs, and what of it is no longer so."""
    all_ = request.args.get("all") == "1"
    found = [one for one in common.printings() if all_ or one.is_out]
    changed = common.changes(found)
    found.sort(key=lambda one: one.number not in changed)
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    with services().store.reading() as db:
        names = {person.name: person.shown for person in users.everybody(db)}
    return render_template(
        "console/notices/printed.html",
        rows=found[(page - 1) * PER_PAGE : page * PER_PAGE], found=len(found), changed=changed, page=page, pages=pages,
        all=all_, names=names, minute=minute, title=title, may=common.may_step, again=again, form=StepForm(formdata=None),
        bound=common.own_village(),
    )  # fmt: skip


def again(one: Printed) -> str:
    """Return where a notice is printed again, with the phrases that still lead to their entries; "" where it is gone."""
    made = common.now()
    if one.kind == VILLAGE:
        texts = [p.say for p in phrases_of(one.content) if made.answers(p.say) == p.entry]
        there = made.snapshot.village(one.about) is not None
        return common.page_of(VILLAGE, one.about, say=texts) if there else ""
    return common.page_of(ENTRY, one.about) if made.snapshot.servable(one.about, made.today) else ""


def _entries(words: str) -> list[Entry]:
    """Return the entries that are looked for; without a word those that most people asked for."""
    made = common.now()
    categories = made.snapshot.categories(made.today)
    if not words:
        return asked.ranked((), common.most_asked()[asked.TOWN], categories, ())[:FREQUENT]
    all_entries = [entry for entries in categories.values() for entry in entries]
    parts = words.lower().split()
    return [e for e in all_entries if all(p in f"{e.question} {e.category} {e.id}".lower() for p in parts)][: FOUND + 1]
