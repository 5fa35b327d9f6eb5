"""Accounts, first passwords, second steps and the command ``user``."""

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from bot.__main__ import main
from bot.ledger import advisers
from bot.ledger.access import accounts, audit, guesses, passwords, second, users
from bot.ledger.access.accounts import Refused
from bot.ledger.access.users import ADMIN, JUSTICE, LAWYER, MINDER, READER, Role, User
from bot.ledger.store import Store
from tests.conftest import KNOWLEDGE, PSEUDONYM_KEY

pytestmark = pytest.mark.both_ledgers

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def added(store: Store, name: str, role: Role, *, shown: str = "", village: str | None = None) -> User:
    with store.writing() as db:
        return accounts.create(db, name=name, shown=shown, role=role, village=village, by="测试", now=NOW)[0]


# First passwords and strength.


def test_first_passwords_are_strong_can_be_dictated_and_differ() -> None:
    made = {passwords.first_password() for _ in range(200)}
    assert len(made) == 200
    assert len(set(passwords._SYLLABLES)) == 70
    for password in made:
        assert re.fullmatch(r"([bdfgjkmnprstwy][aeiou]){2}(-([bdfgjkmnprstwy][aeiou]){2}){3}-\d\d", password)
        assert passwords.weakness(password, about=("示例",)) is None


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("短", "太短"),
        ("x" * 129, "太长"),
        ("aaaaaaaaaaaaaa", "重复"),
        ("abcdefghijklmn", "顺着来"),
        ("qwertyuiop", "最常见的密码"),
        ("password123456", "很多人用"),
        ("zhangsan2026", "太容易被猜中"),
        ("woaini20261124", "生日"),
        ("示例一村示例一村", "太短"),
        ("法律法律法律法律法律", "并不会更难猜"),
        ("ｐａｓｓｗｏｒｄ１２３４５６", "很多人用"),
        ("z.example.zhang", "不能就是名字"),
    ],
)
def test_a_weak_password_is_explained_in_chinese(password: str, says: str) -> None:
    found = passwords.weakness(password, about=("z.example.zhang", "张三", "示例一村"))
    assert found is not None and says in found
    assert not re.search(r"[A-Za-z]{4}", found.replace("abc", ""))


def test_unrelated_words_make_a_good_password_however_long() -> None:
    assert passwords.weakness("雨伞 kettle 竹椅 47", about=()) is None
    assert passwords.weakness("雨伞 kettle 竹椅 47 " * 6, about=()) is None


def test_every_warning_of_the_checker_has_chinese_words() -> None:
    from zxcvbn import feedback

    source = Path(feedback.__file__).read_text(encoding="utf-8").replace("' \\\n", "'").replace("\\\n", "")
    said = re.findall(r"warning(?:'|\b)\s*[:=]\s*_\((?:\s*)((?:[\"'].*?[\"']\s*)+)\)", source)
    texts = {"".join(re.findall(r"\"([^\"]*)\"|'((?:[^'])*)'", text)[0]) for text in said}
    assert len(texts) >= 10
    assert {text for text in texts if not any(known.startswith(text) for known in passwords._WARNINGS)} == set()


def test_full_width_letters_open_what_half_width_letters_locked(store: Store) -> None:
    with store.writing() as db:
        made = users.add(db, name="a", shown="a", role=READER, village=None, password="kettle 47 伞", adviser=None, now=NOW)
    assert users.verified(made, "ｋｅｔｔｌｅ　４７　伞", NOW)
    assert not users.verified(made, "kettle 48 伞", NOW)
    assert not users.verified(made, "kettle 47 伞", NOW + users.FIRST_PASSWORD_LASTS)


# Second steps.


def test_codes_of_the_present_step_and_its_neighbours_count_once() -> None:
    secret = second.new_secret()
    step = int(NOW.timestamp()) // 30
    for shift in (-1, 0, 1):
        assert second.step_of(secret, pyotp.TOTP(secret).at(NOW + timedelta(seconds=30 * shift)), NOW) == step + shift
    for typed in ("", "abcdef", "12345", "1234567", pyotp.TOTP(secret).at(NOW + timedelta(seconds=60)), "é" * 6):
        assert second.step_of(secret, typed, NOW) is None


def test_of_two_uses_of_a_code_at_once_one_counts(store: Store) -> None:
    made, secret = added(store, "示例", ADMIN), second.new_secret()
    with store.writing() as db:
        codes = second.bind(db, made.number, secret, 0)
        read_twice = users.get(db, made.number)
    code = pyotp.TOTP(secret).at(NOW)
    for typed, kind in ((code, "totp"), (codes[3], "recovery")):
        for expected in (kind, None):
            with store.writing() as db:
                assert second.use(db, read_twice, typed, NOW) == expected
    with store.reading() as db:
        assert second.codes_left(db, made.number) == second.CODES - 1


# Guesses.


def test_old_failures_are_forgotten(store: Store) -> None:
    with store.writing() as db:
        for day in range(3):
            guesses.attempt(db, account="a", source="s", known=False, now=NOW + timedelta(days=1.1 * day))
        assert db.execute("select count(*) from guesses").fetchone() == (1,)


def test_whose_guesses_they_were_is_kept_under_a_key(store: Store) -> None:
    assert guesses.account_of(store, " Ｚhang ") == guesses.account_of(store, "zhang")
    assert "zhang" not in guesses.account_of(store, "zhang")


# Accounts.


def test_who_answers_is_joined_to_the_adviser_of_that_name_or_becomes_a_new_one(store: Store) -> None:
    with store.writing() as db:
        there = advisers.add(db, name="示例律师", role="法律顾问", village=None)
        advisers.add(db, name="示例明白人", role="法律明白人", village="示例二村")
    lawyer = added(store, "lawyer", LAWYER, shown="示例律师")
    namesake = added(store, "lawyer2", LAWYER, shown="示例律师")
    minder = added(store, "minder", MINDER, shown="示例明白人", village="示例一村")
    justice = added(store, "justice", JUSTICE, shown="示例律师")
    clerk = added(store, "clerk", "统计员", shown="示例律师", village="示例一村")
    assert [lawyer.adviser, namesake.adviser, minder.adviser, justice.adviser, clerk.adviser] == [there.number, 3, 4, 5, None]
    assert clerk.village is None
    with store.reading() as db:
        assert [(p.name, p.role, p.village) for p in advisers.everybody(db)][2:] == [
            ("示例律师", "法律顾问", None), ("示例明白人", "法律明白人", "示例一村"), ("示例律师", "司法所", None),
        ]  # fmt: skip


def test_who_moves_to_another_village_stays_the_same_adviser(store: Store) -> None:
    minder = added(store, "minder", MINDER, shown="示例甲", village="示例一村")
    with store.writing() as db:
        after = accounts.change(
            db, minder.number, shown="示例甲甲", role=MINDER, village="示例二村", by="测试", own=None, now=NOW
        )
        found = advisers.find(db, after.adviser)
        assert after.adviser == minder.adviser and found
        assert (found.name, found.village) == ("示例甲甲", "示例二村")
        assert not after.looks_after("示例一村") and after.looks_after("示例二村")
        with pytest.raises(Refused, match="哪个村"):
            accounts.change(db, minder.number, shown="", role=MINDER, village=None, by="测试", own=None, now=NOW)


def test_of_two_administrators_only_one_can_go(store: Store) -> None:
    one, two = added(store, "one", ADMIN), added(store, "two", ADMIN)
    with store.writing() as db:
        accounts.disable(db, one.number, by="two", own=two.number, now=NOW)
        with pytest.raises(Refused, match="最后一位管理员"):
            accounts.disable(db, two.number, by="测试", now=NOW)
        with pytest.raises(Refused, match="最后一位管理员"):
            accounts.change(db, two.number, shown="", role=READER, village=None, by="测试", own=None, now=NOW)
        assert [u.disabled_at is None for u in users.everybody(db)] == [False, True]


def test_every_act_stands_in_the_log_once(store: Store) -> None:
    made = added(store, "示例甲", READER, shown="甲")
    added(store, "boss", ADMIN)
    with store.writing() as db:
        accounts.change(db, made.number, shown="甲", role=READER, village=None, by="boss", own=None, now=NOW)  # nothing new
        accounts.change(db, made.number, shown="乙", role="统计员", village=None, by="boss", own=None, now=NOW)
        accounts.reset(db, made.number, by="boss", now=NOW)
        for _ in range(2):
            accounts.disable(db, made.number, by="boss", now=NOW)
        for _ in range(2):
            accounts.enable(db, made.number, by="boss", now=NOW)
        accounts.end_logins(db, made.number, by="boss", now=NOW)
        assert [(e.who, e.what, e.about) for e in audit.entries(db)] == [
            ("测试", "登记账号", "示例甲（甲，只读）"),
            ("测试", "登记账号", "boss（boss，管理员）"),
            ("boss", "改账号", "示例甲（甲，只读） → 示例甲（乙，统计员）"),
            ("boss", "重置密码", "示例甲（乙，统计员）"),
            ("boss", "停用账号", "示例甲（乙，统计员）"),
            ("boss", "启用账号", "示例甲（乙，统计员）"),
            ("boss", "让账号退出", "示例甲（乙，统计员）"),
        ]


# The command.


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("KNOWLEDGE_DIR", str(KNOWLEDGE))
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    monkeypatch.setenv("PSEUDONYM_KEY", PSEUDONYM_KEY)
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "reconfigure", lambda **_: None, raising=False)

    def call(*words: str) -> tuple[int, str]:
        status = main(["user", *words])
        out = capsys.readouterr()
        return status, out.out + out.err

    return call


def first_of(text: str) -> str:
    found = re.search(r"首次密码：(\S+)", text)
    assert found
    return found[1]


def test_the_command_adds_lists_resets_disables_and_enables(run, store: Store) -> None:  # type: ignore[no-untyped-def]
    status, said = run("add", "示例甲", "--role", "管理员", "--shown", "甲")
    assert status == 0
    with store.reading() as db:
        made = users.find(db, "示例甲")
    assert made and made.must_change and users.verified(made, first_of(said), NOW)
    assert run("add", "示例乙", "--role", "法律明白人", "--village", "示例一村")[0] == 0
    assert [line.split() for line in run("list")[1].splitlines()] == [
        ["登录名", "姓名", "角色", "村", "状态", "手机验证"],
        ["示例甲", "甲", "管理员", "全镇", "等本人换密码", "没有"],
        ["示例乙", "示例乙", "法律明白人", "示例一村", "等本人换密码", "没有"],
    ]
    with store.writing() as db:
        users.log_in(db, made.number, NOW)
        for _ in range(6):
            guesses.attempt(db, account=guesses.account_of(store, "示例甲"), source="s", known=False, now=NOW)
    again = first_of(run("reset", "示例甲")[1])
    with store.reading() as db:
        assert users.verified(users.find(db, "示例甲"), again)
        assert db.execute("select (select count(*) from logins), (select count(*) from guesses)").fetchone() == (0, 0)
    assert run("disable", "示例乙") == (
        0,
        "示例乙 已停用，登录也都结束了。微信里的答复权限另外停：python -m bot adviser remove 姓名\n",
    )
    assert "停用" in run("list")[1]
    assert run("enable", "示例乙")[0] == 0
    assert run("logout", "示例乙") == (0, "示例乙 的 0 处登录都结束了。\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["add"], "写上登录名"),
        (["add", "示例"], "写上角色"),
        (["add", "有 空格", "--role", "只读"], "中间不能有空格"),
        (["add", "示例", "--role", "法律明白人"], "哪个村"),
        (["add", "示例", "--role", "法律明白人", "--village", "没有的村"], "town.yaml 里没有"),
        (["reset", "没有的人"], "没有登录名「没有的人」"),
    ],
)
def test_wrong_use_is_explained(run, words: list[str], says: str) -> None:  # type: ignore[no-untyped-def]
    status, said = run(*words)
    assert status == 2 and says in said


def test_without_an_account_the_list_says_what_to_do(run) -> None:  # type: ignore[no-untyped-def]
    assert run("list") == (0, "还没有账号。先登记一位管理员：python -m bot user add 名字 --role 管理员\n")


def test_the_last_administrator_stays(run) -> None:  # type: ignore[no-untyped-def]
    run("add", "示例甲", "--role", "管理员")
    assert run("disable", "示例甲") == (2, "这是最后一位管理员：先登记另一位，再来改这一位。\n")
