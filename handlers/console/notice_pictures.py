"""The pictures of QR codes that notices show: a 管理员 uploads what WeChat made."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField

from bot.ledger.access import audit
from bot.ledger.access.users import ADMIN
from bot.notices import pictures
from bot.notices.pictures import ACCOUNT, MOST_BYTES, UnfitPicture
from handlers.console import notice_common as common
from handlers.console.access import allow, user
from handlers.console.notice_forms import Listed
from handlers.services import services

blueprint = Blueprint("pictures", __name__, url_prefix="/pictures")

THE_ACCOUNT = "公众号的二维码（各村通用）"


class PictureForm(FlaskForm):  # type: ignore[misc]
    """A picture and whose it is."""

    place = Listed("这是谁的二维码")
    picture = FileField("图片（PNG、JPG，不超过 4 MB）")


class DropForm(FlaskForm):  # type: ignore[misc]
    """A picture to take away."""

    place = HiddenField()


@blueprint.get("/")
@allow(ADMIN)
def page() -> str:
    """Show the pictures, and the form for another."""
    return _page(_form())


@blueprint.post("/")
@allow(ADMIN)
def upload() -> BaseResponse | str:
    """Take a picture."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form)
    sent = form.picture.data
    if not sent or not getattr(sent, "filename", ""):
        form.picture.errors = ["没有选图片。点「选择文件」，选公众号后台下载的二维码。"]
        return _page(form)
    try:
        png = pictures.redrawn(sent.read(MOST_BYTES + 1))
    except UnfitPicture as e:
        form.picture.errors = [str(e)]
        return _page(form)
    place, now = form.place.data, services().clock()
    with services().store.writing() as db:
        pictures.keep(db, place, png, who=user().name, now=now)
        audit.note(db, who=user().name, what="换上二维码图片", about=place or THE_ACCOUNT, now=now)
    flash("换好了。用手机扫一扫下面的图，看打开的是不是自己的公众号。", "success")
    return redirect(url_for("console.notices.pictures.page"))


@blueprint.post("/drop")
@allow(ADMIN)
def drop() -> BaseResponse:
    """Take a picture away."""
    place, now = DropForm().place.data or ACCOUNT, services().clock()
    with services().store.writing() as db:
        if pictures.drop(db, place):
            audit.note(db, who=user().name, what="去掉二维码图片", about=place or THE_ACCOUNT, now=now)
    flash("去掉了。", "success")
    return redirect(url_for("console.notices.pictures.page"))


def _form() -> PictureForm:
    form = PictureForm()
    form.place.choices = [(ACCOUNT, THE_ACCOUNT), *((name, f"{name}自己的") for name in common.villages())]
    if request.method == "GET":
        form.place.data = ACCOUNT
    return form


def _page(form: PictureForm) -> str:
    with services().store.reading() as db:
        kept = pictures.digests(db)
    return render_template(
        "console/notices/pictures.html",
        form=form, kept=kept, drop=DropForm(formdata=None), account=THE_ACCOUNT, address=services().settings.public_url,
        villages=common.villages(), most=MOST_BYTES,
    )  # fmt: skip
