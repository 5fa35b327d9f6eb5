r"""Texts of the knowledge folder as the program writes them: UTF-8 without a mark, each line ended by \n alone."""

import hashlib
from pathlib import Path

_FORBIDDEN = set('<>:"|?*\\')
"""What Windows has in no file name."""


class Refused(ValueError):
    """A path that is not a file of the knowledge folder; the message says so in Chinese."""


def name_of(folder: Path, path: Path | str) -> str:
    """Return how a file is named in the folder, ``faq/类别/编号.md``. Raises Refused for any that is not in it, or hidden."""
    path = Path(path)
    try:
        inside = path.relative_to(folder)
    except ValueError:
        inside = path
    if not inside.parts or inside.is_absolute() or inside.drive or not all(map(is_name, inside.parts)):
        raise Refused(f"「{path.name}」不是知识库里的文件名。")
    if not (folder / inside).parent.resolve().is_relative_to(folder.resolve()):
        raise Refused(f"「{path.name}」不在知识库文件夹里。")
    return inside.as_posix()


def is_name(part: str) -> bool:
    """Tell whether a file or folder may be named so on every system, and is neither hidden nor an editor's draft."""
    return (
        part == part.strip(" ")
        and part.isprintable()
        and not part.startswith((".", "~"))
        and not part.endswith(".")
        and not _FORBIDDEN & set(part)
        and "/" not in part
        and 0 < len(part.encode("utf-8", "replace")) <= 240
    )


def plain(text: str) -> str:
    """Return a text as it is written."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode()


def text_of(raw: bytes) -> str:
    """Return the text of a file; what Chinese Windows wrote in its own encoding is understood too."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return plain(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return plain(raw.decode("utf-8", "replace"))


def read(path: Path) -> str | None:
    """Return what a file holds now; None where it is not there. Raises OSError."""
    raw = read_bytes(path)
    return None if raw is None else text_of(raw)


def read_bytes(path: Path) -> bytes | None:
    """Return the bytes of a file; None where it is not there. Raises OSError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def digest(text: str) -> str:
    """Return the SHA-256 of a text, by which an editor remembers what it began with, in hexadecimal digits."""
    return hashlib.sha256(plain(text).encode()).hexdigest()
