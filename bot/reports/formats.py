"""A report as text: one function per format, all in ``FORMATS``."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Sequence

from bot.reports.consultations import Report, Table


def to_table(report: Report) -> str:
    """For the terminal; columns line up where a Chinese character is two cells wide."""
    parts = [f"{report.title}　{report.start} 至 {report.end}"]
    parts += [f"【{table.title}】\n" + grid(_lines(table)) for table in report.tables]
    parts.append(f"统计规则：{report.rule}")
    parts.append(f"生成时间：{report.made_at:%Y-%m-%d %H:%M}（北京时间）")
    return "\n\n".join(parts) + "\n"


def to_json(report: Report) -> str:
    """``{"title", "from", "to", "made_at", "rule", <table key>: [{column key: value}]}``; ``total`` is one object."""
    tables = {t.key: [dict(zip([k for k, _ in t.columns], row, strict=True)) for row in t.rows] for t in report.tables}
    data = {
        "title": report.title,
        "from": report.start.isoformat(),
        "to": report.end.isoformat(),
        "made_at": report.made_at.isoformat(timespec="seconds"),
        "rule": report.rule,
        **tables,
        "total": tables["total"][0],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def to_csv(report: Report) -> str:
    """For Excel and WPS: with a BOM, one table below the other, cells that start a formula disarmed."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow([report.title, f"{report.start} 至 {report.end}"])
    for table in report.tables:
        write.writerows([[], [table.title], [heading for _, heading in table.columns]])
        write.writerows([[_disarmed(cell) for cell in row] for row in table.rows])
    write.writerows([[], ["统计规则", report.rule], ["生成时间", f"{report.made_at:%Y-%m-%d %H:%M}"]])
    return "\ufeff" + out.getvalue()


FORMATS: dict[str, Callable[[Report], str]] = {"table": to_table, "json": to_json, "csv": to_csv}


def _disarmed(cell: str | int) -> str | int:
    """Excel and WPS run a cell that starts with one of these as a formula (OWASP, CSV injection)."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def grid(lines: Sequence[Sequence[str]]) -> str:
    """Return lines of cells in columns that line up where a Chinese character is two cells wide."""
    widths = [max(_width(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _lines(table: Table) -> list[tuple[str, ...]]:
    return [tuple(heading for _, heading in table.columns), *(tuple(map(str, row)) for row in table.rows)]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
