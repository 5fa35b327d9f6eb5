"""常见问题: the list, each entry. Writing, trying and signing are in ``faq_edit``, ``faq_try`` and ``faq_sign``."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, render_template, request

from bot.faq.edit import history, overview
from bot.faq.edit.drafting import File
from bot.faq.edit.editing import HEADINGS, Fields
from bot.faq.edit.entry_check import cited, plain
from bot.faq.edit.merging import merge
from bot.ledger.clock import CHINA
from handlers.console import faq_common as common
from handlers.console import faq_edit, faq_shared, faq_sign, faq_try
from handlers.console.access import ANYBODY, allow, user
from handlers.console.faq_shown import messages, of_entry
from handlers.console.links import link

blueprint = Blueprint("faq", __name__, url_prefix="/faq")
for part in (faq_edit, faq_try, faq_sign, faq_shared):
    blueprint.register_blueprint(part.blueprint)

PER_PAGE = 60
"""A phone shows as many without waiting; the rest is a page away."""

CHANGES = 5
_BESIDE = (("修改历史", "console.faq_history.listing"), ("用表格导入、导出", "console.faq_history.books.page"))
"""Pages of other parts of the console: what they are called here, and where they are."""


MOST = 1024 * 1024
"""A form with an entry in it, and the text from which it was made, is no larger."""


@blueprint.url_value_preprocessor
def _limit(endpoint: str | None, values: dict[str, object] | None) -> None:
    # Before the guard of the console, which reads the form for its token.
    if request.content_length is not None and request.content_length > MOST:
        abort(413)


@dataclass(frozen=True)
class Wanted:
    """What is looked for in the list."""

    words: str
    category: str
    status: str
    problem: str
    whose: str

    @property
    def args(self) -> dict[str, str]:
        """The same as parts of an address."""
        said = {"q": self.words, "category": self.category, "status": self.status, "problem": self.problem, "whose": self.whose}
        return {name: value for name, value in said.items() if value}


@blueprint.get("/")
@allow(*ANYBODY)
def listing() -> str:
    """Show the entries that are looked for."""
    args, today, now = request.args, common.today(), common.snapshot()
    wanted = Wanted(*(args.get(name, "").strip()[:100] for name in ("q", "category", "status", "problem", "whose")))
    findings = common.desk().checked.findings(common.folder(), now, today)
    rows = overview.rows(common.folder(), now, findings)
    found = list(overview.matching(
        rows, today, words=wanted.words, category=wanted.category, status=wanted.status, problem=wanted.problem
    ))  # fmt: skip
    stands = common.standings()
    if stands and wanted.whose:
        found = [row for row in found if (one := stands.get(row.id)) and one.kind == wanted.whose]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(max(args.get("page", 1, int), 1), pages)
    counts = {name: sum(test(row, today) for row in rows) for name, (_, test) in overview.FILTERS.items()}
    return render_template(
        "console/faq/listing.html",
        rows=found[(page - 1) * PER_PAGE : page * PER_PAGE], found=len(found), all=len(rows), wanted=wanted, today=today,
        page=page, pages=pages, filters=overview.FILTERS, problems=overview.PROBLEMS, counts=counts, few=overview.FEW,
        categories=common.categories([row.fields.category for row in rows]), edits=user().role in common.EDITORS,
        stands=stands, owners=faq_shared.NAMES, owned=Counter(one.kind for one in stands.values()),
        more=[(title, address) for title, name in _BESIDE if (address := link(name))],
    )  # fmt: skip


@blueprint.get("/entry/<id_>")
@allow(*ANYBODY)
def entry(id_: str) -> str:
    """Show an entry: what villagers see, what it is based on, what is wrong with it, what can be done with it."""
    now = common.held_or_404(id_)
    today, snapshot, role = common.today(), common.snapshot(), user().role
    file = now.live if now.live and now.live.entry else now.current
    shown = file.entry if file else None
    said = file.fields if file else None
    findings = common.desk().checked.one(common.folder(), snapshot, shown, today) if shown else []
    broken = [plain(f) for f in snapshot.findings if f.path.stem == id_ and f.path.suffix == ".md"]
    titles = {i: e.question for i, e in snapshot.entries.items()}
    return render_template(
        "console/faq/entry.html",
        id_=id_, now=now, shown=shown, said=said or Fields(), today=today, titles=titles,
        status=overview.STATUS[shown.status] if shown else overview.UNFINISHED,
        messages=messages(shown) if shown else (),
        basis=[cited(common.checked_folder(), line) for line in (said or Fields()).basis],
        findings=of_entry([*findings, *broken]), headings=HEADINGS, differences=_differences(now.live, now.draft),
        handed_in=faq_sign.handed_in(now), changes=_changes(file), history=link("console.faq_history.entry", id_=id_),
        edits=role in common.EDITORS, signs=role in common.SIGNERS, stops=role in common.STOPPERS,
        refusal=faq_sign.refusal(now) if role in common.SIGNERS else "",
        stands=common.standings().get(id_), owners=faq_shared.NAMES,
        only_signed=snapshot.only_signed, soon=_ends(overview.Row(id_, said or Fields(), shown), today),
    )  # fmt: skip


def _ends(row: overview.Row, today: date) -> bool:
    return row.ends_soon(today) or row.is_expired(today)


def _differences(live: File | None, draft: File | None) -> tuple[object, ...]:
    """Return what an edit that waits changes of what answers."""
    if live is None or draft is None or live.fields is None or draft.fields is None:
        return ()
    return merge(live.fields, draft.fields, live.fields).differences


def _changes(file: File | None) -> list[tuple[str, str, str]]:
    """Return when, who and why of the last changes."""
    try:
        found = history.log(common.folder(), file.path, CHANGES) if file else []
        return [(f"{one.at.astimezone(CHINA):%Y-%m-%d %H:%M}", one.author, one.why) for one in found]
    except history.HistoryError:
        return []
