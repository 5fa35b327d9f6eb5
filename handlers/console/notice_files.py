"""Notices as files: PDF and PNG, small pictures of them, and pages that a browser prints."""

import base64

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import wording
from bot.notices import paper, pictures
from bot.notices.content import Content, version
from bot.notices.paper import NoFont
from bot.notices.phrases import MOST
from handlers.console import notice_common as common
from handlers.console.access import ANYBODY, allow
from handlers.services import services

blueprint = Blueprint("files", __name__)

FORMS = ("pdf", "png", "small", "paper")
"""PDF, a picture to print, one to look at, a page that a browser prints."""

PDF, PNG = "application/pdf", "image/png"


@blueprint.get("/village/<form>")
@allow(*ANYBODY)
def village(form: str) -> BaseResponse | str:
    """Send a village's notice."""
    name = request.args.get("name", "")
    if not name:
        return redirect(url_for("console.notices.listing"))
    return _sent(common.village_content(name, request.args.getlist("say")[:MOST]), form)


@blueprint.get("/entry/<id_>/<form>")
@allow(*ANYBODY)
def entry(id_: str, form: str) -> BaseResponse | str:
    """Send an entry's 明白纸."""
    return _sent(common.entry_content(id_), form)


@blueprint.get("/all/pdf")
@allow(*common.WHOLE_TOWN)
def all_() -> BaseResponse:
    """Send the notices of all villages in one PDF."""
    contents = [common.village_content(name) for name in common.villages()]
    if not contents:
        return redirect(url_for("console.notices.listing"))
    town = contents[0]["town"]
    try:
        made = paper.to_pdf([common.sheet(c) for c in contents], now=services().clock(), name=f"{town}各村张贴单")
    except NoFont as e:
        return common.no_font(e)
    return common.file(made, f"{town}-各村张贴单-{common.today()}.pdf", PDF)


@blueprint.get("/picture/<digest>")
@allow(*ANYBODY)
def picture(digest: str) -> Response:
    """Send the picture of a QR code."""
    with services().store.reading() as db:
        found = pictures.by_digest(db, digest)
    if found is None:
        abort(404)
    return Response(found, mimetype=PNG)


def _sent(content: Content, form: str) -> BaseResponse | str:
    if form not in FORMS:
        abort(404)
    if other := common.stale(content, request.args.get("v")):
        return other
    if form == "paper":
        return _paper(content)
    page = max(1, request.args.get("page", 1, int))
    try:
        if form == "pdf":
            raw = paper.to_pdf([common.sheet(content)], now=services().clock())
            return common.file(raw, common.file_name(content, "pdf"), PDF)
        made = common.previews(content) if form == "small" else paper.to_png(common.sheet(content))
    except NoFont as e:
        return common.no_font(e)
    if page > len(made):
        abort(404)
    name = common.file_name(content, f"第{page}页.png" if len(made) > 1 else "png")
    return common.file(made[page - 1], name, PNG, shown=form == "small")


def _paper(content: Content) -> str:
    web = ""
    if content["address"]:
        web = "data:image/svg+xml;base64," + base64.b64encode(pictures.web_code(content["address"])).decode()
    return render_template(
        "console/notices/paper.html",
        content=content, words=paper.WORDS, web=web, version=version(content), printed=wording.day(common.today()),
    )  # fmt: skip
