"""Commands on keeping: purge what is due, back up, restore, and the security log."""

import argparse
import os
import sys
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.common import Usage, lines_of, login, settings_of
from bot.faq.retention import FILE, read_periods
from bot.ledger import keycheck
from bot.ledger.access import audit
from bot.ledger.clock import local_time, moment
from bot.ledger.keeping import backup as saving
from bot.ledger.keeping import move as moving
from bot.ledger.keeping import purge as purging
from bot.ledger.keeping import restore as restoring
from bot.ledger.keeping.locked import BackupError
from bot.ledger.keeping.retention import Periods
from bot.ledger.keeping.unpack import KNOWLEDGE, SECRETS, Manifest, Opened, opened
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.sqlite import PREFIX
from bot.ledger.store import Store, StoreError
from bot.ledger.towns import ledger_of
from bot.reports.to_text import grid
from bot.settings import Settings

SECRETS_FILE = Path("instance", "secrets.env")
TITLES = {
    "turns": "消息记录", "villagers": "群众（代号）", "advisers": "顾问", "duties": "值班任务", "nonces": "防重放记号",
    "tickets": "转人工的问题", "ticket_events": "转人工的经过", "counted": "月统计", "security_log": "安全日志",
    "purges": "清理日期", "migrations": "表结构版本", "register_changes": "台账更正", "closed_months": "关账月份",
    "month_events": "关账经过", "register_imports": "导入过的文件", "users": "后台账号", "logins": "后台登录",
    "recovery_codes": "备用登录码", "guesses": "没成功的登录", "register_forms": "后台交过的表单", "key_checks": "密钥核对码",
} | {key: f"{register.title}台账" for key, register in REGISTERS.items()}  # fmt: skip
_SCOPE = {None: "全部", "ledger": "只恢复台账", "knowledge": "只恢复知识库"}


def purge(args: argparse.Namespace) -> int:
    """Remove what is due, or with ``--dry-run`` only count it; exit 1 where retention.yaml is wrong."""
    now, settings = datetime.now(UTC), settings_of(args)
    periods, wrong = _periods(settings)
    with closing(_store(settings)) as store:
        removed = purging.purge(store, periods, now=now, dry_run=args.dry_run)
        if not args.dry_run:
            _note(store, "清理", purging.summary(removed), now)
            if args.compact and not store.settle(compact=True):
                print("台账正忙，没能整理文件，过一会儿再试。", file=sys.stderr)
    rows = [(r.name, str(r.number), r.oldest or "", r.newest or "") for r in removed]
    print(grid([("种类", "到期" if args.dry_run else "清理了", "最早", "最晚"), *rows]))
    print(
        "只是数一数，什么也没有删。"
        if args.dry_run
        else "清理完了，原话已从文件里抹掉。以前做的备份里还有，到期的备份请自己删。"
    )
    return 1 if wrong else 0


def backup(args: argparse.Namespace) -> int:
    """Back up the ledger, the knowledge folder and, with a password, the secrets, while the server runs."""
    now, settings, password = datetime.now(UTC), settings_of(args), _password(args)
    if not _is_there(settings):
        raise Usage(f"没有台账 {_path(settings)}，没什么可备份的。检查 --database 或 DATABASE_URL。")
    target = _target(args.target, now, locked=password is not None)
    with closing(_store(settings)) as store:
        try:
            made = _make(settings, store, target, now, password)
        except (BackupError, moving.MoveError) as e:
            raise Usage(str(e)) from e
        _note(store, "备份", f"{target.name}，{'加密' if password else '没有加密'}", now)
    size = target.stat().st_size / 1_000_000
    print(f"已备份到 {target}（{size:.1f} MB），读回来逐个核对过：")
    print(
        f"台账 {sum(made.tables.values())} 行（其中消息 {made.tables['turns']} 条），知识库 {_files(made.parts)} 个文件", end=""
    )
    if SECRETS in made.parts:
        print(f"，密钥 {SECRETS_FILE}")
    else:
        print()
    if password is None:
        print(
            "注意：这份备份没有加密！谁拿到它都能读台账，请锁好。\n"
            f"里面没有密钥：{SECRETS_FILE} 和 .env 请另外存好，丢了 PSEUDONYM_KEY，新旧记录对不上同一个人。\n"
            "要加密：加 --password-file 文件，或者设环境变量 BACKUP_PASSWORD。",
            file=sys.stderr,
        )
    return 0


def restore(args: argparse.Namespace) -> int:
    """Put a backup in place of what there is, while the server runs; what there is, is saved first."""
    now, settings, password = datetime.now(UTC), settings_of(args), _password(args)
    live = _path(settings)
    live.parent.mkdir(parents=True, exist_ok=True)
    try:
        with opened(args.file, password=password, folder=live.parent) as found:
            print(f"{args.file.name}：{_when(found.manifest.made_at)}做的备份，逐个核对过，完好。")
            restoring.need_room(live.parent, found.ledger)
            store = _present(settings)
            try:
                _save_present(settings, store, now)
                if args.only != "knowledge":
                    _restore_ledger(settings, found, store, now)
                    if not settings.slug:
                        _restore_secrets(found, now)
            finally:
                if store:
                    store.close()
            if args.only != "ledger":
                _restore_knowledge(settings, found)
            about = f"{args.file.name}，{_when(found.manifest.made_at)}做的，{_SCOPE[args.only]}"
            with closing(_store(settings)) as store:
                _note(store, "恢复", about, now)
    except (BackupError, moving.MoveError) as e:
        raise Usage(str(e)) from e
    return 0


def log(args: argparse.Namespace) -> int:
    """Print the security log: the last entries, or those of a period."""
    with closing(_store(settings_of(args))) as store, store.reading() as db:
        limit = None if args.start or args.end else audit.LAST
        found = audit.entries(db, args.start, args.end, limit=limit)
    rows = [(_when(e.at), e.who, e.what, e.about) for e in found]
    print(grid([("时间", "谁", "做了什么", "说明"), *rows]) if rows else "安全日志里没有记录。")
    return 0


def _present(settings: Settings) -> Store | None:
    """Return the live ledger; None where there is none, or none that can be read."""
    if not _is_there(settings):
        return None
    try:
        store = _store(settings)
        store.query("select count(*) from turns", {})
    except StoreError as e:
        print(f"现在的台账读不了（{e}），另存在一边。", file=sys.stderr)
        return None
    return store


def _save_present(settings: Settings, store: Store | None, now: datetime) -> None:
    """Save what there is, before anything of it is changed."""
    live = _path(settings)
    if store is None:
        for path in restoring.set_aside(live, now):
            print(f"原来的文件挪到：{path}。服务如果开着，恢复完要重启。")
        return
    target = saving.free(live.with_name(f"{purging.BEFORE}{local_time(now):%Y%m%d-%H%M%S}.zip"))
    try:
        _make(settings, store, target, now, None)
    except BackupError as e:
        raise BackupError(f"没能先存下现在的样子，所以什么也没有恢复。{e}") from e
    print(f"恢复前的样子存在 {target}，要反悔就恢复它；{purging.COPIES_LAST.days} 天后自动删。")


def _restore_ledger(settings: Settings, found: Opened, store: Store | None, now: datetime) -> None:
    live = _path(settings)
    periods = _periods(settings)[0]
    if _is_file(settings):
        ready = restoring.prepare(found, live if store else None, periods=periods, now=now)
        after = restoring.load(found.ledger, live, ready)
    elif store is None:
        raise BackupError("连不上现在的数据库，没有恢复。检查 DATABASE_URL 和数据库服务。")
    else:
        with moving.as_file(store, live.parent) as present:
            ready = restoring.prepare(found, present, periods=periods, now=now)
        with closing(Store(f"sqlite:///{found.ledger}", pseudonym_key="")) as restored:
            after = moving.replace(restored, store)
    before = found.manifest.tables
    rows = [(TITLES.get(name, name), str(before.get(name, "")), str(number)) for name, number in after.items()]
    print(grid([("台账", "备份里", "恢复后"), *rows]))
    print("恢复后的台账核对过，完好。登录过后台的人要重新登录；账号和密码是现在的，不是备份里的。")
    if ready.erased:
        print(f"备份以后有人删了自己的记录或者撤回了同意：{ready.erased} 条消息已照样再去掉代号和原话。")
    if removed := [r for r in ready.removed if r.number]:
        print(f"备份里已经到期的也清理了：{purging.summary(removed)}。")
    with closing(_store(settings)) as store:
        if found.manifest.key_check != keycheck.digits_of(store) and SECRETS not in found.manifest.parts:
            problem = "注意：这份备份是用另一个 PSEUDONYM_KEY 记的，恢复的记录和以后的对不上同一个人。"
            print(f"{problem}找到当时的密钥，填进 .env，再重启。", file=sys.stderr)


def _restore_secrets(found: Opened, now: datetime) -> None:
    """Put the secrets back where they differ: without its PSEUDONYM_KEY a ledger knows nobody again."""
    if SECRETS not in found.manifest.parts:
        return
    data, old = found.read(SECRETS), SECRETS_FILE.read_bytes() if SECRETS_FILE.exists() else None
    if data == old:
        return
    if old is not None:
        kept = SECRETS_FILE.with_name(f"{SECRETS_FILE.name}.{local_time(now):%Y%m%d-%H%M%S}")
        SECRETS_FILE.replace(kept)
        print(f"原来的密钥改名为 {kept}。")
    SECRETS_FILE.parent.mkdir(parents=True, exist_ok=True)
    draft = SECRETS_FILE.with_name(f".{SECRETS_FILE.name}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
    draft.replace(SECRETS_FILE)
    print(f"密钥 {SECRETS_FILE} 也恢复了。服务如果开着，现在就重启它。")


def _restore_knowledge(settings: Settings, found: Opened) -> None:
    if not found.knowledge:
        print("备份里没有知识库，知识库没有动。")
        return
    written, removed = restoring.replace_files(
        settings.knowledge_dir, found.knowledge, lambda name: found.read(KNOWLEDGE + name)
    )
    print(f"知识库 {len(found.knowledge)} 个文件：改回 {written} 个，去掉备份里没有的 {removed} 个。")


def _make(settings: Settings, store: Store, target: Path, now: datetime, password: str | None) -> Manifest:
    with moving.as_file(store, store.path.parent) as database:
        return saving.make(
            target,
            database=database,
            knowledge=settings.knowledge_dir,
            secrets=None if settings.slug else SECRETS_FILE,  # a town's stand sealed in the county's ledger
            password=password,
            key_check=keycheck.digits_of(store),
            now=now,
        )


def _target(given: Path, now: datetime, *, locked: bool) -> Path:
    """Return the file to write. Raises Usage where its folder is not there."""
    name = saving.file_name(now, locked=locked)
    if given.is_dir():
        return saving.free(given / name)
    if given.suffix not in {".zip", ".enc"} or not given.parent.is_dir():
        folder = given if given.suffix not in {".zip", ".enc"} else given.parent
        raise Usage(f"没有文件夹 {folder}，先建好它（或者插好移动硬盘）。写文件夹，备份就叫 {name}。")
    if locked and given.suffix != ".enc":
        return given.with_name(f"{given.name}.enc")
    return given


def _password(args: argparse.Namespace) -> str | None:
    """Return the password, from a file (its first line) or BACKUP_PASSWORD; None where neither is there."""
    if args.password_file is None:
        return os.environ.get("BACKUP_PASSWORD") or None
    password = next(iter(lines_of(args.password_file)), "").strip()
    if not password:
        raise Usage(f"{args.password_file} 的第一行是空的，把密码写在第一行。")
    return password


def _note(store: Store, what: str, about: str, now: datetime) -> None:
    """Note in the security log what was done; it is done, so a ledger in much use is waited for longer than a message may."""
    for last in (False, False, False, False, True):
        try:
            with store.writing() as db:
                audit.note(db, who=login(), what=what, about=about, now=now)
            return
        except StoreError:
            if last:
                raise


def _periods(settings: Settings) -> tuple[Periods, bool]:
    periods, findings = read_periods(settings.knowledge_dir / FILE)
    for finding in findings:
        print(finding, file=sys.stderr)
    return periods, bool(findings)


def _files(parts: Collection[str]) -> int:
    return sum(name.startswith(KNOWLEDGE) for name in parts)


def _when(at: str) -> str:
    return f"{local_time(moment(at)):%Y-%m-%d %H:%M}"


def _is_file(settings: Settings) -> bool:
    return settings.database_url.startswith(PREFIX)


def _is_there(settings: Settings) -> bool:
    return not _is_file(settings) or _path(settings).exists()


def _path(settings: Settings) -> Path:
    """Return the file of the ledger; of PostgreSQL, a name beside which this machine keeps what belongs to it."""
    return Path(settings.database_url.removeprefix(PREFIX)) if _is_file(settings) else Path("instance", "postgresql")


def _store(settings: Settings) -> Store:
    return ledger_of(settings)
