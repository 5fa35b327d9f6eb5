"""The report as a Word document: layout, what is filled in and what is left to fill in, templates of all kinds."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from lxml import etree

from bot.ledger.clock import CHINA
from bot.reports.period import Period
from bot.reports.table import SMALL, Cell, Chart, Column, Rate, Report, Row, Table
from bot.reports.word import template as shipped
from bot.reports.word.rendering import LIMIT, TemplateError
from bot.reports.word.template_texts import TEXTS
from bot.reports.word.to_docx import to_docx
from tests.conftest import KNOWLEDGE

TEMPLATES = KNOWLEDGE / "report"
NO_FONTS = ()
"""Pictures take their time; where a test is about something else there are none."""

FIGURES: Mapping[str, Cell] = {
    "年份": 2026, "期间": "2026年", "全期": "全年", "村数": 12,
    "咨询人次": 2897, "咨询人数": 1203, "消息条数": 9001, "线上人次": 2000, "来访人次": 500, "电话人次": 300,
    "微信群人次": 90, "代问人次": 7, "机器人解答": 1800, "法律明白人解答": 301, "法律顾问解答": 402, "司法所解答": 203,
    "未解答": 191, "答复率": Rate(2706, 2897), "咨询最多的类别": "宅基地与建房", "有用": 302, "没用": 21, "答非所问": 31,
    "答复中位小时": Decimal("5.5"), "急事提示": 3, "上年咨询人次": 2580, "咨询同比": "增长12.3%", "条目数": 211,
    "政府合同审查": 94, "政府意见书": 2, "政府现场解答": 13, "驻村次数": 147, "驻村小时": Decimal("1152.5"), "坐班值班": 131,
    "村讲座场次": 49, "村讲座人次": 2101, "参与调解": 30, "法律援助": 0, "村合同审查": 43, "村意见书": 5, "村咨询次数": 701,
    "不足8小时": 4, "排查次数": 288, "排查发现": 61, "预防纠纷": 52, "受理纠纷": 857, "调解成功": 783,
    "调解成功率": Rate(783, 857), "涉及金额": Decimal("341.115"), "当事人数": 1715, "宣传活动": 24, "法治课堂": 45,
    "法治讲座": 8, "LED次数": "200余", "横幅": 48, "宣传牌": 15, "宣传单": "10000余", "受惠人次": "15000余",
    "支部学习场次": 16, "两委学习场次": 48, "学习人次": 352, "法治思想讲座": 4, "法治思想讲座人次": 320, "明白人人数": 67,
    "明白人最少村人数": 1, "明白人不足的村": "示例三村、示例九村", "明白人培训": 6, "明白人培训人次": 261,
}  # fmt: skip
"""Every figure that a report has."""

OF_THE_REPORT = {"标题", "镇名", "起止日期", "统计规则", "数据截至", "生成时间", "生成日期"}
"""What to_docx adds from the report itself."""

MONTHS = Table(
    "by_month",
    "咨询量：按月、方式",
    (Column("month", "月份", "text"), Column("web", "网页"), Column("phone", "电话"), Column("rate", "答复率", "rate")),
    (Row(("1月", 3, SMALL, Rate(2, 3))), Row(("2月", 0, None, Rate(0, 0))), Row(("合计", 3, 2, Rate(2, 5)), total=True)),
    note="各月的人数不能相加。",
    chart=Chart("bar", "各月咨询人次", "month", ("web", "phone")),
)
DISPUTES = Table(
    "disputes",
    "矛盾纠纷",
    (Column("type", "纠纷类型", "text"), Column("accepted", "受理（宗）"), Column("amount", "金额（万元）", "amount")),
    (Row(("邻里", 12, Decimal("1.50"))), Row(("合计", 12, Decimal("1.50")), total=True)),
    source="disputes",
)
WIDE = Table(
    "village_category",
    "村（社区） × 类别",
    (Column("village", "村（社区）", "text"), *(Column(f"c{n}", f"第{n}个类别的名称") for n in range(1, 20))),
    (Row(("示例一村", *range(101, 120))),),
)


def a_report(*tables: Table, **figures: Cell) -> Report:
    return Report(
        "法律咨询统计",
        "示例镇",
        Period(date(2026, 1, 1), date(2026, 12, 31)),
        datetime(2027, 1, 5, 9, 3, tzinfo=CHINA),
        "一个咨询人次 = 同一人、同一类别、同一天。",
        "public",
        tables,
        figures,
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Make a template of a clerk's own, in Word's own styles: a paragraph for each text, its runs where it is a list."""

    def made(*paragraphs: str | list[str]) -> Path:
        document = Document()
        for runs in paragraphs:
            paragraph = document.add_paragraph()
            for text in [runs] if isinstance(runs, str) else runs:
                paragraph.add_run(text)
        document.save(str(tmp_path / "自己的.docx"))
        return tmp_path / "自己的.docx"

    return made


class Word:
    """Reads a .docx file as XML, without the library that wrote it."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.members = {name: archive.read(name) for name in archive.namelist()}
        self.body = self.part("document")[0]

    def part(self, name: str) -> Any:
        return etree.fromstring(self.members[f"word/{name}.xml"])

    @property
    def lines(self) -> list[str]:
        """The text of each paragraph of the body, and 表 for a table."""
        return [text(e) if e.tag == w("p") else "表" for e in self.body if e.tag != w("sectPr")]

    @property
    def yellow(self) -> list[str]:
        return [text(run) for run in self.body.iter(w("r")) if run.find(f"{w('rPr')}/{w('highlight')}") is not None]

    def tables(self) -> list[list[list[str]]]:
        return [[[text(cell) for cell in row.iter(w("tc"))] for row in t.iter(w("tr"))] for t in self.body.iter(w("tbl"))]


def w(name: str) -> str:
    return f"{{{shipped.W}}}{name}"


def text(element: Any) -> str:
    return "".join(t.text or "" for t in element.iter(w("t")))


def values(element: Any) -> dict[str, str]:
    return {name.removeprefix(f"{{{shipped.W}}}"): value for name, value in element.attrib.items()}


def docx(report: Report, template: Path) -> Word:
    return Word(to_docx(report, template, fonts=NO_FONTS))


# The shipped templates


@pytest.mark.parametrize("name", TEXTS)
def test_the_shipped_templates_are_what_the_program_makes(name: str) -> None:
    members = Word((TEMPLATES / f"{name}.docx").read_bytes()).members
    assert {k: v.decode() for k, v in members.items()} == shipped.package(TEXTS[name])


def test_the_program_writes_the_same_files_every_time(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        shipped.main(tmp_path / folder)
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["五项.docx", "六部分.docx"]
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.fixture(scope="module", params=TEXTS)
def whole(request: pytest.FixtureRequest) -> Word:
    """Both templates, filled with every figure."""
    return docx(a_report(MONTHS, DISPUTES, **FIGURES), TEMPLATES / f"{request.param}.docx")


def test_the_page_is_that_of_an_official_document(whole: Word) -> None:
    (section,) = whole.body.iter(w("sectPr"))
    assert values(section.find(w("pgSz"))) == {"w": "11906", "h": "16838"}
    margins = values(section.find(w("pgMar")))
    assert {side: margins[side] for side in ("top", "bottom", "left", "right")} == {
        "top": "2098", "bottom": "1984", "left": "1587", "right": "1474",
    }  # fmt: skip
    assert values(section.find(w("docGrid"))) == {"type": "lines", "linePitch": "560"}


@pytest.mark.parametrize(
    ("line", "font", "size", "indent"),
    [
        ("示例镇2026年法治政府建设年度报告", "方正小标宋简体", "44", "0"),
        ("一、", "黑体", "32", "200"),
        ("（一）", "楷体_GB2312", "32", "200"),
        ("全年提供法律咨询", "仿宋_GB2312", "32", "200"),
        ("附件", "黑体", "32", "0"),
    ],
)
def test_paragraphs_are_set_as_official_documents_are(whole: Word, line: str, font: str, size: str, indent: str) -> None:
    paragraph = next(p for p in whole.body.iter(w("p")) if text(p).startswith(line))
    (style,) = (
        s for s in whole.part("styles") if s.get(w("styleId")) == paragraph.find(f"{w('pPr')}/{w('pStyle')}").get(w("val"))
    )
    assert values(next(style.iter(w("rFonts"))))["eastAsia"] == font
    assert values(next(style.iter(w("sz")))) == {"val": size}
    spacing = values(style.find(f"{w('pPr')}/{w('spacing')}"))
    assert (spacing["line"], spacing["lineRule"]) == ("560", "exact")
    assert values(next(style.iter(w("ind"))))["firstLineChars"] == indent


def test_page_numbers_stand_outside(whole: Word) -> None:
    assert whole.part("settings").find(w("evenAndOddHeaders")) is not None
    (section,) = whole.body.iter(w("sectPr"))
    relations = etree.fromstring(whole.members["word/_rels/document.xml.rels"])
    for kind, side in (("default", "right"), ("even", "left")):
        (id_,) = (next(f for n, f in r.items() if n.endswith("}id")) for r in section if values(r).get("type") == kind)
        footer = whole.part(next(r.get("Target") for r in relations if r.get("Id") == id_).removesuffix(".xml"))
        assert text(footer) == "— 1 —"
        assert "".join(i.text or "" for i in footer.iter(w("instrText"))).strip() == "PAGE"
        assert values(next(footer.iter(w("jc")))) == {"val": side}
        assert {values(size)["val"] for size in footer.iter(w("sz"))} == {"28"}


def test_fonts_that_are_missing_have_a_substitute(whole: Word) -> None:
    others = {f.get(w("name")): values(f[0])["val"] for f in whole.part("fontTable") if f[0].tag == w("altName")}
    for font, other in {
        "方正小标宋简体": "SimSun", "仿宋_GB2312": "FangSong", "楷体_GB2312": "KaiTi", "黑体": "SimHei", "宋体": "SimSun",
    }.items():  # fmt: skip
        assert other in others[font].split(",")


def test_the_blocks_come_in_the_order_of_the_rule_and_of_the_towns_own_report() -> None:
    headings = {
        name: [line for line in docx(a_report(), TEMPLATES / f"{name}.docx").lines if re.match("[一二三四五六七]、", line)]
        for name in TEXTS
    }
    assert headings == {
        "六部分": [
            "一、深入学习宣传贯彻习近平法治思想",
            "二、推进依法行政，化解矛盾纠纷",
            "三、加强法治宣传教育和公共法律服务",
            "四、加强法治人才队伍建设",
            "五、存在的不足和原因",
            "六、下一年度主要安排",
        ],
        "五项": [
            "一、推进法治政府建设的主要举措和成效",
            "二、存在的不足和原因",
            "三、党政主要负责人履行推进法治建设第一责任人职责，加强法治政府建设的有关情况",
            "四、下一年度推进法治政府建设的主要安排",
            "五、其他需要报告的情况",
        ],
    }


def test_every_name_in_the_templates_is_a_figure() -> None:
    for source in TEXTS.values():
        used = set(re.findall(r"\{\{ (\w+) \}\}", source)) | set(re.findall(r"\{% if (\w+) %\}", source))
        assert used <= FIGURES.keys() | OF_THE_REPORT


def hints(source: str) -> Iterator[str]:
    """What a template itself leaves to fill in."""
    for hint in re.findall("【待填[^】]*】", source):
        yield hint.replace("{{ 生成日期 }}", "2027年1月5日")


def missing(source: str, have: set[str]) -> list[str]:
    found = re.findall(r'\{\{ 表\("(\w+)"\) \}\}', source)
    return [f"【待填：本期没有这张表（{key}）】" for key in found if key not in have]


@pytest.mark.parametrize("name", TEXTS)
def test_where_every_figure_is_known_only_judgements_are_left_to_fill_in(name: str) -> None:
    word = docx(a_report(MONTHS, DISPUTES, **FIGURES), TEMPLATES / f"{name}.docx")
    no_font = "【此处缺图：电脑上没有中文字体。请安装黑体（SimHei）、微软雅黑或思源黑体，再重新生成】"
    assert sorted(word.yellow) == sorted([*hints(TEXTS[name]), *missing(TEXTS[name], {"by_month", "disputes"}), no_font])
    assert "{{" not in "".join(word.lines)


@pytest.mark.parametrize("name", TEXTS)
def test_where_no_figure_is_known_each_is_left_to_fill_in_and_none_is_zero(name: str) -> None:
    unknown: dict[str, Cell] = dict.fromkeys(FIGURES)
    word = docx(a_report(**unknown), TEMPLATES / f"{name}.docx")
    # What stands in a condition goes with it: there is no year before, no table of misses.
    source = re.sub(r"\{% if .*?\{% endif %\}", "", TEXTS[name])
    names = [n for n in re.findall(r"\{\{ (\w+) \}\}", source) if n in FIGURES]
    assert word.yellow.count("【待填】") == len(names) + source.count("【待填】")
    assert not re.search(r"(?<!\d)0(?![\d:])", "".join(word.lines).replace("不是0", "").replace("分母为0", ""))


def test_a_sentence_of_consultations_adds_up(whole: Word) -> None:
    (sentence,) = (line for line in whole.lines if line.startswith("全年提供法律咨询"))
    assert sentence == (
        "全年提供法律咨询2897人次，其中线上2000人次、来访500人次、电话300人次、微信群90人次、代问7人次；"
        "上年同期2580人次，增长12.3%。咨询群众1203人，收到消息9001条（人次、人数、条数分别统计，不相加）。"
    )
    all_, *parts = map(int, re.findall(r"(\d+)人次", sentence.partition("；")[0]))
    assert all_ == sum(parts)


def test_zero_is_printed_where_it_is_known() -> None:
    (line,) = (x for x in docx(a_report(法律援助=0), TEMPLATES / "六部分.docx").lines if "办理法律援助" in x)
    assert "办理法律援助0件，审查合同【待填：没有“村合同审查”这一项】份" in line


def test_the_annex_says_how_and_when_it_was_counted(whole: Word) -> None:
    lines = whole.lines
    at = lines.index("统计说明")
    assert lines[at + 1 : at + 3] == [
        "统计期间：2026年1月1日至2026年12月31日。数据截至：2026年12月31日。生成时间：2027年1月5日09:03（北京时间）。",
        "统计规则：一个咨询人次 = 同一人、同一类别、同一天。",
    ]
    checks = "".join(lines[at:])
    for word in ("保密审查", "个人信息", "签发人", "3月1日前报上一级", "4月1日前向社会公开"):
        assert word in checks


def test_data_of_a_period_that_is_not_over_end_on_the_day_of_counting(write: Callable[..., Path]) -> None:
    early = replace(a_report(), made_at=datetime(2026, 11, 30, 23, 5, tzinfo=CHINA))
    assert docx(early, write("截至{{ 数据截至 }}，{{ 生成日期 }}")).lines == ["截至2026年11月30日，2026年11月30日"]


# Tables and pictures


def test_a_table_has_caption_heading_rows_total_rule_and_note(write: Callable[..., Path]) -> None:
    word = docx(a_report(MONTHS, DISPUTES), write("甲", '{{ 表("disputes") }}', "乙", '{{ 表("by_month") }}', "丙"))
    assert word.lines == [
        "甲",
        "表1　矛盾纠纷",
        "表",
        "乙",
        "表2　咨询量：按月、方式",
        "表",
        "统计规则：一个咨询人次 = 同一人、同一类别、同一天。",
        "注：各月的人数不能相加。",
        "丙",
    ]
    assert word.tables() == [
        [["纠纷类型", "受理（宗）", "金额（万元）"], ["邻里", "12", "1.50"], ["合计", "12", "1.50"]],
        [
            ["月份", "网页", "电话", "答复率"],
            ["1月", "3", "少于3", "66.7%"],
            ["2月", "0", "—", "—"],
            ["合计", "3", "2", "40.0%"],
        ],
    ]


def test_headings_are_repeated_rows_stay_whole_and_only_totals_are_bold(write: Callable[..., Path]) -> None:
    (table,) = docx(a_report(MONTHS), write('{{ 表("by_month") }}')).body.iter(w("tbl"))
    rows = list(table.iter(w("tr")))
    assert [row.find(f".//{w('tblHeader')}") is not None for row in rows] == [True, False, False, False]
    assert all(row.find(f".//{w('cantSplit')}") is not None for row in rows)
    assert [row.find(f".//{w('b')}") is not None for row in rows] == [True, False, False, True]
    assert {values(side)["val"] for side in table.find(f"{w('tblPr')}/{w('tblBorders')}")} == {"single"}
    assert {values(size)["val"] for size in table.iter(w("sz"))} == {"21"}
    assert sum(int(values(c)["w"]) for c in table.find(w("tblGrid"))) == 8845  # 156 mm


def test_a_table_that_is_too_wide_lies_and_the_text_stands_again_behind_it(write: Callable[..., Path]) -> None:
    template = write("甲", '{{ 表("village_category") }}', '{{ 表("village_category") }}', "乙")
    word = docx(a_report(WIDE), template)
    sections = [(s.find(w("pgSz")), s.find(w("pgMar"))) for s in word.body.iter(w("sectPr"))]
    assert [values(size).get("orient", "portrait") for size, _ in sections] == ["portrait", "landscape", "portrait"]
    size, margins = sections[1]
    room = int(values(size)["w"]) - int(values(margins)["left"]) - int(values(margins)["right"])
    grids = [sum(int(values(c)["w"]) for c in t.find(w("tblGrid"))) for t in word.body.iter(w("tbl"))]
    assert grids == [room, room]
    ends = [text(s.getparent().getparent()) for s in word.body.iter(w("sectPr")) if s.getparent().tag == w("pPr")]
    assert ends == ["甲", "统计规则：一个咨询人次 = 同一人、同一类别、同一天。"]


def test_page_numbers_go_on_behind_a_table_that_lies() -> None:
    word = docx(a_report(WIDE, **FIGURES), TEMPLATES / "六部分.docx")
    footers = [[values(r)["type"] for r in s.iter(w("footerReference"))] for s in word.body.iter(w("sectPr"))]
    assert footers == [["default", "even"]] * 3


def test_a_picture_is_not_cut_to_the_height_of_a_line(write: Callable[..., Path]) -> None:
    word = Word(to_docx(a_report(MONTHS, **FIGURES), TEMPLATES / "六部分.docx"))
    (drawing,) = word.body.iter(w("drawing"))
    spacing = values(drawing.getparent().getparent().find(f"{w('pPr')}/{w('spacing')}"))
    assert spacing["lineRule"] == "auto"
    assert [e.get("cx") for e in drawing.iter() if e.tag.endswith("}extent")] == ["5400000"]  # 15 cm
    assert [e.get("descr") for e in drawing.iter() if e.tag.endswith("}docPr")] == ["各月咨询人次"]
    assert "图1　各月咨询人次" in word.lines
    assert sum(name.endswith(".png") for name in word.members) == 1


def test_what_the_report_does_not_have_is_said_or_left_out_as_the_template_wants(write: Callable[..., Path]) -> None:
    template = write(
        '{{ 表("services") }}', '{{ 表("people", "可略") }}', '{{ 图("disputes") }}', '{{ 图("disputes", "可略") }}', "完"
    )
    word = docx(a_report(DISPUTES), template)
    assert word.lines == [*word.yellow, "完"]
    assert word.yellow == ["【待填：本期没有这张表（services）】", "【待填：本期没有这张图（disputes）】"]


def test_a_table_may_stand_behind_words_and_in_a_cell(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("见下表：{{ 表('disputes') }}")
    document.add_table(1, 1).cell(0, 0).text = "{{ 表('disputes') }}"
    document.save(str(tmp_path / "t.docx"))
    word = docx(a_report(DISPUTES), tmp_path / "t.docx")
    assert word.lines == ["见下表：", "表1　矛盾纠纷", "表", "表"]
    (cell,) = word.body.xpath("w:tbl[2]/w:tr/w:tc", namespaces={"w": shipped.W})
    assert [e.tag for e in cell if e.tag != w("tcPr")] == [w("p"), w("tbl"), w("p")]


# What a clerk may write


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("共{{ 咨询人次 }}人次", "共2897人次"),
        (["共{", "{ 咨询", "人次 }", "}人次"], "共2897人次"),
        (["共", "{{", "咨询人次", "}}", "人次"], "共2897人次"),
        ("{{咨询人次}}", "2897"),
        ("{% if 咨询同比 %}{{ 咨询同比 }}{% else %}没有上年的数{% endif %}", "没有上年的数"),
        ("{% if 咨询人次 > 1000 %}多{% endif %}", "多"),
        ("{% if 未解答 > 0 or 未解答 < 1 or 未解答 == 0 %}有{% else %}不知道{% endif %}", "不知道"),
        ("{% if 未解答 is defined %}有{% else %}不知道{% endif %}", "不知道"),
        ("{{ 未解答 | default('无') }}", "无"),
        ("{% if 有表（“disputes”）%}有{% endif %}", "有"),
        ("{{ 列举（“disputes”，1）}}", "邻里"),
        ("{{ 列举(disputes) }}", "邻里"),
        ("{{ 列举('services') }}", "【待填】"),
        ("{{ 未解答 }}", "【待填】"),
        ("{{ 咨询人刺 }}", "【待填：没有“咨询人刺”这一项】"),
        ("{{ 成功率 }}，{{ 金额 }}，{{ 无 }}", "91.4%，100，—"),
    ],
)
def test_a_template_is_read_as_a_clerk_writes_it(write: Callable[..., Path], written: Any, printed: str) -> None:
    report = a_report(
        DISPUTES, 咨询人次=2897, 咨询同比=None, 未解答=None, 成功率=Rate(783, 857), 金额=Decimal("1E+2"), 无=Rate(0, 0)
    )
    assert docx(report, write(written)).lines == [printed]


def test_paragraphs_can_be_made_conditional(write: Callable[..., Path]) -> None:
    template = write(
        "甲", "{%p if 有表('services') %}", "顾问", "{%p endif %}", "{%p if 有表('disputes') %}", "纠纷", "{%p endif %}"
    )
    assert docx(a_report(DISPUTES), template).lines == ["甲", "纠纷"]


def test_only_what_is_to_fill_in_is_yellow_and_keeps_its_letters(write: Callable[..., Path]) -> None:
    word = docx(a_report(未解答=None), write("未解答{{ 未解答 }}人次，原因【待填：写原因】。"))
    assert word.lines == ["未解答【待填】人次，原因【待填：写原因】。"]
    assert word.yellow == ["【待填】", "【待填：写原因】"]


def test_figures_in_headers_are_filled_in_too(tmp_path: Path) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{ 镇名 }}{{ 未解答 }}"
    document.save(str(tmp_path / "t.docx"))
    word = docx(a_report(未解答=None), tmp_path / "t.docx")
    (header,) = (word.part(n[5:-4]) for n in word.members if re.fullmatch(r"word/header\d+\.xml", n))
    assert [text(run) for run in header.iter(w("r"))] == ["示例镇", "【待填】"]
    assert [text(h.getparent().getparent()) for h in header.iter(w("highlight"))] == ["【待填】"]


HOSTILE = "</w:t></w:p>&amp;<b>{{ 7*7 }}{% if x %}{_{\x00\x0b\ud800\n\t\f\a“'\"]]>【甲】\ufdd0表x\ufdd1"
SHOWN = "</w:t></w:p>&amp;<b>{{ 7*7 }}{% if x %}{_{ “'\"]]>【甲】表x"


def test_text_is_printed_as_it_is(write: Callable[..., Path]) -> None:
    table = replace(
        DISPUTES,
        title=HOSTILE,
        note=HOSTILE,
        columns=(Column("a", HOSTILE, "text"), *DISPUTES.columns[1:]),
        rows=(Row((HOSTILE, 1, None)),),
    )
    report = replace(a_report(table, 话=HOSTILE), title=HOSTILE, town=HOSTILE, rule=HOSTILE)
    word = docx(report, write("{{ 话 }}", "{{ 镇名 }}", "{{ 统计规则 }}", "{{ 表('disputes') }}"))
    # docxtpl makes {{ of {_{, its way to write braces that are none.
    shown = SHOWN.replace("{_{", "{{")
    assert word.lines == [shown, shown, shown, f"表1　{SHOWN}", "表", f"注：{SHOWN}"]
    assert word.tables() == [[[SHOWN, "受理（宗）", "金额（万元）"], [SHOWN, "1", "—"]]]


# Templates that cannot be used


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("第一段{{ 咨询人次 }", "写法有误"),
        ("第一段{% if 咨询人次 %}", "写法有误"),
        ("第一段{% endif %}", "写法有误"),
        ("第一段{{ 咨询 人次 }}", "写法有误"),
        ("第一段{{ 表( }}", "写法有误"),
        ("第一段{{ 表() }}", "写法有误"),
        ("第一段{{ 表格('x') }}", "模板里没有“表格(…)”这种写法，括号前面只能是：表、图、有表、列举"),
        ("第一段{% if 咨询人次 > '多' %}{% endif %}", "写法有误"),
        ("第一段{{ 调解成功 / 受理纠纷 }}", "模板里不能计算（/），数字都从台账里来"),
    ],
)
def test_a_broken_template_says_where_and_what(write: Callable[..., Path], written: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        docx(a_report(咨询人次=1, 调解成功=1, 受理纠纷=2), write("无关", written, "也无关"))
    # Braces that are not closed swallow the next paragraph.
    assert caught.value.where in (written, f"{written}也无关")
    assert str(caught.value).startswith(f"模板“自己的.docx”的“{caught.value.where}”这一段：")
    assert said in caught.value.problem


@pytest.mark.parametrize(
    "written",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ 表.__globals__ }}",
        "{{ 表['__globals__'] }}",
        "{{ 话.format(1) }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ '长' * 999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 话.center(999999999) }}",
        "{{ 话 | safe }}",
        "{{ 话 | center(999999999) }}",
        "{{ range(3) }}",
        "{{ lipsum() }}",
        "{% for x in [1, 2] %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set x = 1 %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
    ],
)
def test_a_template_cannot_reach_into_the_program_or_keep_it_busy(write: Callable[..., Path], written: str) -> None:
    with pytest.raises(TemplateError):
        docx(a_report(话="话"), write(written))


def test_conditions_that_cut_through_paragraphs_are_refused_and_nothing_is_lost(write: Callable[..., Path]) -> None:
    with pytest.raises(TemplateError, match="各自单独成段，成对出现"):
        docx(a_report(甲=None), write("{%p if 甲 %}", "一{% endif %}", "二"))


def test_a_table_in_a_header_is_refused(tmp_path: Path) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{ 表('disputes') }}"
    document.save(str(tmp_path / "t.docx"))
    with pytest.raises(TemplateError, match="表和图只能放在正文里"):
        docx(a_report(DISPUTES), tmp_path / "t.docx")


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "打不开"),
        (b"", "不是 Word 文档"),
        (b"{{ \xe5\x92\xa8 }}", "不是 Word 文档"),
        (zipped(a=b""), "不是 Word 文档"),
        (zipped(**{"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"no xml"}), "不是 Word 文档"),
        (zipped(a=bytes(LIMIT + 1)), "解开以后超过20兆"),
        ((TEMPLATES / "六部分.docx").read_bytes()[:-3000], "不是 Word 文档"),
    ],
)
def test_a_file_that_is_no_word_document_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "t.docx").write_bytes(content)
    with pytest.raises(TemplateError, match=f"^模板“t.docx”：{said}"):
        docx(a_report(), tmp_path / "t.docx")


# The file


def test_the_same_report_gives_the_same_file() -> None:
    first, second = (to_docx(a_report(MONTHS, **FIGURES), TEMPLATES / "六部分.docx", fonts=NO_FONTS) for _ in "ab")
    assert first == second


def test_the_file_says_whose_it_is_and_when_it_was_made(write: Callable[..., Path]) -> None:
    about = Document(io.BytesIO(to_docx(a_report(), write("甲")))).core_properties
    assert (about.title, about.author, about.last_modified_by) == ("法律咨询统计", "示例镇", "示例镇")
    assert about.created == about.modified
    assert about.created is not None and about.created.replace(tzinfo=None) == datetime(2027, 1, 5, 1, 3)
