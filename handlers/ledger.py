"""The ledger of a running server: opened, or done without; looked after every second; rows that waited are taken in."""

import logging
import threading

from bot.ledger import keycheck
from bot.ledger.spool import Spool, spool_folder
from bot.ledger.standby import Standby, write_something
from bot.ledger.store import Store, StoreError
from bot.ledger.towns import ledger_of
from bot.settings import Settings
from handlers.services import Services, utc_now

logger = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
"""How often it is looked whether the ledger is back, and whether it is still where it was."""

KEY_CHANGED = (
    "W10 PSEUDONYM_KEY 和记这本台账时用的不是同一个：老用户认不出来，他们的村子、编号、撤回的同意都对不上。"
    "把原来的密钥找回来（instance/secrets.env 或 .env 的备份）再启动；"
    "真找不回来，运行 python -m bot doctor --new-key 认下新的。"
)


def opened(settings: Settings) -> tuple[Store, Standby]:
    """Open the ledger; where that fails, rows wait in the spool. Raises StoreError where that cannot be written either."""
    store = ledger_of(settings, later=True)
    standby = Standby(Spool(spool_folder(settings.spool_dir, store.path)))
    if not store.opened:
        _must_wait_elsewhere(standby, store, store.problem)
        standby.failed(StoreError(store.problem), reading=True)
    else:
        try:
            write_something(store)
        except StoreError as e:
            _must_wait_elsewhere(standby, store, str(e))
            standby.failed(e)
    standby.check(store, now=True)
    return store, standby


def _must_wait_elsewhere(standby: Standby, store: Store, problem: str) -> None:
    try:
        standby.spool.probe()
    except OSError as e:
        store.close()
        raise StoreError(f"{problem}；存记录的 {standby.spool.folder} 也写不了：{e.strerror}") from e


def problems(settings: Settings) -> list[str]:
    """Return what is to be said of the ledger before the server starts. Raises StoreError where it may not start."""
    store, standby = opened(settings)
    try:
        if standby.trouble:
            return [
                f"W20 台账用不了：{standby.trouble}。先这样运行：群众照样得到答案，记录存在 {standby.spool.folder}，"
                "台账好了自动补进去；找人、后台、报表现在用不了。运行 python -m bot doctor 看怎么修。"
            ]
        try:
            return [] if keycheck.fits(store, utc_now()) else [KEY_CHANGED]
        except StoreError as e:
            return [f"W20 台账写不了：{e}。运行 python -m bot doctor 看怎么修。"]
    finally:
        store.close()


def follow(services: Services) -> None:
    """Look after the ledger until ``services.stop`` is set, and once more then."""
    while not services.stop.wait(EVERY_SECONDS):
        services.standby.recover(services.store)


def start(services: Services) -> None:
    """Look after the ledger on the side."""
    threading.Thread(target=follow, args=(services,), name="ledger", daemon=True).start()
