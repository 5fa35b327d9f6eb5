"""Every finding in the knowledge folder: each check a small function, all in ``CHECKS``."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from bot.faq import telling
from bot.faq.citation import Citation, parse
from bot.faq.counting import FILE as COUNTING
from bot.faq.counting import read_counting
from bot.faq.entry import Entry
from bot.faq.finding import Finding, Severity
from bot.faq.laws import paragraphs
from bot.faq.library import Snapshot
from bot.faq.lists import FILE as REGISTERS
from bot.faq.lists import read_lists
from bot.faq.retention import FILE as RETENTION
from bot.faq.retention import read_periods
from bot.faq.town import read_catalogue, read_yaml
from bot.faq.writer import path_of
from bot.matching.nearly import nearly_alike
from bot.matching.normalise import essence, normalise
from bot.text import WECHAT_TEXT_BYTES

LONGEST_SENTENCE = 60
LONGEST_FIRST_SENTENCE = 45
MANY = 5000
HAIR = 90
"""From this rapidfuzz ratio on, two phrasings of different entries are too alike to be told apart."""

RENEW = timedelta(days=30)
"""How long before its last valid day an entry is due for renewal."""

HOTLINES_CHECKED = timedelta(days=100)
"""Hotlines are looked at once a quarter."""

# What an article says when a villager's right runs out: a period for applying, suing, complaining or undoing.
_RUNS_OUT = re.compile(
    r"(?:诉讼时效期间|时效期间为|撤销权消灭|提起上诉)|"
    r"(?:当事人|公民|劳动者|债权人|申请人|受害人|权利人|继承人|近亲属|职工|被侵害人|利害关系人)[^。；]{0,60}之日起[^。；]{0,8}"
    r"(?:日|个月|年)(?:以)?内[^。；]{0,25}(?:申请|起诉|诉讼|上诉|复议|请求|行使|提出)"
)


@dataclass(frozen=True)
class Folder:
    """A snapshot with the folder it came from and the day for which it is checked."""

    path: Path
    snapshot: Snapshot
    today: date
    only: str = ""
    """The id of the one entry that is looked at; empty: all."""

    def at(
        self, entry: Entry, field: str, problem: str, remedy: str, severity: Severity = "error", needle: str = ""
    ) -> Finding:
        """Return a finding on an entry; its line is the first that holds ``needle``, or the field's."""
        path = path_of(entry, self.path)
        return Finding(path, _line(path, field, needle), field, problem, remedy, severity)

    @property
    def entries(self) -> list[Entry]:
        """The entries that are not withdrawn, in a fixed order."""
        live = [e for e in self.snapshot.entries.values() if e.status != "withdrawn" and self.only in {"", e.id}]
        return sorted(live, key=lambda e: (e.category, e.id))


def check(path: Path, snapshot: Snapshot, today: date) -> list[Finding]:
    """Return all findings, those of reading the files first."""
    folder = Folder(path, snapshot, today)
    return [*snapshot.findings, *(finding for one in CHECKS for finding in one(folder))]


def citations(folder: Folder) -> Iterator[Finding]:
    """Find citations of what does not exist or no longer applies."""
    for entry in folder.entries:
        for text in entry.basis:
            citation = parse(text)
            if citation is None:
                yield folder.at(entry, "basis", f"读不懂的依据「{text}」", "写成《劳动法》第五十条", needle=text)
            elif fault := fault_of(folder, citation):
                yield folder.at(entry, "basis", f"{text}：{fault[0]}", fault[1], needle=text)


def fault_of(folder: Folder, citation: Citation) -> tuple[str, str] | None:
    """Return what is wrong with a citation and what to do, or None."""
    laws, today = folder.snapshot.laws, folder.today
    law = laws.find(citation.law)
    if law is None:
        return "法律登记表里没有这部法", "核对法名；确实要引用，就在 laws.yaml 里登记"
    if law.is_repealed(today):
        return f"已在{law.repealed}废止", f"改引《{law.replaced_by}》" if law.replaced_by else "改引现行的规定"
    if not law.is_in_force(today):
        return f"{law.in_force}才施行", "施行之前引用现行的规定"
    if citation.law != law.name:
        return "没有用登记的简称", f"写成《{law.name}》"
    if law.articles and citation.article > law.articles:
        return f"这部法只有{law.articles}条", "核对条号"
    if not laws.has_text(law, today):
        return None
    text = laws.article(citation, today)
    if text is None:
        return "现行文本里没有这一条", "核对条号"
    parts = paragraphs(text)
    if citation.clause and citation.clause > len(parts):
        return f"这一条只有{len(parts)}款", "核对第几款"
    scope = parts[citation.clause - 1] if citation.clause else text
    if citation.point and len(re.findall(r"^[（(][一二三四五六七八九十]+[）)]", scope, re.MULTILINE)) < citation.point:
        return "没有这一项", "核对第几项"
    return None


_WORDS = TypeAdapter(tuple[str, ...])


def answers(folder: Folder) -> Iterator[Finding]:
    """Find answers that do not fit a WeChat text or cannot be understood."""
    legalese, faults = read_yaml(folder.path / "legalese.yaml", _WORDS.validate_python, "每行一个词，「- 词」")
    yield from faults
    words = folder.snapshot.words
    for entry in folder.entries:
        for field, text in (("answer", telling.answer(words, entry)), ("more", telling.more(words, entry))):
            if (size := len(text.encode())) > WECHAT_TEXT_BYTES:
                remedy = "缩短，或者把后半部分移到「## 更多」" if field == "answer" else "缩短"
                yield folder.at(entry, field, f"连同依据和说明有{size}字节，超过微信的{WECHAT_TEXT_BYTES}", remedy)
        first = re.match(r"[^\n。！？]*[。！？]", entry.answer)
        if not first or len(first[0]) > LONGEST_FIRST_SENTENCE:
            yield folder.at(
                entry, "answer", "第一句不是一句话的答案", f"第一句直接说答案，不超过{LONGEST_FIRST_SENTENCE}字，句号结尾"
            )
        for sentence in re.split(r"[。！？\n]", f"{entry.answer}\n{entry.more}"):
            if len(sentence) > LONGEST_SENTENCE:
                problem = f"这一句有{len(sentence)}字：{sentence[:20]}…"
                yield folder.at(entry, "answer", problem, f"拆成几句，每句不超过{LONGEST_SENTENCE}字", needle=sentence)
        for word in legalese or ():
            if _unexplained(word, entry.answer, entry.more):
                yield folder.at(
                    entry, "answer", f"行话「{word}」没有解释", "换成平常话，或者在后面加括号解释", "warning", needle=word
                )


def _unexplained(word: str, answer: str, more: str) -> bool:
    """Tell whether ``word`` is used and explained nowhere: in brackets after or around it, or by 就是/是指/叫."""
    texts = answer + "\n" + more
    if word not in texts:
        return False
    w = re.escape(word)
    ways = (
        rf"{w}[^。；，、]{{0,6}}[（(]",
        rf"[（(][^（）()]*{w}[^（）()]*[）)]",
        rf"{w}[」”]?，?(?:就是|是|指的是|也就是)",
        rf"(?:叫|就是|称为|看|见)[「“]?{w}",
    )
    return not any(re.search(way, texts) for way in ways)


def phrasings(folder: Folder) -> Iterator[Finding]:
    """Find phrasings that stand twice, that lead to another entry, or that another entry has almost word for word."""
    owners: dict[str, tuple[Entry, str]] = {}
    said: list[tuple[Entry, str, str]] = []
    for entry in folder.entries:
        for phrasing in (entry.question, *entry.phrasings):
            text = normalise(phrasing)
            if text in owners:
                other, same = owners[text]
                where = "本条目" if other.id == entry.id else f"条目 {other.id}"
                yield folder.at(entry, "phrasings", f"「{phrasing}」和{where}的「{same}」一样", "删掉一处", needle=phrasing)
                continue
            owners[text] = entry, phrasing
            if short := essence(phrasing):
                said.append((entry, phrasing, short))
            else:
                yield folder.at(entry, "phrasings", f"「{phrasing}」去掉客套话就没有内容了", "写出是什么事", needle=phrasing)
    index = folder.snapshot.index
    for entry, phrasing, _ in said:
        # With many phrasings none is learned by heart: what the classifier takes for its own need not be ranked.
        if len(said) > MANY and index.learned_as(phrasing) == entry.id:
            continue
        first = index.ranking(phrasing, limit=1, word_for_word=False).candidates
        if first and first[0].id != entry.id:
            problem = f"「{phrasing}」更像条目 {first[0].id}"
            yield folder.at(entry, "phrasings", problem, "换成只有本条目才这样问的说法，或者移到那个条目", needle=phrasing)
    for place, twin in nearly_alike([short for _, _, short in said], HAIR):
        (one, a, _), (other, b, _) = said[place], said[twin]
        if one.id != other.id:
            yield folder.at(one, "phrasings", f"「{a}」和条目 {other.id} 的「{b}」几乎一样", "改得各有各的说法", needle=a)


def lexicon(folder: Folder) -> Iterator[Finding]:
    """Find groups of the lexicon that make phrasings of two entries the same."""
    path = folder.path / "lexicon.yaml"
    words = folder.snapshot.index.lexicon
    before: dict[str, tuple[str, str]] = {}
    for entry in folder.entries:
        for phrasing in (entry.question, *entry.phrasings):
            plain = normalise(phrasing)
            other, same = before.setdefault(words.rewrite(plain), (entry.id, plain))
            if other != entry.id and same != plain:
                fired = "、".join(
                    f"「{word}」→「{group.words[0]}」" for word, group in (*words.fired(plain), *words.fired(same))
                )
                problem = f"{fired} 使条目 {entry.id} 的「{phrasing}」和条目 {other} 的「{same}」变得一样"
                yield Finding(path, 0, "", problem, "从这一组里去掉这个词，或者改问法")


def dates(folder: Folder) -> Iterator[Finding]:
    """Find entries past or near their last valid day, and hotlines that nobody looked at for a quarter."""
    for entry in folder.entries:
        if entry.is_expired(folder.today):
            yield folder.at(entry, "valid_until", f"{entry.valid_until}已过，这条不再回答", "请法律顾问复核后改有效期")
        elif entry.valid_until and entry.valid_until - folder.today < RENEW:
            yield folder.at(entry, "valid_until", f"{entry.valid_until}到期", "请法律顾问复核后改有效期", "warning")
    for line in folder.snapshot.hotlines:
        if folder.today - line.checked > HOTLINES_CHECKED:
            path = folder.path / "hotlines.yaml"
            yield Finding(
                path,
                _line(path, "", f'"{line.number}"'),
                line.number,
                "超过一个季度没有核对",
                "拨打核对后改 checked",
                "warning",
            )


def deadlines(folder: Folder) -> Iterator[Finding]:
    """Find entries without a deadline although an article that they cite sets one."""
    for entry in folder.entries:
        if entry.deadline:
            continue
        for text in entry.basis:
            citation = parse(text)
            article = folder.snapshot.laws.article(citation, folder.today) if citation else None
            if citation and article:
                parts = paragraphs(article)
                scope = parts[citation.clause - 1] if citation.clause and citation.clause <= len(parts) else article
                if found := _RUNS_OUT.search(scope):
                    problem = f"{text}定了期限（…{found[0][-30:]}），这条没有写 deadline"
                    yield folder.at(entry, "deadline", problem, "写明多长时间、从哪天算起", "warning", needle=text)


def references(folder: Folder) -> Iterator[Finding]:
    """Find ids of entries that do not exist."""
    for entry in folder.entries:
        for field in ("related", "not_to_confuse_with"):
            for other in getattr(entry, field):
                if other == entry.id:
                    yield folder.at(entry, field, "指向了自己", "删掉", needle=field)
                elif other not in folder.snapshot.entries:
                    yield folder.at(entry, field, f"没有编号是 {other} 的条目", "改正编号或删掉", needle=other)


def coverage(folder: Folder) -> Iterator[Finding]:
    """Find entries that the FAQ must hold and does not, or holds under another category."""
    path = folder.path / "catalogue.yaml"
    if not path.exists():  # a town may keep another set of entries and no list of what must be there
        return
    catalogue, faults = read_catalogue(path)
    yield from faults
    for category, ids in (catalogue or {}).items():
        for id_ in ids:
            entry = folder.snapshot.entries.get(id_)
            if entry is None:
                yield Finding(path, _line(path, "", f"- {id_}"), id_, "缺这个条目", f"在 faq/{category}/ 里补上 {id_}.md")
            elif entry.category != category:
                yield folder.at(entry, "id", f"应当放在「{category}」", f"把文件移到 faq/{category}/")


def emergencies(folder: Folder) -> Iterator[Finding]:
    """Find cards of emergencies that name a hotline or a law that is not there, or do not fit a WeChat text."""
    path = folder.path / "crisis.yaml"
    cards = folder.snapshot.crisis.cards
    numbers = {line.number for line in folder.snapshot.hotlines}
    for card in cards.kinds if cards else ():
        line = _line(path, "kinds", card.kind)
        for number in card.hotlines:
            if number not in numbers:
                yield Finding(path, line, card.kind, f"hotlines.yaml 里没有 {number}", "在 hotlines.yaml 里登记，或者换号码")
        if not card.steps[0].startswith("先打110"):
            yield Finding(path, line, card.kind, "第一步不是先打110", "第一步写「先打110」")
        for text in card.basis:
            citation = parse(text)
            if citation and (fault := fault_of(folder, citation)):
                yield Finding(path, line, card.kind, f"{text}：{fault[0]}", fault[1])
        if (size := len(telling.crisis(folder.snapshot.words, card, folder.snapshot.hotlines).encode())) > WECHAT_TEXT_BYTES:
            yield Finding(path, line, card.kind, f"有{size}字节，超过微信的{WECHAT_TEXT_BYTES}", "缩短")


def registers(folder: Folder) -> Iterator[Finding]:
    """Find what is wrong with the lists that the registers choose from."""
    yield from (finding for finding in read_lists(folder.path)[1] if finding.path.name == REGISTERS)


def periods(folder: Folder) -> Iterator[Finding]:
    """Find periods of keeping that the law or the town's own notice forbids."""
    yield from read_periods(folder.path / RETENTION)[1]


def counting(folder: Folder) -> Iterator[Finding]:
    """``counting.yaml``, and the categories that it names."""
    path = folder.path / COUNTING
    chosen, findings = read_counting(path)
    yield from findings
    there = {entry.category for entry in folder.snapshot.entries.values()}
    for field, names in (("sensitive", chosen.sensitive), ("mediation_types", chosen.mediation_types)):
        for name in names:
            if name not in there:
                yield Finding(
                    path, 0, field, f"没有「{name}」这个类别", f"改成这些里的一个：{'、'.join(sorted(there))}", "warning"
                )


CHECKS: tuple[Callable[[Folder], Iterator[Finding]], ...] = (
    citations,
    answers,
    phrasings,
    lexicon,
    emergencies,
    dates,
    deadlines,
    references,
    coverage,
    registers,
    periods,
    counting,
)


def _line(path: Path, field: str, needle: str) -> int:
    """Return the first line that holds ``needle``, or starts ``field``; 0 where there is none."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    start = 0
    if field in {"answer", "more"}:  # they have no name in the file: the answer comes after the second fence
        fence = "---" if field == "answer" else "## 更多"
        start = max((number for number, line in enumerate(lines) if line.strip() == fence), default=0)
    for wanted in filter(None, (needle, f"{field}:" if field else "")):
        for number, line in enumerate(lines[start:], start + 1):
            if wanted in line:
                return number
    return start + 1 if start else 0
