"""Saving an edit of an entry: what stands in the way, whom it meets, where it goes."""

from dataclasses import dataclass

from flask import flash, redirect
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.edit import history
from bot.faq.edit.drafting import Held, composed, held, save
from bot.faq.edit.editing import Fault, Fields, fields_of, visible
from bot.faq.edit.merging import Merged, merge
from bot.faq.edit.texts import name_of
from handlers.console import faq_common as common
from handlers.services import services

_DID = {True: "新增常见问题", False: "改常见问题"}


@dataclass(frozen=True)
class Kept:
    """What saving came to. path: in the folder, where it was saved; merged: somebody else was faster; faults: what is wrong."""

    said: Fields
    base: str
    path: str | None = None
    merged: Merged | None = None
    faults: tuple[Fault, ...] = ()
    warning: str = ""

    @property
    def is_unfinished(self) -> bool:
        """Tell whether it could be kept as unfinished."""
        return bool(self.faults) and all(fault.missing for fault in self.faults)


def keep(said: Fields, base: str, now: Held, *, why: str, unfinished: bool, faults: tuple[Fault, ...] = ()) -> Kept:
    """Save an edit that began with the text ``base``, unless somebody saved another meanwhile or something is wrong."""
    clean, hidden = visible(said)
    faults = (*faults, *hidden)
    if said.category not in common.categories():
        faults = (*faults, Fault("category", "没有选类别", "从列表里选一个"))
    file = now.current
    if not faults and file and file.fields == said:
        return Kept(said, base, path="")
    if file and file.text != base:
        before, theirs = fields_of(file.path, base) or Fields(), file.fields or Fields()
        merged = merge(before, theirs, clean)
        if merged.differences:
            return Kept(merged.fields, file.text, merged=merged)
    made = composed(clean, now, now.id, common.today())
    faults = (*faults, *(f for f in made.faults if f.field not in {one.field for one in faults}))
    if made.text is None or any(not f.missing for f in faults) or (faults and not unfinished):
        return Kept(clean, base, faults=faults)
    try:
        path = save(common.folder(), now, made, author=common.author(), why=why, at=services().clock())
    except history.Changed:
        return keep(said, base, held(common.folder(), now.id), why=why, unfinished=unfinished)
    except history.NotRecorded as e:
        common.note(_DID[file is None], now.id)
        return Kept(said, base, path="?", warning=str(e))
    except (history.HistoryError, OSError) as e:
        return Kept(said, base, faults=(Fault("", str(e).rstrip("。"), "填好的都还在"),))
    common.note(_DID[file is None], now.id)
    return Kept(said, base, path=name_of(common.folder(), path), faults=faults)


def saved(kept: Kept, id_: str) -> BaseResponse:
    """Say where it was saved and go to the entry's page."""
    if kept.warning:
        flash(kept.warning, "warning")
    elif kept.path == "":
        flash("没有改动。", "info")
    elif kept.path and kept.path.startswith("drafts/") and kept.is_unfinished:
        flash("先存着了，还没写完，不会发给群众。", "success")
    elif kept.path and kept.path.startswith("drafts/"):
        flash("已存成修改稿。群众看到的还是签发的那一版，等第二个人签发后换上。", "success")
    elif common.snapshot().only_signed:
        flash("已保存。签发以后才会回答群众。", "success")
    else:
        flash("已保存，几秒后生效；没签发之前，答复里注明「待律师审核」。", "success")
    return redirect(common.home_of(id_))
