"""In a town among several: how an entry stands to the county's shared one, side by side, and taking that one back."""

from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.edit import history, shared
from bot.faq.edit.differences import compared
from bot.faq.edit.drafting import File
from bot.faq.edit.shared import Standing
from handlers.console import faq_common as common
from handlers.console.access import ANYBODY, allow, user
from handlers.console.saving import saved
from handlers.services import services

blueprint = Blueprint("shared", __name__)

TAKERS = common.STOPPERS
"""Who may put another answer in the place of the town's own."""

NAMES: Mapping[str, str] = {"shared": "县里共用", "own": "本镇自己的", "newer": "县里有更新"}


@blueprint.get("/entry/<id_>/shared")
@allow(*ANYBODY)
def page(id_: str) -> str:
    """Show the town's entry beside the shared one."""
    stands, live = _found(id_)
    there = _theirs(stands)
    return render_template(
        "console/faq/shared.html",
        id_=id_, said=live.fields, stands=stands, name=NAMES[stands.kind], base=history.digest(live.text),
        parts=compared(f"faq/-/{id_}.md", live.text, there) if there is not None else (), takes=user().role in TAKERS,
    )  # fmt: skip


@blueprint.post("/entry/<id_>/shared/take")
@allow(*TAKERS)
def take(id_: str) -> BaseResponse:
    """Put the shared entry in the place of the town's own."""
    stands, live = _found(id_)
    if stands.kind == "shared" or stands.there is None:
        abort(404)
    expected = {live.path: request.form.get("base", "")}
    return _decided(
        id_, "换回县里共用", "换好了，两秒内生效。以后县里改了，这一条会跟着改。",
        lambda place: shared.take_back(
            place, common.folder(), id_, author=common.author(), now=services().clock(), expected=expected
        ),
    )  # fmt: skip


@blueprint.post("/entry/<id_>/shared/keep")
@allow(*TAKERS)
def keep(id_: str) -> BaseResponse:
    """Go on with the town's own, and be told no more of this change of the shared one."""
    if _found(id_)[0].kind != "newer":
        abort(404)
    return _decided(
        id_, "仍用本镇的", "记下了，仍用本镇自己的。县里下次再改，这里会再提醒。",
        lambda place: shared.keep_own(place, common.folder(), id_, author=common.author(), now=services().clock()),
    )  # fmt: skip


def _decided(id_: str, what: str, done: str, do: Callable[[Path], None]) -> BaseResponse:
    place = common.shared()
    if place is None:
        abort(404)
    try:
        if saved(lambda: do(place)):
            common.note(what, id_)
            flash(done, "success")
    except history.Changed:
        flash("您看的时候这一条又变了，还没有换。看看现在的样子再决定。", "warning")
    except LookupError:
        flash("县里那一条刚刚变了，什么也没有改。", "warning")
    return redirect(common.home_of(id_))


def _found(id_: str) -> tuple[Standing, File]:
    """Return how an entry stands and its file that answers; 404 where the installation has one town only, or there is none."""
    live = common.held_or_404(id_).live
    stands = common.standings().get(id_)
    if live is None or stands is None:
        abort(404)
    return stands, live


def _theirs(stands: Standing) -> str | None:
    place = common.shared()
    return shared.text_of_shared(place, stands.there) if place is not None and stands.there else None
