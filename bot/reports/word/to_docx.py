"""A report as a Word document: a clerk's template, filled in from the ledger."""

import copy
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from bot.reports.charts import FONTS, NoPicture, to_png
from bot.reports.table import Report, Table
from bot.reports.word import blocks as blocks
from bot.reports.word.blocks import END, MARK, text_of
from bot.reports.word.rendering import TO_FILL, Gap, TemplateError, filled
from bot.reports.word.sections import SECTION, lay

OPTIONAL = "可略"
"""Second argument of 表 and 图 in a template: leave it out without a word where the report has none."""

COUNTED = {"consultations", "turns"}
"""Sources to which the counting rule applies; it is printed under their tables."""

_PLACE = re.compile(f"{MARK}(.)(.*?){MARK}(.*?){END}")
_TO_MARK = re.compile("【(?:待填|此处缺图)[^】]*】")


def to_docx(report: Report, template: Path, *, fonts: Sequence[str] = FONTS) -> bytes:
    """Fill the template in; the same report gives the same bytes.

    What is not known is printed as 【待填】 on yellow, a chart that cannot be drawn (none of ``fonts`` installed) as
    【此处缺图：…】. Raises TemplateError where the template cannot be used.
    """
    document = filled(template, _values(report), _functions(report))
    others = [
        relation.target_part.element
        for relation in document.part.rels.values()
        if relation.reltype in (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER)
    ]
    if any(MARK in (t.text or "") for root in others for t in root.iter(qn("w:t"))):
        raise TemplateError(template.name, "表和图只能放在正文里，不能放在页眉页脚")
    _fill_places(document, report, fonts)
    for root in (document.element.body, *others):
        _highlight(root)
    about = document.core_properties
    about.title, about.author, about.last_modified_by = text_of(report.title), text_of(report.town), text_of(report.town)
    about.created = about.modified = report.made_at.astimezone(UTC).replace(tzinfo=None)
    about.revision = 1
    out = io.BytesIO()
    document.save(out)
    return undated(out.getvalue())


def day_text(day: date) -> str:
    """Return a date as official documents write it (GB/T 9704): 2027年1月5日, without zeros in front."""
    return f"{day.year}年{day.month}月{day.day}日"


def undated(package: bytes) -> bytes:
    """Return a zip file with the same members, none of which says when it was written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _values(report: Report) -> dict[str, Any]:
    made, end = report.made_at, min(report.period.end, report.made_at.date())
    values: dict[str, Any] = {
        "标题": report.title,
        "镇名": report.town,
        "起止日期": f"{day_text(report.period.start)}至{day_text(report.period.end)}",
        "统计规则": report.rule,
        "数据截至": day_text(end),
        "生成时间": f"{day_text(made.date())}{made:%H:%M}",
        "生成日期": day_text(made.date()),
    } | dict(report.figures)
    return {name: _value(value) for name, value in values.items()}


def _value(figure: Any) -> Any:
    """Numbers stay numbers, for conditions; all else becomes clean text."""
    if figure is None or isinstance(figure, int):
        return figure
    return Decimal(f"{figure:f}") if isinstance(figure, Decimal) else text_of(figure)


def _functions(report: Report) -> Mapping[str, Callable[..., Any]]:
    """Return what a template may call. 表 and 图 leave a mark, which is replaced when the text around it is there."""

    def table(key: object, when: object = "") -> str:
        return f"{MARK}表{_key(key)}{MARK}{text_of(str(when))}{END}"

    def picture(key: object, when: object = "") -> str:
        return f"{MARK}图{_key(key)}{MARK}{text_of(str(when))}{END}"

    def has_table(key: object) -> bool:
        return report.table(_key(key)) is not None

    def listed(key: object, count: int = 5) -> str:
        found = report.table(_key(key))
        column = next((c.key for c in found.columns if c.kind == "text"), None) if found else None
        if found is None or column is None:
            return TO_FILL
        cells = [text_of(cell) for cell, row in zip(found.column(column), found.rows, strict=True) if not row.total]
        return "、".join(cells[:count]) or "无"

    return {"表": table, "图": picture, "有表": has_table, "列举": listed}


def _key(said: object) -> str:
    """Return the key of a table, also where the quotes around it were forgotten."""
    return str(said._undefined_name) if isinstance(said, Gap) else text_of(str(said))


def _fill_places(document: Any, report: Report, fonts: Sequence[str]) -> None:
    numbers = {"表": 0, "图": 0}
    lying: set[Any] = set()  # paragraphs that end a section of ours that lies on its side
    found = (t.iterancestors(qn("w:p")) for t in document.element.body.iter(qn("w:t")) if MARK in (t.text or ""))
    for paragraph in dict.fromkeys([next(ancestors) for ancestors in found]):
        made: list[Any] = []
        for text in [t for t in paragraph.iter(qn("w:t")) if MARK in (t.text or "")]:
            for kind, key, when in _PLACE.findall(text.text):
                table = report.table(key)
                instead = "" if when == OPTIONAL else f"【待填：本期没有这张{kind}（{key}）】"
                if table is not None and (kind == "表" or table.chart):
                    try:
                        made += [_placed(document, table, report, numbers, kind, fonts)]
                        instead = ""
                    except NoPicture as e:
                        instead = f"【此处缺图：{e}】"
                text.text = _PLACE.sub(instead.replace("\\", r"\\"), text.text, count=1)
        _put(document.element.body, paragraph, made, lying)


def _placed(
    document: Any, table: Table, report: Report, numbers: dict[str, int], kind: str, fonts: Sequence[str]
) -> tuple[list[Any], bool]:
    """Return the elements of a table or picture, numbered, and whether they need a page that lies on its side."""
    if kind == "图" and table.chart:
        picture = blocks.picture_xml(document.part, to_png(table, fonts=fonts), table.chart.title)
        numbers[kind] += 1
        return [picture, blocks.caption_xml(f"图{numbers[kind]}　{table.chart.title}", below=True)], False
    numbers[kind] += 1
    fits = blocks.layout(table)
    notes = [f"统计规则：{report.rule}"] if table.source in COUNTED else []
    notes += [f"注：{table.note}"] if table.note else []
    caption = blocks.caption_xml(f"表{numbers[kind]}　{table.title}")
    below = [blocks.note_xml(note, follow=note is not notes[-1]) for note in notes]
    return [caption, blocks.table_xml(table, fits, noted=bool(notes)), *below], fits.lying


def _put(body: Any, paragraph: Any, made: Sequence[tuple[list[Any], bool]], lying: set[Any]) -> None:
    """Put what was made behind the paragraph, which goes when nothing else is in it."""
    last = paragraph
    for elements, _ in made:
        for element in elements:
            last.addnext(element)
            last = element
    text = "".join(t.text or "" for t in paragraph.iter(qn("w:t"))).strip()
    if not text and next(paragraph.iter(qn("w:drawing")), None) is None:
        if paragraph.find(f".//{SECTION}") is None and not _must_end(last, paragraph):
            paragraph.getparent().remove(paragraph)
        elif last is not paragraph:
            last.addnext(paragraph)
    for elements, wide in made:
        if wide and elements[0].getparent() is body:
            lay(body, elements, lying)


def _must_end(last: Any, paragraph: Any) -> bool:
    """Whether the cell of a table would end in something else than a paragraph without this one."""
    before = paragraph.getprevious() if last is paragraph else last
    return last.getnext() is None and (before is None or before.tag != qn("w:p"))


def _highlight(root: Any) -> None:
    """Mark on yellow what a person still has to fill in."""
    found = [t.getparent() for t in root.iter(qn("w:t")) if _TO_MARK.search(t.text or "")]
    for run in dict.fromkeys(found):
        for child in run.iterchildren():
            if child.tag == qn("w:rPr"):
                continue
            pieces = re.split(f"({_TO_MARK.pattern})", child.text or "") if child.tag == qn("w:t") else [""]
            for piece in pieces:
                if child.tag == qn("w:t") and not piece:
                    continue
                part = run.makeelement(run.tag, run.attrib)
                if run.rPr is not None:
                    part.append(copy.deepcopy(run.rPr))
                part.append(copy.deepcopy(child))
                if child.tag == qn("w:t"):
                    part[-1].text = piece
                    part[-1].set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                if _TO_MARK.fullmatch(piece):
                    part.get_or_add_rPr().get_or_add_highlight().set(qn("w:val"), "yellow")
                run.addprevious(part)
        run.getparent().remove(run)
