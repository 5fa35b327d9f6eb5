"""Which notices were printed, where they hang, and which of them are no longer as they were printed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.store import first, insert, next_number
from bot.notices.content import Content, from_json, to_json, version

Step = Literal["posted", "down", "voided"]
"""What is noted of a printed notice later: it hangs, it was taken down, it was noted by mistake."""

MOST_COPIES = 5000


@dataclass(frozen=True)
class Printed:
    """One row of ``notices``: a printing. village: where it hangs; None: not said, or in several villages."""

    number: int
    kind: str
    about: str
    village: str | None
    version: str
    content: Content
    copies: int
    place: str | None
    printed_at: str
    printed_by: str
    posted_at: str | None
    posted_by: str | None
    down_at: str | None
    down_by: str | None
    voided_at: str | None

    @property
    def state(self) -> str:
        """How it stands, in a word."""
        if self.voided_at:
            return "作废"
        if self.down_at:
            return "已撤下"
        return "贴着" if self.posted_at else "已打印"

    @property
    def is_out(self) -> bool:
        """Tell whether it may hang or lie somewhere."""
        return not (self.down_at or self.voided_at)


_COLUMNS = ", ".join(Printed.__annotations__)


def note(
    db: Database, token: str, content: Content, *, village: str | None, copies: int, place: str | None, posted: bool, who: str,
    now: datetime,
) -> int | None:  # fmt: skip
    """Note a printing; return its number, or None where this form (``token``) was taken before."""
    number = next_number(db, "notices")
    row = {
        "number": number, "token": token, "kind": content["kind"], "about": content["about"], "village": village,
        "version": version(content), "content": to_json(content), "copies": copies, "place": place,
        "printed_at": stamp(now), "printed_by": who,
        "posted_at": stamp(now) if posted else None, "posted_by": who if posted else None,
    }  # fmt: skip
    return number if insert(db, "notices", row, once="token") else None


def step(db: Database, number: int, what: Step, *, who: str, now: datetime) -> bool:
    """Note what became of a printing; false where that was noted before, or it is down or struck out already."""
    free = {"posted": "posted_at is null and down_at is null", "down": "down_at is null", "voided": "1 = 1"}[what]
    sql = (
        f"update notices set {what}_at = :at, {what}_by = :who "  # noqa: S608
        f"where number = :number and voided_at is null and {free}"
    )
    return bool(db.execute(sql, {"number": number, "at": stamp(now), "who": who}).rowcount)


def find(db: Database, number: int) -> Printed | None:
    """Return a printing."""
    row = first(db, f"select {_COLUMNS} from notices where number = :number", {"number": number})  # noqa: S608
    return _printed(row) if row else None


def printings(db: Database, *, village: str | None = None, out: bool = False, limit: int | None = None) -> list[Printed]:
    """Return printings, the last one first: those of a village (None: all), with ``out`` only those that may still hang."""
    where = ["1 = 1"]
    where += ["village = :village"] if village is not None else []
    where += ["down_at is null and voided_at is null"] if out else []
    most = "limit :limit" if limit is not None else ""
    sql = f"select {_COLUMNS} from notices where {' and '.join(where)} order by number desc {most}"  # noqa: S608
    return [_printed(row) for row in db.query(sql, {"village": village, "limit": limit})]


def _printed(row: dict[str, object]) -> Printed:
    return Printed(**row | {"content": from_json(str(row["content"]))})  # type: ignore[arg-type]
