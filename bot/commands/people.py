"""Commands on the people behind the bot: adviser, tickets, duties."""

import argparse
from contextlib import closing
from datetime import UTC, datetime

from bot.commands.common import Usage, login, settings_of
from bot.faq.town import read_town
from bot.ledger import advisers, duties, tickets
from bot.ledger.access import audit
from bot.ledger.clock import local_time, moment
from bot.ledger.database import Database
from bot.ledger.store import Store
from bot.ledger.towns import ledger_of
from bot.reports.formats import grid
from bot.wording import minute, number


def adviser(args: argparse.Namespace) -> int:
    """Add, list and remove the people who may answer in WeChat, and hand out the codes that bind them."""
    now = datetime.now(UTC)
    if args.action != "list" and not args.who:
        raise Usage(f"写上姓名：python -m bot adviser {args.action} 姓名")
    store = _store(args)
    try:
        if args.action == "list":
            with store.reading() as db:
                people = advisers.everybody(db)
            rows = [(str(p.number), p.name, p.role, p.village or "全镇", _bound(p)) for p in people]
            print(grid([("编号", "姓名", "角色", "村", "绑定时间"), *rows]))
            return 0
        if args.action == "add":
            _check_village(args)
            code = advisers.new_code()
            with store.writing() as db:
                added = advisers.add(db, name=args.who, role=args.role, village=args.village)
                advisers.set_code(db, added.number, store.code_hash(code), now)
                _note(db, "登记顾问", added, now)
            _say_code(added.name, code)
            return 0
        with store.writing() as db:
            found = [p for p in advisers.everybody(db) if args.who in {p.name, str(p.number)}]
            if len(found) != 1:
                raise Usage(f"「{args.who}」找到 {len(found)} 个人，请用编号；先看 python -m bot adviser list")
            if args.action == "remove":
                advisers.remove(db, found[0].number, now)
                _note(db, "停用顾问", found[0], now)
                print(f"{found[0].name}已停用，微信解绑，他答复过的还在。")
                return 0
            code = advisers.new_code()
            advisers.set_code(db, found[0].number, store.code_hash(code), now)
            _note(db, "重新发绑定编号", found[0], now)
        _say_code(found[0].name, code)
        return 0
    finally:
        store.close()


def waiting(args: argparse.Namespace) -> int:
    """List the tickets that wait for an answer, the one due first first; exit 1 where one is overdue."""
    now = datetime.now(UTC)
    with closing(_store(args)) as store, store.reading() as db:
        found = tickets.waiting(db)
    late = 0
    rows: list[tuple[str, ...]] = [("编号", "村", "最晚答复", "", "问题")]
    for ticket in found:
        due = moment(ticket.due_at)
        late += due < now
        overdue = "逾期" if due < now else ""
        rows.append((number(ticket.number), ticket.village or "没说", minute(local_time(due)), overdue, ticket.question or ""))
    print(grid(rows) if found else "没有等答复的问题。")
    return 1 if late else 0


def alarms(args: argparse.Namespace) -> int:
    """List the duty tasks without an outcome; exit 1 where one was not acknowledged in time."""
    now = datetime.now(UTC)
    with closing(_store(args)) as store, store.reading() as db:
        found = duties.unfinished(db)
    late = 0
    rows: list[tuple[str, ...]] = [("任务", "种类", "村", "时间", "")]
    for duty in found:
        overdue = duty.acknowledged_at is None and moment(duty.acknowledge_by) < now
        late += overdue
        state = "已收到" if duty.acknowledged_at else "逾期没确认" if overdue else "等确认"
        opened = minute(local_time(moment(duty.opened_at)))
        rows.append((str(duty.number), duty.kind, duty.village or "没说", opened, state))
    print(grid(rows) if found else "没有值班任务。")
    return 1 if late else 0


def _note(db: Database, what: str, person: advisers.Adviser, now: datetime) -> None:
    about = f"{person.number}号 {person.name}，{person.role}，{person.village or '全镇'}"
    audit.note(db, who=login(), what=what, about=about, now=now)


def _bound(person: advisers.Adviser) -> str:
    return minute(local_time(moment(person.bound_at))) if person.bound_at else "未绑定"


def _store(args: argparse.Namespace) -> Store:
    settings = settings_of(args)
    return ledger_of(settings)


def _check_village(args: argparse.Namespace) -> None:
    town, _ = read_town(settings_of(args).knowledge_dir / "town.yaml")
    names = [v.name for v in town.villages] if town else []
    if args.village and args.village not in names:
        raise Usage(f"town.yaml 里没有「{args.village}」。有：{'、'.join(names)}")


def _say_code(name: str, code: str) -> None:
    print(f"{name}的绑定编号：{code}\n请他本人用自己的微信给公众号发：绑定 {code}\n7天内有效，只能用一次。")
