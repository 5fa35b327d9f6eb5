"""What an administrator does with accounts, in the console or on the command line; each act stands in the security log."""

import re
from datetime import datetime

from bot.ledger import advisers
from bot.ledger.access import audit, second, users
from bot.ledger.access.passwords import first_password
from bot.ledger.access.users import ADMIN, JUSTICE, LAWYER, MINDER, Role, User
from bot.ledger.database import Database

ANSWERING = (JUSTICE, LAWYER, MINDER)
"""Who answers villagers: their account is joined to one of the advisers."""

_NAME = re.compile(r"[\w.\-]{2,20}")


class Refused(Exception):
    """It cannot be done; the message says why and what to do, in Chinese."""


def village_for(role: str, village: str | None) -> str | None:
    """Return the village that an account of this role keeps. Raises Refused for a 法律明白人 without one."""
    if role == MINDER and not village:
        raise Refused("法律明白人要写是哪个村的。")
    return village if role in {MINDER, LAWYER} else None


def create(db: Database, *, name: str, shown: str, role: Role, village: str | None, by: str, now: datetime) -> tuple[User, str]:
    """Add an account and return it with its first password. Raises Refused."""
    name, shown = users.plain_name(name), shown.strip() or users.plain_name(name)
    if not _NAME.fullmatch(name):
        raise Refused("登录名是2到20个汉字、字母或数字，中间不能有空格。")
    if users.find(db, name):
        raise Refused(f"登录名「{name}」已经有人用了，换一个，比如在后面加村名或数字。")
    village, password = village_for(role, village), first_password()
    adviser = _join(db, shown, role, village, None)
    added = users.add(db, name=name, shown=shown, role=role, village=village, password=password, adviser=adviser, now=now)
    audit.note(db, who=by, what="登记账号", about=described(added), now=now)
    return added, password


def change(
    db: Database, number: int, *, shown: str, role: Role, village: str | None, by: str, own: int | None, now: datetime
) -> User:
    """Change what somebody is called and may do; ``own``: the number of who does it. Raises Refused."""
    before, village = users.get(db, number), village_for(role, village)
    if role != before.role and number == own:
        raise Refused("自己的角色自己不能改，请另一位管理员来改。")
    if role != ADMIN:
        _keep_an_admin(db, before)
    shown = shown.strip() or before.shown
    if role == before.role and before.adviser:
        adviser: int | None = before.adviser
        db.execute(
            "update advisers set name = :shown, village = :village where number = :number",
            {"shown": shown, "village": village, "number": adviser},
        )
    else:
        adviser = _join(db, shown, role, village, number)
    values = {"number": number, "shown": shown, "role": role, "village": village, "adviser": adviser}
    db.execute(
        "update users set shown = :shown, role = :role, village = :village, adviser = :adviser where number = :number", values
    )
    after = users.get(db, number)
    if described(after) != described(before):
        audit.note(db, who=by, what="改账号", about=f"{described(before)} → {described(after)}", now=now)
    return after


def reset(db: Database, number: int, *, by: str, own: int | None = None, now: datetime) -> str:
    """Give somebody a first password again, take their second step off and end their logins. Raises Refused."""
    user = users.get(db, number)
    if number == own:
        raise Refused("自己的密码在「我的账号」里改。")
    password = first_password()
    users.set_password(db, number, password, must_change=True, now=now)
    second.unbind(db, number)
    users.log_out_everywhere(db, number)
    audit.note(db, who=by, what="重置密码", about=described(user), now=now)
    return password


def disable(db: Database, number: int, *, by: str, own: int | None = None, now: datetime) -> None:
    """End an account at once. Raises Refused for the last 管理员 and for the own account."""
    user = users.get(db, number)
    if number == own:
        raise Refused("不能停用自己，请另一位管理员来做。")
    _keep_an_admin(db, user)
    if user.disabled_at is None:
        users.disable(db, number, now)
        audit.note(db, who=by, what="停用账号", about=described(user), now=now)


def enable(db: Database, number: int, *, by: str, now: datetime) -> None:
    """Let an account log in again, with the password that it had."""
    user = users.get(db, number)
    if user.disabled_at is not None:
        users.enable(db, number)
        audit.note(db, who=by, what="启用账号", about=described(user), now=now)


def end_logins(db: Database, number: int, *, by: str, now: datetime) -> int:
    """End every login of an account; return how many there were."""
    ended = users.log_out_everywhere(db, number)
    audit.note(db, who=by, what="让账号退出", about=described(users.get(db, number)), now=now)
    return ended


def described(user: User) -> str:
    """Return who an account is, for the log."""
    return f"{user.name}（{user.shown}，{user.role}{'，' + user.village if user.village else ''}）"


def _keep_an_admin(db: Database, user: User) -> None:
    active = [u.number for u in users.everybody(db) if u.role == ADMIN and u.disabled_at is None]
    if active == [user.number]:
        raise Refused("这是最后一位管理员：先登记另一位，再来改这一位。")


def _join(db: Database, shown: str, role: str, village: str | None, number: int | None) -> int | None:
    """Return which adviser an account of this role is: one of that name and role who has no account, else a new one."""
    if role not in ANSWERING:
        return None
    taken = {u.adviser for u in users.everybody(db) if u.disabled_at is None and u.number != number}
    for person in advisers.everybody(db):
        of_village = role != MINDER or person.village == village
        if (person.name, person.role) == (shown, role) and person.number not in taken and of_village:
            return person.number
    return advisers.add(db, name=shown, role=role, village=village).number  # type: ignore[arg-type]
