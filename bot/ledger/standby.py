"""What a process does while the ledger fails: it remembers that it did, keeps rows in the spool, and takes them in later."""

import logging
import threading
import time

from bot.ledger.folding import fold
from bot.ledger.spool import Kept, Spool
from bot.ledger.store import Store, StoreError
from bot.ledger.villagers import Stale
from bot.message import Reply

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 60.0
"""How often the log says what is still wrong."""

CHECKED_AT_ONCE = 50_000_000
"""Up to so many bytes a ledger is checked before it is used, else while it is."""

_DAMAGE = ("malformed", "not a database", "corrupt")


class Standby:
    """Whether the ledger can be read and written, as far as this process has seen. Safe to share between threads."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.reads = self.writes = True
        self.damage = ""
        self._why = ""
        self._checked = False
        self._said: dict[str, float] = {}
        self._recovering = threading.Lock()

    @property
    def trouble(self) -> str:
        """What is wrong with the ledger, '' for nothing."""
        return self._why if not (self.reads and self.writes) else ""

    def failed(self, error: Exception, *, reading: bool = False) -> None:
        """Note that the ledger could not be written, or not even be read; it is not asked again before ``recover``."""
        self._why = str(error)
        self.writes = False
        if reading:
            self.reads = False
        if any(word in self._why for word in _DAMAGE):
            self.damage = self._why
        self._say("ledger", "台账用不了，群众照样得到答案，记录先存在 %s，好了自动补进台账：%s", self.spool.folder, self._why)

    def keep(self, kept: Kept) -> Reply:
        """Keep a row until the ledger is back; return the reply that its message got first."""
        try:
            return self.spool.add(kept)
        except OSError as e:
            self._say("spool", "台账和 %s 都写不了（%s），记录只在内存里，停掉程序就没了。马上腾出磁盘空间、检查文件夹能不能写",
                      self.spool.folder, e)  # fmt: skip
            return kept.turn.reply

    def check(self, store: Store, *, now: bool = False) -> None:
        """Look once whether the ledger's file is sound; a large one only when it is called without ``now``."""
        if self._checked or not store.opened or not store.is_file:
            return
        try:
            if now and store.path.stat().st_size > CHECKED_AT_ONCE:
                return
            self._checked = True
            if fault := fault_of(store):
                self.failed(StoreError(f"database disk image is malformed: {fault}"), reading=True)
        except (StoreError, OSError) as e:
            self.failed(e, reading=True)

    def recover(self, store: Store) -> int:
        """See whether the ledger is back, and take in what waits; return how many rows that were. Raises nothing."""
        with self._recovering:
            try:
                return self._recover(store)
            except (StoreError, OSError) as e:
                self.failed(e)
                return 0

    def _recover(self, store: Store) -> int:
        if done := store.find_again():
            logger.error("%s", done)
            store.open()
        if not store.opened:
            store.open()
        self.check(store)
        if self.damage:
            if fault := fault_of(store):
                raise StoreError(f"database disk image is malformed: {fault}")
            self.damage = ""
        down = self.trouble
        if not down and self.spool.is_empty:
            return 0
        write_something(store)
        number = self.spool.drain(lambda kept: self._took(store, kept))
        self.reads = self.writes = True
        if number:
            logger.warning("补记了 %d 条存着的记录", number)
        if down:
            self._said.clear()
            logger.warning("台账好了")
        return number

    def _took(self, store: Store, kept: Kept) -> bool:
        for _ in range(3):
            try:
                with store.writing(kept.who) as db:
                    fold(db, kept)
                time.sleep(0.001)  # whoever waits to write polls, and must find the door open
                return True
            except Stale:
                continue
            except StoreError as e:
                if not _is_for_this_row(e):
                    raise
                problem: Exception = e
            except Exception as e:  # a row that another version wrote
                problem = e
            logger.error("一条存着的记录记不进台账，放在 %s 里的 .bad 文件", self.spool.folder, exc_info=problem)
            return False
        raise StoreError("同一个人正在写，稍后再补记")

    def _say(self, about: str, message: str, *values: object) -> None:
        now = time.monotonic()
        if now - self._said.get(about, -AGAIN_SECONDS) >= AGAIN_SECONDS:
            self._said[about] = now
            logger.error(message, *values)


def _is_for_this_row(error: StoreError) -> bool:
    """Tell whether the database refuses this row. To try another write proves nothing: a smaller one finds room longer."""
    kinds = {kind.__name__ for kind in type(error.__cause__).__mro__}
    return bool(kinds & {"IntegrityError", "DataError", "ProgrammingError", "InterfaceError"})


def write_something(store: Store) -> None:
    """Write what is there already: on a disk that is full or read-only, a transaction that changes nothing succeeds.

    Raises StoreError.
    """
    with store.writing("probe") as db:  # about no villager, and with the patience of a message
        db.execute("update migrations set name = name where number = 1")


def fault_of(store: Store) -> str:
    """Return what a quick check finds in the ledger's file, '' for nothing. Raises StoreError."""
    if not store.is_file:
        return ""
    found = [row["quick_check"] for row in store.query("pragma quick_check(1)", {})]
    return "" if found == ["ok"] else str(found[:1])
