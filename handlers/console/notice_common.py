"""What every page of 张贴材料 needs: notices as they are now, who may do what, papers to send."""

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import abort, flash, redirect, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.dialogue.rules import preview
from bot.faq.counting import FILE as COUNTING
from bot.faq.counting import read_counting
from bot.faq.library import Snapshot
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER
from bot.ledger.clock import local_day
from bot.notices import asked, kept, paper, pictures
from bot.notices.content import VILLAGE, Content, to_json, version
from bot.notices.kept import Printed
from bot.notices.now import Now
from bot.notices.paper import NoFont, Sheet
from bot.notices.phrases import phrases
from handlers.console.access import user
from handlers.services import services

NOTERS = (ADMIN, CLERK, JUSTICE, LAWYER, MINDER)
"""Who notes what was printed and posted."""

WHOLE_TOWN = (ADMIN, CLERK, JUSTICE, LAWYER, READER)
"""Who sees the notices of all villages."""

STRIKERS = (ADMIN, CLERK, JUSTICE)
"""Who strikes out what somebody else noted."""

_PREVIEWS = 24


@dataclass
class _Known:
    """What the dialogue answers, as far as it was asked, of one state of the knowledge on one day."""

    snapshot: Snapshot
    today: date
    answers: dict[str, str | None] = field(default_factory=dict)
    previews: dict[str, list[bytes]] = field(default_factory=dict)
    asked: dict[str, list[str]] = field(default_factory=dict)


def today() -> date:
    """Return the day in the town."""
    return local_day(services().clock())


def now() -> Now:
    """Return what notices are made from at this moment."""
    with services().store.reading() as db:
        found = pictures.digests(db)
    known = _known()
    return Now(known.snapshot, known.today, found, services().settings.public_url, _answers)


def own_village() -> str | None:
    """Return the village that somebody is bound to ("" where they should be, and are not); None: they see all."""
    return (user().village or "") if user().role == MINDER else None


def villages() -> list[str]:
    """Return the villages whose notices somebody sees."""
    town = services().library.current.town
    return [v.name for v in (town.villages if town else ()) if user().looks_after(v.name)]


def village_content(name: str, texts: Sequence[str] = ()) -> Content:
    """Return a village's notice with the phrases that were chosen, else those of what is asked most; 404 for another's."""
    if not user().looks_after(name):
        abort(404)
    made = now()
    chosen, _ = made.said(texts)
    if not chosen:
        sensitive = read_counting(services().settings.knowledge_dir / COUNTING)[0].sensitive
        most = most_asked()
        categories = made.snapshot.categories(made.today)
        ranked = asked.ranked(most.get(name, ()), most[asked.TOWN], categories, sensitive)
        chosen = list(phrases(ranked, made.answers))
    return made.village(name, chosen) or abort(404)


def most_asked() -> dict[str, list[str]]:
    """Return which entries each village and the town asked for most."""
    known = _known()
    if not known.asked:
        with services().store.reading() as db:
            known.asked = asked.most_asked(db, known.today)
    return known.asked


def entry_content(id_: str) -> Content:
    """Return an entry's 明白纸; 404 where it may not answer today."""
    return now().entry(id_) or abort(404)


def sheet(content: Content) -> Sheet:
    """Return a notice to print today."""
    with services().store.reading() as db:
        picture = pictures.by_digest(db, content["picture"]) if content["picture"] else None
    return Sheet(content, today(), picture)


def previews(content: Content) -> list[bytes]:
    """Return the pages of a notice as small pictures. Raises NoFont."""
    cache, key = _known().previews, to_json(content)
    if key not in cache:
        while len(cache) >= _PREVIEWS:
            cache.pop(next(iter(cache)), None)
        cache[key] = paper.to_png(sheet(content), ppi=paper.SCREEN_PPI)
    return cache[key]


def pages(content: Content) -> int:
    """Return how many pages a notice has; 0 where this machine cannot print it."""
    try:
        return len(previews(content))
    except NoFont:
        return 0


def args(content: Content, *, chosen: Sequence[str] = ()) -> dict[str, Any]:
    """Return what an address needs to name a notice as it is now; ``chosen``: phrases that somebody chose."""
    named = {"name": content["about"], "say": list(chosen)} if content["kind"] == VILLAGE else {"id_": content["about"]}
    return named | {"v": version(content)}


def page_of(kind: str, about: str, **more: Any) -> str:
    """Return the address of a notice's page."""
    if kind == VILLAGE:
        return url_for("console.notices.village", name=about, **more)
    return url_for("console.notices.entry", id_=about, **more)


def stale(content: Content, wanted: str | None) -> BaseResponse | None:
    """Lead to the page of a notice that is no longer the one (its version) that somebody looked at."""
    if wanted in {None, version(content)}:
        return None
    flash("内容刚刚有变化，下面是新的。请看过再打印。", "warning")
    return redirect(page_of(content["kind"], content["about"]))


def version_of(contents: Sequence[Content]) -> str:
    """Return the name of several notices together."""
    return hashlib.sha256("".join(map(version, contents)).encode()).hexdigest()[:8]


def file(raw: bytes, name: str, type_: str, *, shown: bool = False) -> BaseResponse:
    """Send a paper; ``shown``: to be looked at in the page, not to be saved."""
    safe = re.sub(r'[\x00-\x1f\\/:*?"<>|]', "", name)[:100]
    return send_file(io.BytesIO(raw), mimetype=type_, as_attachment=not shown, download_name=safe, max_age=0)


def no_font(problem: NoFont) -> BaseResponse:
    """Say that this machine cannot make PDF and pictures."""
    flash(str(problem), "danger")
    return redirect(url_for("console.notices.listing"))


def file_name(content: Content, ending: str) -> str:
    """Return what a paper is called: 示例镇-示例一村-张贴单.pdf."""
    what = f"{content['about']}-张贴单" if content["kind"] == VILLAGE else f"明白纸-{content['question'].rstrip('？?')}"
    return f"{content['town']}-{what}.{ending}"


def seen(printed: Printed) -> bool:
    """Tell whether somebody sees a printing: a 法律明白人 those of their village."""
    return user().looks_after(printed.village)


def may_step(printed: Printed, what: str) -> bool:
    """Tell whether somebody may note what became of a printing."""
    if user().role not in NOTERS or not seen(printed):
        return False
    return what != "voided" or user().role in STRIKERS or printed.printed_by == user().name


def changes(found: Sequence[Printed]) -> dict[int, list[str]]:
    """Return what of each printing (its number) that is still out is no longer as it was printed."""
    made, known = now(), dict[str, list[str]]()
    out = {}
    for one in found:
        if one.is_out:
            key = f"{one.kind} {one.about} {one.version}"
            if key not in known:
                known[key] = made.changes(one.content)
            out[one.number] = known[key]
    return {number: said for number, said in out.items() if said}


def printings(*, out: bool = False, limit: int | None = None) -> list[Printed]:
    """Return the printings that somebody sees, the last one first."""
    with services().store.reading() as db:
        return kept.printings(db, village=own_village(), out=out, limit=limit)


def _answers(text: str) -> str | None:
    known = _known()
    if text not in known.answers:
        found = preview(text, known.snapshot, services().clock())
        known.answers[text] = found.entry.id if found.decision == "answer" and found.entry else None
    return known.answers[text]


def _known() -> _Known:
    snapshot, day = services().library.current, today()
    here = services().kept
    found: _Known | None = here.get("notices")
    if found is None or found.snapshot is not snapshot or found.today != day:
        found = here["notices"] = _Known(snapshot, day)
    return found
