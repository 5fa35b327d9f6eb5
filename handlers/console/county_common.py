"""What the county's pages share: only the installation itself has them, and only once there are towns or for who adds them."""

from dataclasses import dataclass

from flask import abort

from bot.ledger import towns
from bot.ledger.store import Store, StoreError, first
from bot.ledger.towns import Town, TownError
from handlers.services import Services, services
from handlers.towns import Towns


def in_the_office() -> None:
    """404 below a town's address: no town has pages about the others."""
    if services().town is not None:
        abort(404)


def everything() -> Towns:
    """Return the towns of this process."""
    found = services().towns
    if found is None:
        abort(404)
    return found


@dataclass(frozen=True)
class Shown:
    """A town in the list: how it is, and nothing of what is in it. last: the day of its last message."""

    town: Town
    mode: str
    entries: int | None
    findings: int | None
    last: str
    problem: str


def listed() -> list[Shown]:
    """Return all towns with how they are."""
    with services().store.reading() as db:
        return [_shown(town, everything().find(town.slug)) for town in towns.everybody(db)]


def find(slug: str) -> Town:
    """Return a town; 404 where there is none."""
    try:
        with services().store.reading() as db:
            return towns.get(db, slug)
    except TownError:
        abort(404)


def stores() -> dict[str, Store]:
    """Return the ledgers of towns that this process has open."""
    return {town.settings.slug: town.store for town in everything().all()}


def _shown(town: Town, here: Services | None) -> Shown:
    problem = everything().problems.get(town.slug, "")
    mode = ""
    try:
        keys = towns.unseal(town, services().settings.secret_key)
        mode = keys.wechat_mode or ("safe" if keys.wechat_aes_key else "plain")
    except TownError as e:
        problem = problem or str(e)
    if here is None:
        return Shown(town, mode, None, None, "", problem)
    served = here.library.current
    ready = here.ready.is_set()
    return Shown(
        town, mode, len(served.entries) if ready else None, len(served.findings) if ready else None, _last(here.store),
        problem or here.standby.trouble or ("" if ready else "正在启动"),
    )  # fmt: skip


def _last(store: Store) -> str:
    try:
        with store.reading() as db:
            row = first(db, "select max(day) as day from turns", {})
    except StoreError:
        return "读不到"
    return str(row["day"]) if row and row["day"] else "还没有"
