"""The menu: what each role finds in it, in the order in which they need it."""

from typing import NamedTuple

from flask import url_for

from bot.ledger.access.users import COUNTY, User
from handlers.console.access import roles_of


class Entry(NamedTuple):
    """A line of the menu."""

    title: str
    address: str
    endpoint: str


_LINES = (
    ("首页", "console.home.page"),
    ("群众提问", "console.tickets.listing"),
    ("没答上的", "console.misses.listing"),
    ("常见问题", "console.faq.listing"),
    ("台账", "console.registers.listing"),
    ("统计报表", "console.reports.page"),
    ("张贴材料", "console.notices.listing"),
    ("设置", "console.setup.listing"),
    ("各镇", "console.county.listing"),
    ("账号", "console.people.listing"),
    ("操作日志", "console.people.log"),
)


def entries(user: User | None) -> list[Entry]:
    """Return the lines that a person may open."""
    from flask import current_app

    from handlers.console import county  # which imports what is shown in the menu

    if user is None:
        return []
    views = current_app.view_functions
    return [
        Entry(title, url_for(endpoint), endpoint)
        for title, endpoint in _LINES
        if endpoint in views
        and user.role in roles_of(views[endpoint])
        and (not endpoint.startswith("console.county.") or user.role == COUNTY or county.is_open())
    ]
