"""The form of an entry: what it is filled in with, and what was typed into it."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField

from bot.faq.edit.editing import HEADINGS, LISTS, Fault, Fields, tidied
from handlers.console import faq_common as common

_CHOSEN = ("related", "not_to_confuse_with")


class EntryForm(FlaskForm):  # type: ignore[misc]
    """The fields of an entry.

    base: the file's text that the editor began with; older: with which they began before somebody else saved.
    conflicts: fields of which they were asked to choose between two texts. why: what was changed, for the history.
    ask: a question to be tried. id: of a new entry.
    """

    id = StringField("编号")
    question = StringField(HEADINGS["question"])
    category = SelectField(HEADINGS["category"], validate_choice=False)
    phrasings = TextAreaField(HEADINGS["phrasings"])
    answer = TextAreaField(HEADINGS["answer"])
    more = TextAreaField(HEADINGS["more"])
    basis = TextAreaField(HEADINGS["basis"])
    deadline = StringField(HEADINGS["deadline"])
    related = SelectMultipleField(HEADINGS["related"], validate_choice=False)
    not_to_confuse_with = SelectMultipleField(HEADINGS["not_to_confuse_with"], validate_choice=False)
    valid_until = StringField(HEADINGS["valid_until"])
    author = StringField(HEADINGS["author"])
    why = StringField("改了什么")
    ask = StringField("试一问")
    base = HiddenField()
    older = HiddenField()
    conflicts = HiddenField()

    def said(self, before: Fields | None = None) -> Fields:
        """Return what was typed, tidied; chosen entries keep the order that they had ``before``."""
        typed: dict[str, Any] = {}
        for f in fields(Fields):
            data = self[f.name].data or ""
            typed[f.name] = tuple(data) if f.name in _CHOSEN else tuple(data.splitlines()) if f.name in LISTS else data
        for name in _CHOSEN if before else ():
            old = getattr(before, name)
            kept = [id_ for id_ in old if id_ in typed[name]]
            typed[name] = (*kept, *(id_ for id_ in typed[name] if id_ not in old))
        return tidied(Fields(**typed))

    def fill(self, said: Fields) -> None:
        """Show these fields."""
        for f in fields(Fields):
            value = getattr(said, f.name)
            self[f.name].data = list(value) if f.name in _CHOSEN else "\n".join(value) if f.name in LISTS else value

    def offer(self, own: str, said: Fields) -> None:
        """Offer the categories, and every other entry by its question; what is chosen and gone can still be taken out."""
        self.category.choices = [("", "请选"), *((name, name) for name in common.categories([said.category]))]
        entries = sorted(common.snapshot().entries.values(), key=lambda e: (e.category, e.question))
        grouped: dict[str, list[tuple[str, str]]] = {}
        for entry in entries:
            if entry.id != own:
                grouped.setdefault(entry.category, []).append((entry.id, entry.question))
        known = {entry.id for entry in entries}
        for name in _CHOSEN:
            gone = [(id_, f"（已经没有的条目 {id_}）") for id_ in getattr(said, name) if id_ not in known or id_ == own]
            self[name].choices = {**({"已经没有的": gone} if gone else {}), **grouped}

    def blame(self, faults: Iterable[Fault]) -> list[tuple[str, str]]:
        """Put faults beside their fields; return all as (field, sentence) for the top of the page."""
        listed = []
        for fault in faults:
            name = fault.field if fault.field in self else ""
            if name:
                self[name].errors = [*self[name].errors, f"{fault.problem}。{fault.remedy}。"]
            listed.append((name, str(fault)))
        return listed
