"""Forms made from the fields of a register: what they offer, what they come filled in with, and what was sent in them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field as FormField
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice

from bot.ledger import advisers
from bot.ledger.access.users import JUSTICE, LAWYER, MINDER, User
from bot.ledger.database import Database
from bot.ledger.register import forms
from bot.ledger.register.definitions import CHANNELS
from bot.ledger.register.fields import Fault, Field, Lists, Register
from bot.ledger.register.values import LONGEST, MOST
from handlers.console.register_access import own_name

CHIPS = 20
"""As many choices stand side by side, one tap each; more fold into a list."""

UPFRONT: Mapping[str, tuple[str, ...]] = {
    "offline": ("summary",),
    "services": ("started", "ended", "hours"),
    "people": ("qualified",),
    "trainings": ("hours",),
    "activities": ("village", "attendance", "leaflets"),
    "disputes": ("agreement",),
    "inspections": ("rounds", "found", "prevented"),
}
"""What need not be filled in and is asked for all the same, before 更多栏目."""

LIKE = ("day", "village", "channel", "served", "manner", "answered_by", "adviser", "body", "source", "form", "organiser")
"""What the next row has in common with the last one."""

_LONG = {"summary", "content", "result", "remark"}
_LISTED = {"village", "kind", "type", "form", "source"}
"""Choices of many that are known beforehand: a list is shorter than buttons."""


class RowForm(FlaskForm):  # type: ignore[misc]
    """A form of one row; ``token`` lets it be taken once, ``seen`` is how many changes the row had when it was shown."""

    token = HiddenField()
    seen = HiddenField()

    def fields_of(self, register: Register) -> list[tuple[Field, FormField]]:
        """Return the fields of a register that the form asks for."""
        return [(f, self[f.key]) for f in register.fields if f.key in self]

    def said(self, register: Register) -> dict[str, str]:
        """Return what was filled in, as the ledger reads it."""
        return {
            f.key: "、".join(data) if isinstance(data := asked.data, list) else data or ""
            for f, asked in self.fields_of(register)
        }

    def blame(self, register: Register, faults: Iterable[Fault]) -> list[str]:
        """Put faults beside their fields; return those of fields that the form does not ask for."""
        rest = []
        for fault in faults:
            f = register.field(fault.field)
            if f is not None and f.key in self:
                self[f.key].errors = [*self[f.key].errors, f"{fault.problem}。{fault.remedy}。"]
            else:
                rest.append(str(fault))
        return rest


def make(
    register: Register,
    lists: Lists,
    *,
    without: Iterable[str] = (),
    first: Mapping[str, Sequence[str]] | None = None,
    row: Mapping[str, Any] | None = None,
) -> type[RowForm]:
    """Return the form of a register; ``first``: what to offer first, by field; ``row``: what must be among the choices."""
    first = first or {}
    fields = {
        f.key: _field(f, _ordered(f, lists, first.get(f.key, ()), (row or {}).get(f.key)))
        for f in register.fields
        if f.key not in set(without)
    }
    return type("RegisterForm", (RowForm,), fields)


def filled(form: type[RowForm], register: Register, values: Mapping[str, Any], *, seen: int = 0) -> RowForm:
    """Return the form as it is shown first, with a new token."""
    data = {key: _parts(f, values.get(key)) for f in register.fields if (key := f.key)}
    return form(formdata=None, data={**data, "token": secrets.token_urlsafe(16), "seen": str(seen)})


def beginning(db: Database, who: User, register: Register, lists: Lists, *, today: date) -> dict[str, str]:
    """Return what a new row comes filled in with: the day, the person's village, their role and their name."""
    values: dict[str, str] = {f.key: str(f.default) for f in register.fields if f.default is not None}
    values |= {
        f.key: said[0] for f in register.fields if f.key in LIKE and (said := forms.lately(db, register, f.key, who.number))
    }
    values["day"] = today.isoformat()
    villages = lists.texts.get("村", ())
    if who.village in villages:
        values["village"] = str(who.village)
    if register.key == "offline":
        values["channel"] = CHANNELS[0]
        if who.role in {LAWYER, MINDER, JUSTICE}:
            values |= {"answered_by": who.role, "adviser": own_name(db, who)}
    keys = {f.key for f in register.fields}
    return {key: value for key, value in values.items() if key in keys}


def preferred(db: Database, who: User, register: Register) -> dict[str, tuple[str, ...]]:
    """Return what a person chose lately, by field, to be offered first."""
    keys = [f.key for f in register.fields if f.kind == "choice" and f.key in {"category", "form", "type", "kind"}]
    return {key: forms.lately(db, register, key, who.number) for key in keys}


def names(db: Database, who: User, register: Register) -> tuple[str, ...]:
    """Return the names to choose from for who did the work, those that a person wrote lately first."""
    if register.field("adviser") is None:
        return ()
    lately = forms.lately(db, register, "adviser", who.number)
    return tuple(dict.fromkeys((*lately, *(adviser.name for adviser in advisers.everybody(db) if adviser.role != "测试"))))


def as_text(value: Any) -> str:
    """Return a value as it stands in a form: whole, and as short as that allows."""
    if value is None:
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def is_upfront(register: Register, f: Field) -> bool:
    """Tell whether a field is asked for before 更多栏目."""
    return f.required or f.key in UPFRONT[register.key]


def when(f: Field) -> dict[str, str]:
    """Return the attributes that tell a script when the field is asked for."""
    return {"data-only": f.only[0], "data-among": json.dumps(f.only[1], ensure_ascii=False)} if f.only else {}


def condition(register: Register, f: Field) -> str:
    """Return in words when the field is asked for."""
    if f.only is None or (other := register.field(f.only[0])) is None:
        return ""
    return (
        f"「{other.heading}」"
        + (f"是{'、'.join(f.only[1])}" if f.only[1] else "填了")
        + f"时{'要填' if f.required else '才填'}"
    )


def _field(f: Field, allowed: Sequence[str]) -> FormField:
    about: dict[str, Any] = {"description": f.hint}
    match f.kind:
        case "choices":
            return SelectMultipleField(f.heading, choices=[*map(SelectChoice, allowed)], validate_choice=False, **about)
        case "choice" if len(allowed) <= CHIPS and f.key not in _LISTED:
            blank = [] if f.required else [SelectChoice("", "不填")]
            return RadioField(f.heading, choices=[*blank, *map(SelectChoice, allowed)], validate_choice=False, **about)
        case "choice":
            blank = [SelectChoice("", "请选择" if f.required else "不填")]
            return SelectField(f.heading, choices=[*blank, *map(SelectChoice, allowed)], validate_choice=False, **about)
    return StringField(f.heading, render_kw=_keys(f), **about)


def _keys(f: Field) -> dict[str, Any]:
    match f.kind:
        case "date":
            return {"type": "date", "min": "2000-01-01"}
        case "time":
            return {"type": "time"}
        case "count":
            return {"inputmode": "numeric", "autocomplete": "off", "maxlength": len(str(MOST)) + 3}
        case "amount":
            return {"inputmode": "decimal", "autocomplete": "off", "maxlength": 20}
    return {"maxlength": LONGEST, "autocomplete": "off", **({"rows": 2} if f.key in _LONG else {})}


def _ordered(f: Field, lists: Lists, first: Sequence[str], there: Any) -> list[str]:
    """Return the choices, those in use first, and what the row holds though the town has dropped it."""
    allowed = f.allowed(lists)
    extra = [] if there is None else str(there).split("、") if f.kind == "choices" else [str(there)]
    order = [*(one for one in first if one in allowed), *allowed, *extra]
    return list(dict.fromkeys(order))


def _parts(f: Field, value: Any) -> Any:
    text = as_text(value)
    return ([part for part in text.split("、") if part]) if f.kind == "choices" else text
