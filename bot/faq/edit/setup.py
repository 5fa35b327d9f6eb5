"""The settings as forms show them: values read out of a document and put back into it, one form at a time.

Values are texts, truths, dates and lists of texts; a form that takes a whole file says so. ``None`` where there is no such row.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.faq.edit import settings_files as files
from bot.faq.edit.settings_files import Document
from bot.ledger.keeping.retention import FOR_EVER, LIMITS, Periods
from bot.matching.model import Thresholds
from bot.wording.sentence import tidy
from bot.wording.words import SENTENCES

Values = dict[str, Any]

_PLACES = ("office", "justice_office")
_PARTS = ("name", "phone", "hours", "address")
_ADVISER = ("name", "phone", "duty")
_HOTLINE = ("number", "purpose", "when", "source", "checked")


def town(document: Document) -> Values:
    """Return the town's own name, and its two offices."""
    places = {f"{place}_{part}": files.as_text(document[place].get(part, "")) for place in _PLACES for part in _PARTS}
    return {"name": files.as_text(document["name"]), "example": bool(document.get("example", False)), **places}


def put_town(document: Document, said: Values) -> None:
    """Put them back."""
    files.put(document, "name", said["name"])
    if said["example"] or document.get("example"):
        files.put(document, "example", said["example"])
    for place in _PLACES:
        for part in _PARTS:
            value = said[f"{place}_{part}"]
            files.put(document[place], part, value if value or part != "address" else None)


def village(document: Document, scene: int) -> Values | None:
    """Return the village with this number in its QR code, and its adviser."""
    row = next((row for row in document["villages"] if row["scene"] == scene), None)
    if row is None:
        return None
    adviser = {f"adviser_{part}": files.as_text(row["adviser"][part]) for part in _ADVISER}
    return {"name": files.as_text(row["name"]), "scene": scene, **adviser}


def put_village(document: Document, scene: int | None, said: Values) -> None:
    """Put a village back; without ``scene`` it is a new one."""
    if scene is None:
        adviser = {part: said[f"adviser_{part}"] for part in _ADVISER}
        document["villages"].append(files.mapping({"name": said["name"], "scene": said["scene"], "adviser": adviser}))
        return
    row = next(row for row in document["villages"] if row["scene"] == scene)
    files.put(row, "name", said["name"])
    files.put(row, "scene", said["scene"])
    for part in _ADVISER:
        files.put(row["adviser"], part, said[f"adviser_{part}"])


def drop_village(document: Document, scene: int) -> None:
    """Take a village out."""
    rows = document["villages"]
    del rows[next(place for place, row in enumerate(rows) if row["scene"] == scene)]


def hotline(document: Document, number: str) -> Values | None:
    """Return a hotline."""
    row = next((row for row in document if str(row["number"]) == number), None)
    return {part: row[part] for part in _HOTLINE} | {"first": bool(row.get("first", False))} if row else None


def put_hotline(document: Document, number: str | None, said: Values) -> None:
    """Put a hotline back; without ``number`` it is a new one."""
    values = {part: said[part] for part in _HOTLINE if part in said}
    if number is None:
        values["number"] = files.number_text(said["number"])
        document.append(files.mapping(values | ({"first": True} if said.get("first") else {})))
        return
    row = next(row for row in document if str(row["number"]) == number)
    if values.get("number", number) != number:
        row["number"] = files.number_text(values["number"])
    for part in _HOTLINE[1:]:
        if part in values:
            files.put(row, part, values[part])
    if "first" in said:
        files.put(row, "first", said["first"] or None)


def drop_hotline(document: Document, number: str) -> None:
    """Take a hotline out."""
    del document[next(place for place, row in enumerate(document) if str(row["number"]) == number)]


LISTS = ("七进", "人群", "明白人类别")


def registers(document: Document) -> Values:
    """Return the lists that the registers choose from; of 形式 one list a group, as ``形式 学习``."""
    lists = {name: [files.as_text(one) for one in document[name]] for name in LISTS}
    return lists | {f"形式 {group}": [files.as_text(one) for one in forms] for group, forms in document["形式"].items()}


def put_registers(document: Document, said: Values) -> None:
    """Put them back."""
    for name, value in said.items():
        into, _, group = name.partition(" ")
        files.put(document["形式"] if group else document, group or into, value)


def counting(document: Document, defaults: Mapping[str, Any]) -> Values:
    """Return the counting rule; ``defaults`` are what holds where the file says nothing."""
    found = {name: (document or {}).get(name, value) for name, value in defaults.items()}
    return {name: _plain(value) for name, value in found.items()}


def put_counting(document: Document, said: Values) -> None:
    """Put it back; of 对应 and 去零头 only the rows that changed are touched."""
    for name, value in said.items():
        if not isinstance(value, dict):
            files.put(document, name, value)
            continue
        if name not in document:
            document[name] = files.mapping({})
        for key in [key for key in document[name] if key not in value]:
            files.take(document[name], key)
        for key, one in value.items():
            files.put(document[name], key, one)


def periods(document: Document) -> Values:
    """Return how long is kept what, as it is written: a number, or 永久."""
    return {name: files.as_text(_period(document or {}, name)) for name in LIMITS}


def put_periods(document: Document, said: Values) -> None:
    """Put it back."""
    for name, value in said.items():
        if name in document or value != files.as_text(_period({}, name)):
            files.put(document, name, int(value) if value.isdecimal() else value)


def _period(document: Mapping[str, Any], name: str) -> object:
    default = getattr(Periods(), name)
    return document.get(name, FOR_EVER if default is None else default)


def thresholds(document: Document) -> Values:
    """Return from which confidence on is answered outright, and below which nothing is offered."""
    return Thresholds.model_validate(document.get("thresholds") or {}).model_dump()


def put_thresholds(document: Document, said: Values) -> None:
    """Put them back."""
    if "thresholds" not in document:
        document["thresholds"] = files.mapping({})
    for name in ("answer", "offer"):
        files.put(document["thresholds"], name, said[name])


def sentences(document: Document, keys: Sequence[str]) -> Values:
    """Return the sentences of the bot itself: the town's own, else as they are shipped."""
    own = {str(key): text for key, text in (document or {}).items() if isinstance(text, str)}
    return {key: tidy(own.get(key, SENTENCES[key].default)) for key in keys}


def put_sentences(document: Document, said: Mapping[str, str]) -> None:
    """Put them back; one that is as it is shipped need not stand in the file."""
    document.fa.set_block_style()
    for key, text in said.items():
        if text == SENTENCES[key].default:
            files.put(document, key, None)
        elif document.get(key) != text:
            files.put(document, key, files.long_text(text))


_CARD = ("first", "steps", "next")


def card(document: Document, kind: str) -> Values | None:
    """Return the words of an emergency's card."""
    row = next((row for row in document["kinds"] if row["kind"] == kind), None)
    return {"first": row["first"], "steps": [str(step) for step in row["steps"]], "next": row["next"]} if row else None


def put_card(document: Document, kind: str, said: Values) -> None:
    """Put them back; nobody has signed what is new."""
    row = next(row for row in document["kinds"] if row["kind"] == kind)
    if all(said[part] == (list(row[part]) if part == "steps" else row[part]) for part in _CARD):
        return
    for part in _CARD:
        files.put(row, part, said[part])
    files.put(row, "signed_by", None)


def sign_card(document: Document, kind: str, who: str) -> None:
    """Write down who answers for a card."""
    files.put(next(row for row in document["kinds"] if row["kind"] == kind), "signed_by", who)


def gone(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return what is in the first list and no longer in the second."""
    return [one for one in before if one not in after]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [files.as_text(one) for one in value]
    return value
