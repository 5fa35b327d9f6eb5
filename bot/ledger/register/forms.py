"""Forms of the console that were sent: each is taken once, and what somebody entered stays known as theirs."""

from dataclasses import dataclass
from datetime import datetime

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import Register
from bot.ledger.store import first, insert

ENTERED, CORRECTED, VOIDED = "录入", "更正", "作废"

_LAST = 50
"""As many of a person's last rows tell what they fill in first."""


@dataclass(frozen=True)
class Sent:
    """What came of a form: the row of a register, and what was done with it."""

    register: str
    number: int
    what: str


def sent(db: Database, person: int, token: str) -> Sent | None:
    """Return what came of a person's form; None for one that was not sent yet."""
    sql = "select register, number, what from register_forms where person = :person and token = :token"
    row = first(db, sql, {"person": person, "token": token})
    return Sent(**row) if row else None


def note(db: Database, register: Register, number: int, *, person: int, token: str, what: str, now: datetime) -> None:
    """Note that a person's form was taken, in the transaction that changes the row."""
    values = {"person": person, "token": token, "register": register.key, "number": number, "what": what, "at": stamp(now)}
    insert(db, "register_forms", values)


def is_theirs(db: Database, register: Register, number: int, person: int) -> bool:
    """Tell whether this account entered the row."""
    sql = "select 1 from register_forms where register = :register and number = :number and person = :person and what = :what"
    values = {"register": register.key, "number": number, "person": person, "what": ENTERED}
    return first(db, sql, values) is not None


def lately(db: Database, register: Register, field: str, person: int) -> tuple[str, ...]:
    """Return what a person chose for a field in their last rows, the latest first, each once."""
    if REGISTERS[register.key].field(field) is None:
        raise KeyError(field)
    sql = f"""
        select r.{field} as said from register_forms f join {register.key} r on r.number = f.number
        where f.register = :register and f.person = :person and f.what = :what and r.{field} is not null
        order by f.at desc, f.number desc limit {_LAST}"""
    values = {"register": register.key, "person": person, "what": ENTERED}
    return tuple(dict.fromkeys(str(row["said"]) for row in db.query(sql, values)))
