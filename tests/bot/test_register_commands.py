"""The clerk's commands on the registers."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.__main__ import main
from bot.commands.asking import ask
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.store import Store
from tests.bot.test_fields import LISTS, TODAY
from tests.bot.test_records import YEAR
from tests.conftest import PSEUDONYM_KEY

Run = Callable[..., tuple[int, str]]
ADD = ("add", "普法活动", "日期=2026-03-15", "主题=讨薪", "形式=法治课堂")
WHY = ("--by", "示例所长", "--reason", "漏填")


@pytest.fixture
def run(
    database_url: str, knowledge: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.setenv("PSEUDONYM_KEY", PSEUDONYM_KEY)
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "reconfigure", lambda **_: None, raising=False)

    def run(*words: str) -> tuple[int, str]:
        status = main(["register", *words, "--knowledge", str(knowledge), "--database", database_url])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


def activities(store: Store) -> list[tuple[int, str, int | None]]:
    with store.reading() as db:
        return [(r["number"], r["topic"], r["attendance"]) for r in records.rows(db, "activities", *YEAR)]


def test_a_row_is_added_shown_corrected_and_struck_out_and_its_history_is_told(run: Run, store: Store) -> None:
    assert run(*ADD, "--by", "示例文书") == (0, "记下了：普法活动第1号\n")
    assert run("correct", "普法活动", "1", "参加人次=80", *WHY) == (0, "改好了：普法活动第1号\n　参加人次：（空） → 80\n")
    status, out = run("show", "普法活动", "--from", "2026-01-01", "--to", "2026-12-31")
    assert (status, out.splitlines()) == (
        0,
        [
            "编号  日期        主题  形式      场次  参加人次",
            "1     2026-03-15  讨薪  法治课堂  1     80",
            "普法活动 2026-01-01 至 2026-12-31：1 条",
        ],
    )
    assert "　主题：讨薪\n" in run("show", "普法活动", "1")[1]
    assert activities(store) == [(1, "讨薪", 80)]
    assert run("void", "普法活动", "1", "--by", "示例所长", "--reason", "记重了")[0] == 0
    assert activities(store) == []
    status, out = run("history", "普法活动台账", "1")
    assert [line[17:] for line in out.splitlines()] == [
        "示例文书 录入",
        "示例所长 参加人次：（空） → 80（漏填）",
        "示例所长 作废（记重了）",
    ]
    assert "　作废：" in run("show", "普法活动", "1")[1]
    status, out = run("list")
    assert status == 0 and "普法活动        0     1     2026-03-15  2026-03-15" in out


def test_options_may_stand_anywhere_among_the_words(run: Run, store: Store) -> None:
    assert run("add", "--by", "示例文书", *ADD[1:])[0] == 0
    assert run("add", "普法活动", "--by", "示例文书", *ADD[2:])[0] == 0
    assert len(activities(store)) == 2


def test_with_faults_each_is_said_and_nothing_is_entered(run: Run, store: Store) -> None:
    status, out = run("add", "普法活动", "日期=2026-13-01", "形式＝讲座", "参加人次=八十", "天气=晴", "--by", "示例文书")
    assert status == 1
    assert [line.partition("。")[0] for line in out.splitlines()] == [
        "「天气」不是普法活动的栏目",
        "「日期」没有「2026-13-01」这一天",
        "「形式」没有「讲座」这一项",
        "「参加人次」「八十」不是数",
        "「主题」没有填",
        "5 处有错，什么也没有记",
    ]
    run(*ADD, "--by", "示例文书")
    status, out = run("correct", "普法活动", "1", "参加人次=八十", *WHY)
    assert status == 1 and "「参加人次」「八十」不是数" in out
    assert activities(store) == [(1, "讨薪", None)]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (ADD, 2, "还要写上 --by 姓名"),
        (("add",), 2, "写上哪本台账"),
        (("add", "活动", "--by", "x"), 2, "没有「活动」这本台账。有：线下咨询、"),
        (("add", "普法活动", "讨薪", "--by", "x"), 2, "「讨薪」要写成 栏目=内容"),
        (("add", "普法活动", "主题=a", "主题=b", "--by", "x"), 2, "「主题」写了两次"),
        (("add", "普法活动", "--by", "x"), 2, "有哪些栏目：register fields 普法活动"),
        (("correct", "普法活动", "1", "参加人次=1", "--by", "x"), 2, "还要写上 --reason 原因"),
        (("correct", "普法活动", "1", *WHY), 2, "写上编号和要改的"),
        (("correct", "普法活动", "一", "参加人次=1", *WHY), 2, "「一」不是编号"),
        (("correct", "普法活动", "9", "参加人次=1", *WHY), 1, "普法活动没有第9号"),
        (("void", "普法活动", "9", *WHY), 1, "普法活动没有第9号"),
        (("void", "普法活动", *WHY), 2, "写上编号"),
        (("history", "普法活动", "9"), 1, "普法活动没有第9号"),
        (("history", "普法活动"), 2, "写上编号"),
        (("show", "普法活动", "9"), 1, "普法活动没有第9号"),
        (("show", "普法活动", "--from", "2026-02-01", "--to", "2026-01-01"), 2, "请对调"),
        (("close", "2026-13", "--by", "x"), 2, "写上月份"),
        (("close", "2026-05"), 2, "还要写上 --by"),
        (("reopen", "2026-05", "--by", "x"), 2, "还要写上 --reason"),
        (("reopen", "2026-05", *WHY), 1, "2026-05 没有关账"),
        (("template", "台账.xls"), 2, "写上文件"),
        (("template", "台账.xlsx", "活动"), 2, "没有「活动」这本台账"),
        (("import", "没有的.xlsx", "--by", "x"), 2, "读不了"),
        (("import", "没有的.xlsx"), 2, "还要写上 --by"),
    ],
)
def test_a_mistake_is_said_with_what_to_do(run: Run, words: tuple[str, ...], status: int, said: str) -> None:
    got, out = run(*words)
    assert got == status and said in out, out


def test_a_month_is_closed_and_reopened(run: Run, store: Store) -> None:
    run(*ADD, "--by", "示例文书")
    status, out = run("close", "2026年3月", "--by", "示例文书")
    assert status == 0 and "2026-03 关账了" in out and "普法活动 1 条" in out
    status, out = run(*ADD, "--by", "示例文书")
    assert status == 1 and "register reopen 2026-03" in out
    assert run("correct", "普法活动", "1", "参加人次=80", *WHY)[0] == 1
    assert "已关账的月份：2026-03" in run("list")[1]
    assert run("reopen", "2026-03", "--by", "示例所长", "--reason", "补录")[0] == 0
    assert run("correct", "普法活动", "1", "参加人次=80", *WHY)[0] == 0
    out = run("list")[1]
    assert "已关账的月份：没有" in out and "示例所长 重开 2026-03，原因：补录" in out
    assert activities(store) == [(1, "讨薪", 80)]


def test_the_fields_of_a_register_are_listed(run: Run) -> None:
    status, out = run("fields", "矛盾纠纷")
    assert status == 0
    lines = {line.split()[0]: line for line in out.splitlines()[1:]}
    assert list(lines) == [f.heading for f in REGISTERS["disputes"].fields]
    assert "必填  选一项：婚姻家庭、邻里、" in lines["纠纷类型"] and "「结果」是成功或不成时必填" in lines["办结日期"]


def test_a_template_is_filled_in_imported_once_and_exported_again(run: Run, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    assert run("template", str(path), "普法活动", "矛盾纠纷排查")[0] == 0
    status, out = run("template", str(path))
    assert status == 2 and "换个名字" in out
    book = load_workbook(path)
    assert book.sheetnames == ["填写说明", "普法活动", "矛盾纠纷排查", "选项"]
    book["普法活动"].append(["2026-03-16", None, None, "讨薪", None, "法治讲座"])
    book["矛盾纠纷排查"].append(["2026-03-16", "示例九十村"])
    book.save(path)

    status, out = run("import", str(path), "--by", "示例文书")
    assert status == 1
    assert "「矛盾纠纷排查」第3行「村」：没有「示例九十村」这一项。" in out and "1 处有错，一行也没有导入" in out
    assert activities(store) == []
    assert "检查结果" in load_workbook(tmp_path / "台账-有错.xlsx").sheetnames

    book["矛盾纠纷排查"]["B3"] = "示例九村"
    book.save(path)
    status, out = run("import", str(path), "--by", "示例文书")
    assert (status, out.splitlines()) == (
        0,
        [
            "「普法活动」第2行是示例，没有导入。",
            "「矛盾纠纷排查」第2行是示例，没有导入。",
            "导入了 2 行；普法活动 1；矛盾纠纷排查 1",
        ],
    )
    status, out = run("import", str(path), "--by", "示例文书")
    assert status == 1 and "这个文件导入过了" in out and "示例文书，2 行" in out
    status, out = run("import", str(path), "--by", "示例文书", "--again")
    assert status == 0 and "导入了 0 行" in out and "有 2 行和台账里已有的一模一样，没有再记" in out

    copy = tmp_path / "导出.xlsx"
    status, out = run("export", str(copy), "--from", "2026-01-01", "--to", "2026-12-31")
    assert status == 0 and "2 条" in out
    assert [c.value for c in load_workbook(io.BytesIO(copy.read_bytes()))["普法活动"][2]][3:6] == ["讨薪", None, "法治讲座"]
    assert run("import", str(copy), "--by", "示例文书")[1] == (
        "导入了 0 行\n有 2 行和台账里已有的一模一样，没有再记。确实是另一件事的，在备注里写明区别再导入。\n"
    )


def test_what_is_no_workbook_is_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(b"no workbook")
    status, out = run("import", str(path), "--by", "示例文书")
    assert status == 2 and "打不开" in out


def test_lists_that_cannot_be_read_are_said(run: Run, knowledge: Path) -> None:
    (knowledge / "registers.yaml").unlink()
    status, out = run(*ADD, "--by", "示例文书")
    assert status == 2 and "registers.yaml" in out and "没有这个文件" in out


def typed(*words: str) -> Callable[[str], str]:
    """Return an ``input`` that types these words and then ends."""
    rest: Iterator[str] = iter(words)

    def read(prompt: str) -> str:
        try:
            return next(rest)
        except StopIteration:
            raise EOFError from None

    return read


def test_a_consultation_is_asked_field_by_field_with_numbers_and_enter(capsys: pytest.CaptureFixture[str]) -> None:
    read = typed("", "1", "1", "2", "1、3", "", "彩礼怎么退 13800138000", "2", "示例顾问", "", "20", "9", "5", "")
    row = ask(REGISTERS["offline"], LISTS, today=TODAY, read=read)
    assert row == {
        "day": "2026-11-23", "village": "示例一村", "channel": "来访", "category": "婚姻", "groups": "农民、妇女", "people": 1,
        "summary": "彩礼怎么退 [手机号]", "answered_by": "法律顾问", "adviser": "示例顾问", "result": "已解答", "minutes": 20,
        "satisfaction": 5, "remark": None,
    }  # fmt: skip
    assert "9 太大。不能大于5。" in capsys.readouterr().out


def test_what_does_not_apply_is_not_asked_and_what_is_at_fault_is_asked_again() -> None:
    read = typed("2026-03-15", "镇政府", "", "示例顾问", "", "11:00", "9:00", "法律咨询", "", "", "", "", "", "", "12:00")
    row = ask(REGISTERS["services"], LISTS, today=TODAY, read=read)
    assert (row["village"], row["started"], row["ended"], row["hours"]) == (None, "11:00", "12:00", 1.0)
    read = typed("", "1", "邻里", "1", "1", "", "", "", "")
    with pytest.raises(EOFError):  # still in hand: neither the day on which it ended nor the agreement is asked
        ask(REGISTERS["disputes"], LISTS, today=TODAY, read=read)
    row = ask(REGISTERS["disputes"], LISTS, today=TODAY, read=typed("", "1", "邻里", "1", "1", "", "", "", "", "", ""))
    assert (row["result"], row["closed_on"]) == ("在办", None)


class Terminal(io.StringIO):
    """Somebody at the keyboard; at the end of what they type stands Ctrl+D."""

    def isatty(self) -> bool:
        return True

    def reconfigure(self, **_: object) -> None:
        pass


def test_on_a_terminal_add_asks_and_ctrl_d_enters_nothing(run: Run, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("2026-03-15\n\n\n讨薪\n\n法治讲座\n" + "\n" * 10 + "2026-03-15\n"))
    status, out = run("add", "普法活动", "--by", "示例文书")
    assert status == 0 and out.endswith("记下了：普法活动第1号\n")
    status, out = run("add", "普法活动", "--by", "示例文书")
    assert status == 1 and out.endswith("不记了。\n")
    assert activities(store) == [(1, "讨薪", None)]
