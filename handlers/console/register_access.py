"""Who may do what with which register, and the rows that somebody may see."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, abort, make_response, render_template

from bot.faq.lists import read_lists
from bot.ledger import advisers
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER, User
from bot.ledger.clock import local_day
from bot.ledger.database import Database
from bot.ledger.register import forms, records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import Field, Lists, Register
from bot.wording import by_wechat
from handlers.console.access import user
from handlers.services import services

KEEPERS = (ADMIN, CLERK, JUSTICE)
"""Who keeps the registers: they enter, correct, strike out, import, export and close months."""

REOPENERS = (ADMIN, JUSTICE)

ENTERING = (*KEEPERS, LAWYER, MINDER)

_NO_NUMBER = 1 << 31
_ALL = tuple(REGISTERS)
_SEEN = {LAWYER: tuple(key for key in _ALL if key != "people"), MINDER: ("offline", "disputes", "inspections")}
_ENTERED = {LAWYER: ("offline", "services"), MINDER: ("offline",), READER: ()}


def seen(who: User) -> list[Register]:
    """Return the registers that somebody may see."""
    return [REGISTERS[key] for key in _SEEN.get(who.role, _ALL)]


def may_enter(who: User, register: Register) -> bool:
    """Tell whether somebody may enter rows of a register."""
    return register.key in _ENTERED.get(who.role, _ALL)


def may_correct(db: Database, who: User, register: Register, row: Mapping[str, Any]) -> bool:
    """Tell whether somebody may correct a row: who keeps the registers any, a lawyer what they entered."""
    if who.role in KEEPERS:
        return True
    if who.role != LAWYER or not may_enter(who, register):
        return False
    return forms.is_theirs(db, register, row["number"], who.number) or _by_wechat(db, who, row)


def may_void(who: User) -> bool:
    """Tell whether somebody may strike rows out."""
    return who.role in KEEPERS


def shown_fields(who: User, register: Register) -> list[Field]:
    """Return the fields that somebody may read: 只读 reads no free text, for there names may stand."""
    return [f for f in register.fields if who.role != READER or f.kind != "text"]


def own_village(who: User) -> str | None:
    """Return the village whose rows alone somebody may see; None for every village."""
    return (who.village or "") if who.role == MINDER else None


def register_of(key: str) -> Register:
    """Return the register of an address; 404 for none, 403 for one that is not theirs."""
    register = REGISTERS.get(key)
    if register is None:
        abort(404)
    if register not in seen(user()):
        abort(403)
    return register


def found(db: Database, register: Register, number: int) -> dict[str, Any] | None:
    """Return a row, or None, also for a number that no database could hold."""
    return records.find(db, register, number) if 0 < number < _NO_NUMBER else None


def row_of(db: Database, register: Register, number: int) -> dict[str, Any]:
    """Return the row of an address; 404 for none, and for one of a village that is not theirs: it tells nothing of it."""
    row = found(db, register, number)
    if row is None or not user().looks_after(row.get("village")):
        abort(404)
    return row


def own_name(db: Database, who: User) -> str:
    """Return the name under which somebody answers villagers."""
    adviser = advisers.find(db, who.adviser)
    return adviser.name if adviser else who.shown


def fixed(db: Database, who: User, register: Register) -> dict[str, str]:
    """Return what is not somebody's to choose: a lawyer enters their own work, a 法律明白人 that in their own village."""
    if who.role == LAWYER:
        own = {"adviser": own_name(db, who)}
        return own if register.key == "services" else {"answered_by": LAWYER, **own}
    if who.role == MINDER:
        return {"village": who.village or "", "answered_by": MINDER, "adviser": own_name(db, who)}
    return {}


def today() -> date:
    """Return the town's day."""
    return local_day(services().clock())


def lists() -> Lists:
    """Return what may be chosen; a page that says what to mend where the folder does not tell."""
    found, findings = read_lists(services().settings.knowledge_dir)
    if found is None:
        text = "村名和选项读不出来，请管理员改好再来。" + "　".join(map(str, findings))
        page: Response = make_response(render_template("console/problem.html", title="现在不能记台账", text=text), 503)
        abort(page)
    return found


def _by_wechat(db: Database, who: User, row: Mapping[str, Any]) -> bool:
    """Tell whether somebody noted the row by WeChat, which keeps the name alone: then nobody else may have that name."""
    adviser = advisers.find(db, who.adviser)
    if adviser is None or row["entered_by"] != by_wechat(adviser.name):
        return False
    return sum(other.name == adviser.name for other in advisers.all_ever(db)) == 1
