"""Rows of a workbook entered into the ledger: all of them or none, and none twice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import Register
from bot.ledger.register.intake import CellFault, Line
from bot.ledger.store import first, insert


@dataclass(frozen=True)
class Ways:
    """How whoever enters a workbook reopens a ``{month}`` and corrects a row ``{number}`` of a register ``{title}``."""

    reopen: str
    correct: str


COMMANDS = Ways(
    "或者先重开这个月：python -m bot register reopen {month} --by 姓名 --reason 原因",
    "用 python -m bot register correct {title} {number} 栏目=内容 --by 姓名 --reason 原因",
)
PAGES = Ways("或者先在「关账」页重开 {month}", "在网页上打开「{title}」第{number}号，点「更正」")


@dataclass(frozen=True)
class Entered:
    """What an import did: rows entered by title of the register; rows that were there already; rows that the file repeats."""

    rows: Counter[str]
    already: int
    repeated: int


def earlier(db: Database, digest: str) -> dict[str, Any] | None:
    """Return the earlier import of a file with this digest (``name``, ``at``, ``editor``, ``rows``), or None."""
    return first(db, "select name, at, editor, rows from register_imports where digest = :digest", {"digest": digest})


def enter(
    db: Database, lines: Sequence[Line], *, digest: str, name: str, by: str, now: datetime, ways: Ways = COMMANDS
) -> Entered | list[CellFault]:
    """Enter the lines that the ledger does not hold yet, in one transaction of the caller; or return what is at fault.

    A line equal to a row that stands is that row; a file with two equal lines beside one such row adds one.
    """
    faults = [fault for line in lines if (fault := _numbered(db, line, ways))]
    fresh = {register.key: _fresh(db, register, lines) for register in REGISTERS.values()}
    closed = set(records.closed_months(db))
    for line in (line for new in fresh.values() for line in new):
        month = line.values["day"][:7]
        if month in closed:
            remedy = f"删掉这一行，{ways.reopen.format(month=month)}"
            faults.append(line.fault(line.register.fields[0].heading, f"{month} 已经关账", remedy))
    if faults:
        return faults
    rows: Counter[str] = Counter()
    for key, new in fresh.items():
        records.add_all(db, REGISTERS[key], [line.values for line in new], by=by, now=now)
        rows[REGISTERS[key].title] += len(new)
    total = rows.total()
    done = {"digest": digest, "name": name, "at": stamp(now), "editor": by, "rows": total}
    if not insert(db, "register_imports", done, once="digest"):
        db.execute("update register_imports set rows = rows + :rows where digest = :digest", {"rows": total, "digest": digest})
    equal = Counter((line.register.key, tuple(line.values.values())) for new in fresh.values() for line in new)
    return Entered(+rows, len(lines) - total, total - len(equal))


def _fresh(db: Database, register: Register, lines: Sequence[Line]) -> list[Line]:
    own = [line for line in lines if line.register is register]
    there = records.alike(db, register, {line.values["day"] for line in own})
    new = []
    for line in own:
        values = tuple(line.values[f.key] for f in register.fields)
        if there[values]:
            there[values] -= 1
        else:
            new.append(line)
    return new


def _numbered(db: Database, line: Line, ways: Ways) -> CellFault | None:
    """Return the fault of a line that says to be a row of the ledger and is not that row as it stands."""
    row = records.find(db, line.register, line.number) if line.number else None
    if row is None or (not row[records.VOIDED] and all(row[key] == value for key, value in line.values.items())):
        return None
    problem = f"台账里的第{line.number}号{'已经作废' if row[records.VOIDED] else '和这一行不一样'}"
    correct = ways.correct.format(title=line.register.title, number=line.number)
    return line.fault("编号", problem, f"要改已经记下的，{correct}；要当新的一行记，把编号清空")
