"""An adviser's answer that is good for everybody becomes the draft of an entry, which a lawyer then completes and signs."""

from datetime import date
from pathlib import Path

from bot.faq.reader import entry_files
from bot.faq.writer import stub, write_all

ELSEWHERE = "行政与办事"
"""Where the draft of a question goes that came near no entry."""


def draft(folder: Path, id_: str, category: str | None, question: str, answer: str, author: str, *, today: date) -> str:
    """Write the draft, unless there is one with this id, and return its path in the knowledge folder. Raises OSError."""
    for path in entry_files(folder):
        if path.stem == id_:
            return path.relative_to(folder).as_posix()
    path = folder / "faq" / (category or ELSEWHERE) / f"{id_}.md"
    write_all({path: stub(id_, question, today, answer=answer, author=author)})
    return path.relative_to(folder).as_posix()
