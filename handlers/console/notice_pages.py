"""The page of a village's notice and of an entry's 明白纸."""

from flask import render_template

from bot.ledger.access.users import ADMIN
from bot.ledger.clock import local_time, moment
from bot.notices import paper
from bot.notices.content import ENTRY, VILLAGE, phrases_of
from bot.notices.kept import Printed
from bot.notices.phrases import HALF, MOST
from handlers.console import notice_common as common
from handlers.console.access import user
from handlers.console.links import link
from handlers.console.notice_forms import NoteForm


def village_page(name: str, texts: list[str], form: NoteForm) -> str:
    """Return the page of a village's notice, with a form to note a printing."""
    content = common.village_content(name, texts)
    _, unanswered = common.now().said(texts)
    shown = phrases_of(content)
    chosen = [p.say for p in shown] if texts else []
    form.named(content, chosen)
    return render_template(
        "console/notices/village.html",
        content=content, args=common.args(content, chosen=chosen), form=form, shown=shown, unanswered=unanswered,
        spare=range(MOST - len(shown)), pages=common.pages(content), no_font=paper.NO_FONT,
        history=_history(VILLAGE, name), notes=user().role in common.NOTERS, minute=minute, longest=HALF,
        draws=user().role == ADMIN,
    )  # fmt: skip


def entry_page(id_: str, form: NoteForm) -> str:
    """Return the page of an entry's 明白纸, with a form to note a printing."""
    content = common.entry_content(id_)
    form.named(content)
    return render_template(
        "console/notices/entry.html",
        content=content, args=common.args(content), form=form, pages=common.pages(content), no_font=paper.NO_FONT,
        history=_history(ENTRY, id_), notes=user().role in common.NOTERS, minute=minute, draws=user().role == ADMIN,
        faq=link("console.faq.entry", id_=id_),
    )  # fmt: skip


def minute(stamped: str) -> str:
    """Return a moment as the town's clocks showed it."""
    return f"{local_time(moment(stamped)):%Y-%m-%d %H:%M}"


def _history(kind: str, about: str) -> list[Printed]:
    return [one for one in common.printings() if (one.kind, one.about) == (kind, about)][:5]
