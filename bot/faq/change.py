"""A change of the knowledge folder, and what may go wrong with saving one."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

BY_HAND = "手工修改"
"""Who and why of what was changed in the folder itself."""

AT_ONCE = "两处同时修改"
"""Who took a file back that another machine had changed before."""


class HistoryError(Exception):
    """Something with the history went wrong; the message says what, whether the files are saved, and what to do."""


class Busy(HistoryError):
    """Somebody else has been saving for long; nothing was written."""


class NotWritten(HistoryError):
    """A file could not be written; each is as it was, or whole and new."""


class NotRecorded(HistoryError):
    """The files are saved, but the history could not take them in."""


class Unpublished(NotRecorded):
    """The files are saved and recorded here; the other machines get them when the database can be reached again."""


class Changed(HistoryError):
    """A file is not what one started from any more; nothing was written. now_text: what it holds; None: it is gone."""

    def __init__(self, path: Path, now_text: str | None) -> None:
        super().__init__(f"{path.name} 刚刚被别人改过，这次没有保存。请看看别人改了什么，合在一起再保存。")
        self.path, self.now_text = path, now_text


@dataclass(frozen=True)
class Change:
    """One change: its id, who, when (aware), why, and the files (as in ``faq/类别/编号.md``) in alphabetical order."""

    id: str
    author: str
    at: datetime
    why: str
    paths: tuple[str, ...]

    @property
    def by_hand(self) -> bool:
        """Tell whether it was made in the folder and not through the program."""
        return self.author == BY_HAND
