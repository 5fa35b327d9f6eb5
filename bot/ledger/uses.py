"""How many rows of the ledger name a village, or what else a town may rename: they keep the old name."""

from collections.abc import Mapping

from bot.ledger.database import Database
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.store import first

_TURNS, _TICKETS, _VILLAGERS = "群众的提问", "转人工的问题", "选了这个村的群众"
_ADVISERS, _USERS = "能在微信里答复的人", "登录账号"

OF_LISTS: Mapping[str, tuple[str, str]] = {
    "七进": ("activities", "setting"),
    "形式": ("activities", "form"),
    "人群": ("offline", "groups"),
    "明白人类别": ("people", "kind"),
}
"""Where the values of a list of ``registers.yaml`` are kept: register and column."""


def of_village(db: Database, village: str) -> dict[str, int]:
    """Return how many rows name a village, by what they are; only what there is."""
    where = {
        _TURNS: "turns where village = :village",
        _TICKETS: "tickets where village = :village",
        _VILLAGERS: "villagers where village = :village",
        _ADVISERS: "advisers where village = :village and removed_at is null",
        _USERS: "users where village = :village and disabled_at is null",
    }
    for key, register in REGISTERS.items():
        if any(field.key == "village" for field in register.fields):
            where[register.title] = f"{key} where village = :village and voided_at is null"
    found = {name: _number(db, f"select count(*) as n from {sql}", {"village": village}) for name, sql in where.items()}
    return {name: number for name, number in found.items() if number}


def of_value(db: Database, list_: str, value: str) -> int:
    """Return how many rows of a register hold a value of one of its lists."""
    register, column = OF_LISTS[list_]
    joined = f"'、' || {column} || '、' like :value escape '!'"
    plain = value.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    sql = f"select count(*) as n from {register} where {joined} and voided_at is null"
    return _number(db, sql, {"value": f"%、{plain}、%"})


def _number(db: Database, sql: str, values: dict[str, str]) -> int:
    row = first(db, sql, values)
    return int(row["n"]) if row else 0
