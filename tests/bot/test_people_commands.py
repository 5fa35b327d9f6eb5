"""The clerk's commands on advisers, tickets and duties."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ledger import advisers, duties, tickets
from bot.ledger.store import Store
from tests.bot.conftest import Run
from tests.conftest import NOW


def test_an_adviser_is_added_listed_and_removed_and_the_code_is_kept_only_as_a_hash(
    run: Run, store: Store, database: Path
) -> None:
    status, out = run("adviser", "add", "李建", "--role", "法律顾问", "--village", "示例一村")
    assert status == 0
    (code,) = re.findall(r"绑定 ([A-Z0-9]{8})", out)
    store.close()
    assert code.encode() not in b"".join(p.read_bytes() for p in database.parent.iterdir())
    with store.writing() as db:
        bound = advisers.bind(db, store.code_hash(code), "somebody", NOW + timedelta(days=1))
        assert bound and (bound.name, bound.role, bound.village) == ("李建", "法律顾问", "示例一村")
        assert advisers.bind(db, store.code_hash(code), "another", NOW + timedelta(days=1)) is None
    assert "李建" in run("adviser", "list")[1]
    assert run("adviser", "remove", "李建")[0] == 0
    with store.reading() as db:
        assert advisers.of_sender(db, "somebody") is None
    assert "李建" not in run("adviser", "list")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("adviser", "add"), "写上姓名"),
        (("adviser", "add", "李建", "--village", "没有的村"), "town.yaml 里没有「没有的村」"),
        (("adviser", "code", "没有的人"), "找到 0 个人"),
        (("adviser", "remove", "没有的人"), "找到 0 个人"),
    ],
)
def test_a_mistake_is_said_with_what_to_do(run: Run, words: tuple[str, ...], said: str) -> None:
    status, out = run(*words)
    assert status == 2 and said in out


def test_what_waits_and_what_is_overdue_is_listed(run: Run, store: Store) -> None:
    assert run("tickets") == (0, "没有等答复的问题。\n")
    assert run("duties") == (0, "没有值班任务。\n")
    with store.writing() as db:
        tickets.open_ticket(
            db, villager="v", village="示例一村", question="工钱不给", category=None, turn="k", because="asked", now=NOW
        )
        duties.open_duty(db, kind="孩子受伤害或走失", village=None, now=NOW)
    status, out = run("tickets")
    assert status == 1 and "001" in out and "逾期" in out and "工钱不给" in out
    status, out = run("duties")
    assert status == 1 and "逾期没确认" in out
