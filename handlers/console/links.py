"""Ways to pages of other sections: only those that exist and that the person may open."""

from typing import Any

from flask import current_app, url_for

from handlers.console.access import roles_of, user


def link(endpoint: str, **values: Any) -> str:
    """Return the address of a page, "" where there is none for this person."""
    view = current_app.view_functions.get(endpoint)
    return url_for(endpoint, **values) if view is not None and user().role in roles_of(view) else ""
