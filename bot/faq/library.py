"""The knowledge that is being served: an immutable snapshot, replaced whole when a file changes."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from watchfiles import Change, DefaultFilter, watch

from bot.faq.crisis import Crisis, read_cards, read_examples
from bot.faq.entry import Entry
from bot.faq.finding import Finding
from bot.faq.laws import Laws, read_laws
from bot.faq.reader import Read, entry_files, read_entry
from bot.faq.town import Hotline, Town, Village, read_catalogue, read_hotlines, read_town, read_yaml
from bot.faq.words import FILE as WORDS
from bot.faq.words import read_words
from bot.matching.alarm import Alarm
from bot.matching.index import Index, index_of
from bot.matching.lexicon import Lexicon
from bot.matching.model import Model
from bot.matching.outside import Outside, topics
from bot.wording.words import SHIPPED, Words

logger = logging.getLogger(__name__)

MOST_FILES = 1000
"""More entry files than this are somebody's mistake; to read them would keep the server from answering."""


@dataclass(frozen=True)
class Snapshot:
    """Everything that an answer is made of, as it was in the folder at one moment."""

    entries: Mapping[str, Entry]
    index: Index
    hotlines: tuple[Hotline, ...]
    town: Town | None
    laws: Laws
    findings: tuple[Finding, ...]
    only_signed: bool = False
    order: tuple[str, ...] = ()
    crisis: Crisis = field(default_factory=Crisis)
    words: Words = SHIPPED
    loading: bool = False
    """Whether the entries are still being read: then nothing is known of what the folder cannot answer."""

    def servable(self, entry_id: str, today: date) -> Entry | None:
        """Return the entry if it may answer today: not withdrawn, not past its last day, signed where that is demanded."""
        entry = self.entries.get(entry_id)
        if entry is None or entry.status == "withdrawn" or entry.is_expired(today):
            return None
        return None if self.only_signed and entry.status != "signed" else entry

    def village(self, name: str | None) -> Village | None:
        """Return the village of that name."""
        return next((v for v in (self.town.villages if self.town else ()) if v.name == name), None)

    def categories(self, today: date) -> dict[str, list[Entry]]:
        """Return the entries that may answer today by category, in the catalogue's order as far as it names them."""
        found = self._by_day.get(today)
        if found is None:
            found = {}
            order = {id_: n for n, id_ in enumerate(self.order)}
            for entry in sorted(self.entries.values(), key=lambda e: (order.get(e.id, len(order)), e.category, e.id)):
                if self.servable(entry.id, today):
                    found.setdefault(entry.category, []).append(entry)
            self._by_day.clear()
            self._by_day[today] = found
        return found

    def rivals(self, entry_id: str) -> set[str]:
        """Return the ids of the entries that must not be confused with this one, whichever of the two says so."""
        return self._rivals.get(entry_id, set())

    @cached_property
    def worked_out(self) -> dict[str, Any]:
        """What the dialogue works out of an entry alone, by its id; it would with every message."""
        return {}

    @cached_property
    def _by_day(self) -> dict[date, dict[str, list[Entry]]]:
        # Which entries may answer changes with the day and not with every message.
        return {}

    @cached_property
    def _rivals(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for entry in self.entries.values():
            for other in entry.not_to_confuse_with:
                found.setdefault(entry.id, set()).add(other)
                found.setdefault(other, set()).add(entry.id)
        return found


@dataclass
class _File:
    stamp: tuple[int, int]
    read: Read
    good: Entry | None


@dataclass
class Library:
    """The folder and its current snapshot; what was learned from it is kept in ``memory``.

    ``refresh`` and ``follow`` belong to one thread, ``current`` to all.
    """

    folder: Path
    only_signed: bool = False
    memory: Path | None = None
    _files: dict[Path, _File] = field(default_factory=dict)
    _current: Snapshot | None = None
    _refreshing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def current(self) -> Snapshot:
        """The snapshot in force; read it once for a message, for it may be replaced at any moment."""
        return self._current or self.refresh()

    def begin(self) -> Snapshot:
        """Serve what is read in no time, hotlines, names, emergencies, sentences, until ``refresh`` has read the entries."""
        hotlines, _ = read_hotlines(self.folder / "hotlines.yaml")
        town, _ = read_town(self.folder / "town.yaml")
        words, _ = read_words(self.folder / WORDS)
        cards, _ = read_cards(self.folder / "crisis.yaml")
        crisis = Crisis(cards)
        self._current = made = Snapshot(
            MappingProxyType({}), Index(()), hotlines or (), town, Laws(), (), self.only_signed,
            crisis=crisis, words=words or SHIPPED, loading=True,
        )  # fmt: skip
        return made

    def refresh(self) -> Snapshot:
        """Read what changed, build a new snapshot, swap it in, return it; an index may hold an entry that was just deleted.

        A broken file keeps the last good version of its entry; a folder that is gone or has no readable entry
        keeps the whole last snapshot. Both are among the findings.
        """
        with self._refreshing:
            old = self._current
            findings = self._read_files()
            entries: dict[str, Entry] = {}
            for path, file in self._files.items():
                findings += file.read.findings
                if file.good is None:
                    continue
                if file.good.id in entries:
                    other = f"faq/{entries[file.good.id].category}/{file.good.id}.md"
                    findings.append(
                        Finding(path, 1, "id", f"编号 {file.good.id} 在 {other} 里已经有了", "删掉一个文件，或者换一个编号")
                    )
                    continue
                entries[file.good.id] = file.good
            hotlines, faults = read_hotlines(self.folder / "hotlines.yaml")
            findings += faults
            town, faults = read_town(self.folder / "town.yaml")
            findings += faults
            laws, faults = read_laws(self.folder / "laws.yaml")
            findings += faults
            words, faults = read_words(self.folder / WORDS)
            findings += faults
            catalogue, _ = read_catalogue(self.folder / "catalogue.yaml")
            matching = self._matching(findings, old.index if old else None)
            crisis = self._crisis(findings, old, entries, matching)
            if not entries:
                findings.append(Finding(self.folder / "faq", 0, "", "没有一个能用的条目", "检查知识库目录是不是被移走或改名了"))
                entries = dict(old.entries) if old else {}
            snapshot = Snapshot(
                MappingProxyType(entries),
                old.index if old else Index((), *matching[:2]),
                hotlines or (old.hotlines if old else ()),
                town or (old.town if old else None),
                laws if laws.by_name or not old else old.laws,
                tuple(findings),
                self.only_signed,
                tuple(id_ for ids in (catalogue or {}).values() for id_ in ids),
                crisis,
                words or (old.words if old else SHIPPED),
            )
            known = set(old.findings) if old else set()
            for finding in findings:
                if finding not in known:
                    logger.warning("%s", finding)
            if old and old.entries:
                # The new texts are live at once; the new phrasings when they are indexed, a second later.
                self._current = snapshot
            if not old or old.entries != entries or _matching_of(old.index) != matching:
                # What was learned from the phrasings before is good enough until ``settle``.
                index = index_of(entries.values(), *matching, old.index if old and old.entries else None, self.memory)
                snapshot = replace(snapshot, index=index)
            self._current = snapshot
            logger.info("知识库：%d 个条目在用，%d 个问题待处理", len(snapshot.entries), len(findings))
            return snapshot

    def settle(self) -> None:
        """Learn anew from phrasings that changed, and swap that in; takes a second or two, while the snapshot is served."""
        now = self._current
        if now is None or now.index.has_learned_all:
            return
        index = index_of(now.entries.values(), *_matching_of(now.index), memory=self.memory)
        with self._refreshing:
            # Whoever edited meanwhile has started another round.
            if self._current is now:
                self._current = replace(now, index=index)

    def _matching(self, findings: list[Finding], old: Index | None) -> tuple[Lexicon, Model, Outside]:
        path = self.folder / "lexicon.yaml"
        lexicon, faults = read_yaml(path, Lexicon.of, "每组要有 kind（同义、方言、同音、称谓）、words（至少两个词）、why")
        findings += faults
        findings += [Finding(path, 0, "", clash, "一个词只放在一组里") for clash in (lexicon.clashes() if lexicon else ())]
        path = self.folder / "matching.yaml"
        model, faults = read_yaml(path, Model.of, "不要手改，用 python -m bot fit 重新生成")
        findings += faults
        path = self.folder / "outside.yaml"
        outside, faults = read_yaml(
            path, topics, "每个话题要有 topic（名称）、why（为什么没有条目）、phrasings（问法，每行一条）"
        )
        findings += faults
        last = _matching_of(old) if old else (Lexicon(), Model(), ())
        return lexicon or last[0], model or last[1], last[2] if outside is None else outside

    def _crisis(
        self,
        findings: list[Finding],
        old: Snapshot | None,
        entries: Mapping[str, Entry],
        matching: tuple[Lexicon, Model, Outside],
    ) -> Crisis:
        """Read the emergencies; what was learned from the examples is learned anew only when these change."""
        last = old.crisis if old else Crisis()
        cards, faults = read_cards(self.folder / "crisis.yaml")
        findings += faults
        cards = cards or last.cards
        examples, faults = read_examples(self.folder / "crisis-examples.yaml", cards)
        findings += faults
        lexicon, _, outside = matching
        if examples is None or (last.alarm and (examples, lexicon) == (last.examples, last.alarm.lexicon)):
            return replace(last, cards=cards)
        asked = [text for entry in entries.values() for text in (entry.question, *entry.phrasings)]
        chat = [text for topic in outside for text in topic.phrasings]
        return Crisis(cards, Alarm.of(examples, asked, chat, lexicon, self.memory), examples)

    def follow(self, stop: threading.Event) -> None:
        """Refresh whenever a file changes, until ``stop`` is set."""
        while not stop.is_set():
            try:
                # The timeout catches what the system does not report: network drives, a folder moved away and back.
                for changes in watch(
                    self.folder,
                    watch_filter=_matters(self.folder),
                    stop_event=stop,
                    debounce=200,
                    step=50,
                    rust_timeout=5000,
                    yield_on_timeout=True,
                ):
                    if changes or self.has_changed():
                        self.refresh()
                        # On the side: the next edit must not wait for what this one taught.
                        threading.Thread(target=self.settle, name="learning", daemon=True).start()
            except Exception:  # a folder that is gone, a full system table: try again, and go on serving
                logger.exception("看不了知识库目录的变化，稍后再试")
                self.refresh()
                stop.wait(2)

    def has_changed(self) -> bool:
        """Tell whether an entry's file is another than the one that was read."""
        try:
            return {p: _stamp(p) for p in entry_files(self.folder)} != {p: f.stamp for p, f in self._files.items()}
        except OSError:
            return True

    def _read_files(self) -> list[Finding]:
        found = list(entry_files(self.folder))
        if len(found) > MOST_FILES:
            fault = Finding(
                self.folder / "faq",
                0,
                "",
                f"条目文件太多：{len(found)} 个，最多 {MOST_FILES} 个，可能放错了文件夹。现在用的还是原来的条目",
                "把不是条目的文件挪走",
            )
            if self._files:
                return [fault]
            return [fault, *self._read(found[:MOST_FILES])]
        return self._read(found)

    def _read(self, found: list[Path]) -> list[Finding]:
        files: dict[Path, _File] = {}
        for path in found:
            try:
                stamp = _stamp(path)
            except OSError:  # deleted since it was listed
                continue
            old = self._files.get(path)
            if old and old.stamp == stamp:
                files[path] = old
                continue
            read = read_entry(path)
            files[path] = _File(stamp, read, read.entry or (old.good if old else None))
        if not files and self._files:
            return []
        self._files = files
        return []


def _matters(folder: Path) -> Callable[[Change, str], bool]:
    """Return what leaves out changes of hidden files: the history and drafts are no knowledge."""
    usual, depth = DefaultFilter(), len(folder.absolute().parts)

    def matters(change: Change, path: str) -> bool:
        return usual(change, path) and not any(part.startswith(".") for part in Path(path).parts[depth:])

    return matters


def _matching_of(index: Index) -> tuple[Lexicon, Model, Outside]:
    return index.lexicon, index.model, index.outside


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size
