"""Each class of fault in the knowledge folder is caught, where it is, with a remedy; and nothing else is."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.faq.check import check
from bot.faq.finding import Finding
from bot.faq.library import Library
from tests.conftest import KNOWLEDGE, MODEL

TODAY = date(2026, 11, 23)

LAWS = """
- {name: 民法典, full: 中华人民共和国民法典, also: [中国民法典], kind: 法律, in_force: 2021-01-01, articles: 1260, checked: 2026-11-23}
- {name: 劳动法, full: 中华人民共和国劳动法, kind: 法律, in_force: 1995-01-01, articles: 107, checked: 2026-11-23}
- {name: 刑法, full: 中华人民共和国刑法, kind: 法律, in_force: 1997-10-01, checked: 2026-11-23}
- {name: 工伤保险条例, full: 工伤保险条例, kind: 行政法规, in_force: 2004-01-01, articles: 67, checked: 2026-11-23}
- {name: 医疗保障法, full: 中华人民共和国医疗保障法, kind: 法律, in_force: 2027-01-01, checked: 2026-11-23}
- {name: 婚姻法, full: 中华人民共和国婚姻法, kind: 法律, repealed: 2021-01-01, replaced_by: 民法典, checked: 2026-11-23}
- {name: 农村土地承包法, full: 中华人民共和国农村土地承包法, kind: 法律, in_force: 2003-03-01, articles: 70, checked: 2026-11-23}
"""

GOOD = {
    "id": "wage",
    "question": "老板拖欠工资怎么要？",
    "phrasings": ["老板不给工资", "欠我三个月工钱"],
    "basis": ["《劳动法》第五十条"],
    "status": "draft",
    "author": "测试",
    "updated": "2026-11-23",
    "valid_until": "2027-11-30",
}
ANSWER = "可以去劳动监察投诉。\n\n现在怎么办：\n1. 先存好证据。"


CRISIS = """
threshold: 0.5
kinds:
- {kind: 想不开, first: 看到了。, steps: [先打110。], hotlines: ["110"], next: 叫人来陪。, basis: [《民法典》第一千零五条]}
"""
EXAMPLES = "想不开:\n  - 不想活了\n平常话:\n  - 累死了\n"


class Town:
    """A knowledge folder that a test spoils."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("hotlines.yaml", "town.yaml", "legalese.yaml", "registers.yaml"):
            (folder / name).write_bytes((KNOWLEDGE / name).read_bytes())
        (folder / "laws.yaml").write_text(LAWS, encoding="utf-8")
        (folder / "lexicon.yaml").write_text("[]", encoding="utf-8")
        (folder / "outside.yaml").write_text("[]", encoding="utf-8")
        (folder / "crisis.yaml").write_text(CRISIS, encoding="utf-8")
        (folder / "crisis-examples.yaml").write_text(EXAMPLES, encoding="utf-8")
        (folder / "matching.yaml").write_text(MODEL, encoding="utf-8")
        (folder / "catalogue.yaml").write_text("劳动:\n  - wage\n婚姻:\n  - divorce\n", encoding="utf-8")
        self.write()
        self.write(
            "婚姻",
            id="divorce",
            question="对方不肯离婚怎么办？",
            phrasings=["老公不肯离婚", "想离他不签字"],
            answer="可以去法院起诉。",
        )

    def emergency(self, old: str, new: str) -> None:
        path = self.folder / "crisis.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    def write(self, category: str = "劳动", answer: str = ANSWER, **fields: object) -> Path:
        data = {**GOOD, **fields}
        path = self.folder / "faq" / category / f"{data['id']}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = "\n".join(
            f"{k}: {v if k in DATES else json.dumps(v, ensure_ascii=False)}" for k, v in data.items() if v is not None
        )
        path.write_text(f"---\n{head}\n---\n{answer}\n", encoding="utf-8")
        return path

    def findings(self, today: date = TODAY) -> list[Finding]:
        return check(self.folder, Library(self.folder).refresh(), today)


DATES = {"updated", "reviewed_on", "valid_until"}


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path / "knowledge")


def test_a_good_folder_has_no_finding(town: Town) -> None:
    assert town.findings() == []


Spoil = Callable[[Town], object]
LONG = "这一句" * 21 + "。"


def lead_astray(town: Town) -> None:
    town.write(phrasings=["欠薪", "离婚"])
    said = ["离婚要什么", "想离婚", "闹离婚", "离婚他不肯", "要离婚"]
    town.write("婚姻", id="divorce", question="对方不肯离婚怎么办？", phrasings=said, answer="离婚可以去法院起诉离婚。")


def come_close(town: Town) -> None:
    town.write(phrasings=["欠薪", "老公他就是坚决不肯同意离婚"])
    town.write("婚姻", id="divorce", question="对方不肯怎么办？", phrasings=["老公他就是坚决不肯同意离"], answer="可以。")


FAULTS: list[tuple[str, Spoil, str, str, str]] = [
    ("no such article", lambda t: t.write(basis=["《劳动法》第一百零八条"]), "basis", "只有107条", "error"),
    ("no such article in the text", lambda t: t.write(basis=["《刑法》第四百六十条"]), "basis", "没有这一条", "error"),
    ("no such 之一", lambda t: t.write(basis=["《民法典》第五百条之一"]), "basis", "没有这一条", "error"),
    ("no such clause", lambda t: t.write(basis=["《劳动法》第五十条第三款"]), "basis", "只有1款", "error"),
    ("no such point", lambda t: t.write(basis=["《民法典》第一千零七十九条第三款第（八）项"]), "basis", "没有这一项", "error"),
    ("unknown law", lambda t: t.write(basis=["《月球法》第一条"]), "basis", "登记表里没有", "error"),
    ("repealed", lambda t: t.write(basis=["《婚姻法》第三十二条"]), "basis", "2021-01-01废止", "error"),
    ("not in force yet", lambda t: t.write(basis=["《医疗保障法》第一条"]), "basis", "2027-01-01才施行", "error"),
    ("not the short name", lambda t: t.write(basis=["《中国民法典》第一条"]), "basis", "简称", "error"),
    ("regulation by its count", lambda t: t.write(basis=["《工伤保险条例》第六十八条"]), "basis", "只有67条", "error"),
    ("too long for WeChat", lambda t: t.write(answer="可以。\n" + "说很多话。" * 200), "answer", "超过微信", "error"),
    ("more too long", lambda t: t.write(answer=ANSWER + "\n\n## 更多\n\n" + "说很多话。" * 200), "more", "超过微信", "error"),
    ("no first sentence", lambda t: t.write(answer="现在怎么办：\n1. 先投诉"), "answer", "第一句", "error"),
    ("first sentence too long", lambda t: t.write(answer="很" * 46 + "。"), "answer", "第一句", "error"),
    ("long sentence", lambda t: t.write(answer="可以。\n" + LONG), "answer", "这一句有", "error"),
    ("legalese", lambda t: t.write(answer="可以。\n担保人有连带责任。"), "answer", "行话「连带责任」", "warning"),
    ("twice in one", lambda t: t.write(phrasings=["老板不给工资", "老板，不给工资！"]), "phrasings", "本条目", "error"),
    ("twice in two", lambda t: t.write(phrasings=["老公不肯离婚", "欠薪"]), "phrasings", "一样", "error"),
    ("says nothing", lambda t: t.write(phrasings=["老板不给工资", "请问怎么办"]), "phrasings", "没有内容", "error"),
    ("leads to another", lead_astray, "phrasings", "更像条目 divorce", "error"),
    ("within a hair", come_close, "phrasings", "几乎一样", "error"),
    ("dangling", lambda t: t.write(related=["nobody"]), "related", "没有编号是 nobody", "error"),
    ("itself", lambda t: t.write(not_to_confuse_with=["wage"]), "not_to_confuse_with", "指向了自己", "error"),
    ("no deadline", lambda t: t.write(basis=["《民法典》第一百八十八条"]), "deadline", "没有写 deadline", "warning"),
    ("missing entry", lambda t: (t.folder / "faq/婚姻/divorce.md").unlink(), "divorce", "缺这个条目", "error"),
    ("wrong category", lambda t: (t.folder / "faq/婚姻").rename(t.folder / "faq/别处"), "id", "应当放在「婚姻」", "error"),
    ("schema", lambda t: t.write(status="好了"), "status", "不是条目状态", "error"),
    ("emergency without its hotline", lambda t: t.emergency('["110"]', '["11012"]'), "想不开", "没有 11012", "error"),
    ("emergency without the police", lambda t: t.emergency("先打110", "先等等"), "想不开", "不是先打110", "error"),
    ("emergency without a law", lambda t: t.emergency("第一千零五条", "第九千条"), "想不开", "第九千条", "error"),
    ("broken laws.yaml", lambda t: (t.folder / "laws.yaml").write_text("- name: [", encoding="utf-8"), "", "写法不对", "error"),
    ("broken town.yaml", lambda t: (t.folder / "town.yaml").write_text("name: 镇", encoding="utf-8"), "office", "这一项不对", "error"),
    ("lexicon collides", lambda t: (t.write(phrasings=["他俾钱不肯"]), t.write("婚姻", id="divorce", question="对方不肯离婚怎么办？", phrasings=["他付钱不肯"], answer="可以。"), (t.folder / "lexicon.yaml").write_text("- {kind: 方言, words: [付, 俾], why: x}", encoding="utf-8")), "", "变得一样", "error"),
    ("broken lexicon", lambda t: (t.folder / "lexicon.yaml").write_text("- {kind: 乱写, words: [a, b], why: x}", encoding="utf-8"), "第1条 kind", "这一项不对", "error"),
    ("list twice the same", lambda t: (t.folder / "registers.yaml").write_text("七进: [机关, 机 关]\n形式: {宣传: [讲座]}\n人群: [农民]\n明白人类别: [村干部]\n", encoding="utf-8"), "七进", "这一项不对", "error"),
    ("word in two groups", lambda t: (t.folder / "lexicon.yaml").write_text("- {kind: 同义, words: [a, c], why: x}\n- {kind: 同义, words: [b, c], why: x}", encoding="utf-8"), "", "两组里都有", "error"),
    ("broken matching.yaml", lambda t: (t.folder / "matching.yaml").write_text("thresholds: {answer: 7}", encoding="utf-8"), "thresholds answer", "这一项不对", "error"),
    ("law twice", lambda t: (t.folder / "laws.yaml").write_text(LAWS + LAWS, encoding="utf-8"), "民法典", "登记了两次", "error"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "field", "problem", "severity"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_is_found_with_place_and_remedy(town: Town, spoil: Spoil, field: str, problem: str, severity: str) -> None:
    spoil(town)
    found = [f for f in town.findings() if f.field == field and problem in f.problem]
    assert found, town.findings()
    assert found[0].severity == severity
    assert found[0].remedy
    assert found[0].path.exists()
    if found[0].path.suffix == ".md" and field not in {"deadline", "more"}:
        assert found[0].line > 0


@pytest.mark.parametrize(
    ("today", "severity", "problem"),
    [
        (date(2027, 10, 30), None, ""),
        (date(2027, 11, 1), "warning", "到期"),
        (date(2027, 11, 30), "warning", "到期"),
        (date(2027, 12, 1), "error", "已过"),
    ],
)
def test_entries_near_and_past_their_day(town: Town, today: date, severity: str | None, problem: str) -> None:
    found = [f for f in town.findings(today) if f.field == "valid_until"]
    assert {f.severity for f in found} == ({severity} if severity else set())
    assert all(problem in f.problem for f in found)


def test_hotlines_are_due_every_quarter(town: Town) -> None:
    assert [f for f in town.findings(date(2027, 2, 1)) if f.path.name == "hotlines.yaml"] == []
    assert len([f for f in town.findings(date(2027, 4, 1)) if f.path.name == "hotlines.yaml"]) >= 12


def test_the_register_overrides_the_data_file_that_calls_a_law_in_force_repealed(town: Town) -> None:
    town.write(basis=["《农村土地承包法》第二十七条"])
    assert [f for f in town.findings() if f.field == "basis"] == []


@pytest.mark.parametrize("explained", ["连带责任（找谁都行）", "（也叫连带责任）", "连带责任就是找谁都行", "这叫连带责任"])
def test_legalese_that_is_explained_is_no_finding(town: Town, explained: str) -> None:
    town.write(answer=f"可以。\n担保人有{explained}。")
    assert town.findings() == []


def test_the_shipped_folder_has_no_finding_at_all(real_library: Library) -> None:
    assert check(KNOWLEDGE, real_library.current, TODAY) == []
