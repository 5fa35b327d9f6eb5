"""Pictures of QR codes: only WeChat can make those of an account, so somebody uploads them; each is checked and drawn anew."""

import base64
import hashlib
import io
import warnings
from collections.abc import Mapping
from datetime import datetime

import segno
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.store import first, insert

ACCOUNT = ""
"""The place of the account's own code; any other place is a village, whose scene the code carries."""

MOST_BYTES = 4 * 1024 * 1024
LEAST_SIDE, MOST_SIDE, KEPT_SIDE = 240, 6000, 1000
"""Pixels: WeChat's smallest code has 258; a larger picture than 6000 is no code; larger than 1000 sharpens nothing on paper."""

_FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "GIF")


class UnfitPicture(ValueError):
    """A file that is no usable picture of a code; the message says what to do."""


def redrawn(raw: bytes) -> bytes:
    """Return a picture of a code as a PNG of its own: upright, on white, without anything else that the file held.

    Raises UnfitPicture.
    """
    if len(raw) > MOST_BYTES:
        raise UnfitPicture(f"图片太大，最多 {MOST_BYTES // 1024 // 1024} MB。在公众号后台下载二维码，选小一点的尺寸。")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = Image.open(io.BytesIO(raw), formats=_FORMATS)
            _check_size(*opened.size)
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except UnfitPicture:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as e:
        raise UnfitPicture("这不是能用的图片。请用公众号后台下载的二维码（PNG 或 JPG）。") from e
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    flat = white.convert("RGB")
    flat.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    made = io.BytesIO()
    flat.quantize(64).save(made, "PNG", optimize=True)
    return made.getvalue()


def _check_size(wide: int, high: int) -> None:
    if min(wide, high) < LEAST_SIDE:
        raise UnfitPicture(f"图片太小（{wide}×{high}），印出来扫不了。边长至少 {LEAST_SIDE} 像素。")
    if max(wide, high) > MOST_SIDE:
        raise UnfitPicture(f"图片太大（{wide}×{high}），边长最多 {MOST_SIDE} 像素。")
    if max(wide, high) > min(wide, high) * 1.5:
        raise UnfitPicture("图片不是方的。请裁成只剩二维码的方图，四周留一点白边。")


def keep(db: Database, place: str, png: bytes, *, who: str, now: datetime) -> None:
    """Keep the picture for a place, instead of any before it."""
    digest = hashlib.sha256(png).hexdigest()[:16]
    db.execute("delete from notice_pictures where place = :place", {"place": place})
    row = {"place": place, "picture": base64.b64encode(png).decode(), "digest": digest, "at": stamp(now), "who": who}
    insert(db, "notice_pictures", row)


def drop(db: Database, place: str) -> bool:
    """Forget the picture of a place; tell whether there was one."""
    return bool(db.execute("delete from notice_pictures where place = :place", {"place": place}).rowcount)


def digests(db: Database) -> dict[str, str]:
    """Return the digest of each place's picture."""
    return {row["place"]: row["digest"] for row in db.query("select place, digest from notice_pictures order by place")}


def by_digest(db: Database, digest: str) -> bytes | None:
    """Return a picture."""
    row = first(db, "select picture from notice_pictures where digest = :digest", {"digest": digest})
    return base64.b64decode(row["picture"]) if row else None


def chosen(kept: Mapping[str, str], village: str = ACCOUNT) -> str:
    """Return the digest of the picture that a notice shows: that of its village's scene, else the account's, else ""."""
    return kept.get(village) or kept.get(ACCOUNT, "")


def web_code(address: str) -> bytes:
    """Return the QR code of a web address as SVG (ISO/IEC 18004, level M: a crease or a stain may cover 15 %)."""
    made = io.BytesIO()
    segno.make(address, error="m", micro=False).save(made, kind="svg", border=2, xmldecl=False, svgns=True)
    return made.getvalue()
