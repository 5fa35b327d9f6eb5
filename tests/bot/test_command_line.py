"""The command line as it is used."""

import json
import shutil
from importlib import import_module
from pathlib import Path

import pytest

from bot.dialogue.respond import respond
from bot.faq.library import Library
from bot.ledger.store import Store
from bot.message import Incoming
from tests.commands import Done, command, process
from tests.conftest import NOW, ROOT, write_entry

WORDS = ["黄牛", "水井", "拖拉机", "鱼塘", "果树", "围墙", "祖坟", "蜂箱"]
ENDS = ["没了", "让人占了", "要赔吗", "归谁", "谁来修", "能卖吗", "怎么分", "丢了报警吗"]


CACHE = ROOT / "instance" / "test-cache"
"""Shared by the processes, so that each does not learn the same examples again."""


def run(folder: Path, *args: str, text: str = "") -> Done:
    return command(folder, *args, text=text, environment={"CACHE_DIR": str(CACHE)})


@pytest.fixture
def town(tmp_path: Path, knowledge: Path) -> Path:
    """A folder with knowledge/ in it, as the project's root has."""
    return tmp_path


def test_ask_shows_the_answer_as_a_villager_sees_it_and_why(town: Path) -> None:
    done = run(town, "ask", "老板不给工资怎么办")
    assert done.returncode == 0
    assert done.stdout.startswith("您问的是：老板拖欠工资怎么要？")
    assert "wage" in done.stderr and "老板不给工资" in done.stderr


def test_a_process_of_its_own_says_the_same_and_ends_with_the_same_status(town: Path) -> None:
    for args in (("ask", "老板不给工资怎么办"), ("report", "--month", "2026-05"), ("ask",), ("report", "--from", "2026-02-30")):
        here, there = run(town, *args), process(town, *args, environment={"CACHE_DIR": str(CACHE)})
        assert (here.returncode, here.stdout.splitlines()[:1]) == (there.returncode, there.stdout.splitlines()[:1])


def test_ask_lists_what_it_offers(town: Path) -> None:
    assert "\n1. " in run(town, "ask", "老公不肯离婚，老板不给工资，悔婚彩礼").stdout


def test_match_answers_line_by_line_in_the_order_asked(town: Path) -> None:
    asked = [
        "老板不给工资",
        "老公不肯离婚，老板不给工资，悔婚彩礼",
        "月球上能不能种番薯",
        "你好",
        "",
        "[流泪]",
        json.dumps({"q": "老公不肯离婚", "id": "x"}),
    ]
    done = run(town, "match", text="\n".join(asked) + "\n")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["decision"] for r in results] == ["answer", "choose", "miss", "command", "miss", "miss", "answer"]
    assert [r["id"] for r in results] == ["wage", None, None, None, None, None, "divorce"]
    assert results[-1]["q"] == "老公不肯离婚"
    assert all(set(r) == {"q", "decision", "id", "candidates"} for r in results)
    scores = [c["score"] for c in results[1]["candidates"]]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= 5


def test_match_is_fit_for_windows_files(town: Path) -> None:
    done = run(town, "match", text="\ufeff老板不给工资\r\n老公不肯离婚\r\n")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["wage", "divorce"]


@pytest.mark.parametrize("line", ['{"q": 5}', "{broken", '{"question": "x"}'])
def test_match_names_the_line_that_it_cannot_read(town: Path, line: str) -> None:
    done = run(town, "match", text=f"老板不给工资\n{line}\n")
    assert (done.returncode, "第2行" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_evaluate_prints_the_measures(town: Path) -> None:
    labels = [
        {"q": "老板不给工资", "id": "wage"},
        {"q": "老公不肯离婚", "id": "wage", "also": ["divorce"]},
        {"q": "月球番薯", "id": "none"},
    ]
    (town / "labels.jsonl").write_text("\n".join(json.dumps(x) for x in labels), encoding="utf-8")
    measures = json.loads(run(town, "evaluate", "labels.jsonl", "--json").stdout)
    assert (measures["inside"], measures["outside"], measures["helped"], measures["false_answer"]) == (2, 1, 1.0, 0.0)
    assert "直接答对" in run(town, "evaluate", "labels.jsonl").stdout
    assert run(town, "evaluate", "nowhere.jsonl").returncode == 2


def test_check_is_clean_or_lists_findings_with_their_place(town: Path, knowledge: Path) -> None:
    assert run(town, "check").returncode == 0
    path = write_entry(knowledge, "loan", "借钱不还怎么办？", ["欠钱不还"])
    path.write_text(path.read_text(encoding="utf-8").replace("draft", "drafft"), encoding="utf-8")
    done = run(town, "check")
    assert done.returncode == 1
    assert "loan.md 第7行 status" in done.stdout or "loan.md 第8行 status" in done.stdout


def test_report_prints_the_three_numbers_in_every_format(town: Path) -> None:
    args = ("report", "--from", "2026-01-01", "--to", "2026-12-31")
    assert "咨询人次" in run(town, *args).stdout
    data = json.loads(run(town, *args, "--format", "json").stdout)
    assert data["total"] == {"turns": 0, "consultations": 0, "people": 0, "left_out": 0, "retries": 0, "crises": 0}
    assert [row["month"] for row in data["by_month"]] == [f"2026-{m:02}" for m in range(1, 13)]
    for format_, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("docx", b"PK")):
        assert run(town, "report", "--year", "2026", "--format", format_, "--out", f"r.{format_}").returncode == 0
        assert (town / f"r.{format_}").read_bytes().startswith(begins)


def test_trace_lists_the_rows_behind_a_number(town: Path) -> None:
    run(town, "register", "add", "矛盾纠纷排查", "日期=2026-03-01", "村=示例一村", "排查次数=2", "--by", "示例统计员")
    done = run(town, "trace", "inspections", "示例一村", "排查（次）", "--month", "2026-03")
    assert done.stdout.splitlines() == ["2026年3月　inspections　示例一村　排查（次）：2　（1 条记录）", "inspections 1"]


@pytest.mark.parametrize(
    "args",
    [
        ("report", "--from", "2026-02-30"),
        ("report", "--from", "2026-12-31", "--to", "2026-01-01"),
        ("report", "--format", "pdf"),
        ("report", "--format", "xlsx"),
        ("report", "--format", "docx", "--office", "--out", "x.docx"),
        ("report", "--format", "docx", "--template", "没有的", "--out", "x.docx"),
        ("report", "--month", "去年"),
        ("report", "--month", "2026-05", "--year", "2026"),
        ("trace", "没有的表", "1", "1"),
        ("nonsense",),
        (),
        ("ask",),
        ("report", "--database", "mysql://x"),
    ],
)
def test_wrong_use_is_said_to_be_wrong_use(town: Path, args: tuple[str, ...]) -> None:
    done = run(town, *args)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_entries_is_said_to_be_empty(tmp_path: Path) -> None:
    done = run(tmp_path, "ask", "老板不给工资", "--knowledge", "nowhere")
    assert (done.returncode, "没有一个能用的条目" in done.stderr) == (2, True)


def test_the_faq_goes_out_as_a_workbook_and_comes_back_unchanged(town: Path, knowledge: Path) -> None:
    before = {p: p.read_bytes() for p in knowledge.rglob("*.md")}
    assert run(town, "export", "faq.xlsx").returncode == 0
    assert run(town, "import", "faq.xlsx").returncode == 0
    first = {p: p.read_bytes() for p in knowledge.rglob("*.md")}
    done = run(town, "import", "faq.xlsx")
    assert (done.returncode, "共改动 0 个条目" in done.stdout) == (0, True)
    assert {p: p.read_bytes() for p in knowledge.rglob("*.md")} == first
    assert before.keys() == first.keys()


def test_an_import_with_a_fault_changes_nothing_and_marks_the_cell(town: Path, knowledge: Path) -> None:
    from openpyxl import load_workbook

    run(town, "export", "faq.xlsx")
    book = load_workbook(town / "faq.xlsx")
    book["常见问题"]["C2"] = "改得好的问题？"
    book["常见问题"]["K3"] = "好了"
    book.save(town / "faq.xlsx")
    before = {p: p.read_bytes() for p in knowledge.rglob("*.md")}
    done = run(town, "import", "faq.xlsx")
    assert (done.returncode, "第3行「状态」" in done.stdout) == (1, True)
    assert (town / "faq-有错.xlsx").exists()
    assert {p: p.read_bytes() for p in knowledge.rglob("*.md")} == before
    assert run(town, "import", "nowhere.xlsx").returncode == 2


def test_a_new_entry_is_a_stub_that_answers_nobody_and_says_what_to_fill_in(town: Path, knowledge: Path) -> None:
    done = run(town, "new", "borrowed-tools", "--category", "借贷", "--question", "借了农具不还怎么办？")
    path = knowledge / "faq" / "借贷" / "borrowed-tools.md"
    assert (done.returncode, path.name in done.stdout) == (0, True)
    assert "第一步" in path.read_text(encoding="utf-8")
    checked = run(town, "check")
    assert checked.returncode == 1
    assert "borrowed-tools.md" in checked.stdout and "answer" in checked.stdout
    assert run(town, "new", "borrowed-tools", "--category", "借贷").returncode == 2
    assert run(town, "new", "Bad Id", "--category", "借贷").returncode == 2


def test_statistics_and_who_cites_a_law(town: Path) -> None:
    stats = run(town, "check", "--stats").stdout.splitlines()
    assert stats[0].split() == ["类别", "条目", "问法", "依据", "不同法条", "有期限", "已签发"]
    assert stats[-1].split() == ["合计", "3", "6", "3", "1", "0", "0"]
    assert "共 3 个条目引用" in run(town, "check", "--law", "劳动法", "--article", "50").stdout
    assert "共 3 个条目引用" in run(town, "check", "--law", "中华人民共和国劳动法").stdout
    assert "共 0 个条目引用" in run(town, "check", "--law", "劳动法", "--article", "51").stdout
    assert run(town, "check", "--article", "51").returncode == 2


def test_why_says_which_words_counted_and_what_the_lexicon_did(town: Path) -> None:
    said = run(town, "ask", "老细唔俾工钱", "--why").stderr
    for part in (
        "「老细」当作「老板」",
        "「工钱」当作「工资」",
        "第一名：老板拖欠工资怎么要？（wage",
        "最像的问法：「老板不给工资」",
        "起作用的词",
        "第2名",
    ):
        assert part in said, said
    assert "没有可以比较的内容" in run(town, "ask", "[流泪]", "--why").stderr


def test_evaluation_lists_categories_confusions_and_the_worst(town: Path) -> None:
    labels = [{"q": "老板不给工资", "id": "divorce"}, {"q": "老公不肯离婚", "id": "divorce"}, {"q": "工钱不给我", "id": "wage"}]
    (town / "labels.jsonl").write_text("\n".join(json.dumps(x) for x in labels), encoding="utf-8")
    said = run(town, "evaluate", "labels.jsonl", "--by", "category", "--confusions", "--worst", "5").stdout
    assert "婚姻        2     50%" in said
    assert "   1　divorce「对方不同意离婚怎么办？」　wage「老板拖欠工资怎么要？」" in said
    assert "answer　divorce　wage、divorce、bride-price　老板不给工资" in said or "answer　divorce　wage、" in said


def test_compare_tells_which_questions_would_get_another_answer(town: Path, knowledge: Path) -> None:
    new = town / "new"
    shutil.copytree(knowledge, new)
    (new / "faq" / "劳动与工资" / "wage.md").unlink()
    (town / "asked.txt").write_text("老板不给工资，电话13800138000\n老公不肯离婚\n", encoding="utf-8")
    done = run(town, "compare", "knowledge", "new", "--questions", "asked.txt")
    assert done.returncode == 1
    assert "「老板不给工资，电话[手机号]」\n  原来：直接答「老板拖欠工资怎么要？」\n  现在：" in done.stdout
    assert "2 个问题，1 个会得到不同的回复" in done.stdout
    assert run(town, "compare", "knowledge", "knowledge", "--questions", "asked.txt").returncode == 0
    assert run(town, "compare", "knowledge", "nowhere", "--questions", "asked.txt").returncode == 2


def test_compare_replays_the_ledger(town: Path) -> None:
    store = Store(f"sqlite:///{town / 'bot.db'}", pseudonym_key="k")
    message = Incoming("k1", "oA", "公众号文字", "text", "老板不给工资")
    respond(message, store=store, library=Library(town / "knowledge"), now=NOW)
    store.close()
    done = run(town, "compare", "knowledge", "knowledge", "--database", f"sqlite:///{town / 'bot.db'}")
    assert (done.returncode, done.stdout) == (0, "1 个问题，0 个会得到不同的回复\n")


def test_fit_refuses_too_few_questions(town: Path) -> None:
    (town / "labels.jsonl").write_text('{"q": "老板不给工资", "id": "wage"}\n', encoding="utf-8")
    done = run(town, "fit", "labels.jsonl")
    assert (done.returncode, "太少" in done.stderr) == (2, True)


def test_fit_prints_the_trade_off_and_writes_numbers_that_serve(town: Path, knowledge: Path) -> None:
    for n in range(8):
        write_entry(knowledge, f"topic-{n}", f"{WORDS[n]}的事怎么办？", [f"{WORDS[n]}被抢了", f"我家{WORDS[n]}坏了"])
    labels = [{"q": f"{WORDS[n % 8]}{end}", "id": f"topic-{n % 8}"} for n, end in enumerate(ENDS * 8)]
    labels += [{"q": f"第{n}个无关的月亮", "id": "none"} for n in range(10)]
    (town / "labels.jsonl").write_text("\n".join(json.dumps(x) for x in labels), encoding="utf-8")
    before = (knowledge / "matching.yaml").read_bytes()
    done = run(town, "fit", "labels.jsonl", "--rounds", "1", "--write")
    assert done.returncode == 0, done.stderr
    for part in ("交叉验证", "← 选这个", "把握准不准", "各信号算多少", "已写入"):
        assert part in done.stdout
    assert (knowledge / "matching.yaml").read_bytes() != before
    assert run(town, "ask", "我的黄牛被抢了").stdout.startswith(("您问的是：黄牛", "您想问的是"))
    assert run(town, "check").returncode == 0


def test_the_parser_knows_what_the_commands_it_does_not_load_know() -> None:
    from bot import __main__ as line
    from bot.commands import registers, users

    assert line._USER == users.ACTIONS
    assert (*users.ROLES, users.COUNTY) == line._ROLES
    assert tuple(registers.ACTIONS) == line._REGISTER


def test_every_command_exists() -> None:
    from bot.__main__ import _parser

    (commands,) = (action for action in _parser()._actions if isinstance(action.choices, dict))
    for name, parser in commands.choices.items():  # type: ignore[union-attr]
        module, _, function = parser.get_default("run").partition(".")
        assert callable(getattr(import_module(f"bot.commands.{module}"), function)), name
