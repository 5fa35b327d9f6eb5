"""Who may open which page: every view of the console names its roles; one that names none does not exist."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, g

from bot.ledger.access.users import ADMIN, CLERK, COUNTY, JUSTICE, LAWYER, MINDER, READER, ROLES, User

__all__ = [
    "ADMIN",
    "ANYBODY",
    "ANY_ACCOUNT",
    "CLERK",
    "COUNTY",
    "JUSTICE",
    "LAWYER",
    "LOGIN",
    "MINDER",
    "OUTSIDE",
    "READER",
    "ROLES",
    "allow",
    "roles_of",
    "user",
]

ANYBODY = ROLES
"""Whoever works in the town."""

ANY_ACCOUNT = (*ROLES, COUNTY)
"""Whoever is logged in: for what concerns nobody but them."""

LOGIN = "login"
"""Where the session cookie keeps the token of the login."""

OUTSIDE = ("",)
"""Also who is not logged in."""

View = TypeVar("View", bound=Callable[..., Any])


def allow(*roles: str) -> Callable[[View], View]:
    """Say which roles may open a view; put it below the route."""

    def named(view: View) -> View:
        view.roles = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return named


def roles_of(view: object) -> frozenset[str]:
    """Return the roles that may open a view."""
    found: frozenset[str] = getattr(view, "roles", frozenset())
    return found


def user() -> User:
    """Return who is logged in; 403 where nobody is."""
    found: User | None = g.get("user")
    if found is None:
        abort(403)
    return found
