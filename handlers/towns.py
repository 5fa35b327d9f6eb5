"""The towns of this process: which there are, by a look into the registry every two seconds, and what they need done."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bot.faq.edit import shared
from bot.faq.writer import write_all
from bot.ledger import towns
from bot.ledger.store import StoreError
from bot.ledger.towns import REMOVED, Mark, Town, TownError
from bot.matching import memory
from handlers import daily, towns_build, towns_watch
from handlers.services import Services

logger = logging.getLogger(__name__)

EVERY_SECONDS, LEDGER_SECONDS, DAILY_SECONDS, AGAIN_SECONDS = 2.0, 1.0, 60.0, 30.0
"""How often the registry is looked at, the ledgers looked after, the daily work sought, and what failed is tried again."""

PATIENCE = 3.0
"""How long a message waits for a town whose knowledge is being read; WeChat waits for five seconds."""

COPY = ".registry.json"
"""The registry as it was last seen, still sealed: with it a machine starts while the county's ledger is away."""


class Towns:
    """The towns by slug. Safe to share between threads."""

    def __init__(self, base: Services) -> None:
        self._base = base
        self._here: dict[str, Services] = {}
        self._marks: dict[str, Mark] = {}
        self._problems: dict[str, str] = {}
        self._leaving: list[Services] = []
        self._looking = threading.Lock()
        self._reading = threading.Condition()
        self._waiting: list[str] = []
        self._patient = threading.BoundedSemaphore(max(1, base.settings.threads // 4))
        self.generation = 0

    def find(self, slug: str) -> Services | None:
        """Return the town, where there is one that was not removed and can be served."""
        return self._here.get(slug)

    def all(self) -> list[Services]:
        """Return the towns that are served or paused."""
        return list(self._here.values())

    @property
    def problems(self) -> dict[str, str]:
        """What keeps towns from being served, by slug."""
        return dict(self._problems)

    def wait(self, town: Services) -> bool:
        """Wait a little for a town's knowledge, and have it read next; tell whether it is there.

        Few wait at once: the others' messages need threads, too.
        """
        if town.ready.is_set():
            return True
        with self._reading:
            if town.town and town.town.slug in self._waiting:
                self._waiting.remove(town.town.slug)
                self._waiting.insert(0, town.town.slug)
        if not self._patient.acquire(blocking=False):
            return False
        try:
            return town.ready.wait(PATIENCE)
        finally:
            self._patient.release()

    def look(self) -> None:
        """Bring what is served up to date with the registry. Raises nothing."""
        with self._looking:
            self._look()

    def _look(self) -> None:
        gone, self._leaving = self._leaving, []
        for town in gone:  # whatever was under way is over
            town.store.close()
        try:
            with self._base.store.reading() as db:
                marks = dict(towns.marks(db))
                if marks == self._marks:
                    return
                rows = towns.everybody(db)
        except StoreError as e:
            if self._marks or not (rows := self._copied()):
                return
            logger.error("县里的台账读不了（%s），各镇先照上次的名单服务", e)
            marks = {}
        else:
            self._copy(rows)
        here = {town.slug: made for town in rows if town.state != REMOVED and (made := self._made(town, marks))}
        new = [slug for slug, made in here.items() if made is not self._here.get(slug)]
        self._leaving += [old for slug, old in self._here.items() if slug not in here or here[slug].store is not old.store]
        for old in self._leaving:
            old.stop.set()
        self._problems = {slug: why for slug, why in self._problems.items() if slug in {row.slug for row in rows}}
        if new or here.keys() != self._here.keys():
            self.generation += 1
        self._here = here
        self._marks = {slug: mark for slug, mark in marks.items() if slug not in self._problems}
        memory.make_room(1 + len(here))
        for slug in new:  # not before they are among those that are here
            self._again(slug)

    def start(self) -> None:
        """Begin to follow the registry, and to do for each town what it needs."""
        self.look()
        stop = self._base.stop
        for name, work in (
            ("towns", lambda: self._every(EVERY_SECONDS, self.look)),
            ("reading", self._read),
            ("folders", lambda: towns_watch.follow(self, stop)),
            ("shared", lambda: self._every(EVERY_SECONDS, self._each(self._follow_shared))),
            ("ledgers", lambda: self._every(LEDGER_SECONDS, self._each(_look_after))),
            ("days", lambda: self._every(DAILY_SECONDS, self._each(daily.delete_what_is_due))),
        ):
            threading.Thread(target=work, name=name, daemon=True).start()

    def _made(self, town: Town, marks: dict[str, Mark]) -> Services | None:
        """Return the services of a row: as they are, changed, or new; None with a note where that cannot be."""
        old = self._here.get(town.slug)
        if old and old.town and old.town == town:
            return old
        try:
            if old and old.town and old.town.added_at == town.added_at:
                made = towns_build.changed(old, self._base, town)
            else:
                made = towns_build.opened(self._base, town)
        except (TownError, StoreError, OSError) as e:
            if self._problems.get(town.slug) != str(e):
                logger.error("%s（%s）不能服务：%s", town.name, town.slug, e)
            self._problems[town.slug] = str(e)
            return old
        self._problems.pop(town.slug, None)
        return made

    def _read(self) -> None:
        """Read the knowledge of one town after the other, whichever is wanted first; the server answers meanwhile."""
        stop = self._base.stop
        while not stop.is_set():
            with self._reading:
                if not self._waiting:
                    self._reading.wait(1.0)
                    continue
                slug = self._waiting.pop(0)
            town = self._here.get(slug)
            if town is None:
                continue
            try:
                towns_build.read(town, self._base)
            except Exception:
                logger.exception("%s 的知识库读不了，过一会儿再试", slug)
                threading.Timer(AGAIN_SECONDS, self._again, [slug]).start()

    def _again(self, slug: str) -> None:
        with self._reading:
            if slug not in self._waiting:
                self._waiting.append(slug)
            self._reading.notify()

    def _every(self, seconds: float, work: Callable[[], None]) -> None:
        while not self._base.stop.wait(seconds):
            try:
                work()
            except Exception:
                logger.exception("各镇的后台工作出错了，稍后再做")

    def _each(self, work: Callable[[Services], None]) -> Callable[[], None]:
        def run() -> None:
            for town in self.all():
                try:
                    work(town)
                except Exception:  # one town's locked or full disk is not another's
                    logger.exception("%s 的后台工作没有做成，稍后再做", town.settings.slug)

        return run

    def _follow_shared(self, town: Services) -> None:
        """Bring what changed in the shared entries into a town."""
        if town.ready.is_set():
            shared.adopt(self._base.settings.knowledge_dir, town.settings.knowledge_dir, now=town.clock())

    def _copy(self, rows: list[Town]) -> None:
        path = self._path()
        if not rows and not path.exists():
            return
        try:
            write_all({path: json.dumps([asdict(row) for row in rows], ensure_ascii=False)})
        except OSError as e:
            logger.warning("各镇的名单没能另存一份：%s", e)

    def _copied(self) -> list[Town]:
        try:
            return [Town(**row) for row in json.loads(self._path().read_text("utf-8"))]
        except (OSError, ValueError, TypeError):
            return []

    def _path(self) -> Path:
        return self._base.settings.towns_dir / COPY


def _look_after(town: Services) -> None:
    town.standby.recover(town.store)
