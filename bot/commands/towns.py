"""The command ``town``: the towns of an installation that serves several."""

import argparse
import shutil
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from bot.commands.common import Usage, county_settings, lines_of, login
from bot.faq.edit import beginning
from bot.ledger import keycheck, towns
from bot.ledger.access import audit
from bot.ledger.clock import local_day, local_time, moment
from bot.ledger.keeping import backup
from bot.ledger.keeping.locked import BackupError
from bot.ledger.store import Store
from bot.ledger.towns import IN_USE, PAUSED, REMOVED, Keys, Town, TownError
from bot.reports.formats import grid
from bot.settings import Settings

ACTIONS = ("add", "list", "set", "pause", "resume", "remove")

LET_GO_SECONDS = 5.0
"""So long after its removal every running process has let go of a town."""

_SECRETS = {name.upper(): name for name in Keys.model_fields if name != "secret_key"}
_DID = {PAUSED: "暂停镇", IN_USE: "恢复镇", REMOVED: "移除镇"}


def town(args: argparse.Namespace) -> int:
    """Add, list, change, pause and remove towns; running servers follow within two seconds."""
    if args.town:
        raise Usage("town 命令是县里用的，去掉 --town；镇的代号直接写在后面")
    base = county_settings(args)
    if args.action != "list" and not args.who:
        raise Usage(f"写上镇的代号：python -m bot town {args.action} 代号")
    with closing(towns.ledger_of(base)) as store:
        try:
            _RUN[args.action](base, store, args, datetime.now(UTC))
        except TownError as e:
            raise Usage(str(e)) from e
        except OSError as e:
            raise Usage(f"没有做完：{e}。检查 TOWNS_DIR 所在的磁盘满没满、能不能写") from e
    return 0


def _add(base: Settings, store: Store, args: argparse.Namespace, now: datetime) -> None:
    if not args.name:
        raise Usage(f"写上镇的名字：python -m bot town add {args.who} --name 名字")
    keys = towns.new_keys(**_given(args))
    made = beginning.found(base, store, args.who, args.name, keys, by=login(), now=now)
    print(
        f"已登记{made.name}（{made.slug}），两秒内开始服务，不用重启。\n"
        f"公众号后台的服务器地址：https://你们的域名/wechat/{made.slug}\n"
        f"Token：{keys.wechat_token}{'' if args.token else '（刚生成的，只显示这一次）'}\n"
        f"消息模式：{_mode(keys)}\n"
        f"管理后台：https://你们的域名/t/{made.slug}/console/\n"
        f"知识库：{towns.home_of(base, made.slug) / 'knowledge'}（从县里的共用知识库开始，先改 town.yaml）\n"
        f"下一步，登记镇里的管理员：python -m bot user add 名字 --role 管理员 --town {made.slug}"
    )


def _list(base: Settings, store: Store, args: argparse.Namespace, now: datetime) -> None:
    with store.reading() as db:
        found = towns.everybody(db)
    heading = ("代号", "名字", "状态", "消息模式", "第几版", "登记", "公众号地址")
    rows = [(t.slug, t.name, t.state, _mode_of(base, t), str(t.version), _day(t), f"/wechat/{t.slug}") for t in found]
    print(grid([heading, *rows]) if rows else "还没有登记别的镇。登记：python -m bot town add 代号 --name 名字")


def _set(base: Settings, store: Store, args: argparse.Namespace, now: datetime) -> None:
    given = _given(args)
    if not given and not args.name:
        raise Usage("写上要改什么：--name、--token、--app-id、--aes-key、--mode、--answer-from，或者 --secrets 文件")
    with store.writing() as db:
        old = towns.unseal(towns.get(db, args.who), base.secret_key)
        if given.get("pseudonym_key") not in {None, old.pseudonym_key}:
            raise Usage("PSEUDONYM_KEY 登记以后不能改：改了，老用户都认不出来")
        keys = towns.changed_keys(old, **given) if given else None
        made = towns.change(db, args.who, name=args.name or "", keys=keys, secret_key=base.secret_key, now=now)
        what = "、".join([*(["名字"] if args.name else []), *(name.upper() for name in sorted(given))])
        audit.note(db, who=login(), what="改镇的设置", about=f"{made.name}（{made.slug}）：{what}", now=now)
    print(f"{made.name}的设置改好了（{what}），两秒内生效。")
    if keys and keys.wechat_aes_key_previous:
        print(f"旧的 AES 密钥还收着。微信那边换完以后去掉它：python -m bot town set {args.who} --drop-previous")


def _move(state: towns.State) -> Any:
    def run(base: Settings, store: Store, args: argparse.Namespace, now: datetime) -> None:
        if state == REMOVED and args.erase:
            _erase(base, store, args)
            return
        with store.writing() as db:
            made = towns.set_state(db, args.who, state, now=now)
            audit.note(db, who=login(), what=_DID[state], about=f"{made.name}（{made.slug}）", now=now)
        print({
            IN_USE: f"{made.name}恢复了，两秒内照常回答。",
            PAUSED: f"{made.name}暂停了：群众只收到一句话和热线电话，后台进不去。恢复：python -m bot town resume {made.slug}",
            REMOVED: f"{made.name}移除了，网址都打不开。数据还在，要回来：python -m bot town resume {made.slug}；"
            f"永远不要了：python -m bot town remove {made.slug} --erase",
        }[state])  # fmt: skip

    return run


def _erase(base: Settings, store: Store, args: argparse.Namespace) -> None:
    with store.reading() as db:
        gone = towns.get(db, args.who)
    print(f"要抹掉{gone.name}（{gone.slug}）的台账、知识库和密钥，不能反悔。确实要抹，请再打一遍它的名字：", flush=True)
    if sys.stdin.readline().strip() != gone.name:
        raise Usage("名字对不上，什么也没有动。")
    settings = towns.settings_for(base, gone) if store.is_file else None
    if gone.state != REMOVED:
        with store.writing() as db:
            gone = towns.set_state(db, gone.slug, REMOVED, now=datetime.now(UTC))
    waited = (datetime.now(UTC) - moment(gone.changed_at)).total_seconds()
    time.sleep(max(0.0, LET_GO_SECONDS - waited))
    home = towns.home_of(base, gone.slug)
    if settings is not None and (home / "bot.db").exists():
        print(f"最后的备份存在 {_last_backup(settings, home, args)}，里面有台账和知识库，请锁好；不要了就自己删。")
    else:
        print("PostgreSQL 上的数据请先用 pg_dump 备份过。" if settings is None else "没有台账，不用备份。")
    with store.writing() as db:
        if not store.is_file:
            db.execute(f"drop schema if exists town_{gone.slug.replace('-', '_')} cascade")
        towns.forget(db, gone.slug)
        audit.note(db, who=login(), what="抹掉镇", about=f"{gone.name}（{gone.slug}）", now=datetime.now(UTC))
    shutil.rmtree(home, ignore_errors=True)
    left = f"{home} 里还有删不掉的文件，请自己删。" if home.exists() else ""
    print(f"{gone.name}抹掉了。{left}别的机器上的 {home} 请到那台机器上删。")


def _last_backup(settings: Settings, home: Path, args: argparse.Namespace) -> Path:
    now = datetime.now(UTC)
    password = next(iter(lines_of(args.password_file)), "").strip() if args.password_file else None
    name = f"{settings.slug}-最后的备份-{local_time(now):%Y%m%d-%H%M%S}.zip{'.enc' if password else ''}"
    target = backup.free(home.parent / name)
    with closing(towns.ledger_of(settings)) as store:
        try:
            backup.make(
                target, database=store.path, knowledge=settings.knowledge_dir, secrets=None, password=password,
                key_check=keycheck.digits_of(store), now=now,
            )  # fmt: skip
        except BackupError as e:
            raise Usage(f"没能先备份，所以没有抹：{e}") from e
    return target


def _given(args: argparse.Namespace) -> dict[str, str]:
    """Return the settings of the command line, and those of a file or of standard input. Raises Usage."""
    found: dict[str, str] = {}
    if args.secrets:
        if str(args.secrets) != "-" and not args.secrets.is_file():
            raise Usage(f"没有文件 {args.secrets}")
        read = (
            dotenv_values(stream=sys.stdin) if str(args.secrets) == "-" else dotenv_values(args.secrets, encoding="utf-8-sig")
        )
        if strange := [name for name in read if name.upper() not in _SECRETS]:
            raise Usage(f"{args.secrets} 里有不认识的 {'、'.join(strange)}。可以写：{'、'.join(_SECRETS)}")
        found = {_SECRETS[name.upper()]: value.strip() for name, value in read.items() if value}
    for name, option in (
        ("wechat_token", "token"), ("wechat_app_id", "app_id"), ("wechat_aes_key", "aes_key"), ("wechat_mode", "mode"),
        ("answer_from", "answer_from"),
    ):  # fmt: skip
        if value := getattr(args, option):
            found[name] = value
    return found | ({"wechat_aes_key_previous": ""} if args.drop_previous else {})


def _mode(keys: Keys) -> str:
    return keys.wechat_mode or ("safe" if keys.wechat_aes_key else "plain")


def _mode_of(base: Settings, found: Town) -> str:
    try:
        return _mode(towns.unseal(found, base.secret_key))
    except TownError:
        return "密钥解不开"


def _day(found: Town) -> str:
    return local_day(moment(found.added_at)).isoformat()


_RUN: dict[str, Any] = {
    "add": _add, "list": _list, "set": _set, "pause": _move(PAUSED), "resume": _move(IN_USE), "remove": _move(REMOVED),
}  # fmt: skip
