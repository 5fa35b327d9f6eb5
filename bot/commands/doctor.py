"""``python -m bot doctor``: all that may be wrong, and what to do about each; ``--repair`` does what can be done at once."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.common import login, settings_of, snapshot_of
from bot.faq.retention import FILE, read_periods
from bot.ledger import keycheck
from bot.ledger.access import audit
from bot.ledger.keeping.examine import Found, examine, waiting
from bot.ledger.spool import Spool, spool_folder
from bot.ledger.sqlite import PREFIX
from bot.ledger.standby import Standby
from bot.ledger.store import StoreError
from bot.ledger.towns import ledger_of
from bot.settings import Settings, SettingsError, problems

SECRET_FILES = (Path("instance", "secrets.env"), Path(".env"))
SHOWN = 5


def doctor(args: argparse.Namespace) -> int:
    """Print what is wrong; exit 1 where something is urgent."""
    now = datetime.now(UTC)
    try:
        settings = settings_of(args)
    except SettingsError as e:
        print(f"✗ 设置有错，服务启动不了：\n{e}")
        return 1
    if args.new_key or args.repair:
        _mend(settings, now, new_key=args.new_key, repair=args.repair)
    found = [*_of_settings(settings), *_of_files(), *_of_ledger(settings, now), *_of_knowledge(args, settings)]
    for one in sorted(found, key=lambda one: not one.urgent):
        print(f"{'✗' if one.urgent else '·'} {one.what}。\n  {one.remedy}。")
    urgent = sum(one.urgent for one in found)
    if not found:
        print("✓ 设置、密钥、台账、磁盘、时钟、知识库都没有问题。")
    elif urgent:
        print(f"✗ {urgent} 项要马上处理。")
    else:
        print("✓ 没有要马上处理的；上面打点的有空时看一看。")
    return 1 if urgent else 0


def _of_settings(settings: Settings) -> Iterator[Found]:
    for finding in problems(settings):
        yield Found(f"{finding.code} {finding.problem}", finding.hint, urgent=finding.code.startswith("E"))


def _of_files() -> Iterator[Found]:
    """Secrets are for nobody but the account that runs the server; Windows has no such mode."""
    for path in SECRET_FILES if os.name == "posix" else ():
        if path.exists() and (mode := path.stat().st_mode & 0o077):
            yield Found(f"{path} 里有密钥，这台机器上别的账号也读得到（权限 {mode:03o}）", f"运行 chmod 600 {path}")


def _of_ledger(settings: Settings, now: datetime) -> Iterator[Found]:
    yield from examine(settings.database_url, key_digits=keycheck.digits(settings.pseudonym_key), now=now)
    yield from waiting(_spool(settings))


def _of_knowledge(args: argparse.Namespace, settings: Settings) -> Iterator[Found]:
    snapshot = snapshot_of(args, strict=False)
    findings = [*snapshot.findings, *read_periods(settings.knowledge_dir / FILE)[1]]
    if not snapshot.entries:
        yield Found(f"知识库 {settings.knowledge_dir} 里没有一个能用的条目", "检查 KNOWLEDGE_DIR；文件被删了的，用备份恢复")
    if findings:
        first = "\n  ".join(str(finding) for finding in findings[:SHOWN])
        yield Found(f"知识库有 {len(findings)} 个问题：\n  {first}", "运行 python -m bot check 看全部", urgent=False)


def _mend(settings: Settings, now: datetime, *, new_key: bool, repair: bool) -> None:
    """Take in what waits, shut others out of the secrets; take a new key for the right one."""
    if repair and os.name == "posix":
        for path in SECRET_FILES:
            if path.exists():
                path.chmod(0o600)
    try:
        with closing(ledger_of(settings)) as store:
            if repair:
                standby = Standby(_spool(settings))
                standby.spool.bring_back()
                print(f"补记了 {standby.recover(store)} 条等着的记录。")
            if new_key:
                keycheck.accept(store, now)
                with store.writing() as db:
                    audit.note(db, who=login(), what="认下新密钥", about="PSEUDONYM_KEY", now=now)
                print("认下了新的 PSEUDONYM_KEY：以前的记录和以后的对不上同一个人。")
    except StoreError as e:
        print(f"台账打不开，没有修：{e}", file=sys.stderr)


def _spool(settings: Settings) -> Spool:
    url = settings.database_url
    path = Path(url.removeprefix(PREFIX)) if url.startswith(PREFIX) else settings.ledger_place / "postgresql"
    return Spool(spool_folder(settings.spool_dir, path))
