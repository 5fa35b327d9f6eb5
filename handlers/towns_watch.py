"""The knowledge folders of all towns, watched by one thread: a town each would use up what the system lends of watches."""

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import DefaultFilter, watch

from bot.faq.library import Library

if TYPE_CHECKING:
    from handlers.towns import Towns

logger = logging.getLogger(__name__)


class _Until:
    """Set once the server stops, or other towns are served or have been read."""

    def __init__(self, towns: "Towns", stop: threading.Event) -> None:
        self._towns, self._stop, self._began = towns, stop, self._now(towns)

    @staticmethod
    def _now(towns: "Towns") -> tuple[int, int]:
        return towns.generation, sum(town.ready.is_set() for town in towns.all())

    def is_set(self) -> bool:
        """Tell whether it is time to end."""
        return self._stop.is_set() or self._now(self._towns) != self._began


def follow(towns: "Towns", stop: threading.Event) -> None:
    """Refresh a town's library whenever a file of its folder changes, until ``stop`` is set."""
    while not stop.is_set():
        until = _Until(towns, stop)
        read = [town for town in towns.all() if town.ready.is_set() and town.library.folder.is_dir()]
        if len(read) < len(towns.all()) or not read:
            stop.wait(1.0)
        libraries = {town.library.folder.resolve(): town.library for town in read}
        if not libraries:
            continue
        try:
            for changes in watch(
                *libraries,
                watch_filter=DefaultFilter(),
                stop_event=until,
                debounce=200,
                step=50,
                rust_timeout=5000,
                yield_on_timeout=True,
            ):
                paths = [Path(path) for _, path in changes]
                for folder, library in libraries.items():
                    if any(_is_knowledge(path, folder) for path in paths) or (not changes and library.has_changed()):
                        _renew(library)
        except Exception:  # a folder that is gone, a full system table: try again, and go on serving
            logger.exception("看不了各镇知识库目录的变化，稍后再试")
            for library in libraries.values():
                library.refresh()
            stop.wait(2)


def _is_knowledge(path: Path, folder: Path) -> bool:
    """Tell whether a path lies in the folder and is not hidden: the history and drafts are no knowledge."""
    return path.is_relative_to(folder) and not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _renew(library: Library) -> None:
    library.refresh()
    # On the side: the next edit must not wait for what this one taught.
    threading.Thread(target=library.settle, name="learning", daemon=True).start()
