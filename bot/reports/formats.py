"""The formats of a report, each a function from the report to the bytes of a file."""

from collections.abc import Callable

from bot.reports.table import Report
from bot.reports.to_text import grid, to_csv, to_json, to_table

__all__ = ["FORMATS", "grid"]


def _to_xlsx(report: Report) -> bytes:
    """Write a workbook; the library for that is loaded only then."""
    from bot.reports.to_xlsx import to_xlsx

    return to_xlsx(report)


FORMATS: dict[str, Callable[[Report], bytes]] = {"table": to_table, "json": to_json, "csv": to_csv, "xlsx": _to_xlsx}
