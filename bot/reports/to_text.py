"""A report as text: a table for the terminal, JSON, and CSV for Excel and WPS."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.reports.table import UNKNOWN, Audience, Cell, Hidden, Rate, Report, Table

AUDIENCES: Mapping[Audience, str] = {
    "public": "对外发布版：涉及隐私的小数字已经隐去，不含任何人的身份信息和原话",
    "office": "办公版：含未公开数字，不要外传",
}
"""Who may see a report, in words; printed on top of it."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_FORMULA = frozenset("=+-@\u2212")


def shown(cell: Cell) -> str:
    """Return a cell as people read it: ``—`` where nothing is known, 91.4% for a rate, what stands for a hidden number."""
    return UNKNOWN if cell is None else str(cell)


def days(report: Report) -> str:
    """Return the first and the last day: ``2026-01-01 至 2026-12-31``."""
    return f"{report.period.start} 至 {report.period.end}"


def to_table(report: Report) -> bytes:
    """For the terminal; columns line up where a Chinese character is two cells wide."""
    parts = [f"{report.town}　{report.title}　{days(report)}\n{AUDIENCES[report.audience]}"]
    for table in report.tables:
        numbers = [n for n, column in enumerate(table.columns) if column.kind != "text"]
        lines = f"【{table.title}】\n{grid(_lines(table), right=numbers)}"
        parts.append(lines + (f"\n说明：{table.note}" if table.note else ""))
    parts.append(f"统计规则：{report.rule}")
    parts.append(f"生成时间：{report.made_at:%Y-%m-%d %H:%M}（北京时间）")
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def to_json(report: Report) -> bytes:
    """Return the report as one JSON object in UTF-8.

    Its keys: ``title``; ``town``; ``from`` and ``to``, the first and last day; ``made_at``, where the data is cut off;
    ``rule``, the counting rule; ``audience``, public or office; ``figures``, {name: value}; ``tables``, {key: table}.

    A table: ``title``; ``note``; ``columns``, a list of {key, heading, kind}; ``rows``, a list of {column key: value},
    with ``_total``: true where the row sums up those above it.

    A value: a number; a text, also what stands for a hidden number; null where nothing is known;
    for a rate {``part``, ``whole``, ``percent``: one decimal, or null where ``whole`` is 0}.

    For readers of earlier versions ``total`` (the one row of that table), ``by_month`` and ``by_category`` (their rows
    without those that are totals) stand beside ``tables`` as well, where the report has these tables.
    """
    data: dict[str, Any] = {
        "title": report.title,
        "town": report.town,
        "from": report.period.start.isoformat(),
        "to": report.period.end.isoformat(),
        "made_at": report.made_at.isoformat(timespec="seconds"),
        "rule": report.rule,
        "audience": report.audience,
        "figures": {name: _value(cell) for name, cell in report.figures.items()},
        "tables": {
            table.key: {
                "title": table.title,
                "note": table.note,
                "columns": [{"key": c.key, "heading": c.heading, "kind": c.kind} for c in table.columns],
                "rows": _objects(table),
            }
            for table in report.tables
        },
    }
    for key in ("total", "by_month", "by_category"):
        if found := report.table(key):
            rows = [row for row in _objects(found) if "_total" not in row]
            data[key] = rows[0] if key == "total" else rows
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def to_csv(report: Report) -> bytes:
    """For Excel and WPS: UTF-8 with a BOM, one table below the other, texts that start a formula disarmed."""
    lines: list[Sequence[Cell]] = [[report.title, report.town, days(report)], [AUDIENCES[report.audience]]]
    for table in report.tables:
        lines += [[], [table.title], [column.heading for column in table.columns]]
        lines += [row.cells for row in table.rows]
        lines += [["说明", table.note]] if table.note else []
    lines += [[], ["统计规则", report.rule], ["生成时间", f"{report.made_at:%Y-%m-%d %H:%M}（北京时间）"]]
    out = io.StringIO()
    csv.writer(out).writerows([_disarmed(cell) for cell in line] for line in lines)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def grid(lines: Sequence[Sequence[str]], *, right: Collection[int] = ()) -> str:
    """Return lines of cells in columns that line up where a Chinese character is two cells wide; ``right``: flush right."""
    widths = [max(width(line[n]) for line in lines) for n in range(len(lines[0]))]

    def padded(place: int, cell: str) -> str:
        blanks = " " * (widths[place] - width(cell))
        return blanks + cell if place in right else cell + blanks

    return "\n".join("  ".join(padded(n, cell) for n, cell in enumerate(line)).rstrip() for line in lines)


def width(text: str) -> int:
    """Return how many cells of a terminal, or digits of a spreadsheet, a text is wide."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _lines(table: Table) -> list[list[str]]:
    # What a person wrote may hold line ends, or sequences that command a terminal.
    found = [[column.heading for column in table.columns], *([shown(cell) for cell in row.cells] for row in table.rows)]
    return [[_CONTROLS.sub(" ", cell) for cell in line] for line in found]


def _objects(table: Table) -> list[dict[str, Any]]:
    keys = [column.key for column in table.columns]
    return [
        dict(zip(keys, map(_value, row.cells), strict=True)) | ({"_total": True} if row.total else {}) for row in table.rows
    ]


def _value(cell: Cell) -> Any:
    match cell:
        case Rate():
            percent = cell.value
            return {"part": cell.part, "whole": cell.whole, "percent": None if percent is None else float(percent)}
        case Hidden():
            return cell.label
        case Decimal():
            return float(cell)
    return cell


def _disarmed(cell: Cell) -> str:
    """Excel and WPS run a text as a formula where it starts with one of these, in any width, blanks before it or not.

    After OWASP, CSV injection; numbers of ours are no texts and stay as they are.
    """
    text = shown(cell)
    if not isinstance(cell, str):
        return text
    start = next((c for c in text if unicodedata.category(c)[0] not in "ZC"), "")
    armed = text.startswith(("\t", "\r", "\n")) or unicodedata.normalize("NFKC", start)[:1] in _FORMULA
    return f"'{text}" if armed else text
