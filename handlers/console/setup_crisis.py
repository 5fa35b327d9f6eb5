"""The cards of emergencies: their words as villagers get them, changed by one person and signed by another."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field, HiddenField
from wtforms.validators import ValidationError

from bot.faq import telling
from bot.faq.crisis import Emergency
from bot.faq.edit import history
from bot.faq.edit import settings_files as files
from bot.faq.edit import setup as parts
from bot.faq.edit.settings_files import Document
from bot.faq.edit.setup import Values
from bot.text import WECHAT_TEXT_BYTES
from handlers.console import faq_common as common
from handlers.console.access import ANYBODY, allow, user
from handlers.console.setup_edit import SETTERS, Page, broken, document_of, keep, may_set, shown, stored, text_of
from handlers.console.setup_forms import Lines, SetupForm, words

blueprint = Blueprint("crisis", __name__, url_prefix="/crisis")

CRISIS = "crisis.yaml"
FIRST_STEP = "先打110"
LONGEST, MOST_STEPS = 120, 4
Shown = str | tuple[str, int]
Stored = BaseResponse | str | tuple[str, int]


class SignForm(FlaskForm):  # type: ignore[misc]
    """Signing a card. seen: what the signer read, as ``history.digest`` says it."""

    seen = HiddenField()


class CardForm(SetupForm):
    """The words of a card."""

    first = words("第一行", LONGEST, about="微信聊天列表里看得到，别写出是什么事，免得旁边的人看见。")
    steps = Lines("怎么做", description=f"每行一步，最多{MOST_STEPS}步，第一步以「{FIRST_STEP}」开头。", render_kw={"rows": 8})
    next = words("电话下面的一句", LONGEST, about="眼前做的一件事。")

    whole: Callable[["CardForm"], str] = staticmethod(lambda form: "")

    def validate_steps(self, field: Field) -> None:
        """As the check of the file has it."""
        if not 1 <= len(field.data) <= MOST_STEPS:
            raise ValidationError(f"要1到{MOST_STEPS}步，一步一行。")
        if not field.data[0].startswith(FIRST_STEP):
            raise ValidationError(f"第一步要以「{FIRST_STEP}」开头。")
        if long := next((step for step in field.data if len(step) > LONGEST or not step.isprintable()), ""):
            raise ValidationError(f"「{long[:20]}…」太长（最多{LONGEST}个字），或者有看不见的字符。")
        if (size := len(self.whole(self).encode())) > WECHAT_TEXT_BYTES:
            raise ValidationError(f"整张卡片有{size}字节，超过微信的{WECHAT_TEXT_BYTES}，写短一些。")


@blueprint.get("/")
@allow(*ANYBODY)
def listing() -> str:
    """Show the cards as villagers get them."""
    now = common.snapshot()
    cards = [(card, _as_read(card)) for card in (now.crisis.cards.kinds if now.crisis.cards else ())]
    form = SignForm(formdata=None, seen=history.digest(text_of(CRISIS)))
    signer = user().role in common.SIGNERS
    return render_template("console/setup/crisis.html", cards=cards, may_set=may_set(), form=form, signer=signer)


@blueprint.get("/<kind>")
@allow(*ANYBODY)
def card(kind: str) -> Shown:
    """Show the words of a card."""
    return shown(_page(kind))


@blueprint.post("/<kind>")
@allow(*SETTERS)
def save(kind: str) -> Stored:
    """Save them."""
    return stored(_page(kind))


@blueprint.post("/<kind>/sign")
@allow(*common.SIGNERS)
def sign(kind: str) -> Stored:
    """Sign a card that was read; not by whoever changed the file last."""
    text, found = text_of(CRISIS), document_of(CRISIS)
    if found is None:
        return broken(CRISIS, "急事卡片")
    if parts.card(found, kind) is None:
        abort(404)
    last = history.log(common.folder(), CRISIS, 1)
    if SignForm().seen.data != history.digest(text):
        flash("这些卡片刚刚被人改过，没有审核。下面是现在的内容，请重新看一遍。", "warning")
    elif last and common.is_mine(last[0].author):
        flash("最近一次是您自己改的，要另一位法律顾问或者司法所的人审核。", "danger")
    else:
        keep(
            CRISIS, text, files.changed(text, lambda into: parts.sign_card(into, kind, user().shown)), f"审核急事卡片「{kind}」"
        )
    return redirect(url_for(".listing"))


def _page(kind: str) -> Page:
    def read(found: Document) -> Values | None:
        return parts.card(found, kind)

    def write(found: Document, said: Values) -> None:
        parts.put_card(found, kind, said)

    def prepare(form: SetupForm, _: Document) -> None:
        form.whole = _whole(kind)

    def warn(before: Values, after: Values) -> list[str]:
        return (
            []
            if before == after
            else ["改了以后，卡片上写「待律师审核」，到法律顾问或者司法所另一个人审核为止。群众马上看到新的。"]
        )

    lead = "字句关系到人命，改了要另一个人审核。"
    return Page(f"急事卡片：{kind}", lead, CRISIS, CardForm, read, write, f"急事卡片「{kind}」",
                back=".listing", prepare=prepare, warn=warn)  # fmt: skip


def _whole(kind: str) -> Callable[[SetupForm], str]:
    def whole(form: SetupForm) -> str:
        cards = common.snapshot().crisis.cards
        now = next((one for one in (cards.kinds if cards else ()) if one.kind == kind), None)
        said = {"first": form.first.data or "", "steps": tuple(form.steps.data), "next": form.next.data or ""}
        return _as_read(now.model_copy(update=said)) if now else ""

    return whole


def _as_read(one: Emergency) -> str:
    now = common.snapshot()
    lines = [line for number in one.hotlines for line in now.hotlines if line.number == number]
    return telling.crisis(now.words, one, lines)
