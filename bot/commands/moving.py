"""The command that moves a running installation's ledgers to another database."""

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from bot.commands.common import Usage, settings_of
from bot.commands.keeping import TITLES
from bot.ledger.keeping.move import MoveError
from bot.ledger.keeping.move import move as move_rows
from bot.ledger.store import Store, StoreError
from bot.ledger.towns import TownError, everybody, ledger_of, settings_for
from bot.reports.to_text import grid
from bot.settings import Settings


def move(args: argparse.Namespace) -> int:
    """Copy a ledger, and those of the towns in it, into an empty database; compare every row; the old ones stay as they are."""
    if args.source == args.target:
        raise Usage("两个数据库是同一个。")
    base = settings_of(args)
    old, new = (base.model_copy(update={"database_url": url}) for url in (args.source, args.target))
    rows, moved = _moved(old, new), 0
    print(grid([("台账", "行"), *((TITLES.get(name, name), str(number)) for name, number in rows.items() if number)]))
    moved += sum(rows.values())
    with _opened(old) as store, store.reading() as db:
        towns = everybody(db)
    for town in towns:
        try:
            rows = _moved(settings_for(old, town), settings_for(new, town))
        except (TownError, Usage) as e:
            raise Usage(f"{town.name}的台账没有搬完：{e}\n原来的都没有动；把新的数据库清空，再搬一次。") from e
        print(f"{town.name}：{sum(rows.values())} 行")
        moved += sum(rows.values())
    print(
        f"搬完了，{moved} 行逐行核对过，一样。原来的台账没有动。\n"
        f"现在停掉服务，把 DATABASE_URL 改成 {_shown(args.target)}，再启动；"
        "PSEUDONYM_KEY、SECRET_KEY 不要变，变了就认不出原来的人。\n"
        "搬的时候群众照样收到答案；那几条先记在等着补记的文件里，启动以后会自动补进新的台账。"
    )
    return 0


def _moved(old: Settings, new: Settings) -> dict[str, int]:
    with _opened(old) as source, _opened(new) as target:
        try:
            return move_rows(source, target)
        except (MoveError, StoreError) as e:
            raise Usage(f"没有搬：{e}") from e


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    url = settings.database_url
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise Usage(f"{_shown(url)} 不能用。写 sqlite:///路径 或 postgresql://用户:密码@主机/库名。")
    try:
        store = ledger_of(settings)
    except StoreError as e:
        raise Usage(f"打不开 {_shown(url)}：{e}") from e
    with closing(store):
        yield store


def _shown(url: str) -> str:
    """Return the address without its password."""
    password = urlsplit(url).password
    return url.replace(f":{password}@", ":…@") if password else url
