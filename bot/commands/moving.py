"""The command that moves a running town's ledger to another database."""

import argparse
from contextlib import closing
from urllib.parse import urlsplit

from bot.commands.common import Usage
from bot.commands.keeping import TITLES
from bot.ledger.keeping.move import MoveError
from bot.ledger.keeping.move import move as move_rows
from bot.ledger.store import Store, StoreError
from bot.reports.to_text import grid


def move(args: argparse.Namespace) -> int:
    """Copy a ledger into an empty database and compare every row; the old one stays as it is."""
    if args.source == args.target:
        raise Usage("两个数据库是同一个。")
    with closing(_opened(args.source)) as source, closing(_opened(args.target)) as target:
        try:
            moved = move_rows(source, target)
        except (MoveError, StoreError) as e:
            raise Usage(f"没有搬：{e}") from e
    print(grid([("台账", "行"), *((TITLES.get(name, name), str(number)) for name, number in moved.items() if number)]))
    print(
        f"搬完了，{sum(moved.values())} 行逐行核对过，一样。原来的台账没有动。\n"
        f"现在停掉服务，把 DATABASE_URL 改成 {_shown(args.target)}，再启动；PSEUDONYM_KEY 不要变，变了就认不出原来的人。\n"
        "搬的时候群众照样收到答案；那几条先记在等着补记的文件里，启动以后会自动补进新的台账。"
    )
    return 0


def _opened(url: str) -> Store:
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise Usage(f"{_shown(url)} 不能用。写 sqlite:///路径 或 postgresql://用户:密码@主机/库名。")
    try:
        return Store(url, pseudonym_key="")
    except StoreError as e:
        raise Usage(f"打不开 {_shown(url)}：{e}") from e


def _shown(url: str) -> str:
    """Return the address without its password."""
    password = urlsplit(url).password
    return url.replace(f":{password}@", ":…@") if password else url
