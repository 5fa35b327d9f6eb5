"""The second step of a login: a code from a telephone (TOTP, RFC 6238), or a recovery code that was written down."""

import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime

import pyotp

from bot.ledger.access.users import User
from bot.ledger.database import Database
from bot.ledger.store import insert

SECONDS = 30
"""How long a step lasts."""

CODES = 8
"""How many recovery codes somebody gets."""

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are mistaken for each other; 16 of them are 80 bits, so that a plain hash keeps them."""


def new_secret() -> str:
    """Return a secret of 160 bits, in base32."""
    return pyotp.random_base32()


def address(secret: str, *, name: str, issuer: str) -> str:
    """Return the ``otpauth:`` address that a telephone reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """Return which step this code is of: the present one or a neighbour, for clocks differ; None where it is of none."""
    code = _bare(typed)
    present, found = int(now.timestamp()) // SECONDS, None
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), code.encode()):
            found = step
    return found


def bind(db: Database, number: int, secret: str, step: int) -> list[str]:
    """Give an account a secret whose code of ``step`` was just typed; return new recovery codes, to be shown once."""
    values = {"number": number, "secret": secret, "step": step}
    db.execute("update users set secret = :secret, step = :step where number = :number", values)
    return new_codes(db, number)


def unbind(db: Database, number: int) -> None:
    """Part an account from its telephone and its recovery codes."""
    db.execute("update users set secret = null, step = null where number = :number", {"number": number})
    db.execute("delete from recovery_codes where person = :number", {"number": number})


def new_codes(db: Database, number: int) -> list[str]:
    """Give an account new recovery codes in place of the old ones; they are kept as hashes, and each works once."""
    db.execute("delete from recovery_codes where person = :number", {"number": number})
    codes = ["-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)) for _ in range(CODES)]
    for code in codes:
        insert(db, "recovery_codes", {"person": number, "code": _hashed(code)})
    return codes


def codes_left(db: Database, number: int) -> int:
    """Return how many recovery codes an account has."""
    sql = "select count(*) from recovery_codes where person = :number"
    left: int = db.execute(sql, {"number": number}).fetchone()[0]
    return left


def use(db: Database, user: User, typed: str, now: datetime) -> str | None:
    """Take a code: ``"totp"``, ``"recovery"``, or None where it is wrong. No step and no recovery code works twice."""
    if user.secret is None:
        return None
    step = step_of(user.secret, typed, now)
    if step is not None:
        sql = "update users set step = :step where number = :number and (step is null or step < :step)"
        return "totp" if db.execute(sql, {"step": step, "number": user.number}).rowcount else None
    values = {"number": user.number, "code": _hashed(typed)}
    used = db.execute("delete from recovery_codes where person = :number and code = :code", values).rowcount
    return "recovery" if used else None


def _bare(typed: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())


def _hashed(code: str) -> str:
    return hashlib.sha256(_bare(code).encode()).hexdigest()
