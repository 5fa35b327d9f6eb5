"""What has to be done before an annual report is published, until when, and who did it when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.store import insert, next_number

REMIND = (12, 1)
"""Month and day of the reported year from which the list is worth a look."""

SOON = timedelta(days=14)


@dataclass(frozen=True)
class Item:
    """A line of the list. due: which of the two days it must be done by."""

    key: str
    title: str
    hint: str
    due: str = "upward"


ITEMS = (
    Item("numbers", "数字核对", "在「统计报表」里点开主要的数，看它后面的记录对不对；12个月都已关账。"),
    Item("gaps", "待填的内容补齐", "Word 报告里标黄的【待填】都已填上或删去，没有编出来的数。"),
    Item("secrecy", "保密审查", "按本单位的保密审查程序办，审查人签字；涉及国家秘密、工作秘密的删去。"),
    Item("privacy", "没有个人信息", "只用对外发布版：没有姓名、电话、原话，各村涉及隐私的小数字已经隐去。"),
    Item("signed", "签发", "主要负责人审定签发。"),
    Item("upward", "报送上级", "报上一级党委、政府，同时抄送上级法治建设议事协调机构（依法治县、区办）。"),
    Item("published", "向社会公开", "在政府网站等公开，只发布一份；留存网址和发布截图。", due="public"),
)
"""After 《法治政府建设与责任落实督察工作规定》: upward before 1 March, to the public before 1 April."""

KEYS = tuple(item.key for item in ITEMS)


@dataclass(frozen=True)
class Tick:
    """Who ticked a line off, and when; ``done`` false: who took the tick away again."""

    item: str
    done: bool
    by: str
    at: str


def due_days(year: int) -> Mapping[str, date]:
    """Return the last day for each of the two: of the report of 2025, ``upward`` 2026-02-28 and ``public`` 2026-03-31."""
    return {"upward": date(year + 1, 3, 1) - timedelta(days=1), "public": date(year + 1, 3, 31)}


def wants_attention(db: Database, year: int, today: date) -> list[Item]:
    """Return the lines of a year that are open and worth a reminder: from 1 December of that year on."""
    if today < date(year, *REMIND):
        return []
    ticks = standing(db, year)
    return [item for item in ITEMS if not (item.key in ticks and ticks[item.key].done)]


def standing(db: Database, year: int) -> dict[str, Tick]:
    """Return the last word on each line of a year."""
    return {tick.item: tick for tick in history(db, year)}


def history(db: Database, year: int) -> list[Tick]:
    """Return every tick of a year that was set or taken away, oldest first."""
    sql = "select item, done, who, at from publication_checks where year = :year order by number"
    return [Tick(row["item"], bool(row["done"]), row["who"], row["at"]) for row in db.query(sql, {"year": year})]


def tick(db: Database, year: int, item: str, *, done: bool, by: str, now: datetime) -> bool:
    """Tick a line off, or take the tick away; false where it stood so already. Raises ValueError for no such line."""
    if item not in KEYS:
        raise ValueError(item)
    last = standing(db, year).get(item)
    if (last is not None and last.done) == done:
        return False
    number = next_number(db, "publication_checks")
    values = {"number": number, "year": year, "item": item, "done": int(done), "who": by, "at": stamp(now)}
    return insert(db, "publication_checks", values)
