"""What the bot says of itself: each sentence with what it was shipped as, when it is read, and how long it may be."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field, TextAreaField
from wtforms.validators import ValidationError

from bot.faq.edit import settings_files as files
from bot.faq.edit import setup as parts
from bot.faq.edit.settings_files import Document, Unreadable
from bot.faq.edit.setup import Values
from bot.faq.words import FILE
from bot.wording.sentence import SLOTS, Sentence, faults, tidy
from bot.wording.words import SENTENCES, SITUATIONS, of
from handlers.console.access import ANYBODY, allow
from handlers.console.setup_edit import SETTERS, Page, broken, may_set, shown, shown_again, stored, text_of
from handlers.console.setup_forms import SetupForm
from handlers.console.setup_wording_shown import whole

blueprint = Blueprint("wording", __name__, url_prefix="/wording")

TITLE = "机器人说的话"
Shown = str | tuple[str, int]
Stored = BaseResponse | str | tuple[str, int]


class Said(TextAreaField):  # type: ignore[misc]
    """A sentence; left empty it is said again as it was shipped."""

    sentence: Sentence

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the text, tidied."""
        self.data = tidy(valuelist[0] if valuelist else "") or self.sentence.default

    @property
    def is_own(self) -> bool:
        """Whether the town says it in its own words."""
        return bool(self.data != self.sentence.default)


@blueprint.get("/")
@allow(*ANYBODY)
def listing() -> Shown:
    """Show all sentences as they are said, by situation."""
    found = _load(FILE)
    if found is None:
        return broken(FILE, TITLE)
    now = parts.sentences(found, list(SENTENCES))
    groups = [(key, title, [(one, name_of(one), now[one.key]) for one in of(key)]) for key, title in SITUATIONS.items()]
    own = sum(now[key] != one.default for key, one in SENTENCES.items())
    strange = [str(key) for key in found if key not in SENTENCES]
    return render_template("console/setup/wording.html", groups=groups, own=own, strange=strange, may_set=may_set())


@blueprint.get("/<situation>")
@allow(*ANYBODY)
def sentences(situation: str) -> Shown:
    """Show the sentences of a situation."""
    return shown(_page(situation))


@blueprint.post("/<situation>")
@allow(*SETTERS)
def save(situation: str) -> Stored:
    """Save them, or show once more what they would look like, one perhaps as it was shipped."""
    page = _page(situation)
    again = request.form.get("restore", "")
    if again or "look" in request.form:
        return shown_again(page, lambda form: _restored(form, again))
    return stored(page)


def name_of(sentence: Sentence) -> str:
    """Return what the field of a sentence is called."""
    return "say_" + sentence.key.partition(".")[2]


def _page(situation: str) -> Page:
    if situation not in SITUATIONS:
        abort(404)
    keys = {name_of(one): one.key for one in of(situation)}

    def read(found: Document) -> Values:
        now = parts.sentences(found, list(keys.values()))
        return {name: now[key] for name, key in keys.items()}

    def write(found: Document, said: Values) -> None:
        parts.put_sentences(found, {key: said[name] for name, key in keys.items()})

    def prepare(form: SetupForm, _: Document) -> None:
        if not form.is_submitted():  # a sentence that was broken by hand says so at once
            form.validate_fields_shown()

    def beside(_: Document) -> dict[str, Any]:
        return {
            "slots": {name: slot.example for name, slot in SLOTS.items()},
            "reader": "顾问" if situation in {"binding", "queue", "logging", "duty"} else "群众",
            "whole": lambda form: whole(situation, _own(form)),
        }

    lead = "改这里的话，群众和顾问两秒内看到新的。空着保存，就恢复原来的话。"
    title = SITUATIONS[situation]
    return Page(title, lead, FILE, _form(situation), read, write, f"{TITLE}：{title}", back=".listing", prepare=prepare,
                more="console/setup/wording_form.html", beside=beside, load=_load)  # fmt: skip


def _form(situation: str) -> type[SetupForm]:
    made = {name_of(one): _field(one) for one in of(situation)}
    return type("WordingForm", (WordingForm,), made)


class WordingForm(SetupForm):
    """The sentences of a situation."""

    def validate_fields_shown(self) -> None:
        """Look for faults in what the file holds."""
        for field in self.asked:
            field.validate(self)


def _field(sentence: Sentence) -> Said:
    def free_of_faults(_: SetupForm, field: Field) -> None:
        if found := [f"{fault.problem}。{fault.remedy}。" for fault in faults(sentence, field.data)]:
            raise ValidationError("".join(found))

    rows = 1 if sentence.one_line else min(10, max(2, sentence.default.count("\n") + 1 + len(sentence.default) // 40))
    kind = type("Said", (Said,), {"sentence": sentence})
    made: Said = kind(sentence.when, [free_of_faults], render_kw={"rows": rows, "data-most": sentence.most})
    return made


def _own(form: SetupForm) -> dict[str, str]:
    return {field.sentence.key: field.data for field in form.asked if not list(faults(field.sentence, field.data))}


def _restored(form: SetupForm, name: str) -> None:
    for field in form.asked:
        if field.name == name:
            field.data = field.sentence.default
    form.validate()


def _load(file: str) -> Document | None:
    """Return the file; unlike that of other settings also where a sentence in it is wrong, to be put right here."""
    try:
        found = files.parsed(text_of(file))
    except Unreadable:
        return None
    found = files.mapping({}) if found is None else found
    return found if isinstance(found, dict) else None
