"""A form over a part of a settings file: shown, checked, compared with what others did meanwhile, saved with its history."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.edit import history
from bot.faq.edit import settings_files as files
from bot.faq.edit.faults import faults_in
from bot.faq.edit.history import Changed
from bot.faq.edit.settings_files import Document, Unreadable
from bot.faq.edit.setup import Values
from bot.ledger.access.users import ADMIN, JUSTICE
from handlers.console import faq_common as common
from handlers.console.access import user
from handlers.console.saving import saved
from handlers.console.setup_forms import Lines, SetupForm
from handlers.services import services

SETTERS = (ADMIN, JUSTICE)
"""Who may change settings."""


@dataclass(frozen=True)
class Page:
    """One form. read: the values in the document, None where there is no such row; write: put them back.

    warn: what must be seen before the values are changed from the first to the second. folded: fields that wait under ``fold``.
    load: the document, None where it cannot be used.
    """

    title: str
    lead: str
    file: str
    form: type[SetupForm]
    read: Callable[[Document], Values | None]
    write: Callable[[Document, Values], None]
    what: str
    back: str = "console.setup.listing"
    prepare: Callable[[SetupForm, Document], None] = lambda form, document: None
    warn: Callable[[Values, Values], Sequence[str]] = lambda before, after: ()
    more: str = "console/setup/form.html"
    fold: str = ""
    folded: Sequence[str] = ()
    beside: Callable[[Document], dict[str, Any]] = lambda document: {}
    load: Callable[[str], Document | None] = lambda file: document_of(file)  # noqa: PLW0108 - defined below


def may_set() -> bool:
    """Tell whether the person who asks may change settings."""
    return user().role in SETTERS


def text_of(file: str) -> str:
    """Return what a settings file holds; nothing where it is not there."""
    return history.read(common.folder() / file) or ""


def document_of(file: str) -> Document | None:
    """Return what a settings file holds; None where it cannot be used."""
    text = text_of(file)
    found = faults_in(common.folder(), file, text, common.snapshot(), common.today())
    if any(finding.severity == "error" for finding in found):
        return None
    try:
        read = files.parsed(text)
    except Unreadable:
        return None
    return files.mapping({}) if read is None else read  # some files need not be there: what they do not say has a default


def broken(file: str, title: str) -> tuple[str, int]:
    """Return the page that says what is wrong with a file that cannot be used, and how to get the last good one back."""
    found = faults_in(common.folder(), file, text_of(file), common.snapshot(), common.today())
    lines = [f"第{f.line}行：{f.problem}。{f.remedy}。" if f.line else f"{f.field}：{f.problem}。{f.remedy}。" for f in found]
    return render_template("console/setup/broken.html", title=title, file=file, lines=lines), 503


def shown(page: Page) -> str | tuple[str, int]:
    """Show a form as the file fills it."""
    document = page.load(page.file)
    if document is None:
        return broken(page.file, page.title)
    now = page.read(document)
    if now is None:
        abort(404)
    form = page.form(formdata=None, data=now)
    page.prepare(form, document)
    form.base.data = json.dumps(_plain(now), ensure_ascii=False)
    return _rendered(page, form, document)


def shown_again(page: Page, change: Callable[[SetupForm], None]) -> str | tuple[str, int]:
    """Show a form as it was sent, after ``change``; nothing is saved."""
    document = page.load(page.file)
    if document is None:
        return broken(page.file, page.title)
    form = page.form()
    page.prepare(form, document)
    change(form)
    return _rendered(page, form, document)


def stored(page: Page) -> BaseResponse | str | tuple[str, int]:
    """Save what was sent, unless it is at fault, warnings were not seen, or others changed the same meanwhile."""
    text = text_of(page.file)
    document = page.load(page.file)
    if document is None:
        return broken(page.file, page.title)
    now = page.read(document)
    if now is None:
        abort(404)
    form = page.form()
    page.prepare(form, document)
    if not form.validate_on_submit():
        return _rendered(page, form, document)
    said, theirs = _merged(form, now)
    if theirs:
        form.base.data = json.dumps(_plain(now), ensure_ascii=False)
        return _rendered(page, form, document, theirs=theirs)
    warnings = page.warn(now, said)
    if warnings and not form.sure.data:
        return _rendered(page, form, document, warnings=warnings)
    new = files.changed(text, lambda into: page.write(into, said))
    if faults := _faults(page.file, new) - _faults(page.file, text):
        return _rendered(page, form, document, faults=sorted(faults))
    if not keep(page.file, text, new, page.what, (form.why.data or "").strip()):
        return _rendered(page, form, document)
    return redirect(url_for(page.back))


def keep(file: str, old: str, new: str, what: str, why: str = "") -> bool:
    """Save a settings file that held ``old``; tell whether it is saved, after flashing what came of it."""
    folder, now = common.folder(), services().clock()
    if new == old:
        flash("没有改什么。", "info")
        return True
    reason = f"设置：{what}" + (f"，{why}" if why else "")
    expected = {folder / file: history.digest(old) if (folder / file).exists() else None}
    try:
        done = saved(
            lambda: history.save(folder, {folder / file: new}, author=common.author(), why=reason, now=now, expected=expected)
        )
    except Changed:
        flash("刚刚有人改了同一个文件，还没有保存。请再点一次保存。", "warning")
        return False
    if done:
        common.note("修改设置", what)
        flash("保存好了，两秒内生效。", "success")
    return done


def _faults(file: str, text: str) -> set[str]:
    found = faults_in(common.folder(), file, text, common.snapshot(), common.today())
    return {f"{f.field} {f.problem}。{f.remedy}。" for f in found if f.severity == "error"}


def _rendered(page: Page, form: SetupForm, document: Document, **more: Any) -> str:
    told = {"warnings": (), "theirs": (), "faults": ()} | more
    return render_template(page.more, page=page, form=form, may_set=may_set(), lines=Lines, **told, **page.beside(document))


def _merged(form: SetupForm, now: Values) -> tuple[Values, list[tuple[str, str, str]]]:
    """Return what is to be saved, and where two people said different things: the field, what it is now, what is wanted.

    What only others changed since the form was shown stays as they made it.
    """
    said, clashes = form.values(), []
    before = _before(form.base.data)
    for field in form.asked:
        old, other, own = (_plain(values.get(field.name)) for values in (before, now, said))
        if other in (old, own):
            continue
        if own == old:
            said[field.name] = now[field.name]
        else:
            clashes.append((field.label.text, _said(now.get(field.name)), _said(said[field.name])))
    return said, clashes


def _before(text: str | None) -> Values:
    try:
        found = json.loads(text or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, (list, tuple)) else files.as_text(value)
