"""An adviser's answer that is good for everybody becomes the draft of an entry, which a lawyer then completes and signs."""

import logging
from datetime import datetime
from pathlib import Path

from bot.faq.edit import history
from bot.faq.edit.drafting import draft_files
from bot.faq.reader import entry_files
from bot.faq.writer import stub
from bot.ledger.clock import local_day

logger = logging.getLogger(__name__)

ELSEWHERE = "行政与办事"
"""Where the draft of a question goes that came near no entry."""

WAIT_SECONDS = 1.0
"""How long others may be saving meanwhile: WeChat waits five seconds for the reply."""


def draft(folder: Path, id_: str, category: str | None, question: str, answer: str, author: str, *, now: datetime) -> str:
    """Write the draft, unless there is one with this id, and return its path in the knowledge folder. Raises OSError."""
    for path in (*entry_files(folder), *draft_files(folder)):
        if path.stem == id_:
            return path.relative_to(folder).as_posix()
    path = folder / "faq" / (category or ELSEWHERE) / f"{id_}.md"
    text = stub(id_, question, local_day(now), answer=answer, author=author)
    try:
        history.save(
            folder,
            {path: text},
            author=author,
            why=f"入库：{id_}",
            now=now,
            expected={path: None},
            wait=WAIT_SECONDS,
            later=True,
        )
    except history.NotRecorded as e:
        logger.warning("%s", e)
    except history.HistoryError as e:
        raise OSError(str(e)) from e
    return path.relative_to(folder).as_posix()
