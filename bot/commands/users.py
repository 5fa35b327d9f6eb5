"""The command ``user``: who may log in to the console."""

import argparse
from contextlib import closing
from datetime import UTC, datetime

from bot.commands.common import Usage, login, settings_of
from bot.faq.town import read_town
from bot.ledger.access import accounts, guesses, users
from bot.ledger.access.users import COUNTY, ROLES, User
from bot.ledger.database import Database
from bot.ledger.store import Store
from bot.ledger.towns import ledger_of
from bot.reports.formats import grid

ACTIONS = ("add", "list", "reset", "disable", "enable", "logout")


def user(args: argparse.Namespace) -> int:
    """Add and list accounts, give a first password again, end and restore accounts, end their logins."""
    now = datetime.now(UTC)
    if args.action != "list" and not args.who:
        raise Usage(f"写上登录名：python -m bot user {args.action} 名字")
    with closing(_store(args)) as store:
        if args.action == "list":
            _list(store)
            return 0
        try:
            with store.writing() as db:
                said = _add(args, db, now) if args.action == "add" else _act(args.action, _found(db, args.who), db, now)
                if args.action in {"reset", "enable"}:
                    guesses.forget(db, account=guesses.account_of(store, args.who))
        except accounts.Refused as e:
            raise Usage(str(e)) from e
    print(said)
    return 0


def _list(store: Store) -> None:
    with store.reading() as db:
        everybody = users.everybody(db)
    rows = [(u.name, u.shown, u.role, u.village or "全镇", _state(u), "已绑定" if u.secret else "没有") for u in everybody]
    heading = ("登录名", "姓名", "角色", "村", "状态", "手机验证")
    print(grid([heading, *rows]) if rows else "还没有账号。先登记一位管理员：python -m bot user add 名字 --role 管理员")


def _add(args: argparse.Namespace, db: Database, now: datetime) -> str:
    if not args.role:
        raise Usage(f"写上角色：--role {'、'.join(ROLES)} 之一")
    if args.role == COUNTY and args.town:
        raise Usage("县级是县里的角色，镇里没有。去掉 --town，或者换一个角色。")
    town, _ = read_town(settings_of(args).knowledge_dir / "town.yaml")
    names = [v.name for v in town.villages] if town else []
    if args.village and args.village not in names:
        raise Usage(f"town.yaml 里没有「{args.village}」。有：{'、'.join(names)}")
    made, password = accounts.create(
        db, name=args.who, shown=args.shown or "", role=args.role, village=args.village, by=login(), now=now
    )
    return f"已登记 {accounts.described(made)}。\n{_first(made.name, password)}"


def _act(action: str, found: User, db: Database, now: datetime) -> str:
    if action == "reset":
        return _first(found.name, accounts.reset(db, found.number, by=login(), now=now))
    if action == "disable":
        accounts.disable(db, found.number, by=login(), now=now)
        return f"{found.name} 已停用，登录也都结束了。微信里的答复权限另外停：python -m bot adviser remove 姓名"
    if action == "enable":
        accounts.enable(db, found.number, by=login(), now=now)
        return f"{found.name} 又可以登录了，密码还是原来的。忘了密码：python -m bot user reset {found.name}"
    return f"{found.name} 的 {accounts.end_logins(db, found.number, by=login(), now=now)} 处登录都结束了。"


def _found(db: Database, who: str) -> User:
    found = users.find(db, who)
    if found is None:
        raise Usage(f"没有登录名「{who}」。先看 python -m bot user list")
    return found


def _first(name: str, password: str) -> str:
    days = users.FIRST_PASSWORD_LASTS.days
    return (
        f"登录名：{name}\n首次密码：{password}\n只显示这一次，请当面或打电话告诉本人；{days}天内有效，第一次登录要换成自己的。"
    )


def _state(user: User) -> str:
    return "停用" if user.disabled_at else "等本人换密码" if user.must_change else "正常"


def _store(args: argparse.Namespace) -> Store:
    settings = settings_of(args)
    return ledger_of(settings)
