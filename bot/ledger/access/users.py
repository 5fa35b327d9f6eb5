"""Accounts of the console, and their logins: who may see what. Passwords are kept as Argon2id hashes (RFC 9106)."""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.ledger.clock import moment, stamp
from bot.ledger.database import Database
from bot.ledger.store import first, insert, next_number

Role = Literal["管理员", "统计员", "司法所", "法律顾问", "法律明白人", "只读", "县级"]
ROLES: tuple[str, ...] = get_args(Role)[:6]
"""Of a town."""

COUNTY: Role = "县级"
"""Of the installation itself, where it serves several towns: sees sums over them, and nothing of any town."""

ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER = ROLES
"""MINDER: 法律明白人, who sees their own village alone."""

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
"""A login ends after this long without a page, and after this long in any case."""

STEP_LASTS = timedelta(minutes=10)
"""How long a login waits for its second step."""

FIRST_PASSWORD_LASTS = timedelta(days=7)
"""A password that somebody else chose must be changed within this time."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's Password Storage Cheat Sheet: Argon2id with 19 MiB, 2 rounds; all threads at once fit a small server's memory."""

_NOBODY = _hasher.hash("nobody")
"""Verified where there is no such account, so that the time an answer takes does not tell."""


@dataclass(frozen=True)
class User:
    """One row of ``users``. name: what they log in with; adviser: who they are among the advisers, where they answer.

    password_until: when a password that somebody else chose stops working. secret, step: of their TOTP (RFC 6238), and
    the last step that was used.
    """

    number: int
    name: str
    shown: str
    role: str
    village: str | None
    adviser: int | None
    password: str
    must_change: bool
    password_until: str | None
    secret: str | None
    step: int | None
    created_at: str
    disabled_at: str | None

    def looks_after(self, village: str | None) -> bool:
        """Tell whether they may see what concerns a village (None: unknown): a 法律明白人 only their own."""
        return self.role != MINDER or (self.village is not None and self.village == village)


class Login(NamedTuple):
    """One login of an account; ``key`` names it on a page and opens nothing."""

    key: str
    opened_at: str
    seen_at: str
    browser: str | None


_COLUMNS = ", ".join(User.__annotations__)
_KEY = "substr(token, 1, 16)"


def plain_name(name: str) -> str:
    """Return a login name as it is kept: full-width letters, capitals and spaces at the ends do not tell names apart."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def add(
    db: Database, *, name: str, shown: str, role: Role, village: str | None, password: str, adviser: int | None,
    now: datetime, must_change: bool = True,
) -> User:  # fmt: skip
    """Add an account; its password must be changed at the first login. Raises ValueError for a name that is taken."""
    name = plain_name(name)
    if find(db, name):
        raise ValueError(name)
    number = next_number(db, "users")
    values: dict[str, Any] = {
        "number": number, "name": name, "shown": shown, "role": role, "village": village, "adviser": adviser,
        "password": hashed_password(password), "must_change": int(must_change),
        "password_until": stamp(now + FIRST_PASSWORD_LASTS) if must_change else None, "created_at": stamp(now),
    }  # fmt: skip
    insert(db, "users", values)
    return get(db, number)


def find(db: Database, name: str) -> User | None:
    """Return the account with this name, or None."""
    return _user(first(db, f"select {_COLUMNS} from users where name = :name", {"name": plain_name(name)}))


def get(db: Database, number: int) -> User:
    """Return the account with this number. Raises LookupError."""
    found = _user(first(db, f"select {_COLUMNS} from users where number = :number", {"number": number}))
    if found is None:
        raise LookupError(number)
    return found


def everybody(db: Database) -> list[User]:
    """Return all accounts, also those that are disabled."""
    rows = db.query(f"select {_COLUMNS} from users order by number")
    return [User(**row | {"must_change": bool(row["must_change"])}) for row in rows]


def hashed_password(password: str) -> str:
    """Return the hash under which a password is kept; full-width and half-width characters are the same (NFKC)."""
    return _hasher.hash(unicodedata.normalize("NFKC", password))


def verified(user: User | None, password: str, now: datetime | None = None) -> bool:
    """Tell whether the password is this account's and opens it (at ``now``); takes as long where there is no account."""
    try:
        _hasher.verify(user.password if user else _NOBODY, unicodedata.normalize("NFKC", password))
    except (VerificationError, InvalidHashError):
        return False
    if user is None or user.disabled_at is not None:
        return False
    return now is None or user.password_until is None or stamp(now) < user.password_until


def set_password(db: Database, number: int, password: str, *, must_change: bool = False, now: datetime | None = None) -> None:
    """Give an account a password; one that must be changed works for ``FIRST_PASSWORD_LASTS`` from ``now``."""
    values = {
        "number": number, "password": hashed_password(password), "must_change": int(must_change),
        "until": stamp(now + FIRST_PASSWORD_LASTS) if must_change and now else None,
    }  # fmt: skip
    db.execute(
        "update users set password = :password, must_change = :must_change, password_until = :until where number = :number",
        values,
    )


def log_in(db: Database, number: int, now: datetime, *, browser: str | None = None, second_step: bool = False) -> str:
    """Open a login and return its token, which is kept only as a hash; with ``second_step`` it opens nothing yet."""
    token = secrets.token_urlsafe(32)
    values = {"token": _hashed(token), "person": number, "opened_at": stamp(now), "seen_at": stamp(now), "browser": browser}
    insert(db, "logins", values | {"stage": "code" if second_step else "open"})
    db.execute("delete from logins where opened_at < :longest", {"longest": stamp(now - LONGEST)})
    return token


def of_token(db: Database, token: str, now: datetime) -> User | None:
    """Return whose login this is; None for one that ended."""
    values = {"token": _hashed(token), "idle": stamp(now - IDLE), "longest": stamp(now - LONGEST)}
    return _whose(db, "stage = 'open' and seen_at >= :idle and opened_at >= :longest", values)


def at_second_step(db: Database, token: str, now: datetime) -> User | None:
    """Return whose login waits here for its second step."""
    values = {"token": _hashed(token), "since": stamp(now - STEP_LASTS)}
    return _whose(db, "stage = 'code' and opened_at >= :since", values)


def is_stale(db: Database, token: str, now: datetime) -> bool:
    """Tell whether it is time to note that a login is in use: at most once a minute, for that is a write."""
    row = first(db, "select seen_at from logins where token = :token", {"token": _hashed(token)})
    return row is not None and now - moment(row["seen_at"]) > timedelta(minutes=1)


def seen(db: Database, token: str, now: datetime) -> None:
    """Note that the login is in use."""
    if is_stale(db, token, now):
        db.execute("update logins set seen_at = :now where token = :token", {"token": _hashed(token), "now": stamp(now)})


def logins(db: Database, number: int, now: datetime) -> list[Login]:
    """Return the logins of an account that are open, the last one first."""
    sql = (
        f"select {_KEY} as key, opened_at, seen_at, browser from logins where person = :number and stage = 'open'"
        " and seen_at >= :idle and opened_at >= :longest order by opened_at desc"
    )
    values = {"number": number, "idle": stamp(now - IDLE), "longest": stamp(now - LONGEST)}
    return [Login(**row) for row in db.query(sql, values)]


def key_of(token: str) -> str:
    """Return the key that names this login on a page."""
    return _hashed(token)[:16]


def log_out(db: Database, token: str) -> None:
    """End a login."""
    db.execute("delete from logins where token = :token", {"token": _hashed(token)})


def log_out_one(db: Database, number: int, key: str) -> bool:
    """End one login of an account by its key; tell whether there was one."""
    values = {"number": number, "key": key}
    return bool(db.execute(f"delete from logins where person = :number and {_KEY} = :key", values).rowcount)


def log_out_everywhere(db: Database, number: int, *, but: str = "") -> int:
    """End every login of an account, except that of the token ``but``; return how many."""
    values = {"number": number, "but": _hashed(but)}
    ended: int = db.execute("delete from logins where person = :number and token <> :but", values).rowcount
    return ended


def disable(db: Database, number: int, now: datetime) -> None:
    """End an account: it cannot log in; its name stays with what it did."""
    db.execute("update users set disabled_at = :now where number = :number", {"number": number, "now": stamp(now)})
    log_out_everywhere(db, number)


def enable(db: Database, number: int) -> None:
    """Let an account log in again."""
    db.execute("update users set disabled_at = null where number = :number", {"number": number})


def _whose(db: Database, where: str, values: dict[str, str]) -> User | None:
    row = first(db, f"select person from logins where token = :token and {where}", values)
    user = get(db, row["person"]) if row else None
    return None if user is None or user.disabled_at else user


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _user(row: dict[str, Any] | None) -> User | None:
    return User(**row | {"must_change": bool(row["must_change"])}) if row else None
