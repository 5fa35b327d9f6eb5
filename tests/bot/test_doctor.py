"""``python -m bot doctor``: what is wrong is found, and what to do is said."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.ledger import keycheck, turns
from bot.ledger.access import audit
from bot.ledger.clock import local_day, stamp
from bot.ledger.spool import Kept, Spool
from bot.ledger.store import Store
from bot.ledger.turns import Turn
from bot.message import Reply
from tests.actors import AES_KEY, APP_ID, TOKEN
from tests.commands import Done, command
from tests.conftest import PSEUDONYM_KEY

Doctor = Callable[..., Done]


def turn(at: datetime) -> Turn:
    return Turn(
        key=stamp(at), received_at=stamp(at), day=local_day(at).isoformat(), channel="网页", villager="v", kind="text",
        text="欠薪" * 200, decision="answer", entry_id=None, entry_version=None, category="劳动与工资", score=None, offered=(),
        follows=None, reply=Reply("答"), latency_ms=1.0,
    )  # fmt: skip


@pytest.fixture
def doctor(tmp_path: Path, database: Path, knowledge: Path, memory: Path, store: Store) -> Doctor:
    """Run the doctor on a town where all is well but what the test breaks."""
    now = datetime.now(UTC)
    keycheck.fits(store, now)
    with store.writing() as db:
        audit.note(db, who="甲", what="备份", about="usb", now=now)
    store.settle()

    def run(*words: str, **changes: str) -> Done:
        settings = {
            "WECHAT_TOKEN": TOKEN, "WECHAT_APP_ID": APP_ID, "WECHAT_AES_KEY": AES_KEY, "SECRET_KEY": "s" * 32,
            "PSEUDONYM_KEY": PSEUDONYM_KEY, "DATABASE_URL": f"sqlite:///{database}", "KNOWLEDGE_DIR": str(knowledge),
            "CACHE_DIR": str(memory),
        }  # fmt: skip
        return command(tmp_path, "doctor", *words, environment=settings | changes)

    return run


def test_where_all_is_well_it_says_so_and_changes_nothing(doctor: Doctor, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    done = doctor()
    assert (done.returncode, done.stdout) == (0, "✓ 设置、密钥、台账、磁盘、时钟、知识库都没有问题。\n")
    assert [p for p in sorted(tmp_path.rglob("*")) if p not in before] in ([], [tmp_path / "ledger" / "spool"])


def test_settings_that_cannot_work_are_named_first(doctor: Doctor) -> None:
    done = doctor(WECHAT_AES_KEY="short")
    assert done.returncode == 1 and "E02" in done.stdout


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data[: len(data) // 2], "台账文件坏了"),
        (lambda data: b"this is no database, it is a text" * 500, "台账文件坏了"),
        (lambda data: data[: 4096 * 2] + b"\xa5" * 4096 * 20 + data[4096 * 22 :], "台账文件坏了"),
        (lambda data: b"", "这不是本程序的台账"),
    ],
    ids=["cut off", "no database", "garbage over pages", "empty"],
)
def test_a_damaged_ledger_is_found_with_the_way_back(
    doctor: Doctor, store: Store, database: Path, spoil: Callable[[bytes], bytes], says: str
) -> None:
    store.close()
    data = database.read_bytes()
    assert len(data) > 4096 * 30
    for path in database.parent.glob("bot.db-*"):
        path.unlink()
    database.write_bytes(spoil(data))
    done = doctor()
    assert done.returncode == 1
    assert says in done.stdout and ("python -m bot restore" in done.stdout or "用备份恢复" in done.stdout)
    assert "Traceback" not in done.stderr


def test_a_ledger_that_somebody_holds_is_found(doctor: Doctor, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("begin immediate")
        done = doctor()
    assert done.returncode == 1
    assert "被另一个程序占着写" in done.stdout and "关掉它" in done.stdout


def test_a_ledger_of_a_newer_program_is_found(doctor: Doctor, store: Store) -> None:
    with store.writing() as db:
        db.execute("insert into migrations values (900, 'm900_to_come')")
    done = doctor()
    assert done.returncode == 1 and "更新的程序" in done.stdout


def test_a_clock_that_was_set_back_is_found(doctor: Doctor, store: Store) -> None:
    with store.writing() as db:
        turns.record(db, turn(datetime.now(UTC) + timedelta(days=2)))
    done = doctor()
    assert done.returncode == 1 and "时钟可能拨回去过" in done.stdout


def test_a_changed_key_is_found_until_it_is_accepted(doctor: Doctor, store: Store) -> None:
    done = doctor(PSEUDONYM_KEY="another key of the town")
    assert done.returncode == 1 and "PSEUDONYM_KEY 和记这本台账时用的不是同一个" in done.stdout
    done = doctor("--new-key", PSEUDONYM_KEY="another key of the town")
    assert done.returncode == 0
    assert doctor().returncode == 1  # now it is the first one that does not fit
    assert [row["what"] for row in store.query("select what from security_log order by number", {})] == ["备份", "认下新密钥"]


def test_rows_that_wait_are_found_and_taken_in_on_demand(doctor: Doctor, store: Store, database: Path) -> None:
    Spool(database.parent / "spool").add(Kept(turn(datetime.now(UTC)), who="v"))
    done = doctor()
    assert done.returncode == 1 and "1 条记录等着补进台账" in done.stdout and "doctor --repair" in done.stdout
    done = doctor("--repair")
    assert done.returncode == 0 and "补记了 1 条" in done.stdout
    assert len(store.query("select key from turns", {})) == 1


def test_secrets_that_others_can_read_are_found_and_shut(doctor: Doctor, tmp_path: Path) -> None:
    path = tmp_path / "instance" / "secrets.env"
    path.parent.mkdir()
    path.write_text("SECRET_KEY=x\n")
    path.chmod(0o644)
    done = doctor()
    assert done.returncode == 1 and "chmod 600" in done.stdout
    assert doctor("--repair").returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_can_wait_is_said_and_fails_nobody(doctor: Doctor, store: Store, knowledge: Path) -> None:
    with store.writing() as db:
        db.execute("delete from security_log")
    next(knowledge.rglob("wage.md")).write_text("half", encoding="utf-8")
    done = doctor()
    assert done.returncode == 0
    assert "还没有做过备份" in done.stdout and "wage.md" in done.stdout and "没有要马上处理的" in done.stdout
    with store.writing() as db:
        audit.note(db, who="甲", what="备份", about="usb", now=datetime.now(UTC) - timedelta(days=30))
    assert "已经 30 天" in doctor().stdout
