"""The settings: what the town may set, over the files of the knowledge folder."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.check import HOTLINES_CHECKED
from bot.faq.edit import settings_files as files
from bot.faq.edit import setup as parts
from bot.faq.edit.settings_files import Document
from bot.faq.edit.setup import Values
from bot.ledger import uses
from handlers.console import faq_common as common
from handlers.console import setup_crisis, setup_hotlines, setup_rules, setup_wording
from handlers.console.access import ANYBODY, allow
from handlers.console.setup_edit import SETTERS, Page, broken, document_of, keep, may_set, shown, stored, text_of
from handlers.console.setup_forms import DropForm, OfficeForm, SetupForm, VillageForm
from handlers.services import services

blueprint = Blueprint("setup", __name__, url_prefix="/setup")
blueprint.register_blueprint(setup_hotlines.blueprint)
blueprint.register_blueprint(setup_rules.blueprint)
blueprint.register_blueprint(setup_wording.blueprint)
blueprint.register_blueprint(setup_crisis.blueprint)

TOWN = "town.yaml"
OLD_NAME = (
    "已经记的还是旧村名，不跟着改；报表里旧村名单独列一行。选了这个村的群众要重新选；"
    "微信里答复的人和登录账号要另外改成新村名，不然看不到自己村的事。"
)
Shown = str | tuple[str, int]
Stored = BaseResponse | str | tuple[str, int]


@blueprint.get("/")
@allow(*ANYBODY)
def listing() -> str:
    """Show what can be set, and what waits."""
    town, lines = document_of(TOWN), document_of(setup_hotlines.HOTLINES)
    late = sum(common.today() - line["checked"] > HOTLINES_CHECKED for line in lines or ())
    return render_template(
        "console/setup/listing.html", town_=town, lines=lines, late=late, may_set=may_set(),
        model=common.snapshot().index.model, cards=common.snapshot().crisis.cards,
    )  # fmt: skip


@blueprint.get("/town")
@allow(*ANYBODY)
def town() -> Shown:
    """Show the villages and their advisers."""
    found = document_of(TOWN)
    if found is None:
        return broken(TOWN, "村、顾问和办公室")
    return render_template("console/setup/town.html", found=found, may_set=may_set())


@blueprint.get("/town/office")
@allow(*ANYBODY)
def office() -> Shown:
    """Show the town's name and offices."""
    return shown(_office())


@blueprint.post("/town/office")
@allow(*SETTERS)
def save_office() -> Stored:
    """Save them."""
    return stored(_office())


@blueprint.get("/town/village/<int:scene>")
@allow(*ANYBODY)
def village(scene: int) -> Shown:
    """Show a village and its adviser."""
    return shown(_village(scene))


@blueprint.post("/town/village/<int:scene>")
@allow(*SETTERS)
def save_village(scene: int) -> Stored:
    """Save them."""
    return stored(_village(scene))


@blueprint.get("/town/village/new")
@allow(*SETTERS)
def new_village() -> Shown:
    """Show an empty form of a village."""
    return shown(_village(None))


@blueprint.post("/town/village/new")
@allow(*SETTERS)
def add_village() -> Stored:
    """Add a village."""
    return stored(_village(None))


@blueprint.route("/town/village/<int:scene>/remove", methods=["GET", "POST"])
@allow(*SETTERS)
def drop_village(scene: int) -> Stored:
    """Take a village out, after showing what names it."""
    text, found = text_of(TOWN), document_of(TOWN)
    if found is None:
        return broken(TOWN, "村、顾问和办公室")
    row = parts.village(found, scene)
    if row is None:
        abort(404)
    form = DropForm()
    if len(found["villages"]) == 1:
        flash("至少要有一个村，不能去掉。", "danger")
        return redirect(url_for(".town"))
    if form.validate_on_submit():
        if not form.sure.data:
            form.sure.errors = ["先看过上面说的，再勾选这一项。"]
        else:
            keep(TOWN, text, files.changed(text, lambda into: parts.drop_village(into, scene)), f"去掉「{row['name']}」")
            return redirect(url_for(".town"))
    told = [f"{_counted(row['name'])}{OLD_NAME}", "印出去的这个村的二维码认不出村了。"]
    return render_template(
        "console/setup/drop.html", form=form, title=f"去掉「{row['name']}」", told=told, back=url_for(".town")
    )


def _office() -> Page:
    def warn(_: Values, after: Values) -> list[str]:
        left = [text for text in after.values() if isinstance(text, str) and "示例" in text]
        return (
            [] if after["example"] or not left else [f"还有「示例」字样：{'、'.join(left[:3])}。去掉勾以后，群众会当成真的。"]
        )

    return Page(
        "镇和办公室", "群众找人时看到的镇名、电话和上班时间。", TOWN, OfficeForm, parts.town, parts.put_town, "镇和办公室",
        back=".town", warn=warn,
    )  # fmt: skip


def _village(scene: int | None) -> Page:
    def read(found: Document) -> Values | None:
        if scene is not None:
            return parts.village(found, scene)
        return {"scene": max(row["scene"] for row in found["villages"]) + 1}

    def prepare(form: SetupForm, found: Document) -> None:
        form.others = [(row["name"], row["scene"]) for row in found["villages"] if row["scene"] != scene]

    def write(found: Document, said: Values) -> None:
        parts.put_village(found, scene, said)

    def warn(before: Values, after: Values) -> list[str]:
        if scene is None:
            return []
        told = []
        if before["name"] != after["name"] and (counts := _counted(before["name"])):
            told.append(f"{counts}{OLD_NAME}")
        if before["scene"] != after["scene"]:
            told.append("改了二维码编号，以前印的这个村的二维码认不出村了，要重新印。")
        return told

    title = "加一个村" if scene is None else "村和法律顾问"
    return Page(title, "群众选了这个村，就看到这位顾问和下次值班的日子。", TOWN, VillageForm, read, write,
                "加一个村" if scene is None else f"村 {scene}", back=".town", prepare=prepare, warn=warn)  # fmt: skip


def _counted(village: str) -> str:
    with services().store.reading() as db:
        found = uses.of_village(db, village)
    return f"「{village}」已经有：{'、'.join(f'{name} {number}' for name, number in found.items())}。" if found else ""
