"""What advisers do in WeChat itself: see what waits, answer, pass on, close, log, ask for somebody; only who is bound may."""

import re
from collections.abc import Callable
from dataclasses import replace

from rapidfuzz import fuzz, process

from bot import wording
from bot.dialogue import villages
from bot.dialogue.state import State
from bot.dialogue.turn import Context, Done, Outcome
from bot.faq.town import Village
from bot.ledger import advisers, duties, tickets, turns
from bot.ledger.advisers import Adviser
from bot.ledger.clock import local_time, moment
from bot.ledger.database import Database
from bot.ledger.register import records
from bot.ledger.register.definitions import OUTCOMES, REGISTERS, UNKNOWN_VILLAGE
from bot.matching.normalise import normalise
from bot.message import GROUP, ON_BEHALF, PHONE, VISIT, Reply
from bot.text import mask
from bot.wording import filled

SHOWN = 8
"""Most tickets in one list: with the longest questions they fit one WeChat text."""

_CHANNELS = {
    "电话": PHONE,
    "来电": PHONE,
    "打电话": PHONE,
    "来访": VISIT,
    "上门": VISIT,
    "现场": VISIT,
    "当面": VISIT,
    "微信": GROUP,
    "微信群": GROUP,
    "群里": GROUP,
}
LEAST_ALIKE = 60.0
"""From this likeness on a word is taken for a category's name."""

_WORDS = """
承包地与集体资产: 土地 承包 山林 林地 分红
土地征收与补偿: 征地 拆迁 征收
宅基地与建房: 建房 宅基地
邻里与物权: 邻居 邻里
离婚与子女抚养: 离婚 抚养
婚姻与彩礼: 彩礼 结婚 婚姻
继承与赡养: 继承 赡养 遗产
劳动与工资: 工资 工伤 劳动
借贷与担保: 借钱 债务 借贷 担保
交通与人身损害: 交通 车祸 受伤
消费与合同: 消费 合同 买卖
诈骗与网络安全: 诈骗 被骗
未成年人妇女老人权益: 家暴 妇女 老人
治安与刑事: 打架 刑事 治安
行政与办事: 低保 户口 办事
诉讼仲裁与法律援助: 打官司 诉讼 法援 法律援助
"""
_TOPICS = {
    word: category for category, words in (line.split(":") for line in _WORDS.strip().splitlines()) for word in words.split()
}
"""Short words with which advisers name a category, besides its own name."""


def staff(turn: Context) -> Outcome | None:
    """A command of an adviser; from anybody else it does nothing and says so."""
    if turn.adviser is None:
        return Outcome(Reply(turn.words.binding.staff_only), "command") if _UNMISTAKABLE.fullmatch(turn.text) else None
    for pattern, run in _COMMANDS:
        if found := pattern.fullmatch(turn.text):
            return run(turn, turn.adviser, found)
    return None


def bind(turn: Context) -> Outcome | None:
    """绑定 CODE: make this WeChat an adviser's."""
    found = re.fullmatch(r"\s*绑定\s*[:：]?\s*([A-Za-z0-9]*)\s*", turn.text)
    if not found:
        return None
    if not found[1]:
        return Outcome(Reply(turn.words.binding.usage), "command", secret=True)
    code = found[1].upper()

    def effect(db: Database) -> Done:
        bound = advisers.bind(db, turn.hashed(code), turn.villager.villager, turn.now)
        return Done(
            Reply(filled.bound(turn.words, bound.name, bound.role, bound.village) if bound else turn.words.binding.failed)
        )

    return Outcome(Reply(turn.words.binding.failed), "command", effect=effect, secret=True)


def _todo(turn: Context, adviser: Adviser, _: re.Match[str]) -> Outcome:
    def effect(db: Database) -> Done:
        lines = [_duty_line(turn, duty) for duty in duties.unfinished(db)] if adviser.role == "司法所" else []
        lines += [_ticket_line(turn, ticket) for ticket in tickets.waiting(db) if tickets.sees(adviser, ticket, turn.now)]
        shown, hidden = lines[:SHOWN], max(0, len(lines) - SHOWN)
        return Done(Reply(filled.todo(turn.words, shown, hidden) if shown else turn.words.queue.none))

    return _command(turn, effect)


def _answer(turn: Context, adviser: Adviser, found: re.Match[str]) -> Outcome:
    number, text = int(found[1]), found[2].strip()
    if not text:
        return Outcome(Reply(turn.words.queue.answer_usage), "command")
    if len(text) > tickets.LONGEST_ANSWER:
        return Outcome(Reply(turn.words.queue.too_long), "command")

    def do(db: Database, ticket: tickets.Ticket) -> str:
        if ticket.is_gone:
            return turn.words.queue.gone
        tickets.answer(db, number, text, adviser=adviser.number, now=turn.now)
        if ticket.turn is not None:
            turns.answered_by(db, ticket.turn, adviser.role)
        return filled.answered(turn.words, number)

    return _on_ticket(turn, adviser, number, do)


def _pass(turn: Context, adviser: Adviser, found: re.Match[str]) -> Outcome:
    number, name = int(found[1]), found[2].strip()
    if not name:
        return Outcome(Reply(turn.words.queue.hand_on_usage), "command")

    def do(db: Database, ticket: tickets.Ticket) -> str:
        people = [p for p in advisers.everybody(db) if p.role != advisers.TESTER]
        to = _called(name, people)
        if to is None:
            return filled.nobody_called(turn.words, name, [p.name for p in people][:20])
        tickets.assign(db, number, to=to.number, adviser=adviser.number, now=turn.now)
        return filled.passed(turn.words, number, to.name)

    return _on_ticket(turn, adviser, number, do)


def _close(turn: Context, adviser: Adviser, found: re.Match[str]) -> Outcome:
    number = int(found[1])

    def do(db: Database, ticket: tickets.Ticket) -> str:
        tickets.close(db, number, adviser=adviser.number, now=turn.now)
        return filled.closed(turn.words, number)

    return _on_ticket(turn, adviser, number, do)


def _draft(turn: Context, adviser: Adviser, found: re.Match[str]) -> Outcome:
    number = int(found[1])

    def do(db: Database, ticket: tickets.Ticket) -> str:
        if ticket.answer is None or ticket.question is None:
            return turn.words.queue.not_answered
        path = turn.draft(f"ticket-{wording.number(number)}", ticket.category, ticket.question, ticket.answer, adviser.name)
        tickets.note(db, number, f"drafted: {path}", turn.now, adviser.number)
        return filled.drafted(turn.words, number, path)

    return _on_ticket(turn, adviser, number, do)


def _log(turn: Context, adviser: Adviser, found: re.Match[str]) -> Outcome:
    """Enter a consultation at the door, on the telephone or in a group: one person, one category, today."""
    words = found[1].split()
    if not words:
        return Outcome(Reply(turn.words.logging.usage), "command")
    channel = next((_CHANNELS[w] for w in words if w in _CHANNELS), None)
    rest = [w for w in words if w not in _CHANNELS]
    village = next((v for w in rest if (v := _village(turn, w))), None)
    names = list(turn.snapshot.categories(turn.today))
    said = [w for w in rest if village is None or _village(turn, w) is None]
    category = next((c for w in said if (c := _category(w, names))), None)
    if channel is None:
        return Outcome(Reply(turn.words.logging.usage), "command")
    if category is None:
        return Outcome(Reply(filled.no_category_called(turn.words, said[-1] if said else "", names)), "command")
    if village is None and len(said) > 1:
        town = turn.snapshot.town
        return Outcome(
            Reply(filled.no_village_called(turn.words, said[0], [v.name for v in town.villages] if town else [])), "command"
        )
    name = village.name if village else adviser.village
    row = {
        "day": turn.today.isoformat(),
        "village": name or UNKNOWN_VILLAGE,
        "channel": channel,
        "category": category,
        "people": 1,
        "answered_by": adviser.role,
        "adviser": adviser.name,
        "result": OUTCOMES[0],
    }

    def effect(db: Database) -> Done:
        try:
            number = records.add(db, REGISTERS["offline"], row, by=wording.by_wechat(adviser.name), now=turn.now)
        except records.MonthClosed as e:
            return Done(Reply(filled.month_closed(turn.words, e.month)))
        return Done(Reply(filled.logged(turn.words, number, name, category, channel)))

    return _command(turn, effect)


def _behalf(turn: Context, adviser: Adviser, found: re.Match[str]) -> Outcome:
    """Ask for a villager: answered like any question, entered as 代问, with the village that was named."""
    from bot.dialogue.rules import question

    text = found[1].strip()
    first, _, after = text.partition(" ")
    village = _village(turn, first) if after.strip() else None
    asked = after.strip() if village else text
    if not normalise(asked):
        return Outcome(Reply(turn.words.logging.behalf_usage), "command")
    outcome = question(
        replace(turn, text=asked, state=State(), villager=replace(turn.villager, village=village.name if village else None))
    )
    name = village.name if village else adviser.village
    return replace(outcome, channel=ON_BEHALF, village_of_turn=name or "", adviser=adviser.number)


def _acknowledge(turn: Context, adviser: Adviser, found: re.Match[str]) -> Outcome:
    number = int(found[1])

    def effect(db: Database) -> Done:
        if adviser.role != "司法所" or duties.find(db, number) is None:
            return Done(Reply(turn.words.duty.none))
        duties.acknowledge(db, number, adviser=adviser.number, now=turn.now)
        return Done(Reply(filled.duty_taken(turn.words, number)))

    return _command(turn, effect)


def _finish(turn: Context, adviser: Adviser, found: re.Match[str]) -> Outcome:
    """办结: the duty officer finishes a task; from anybody else it closes a ticket, as 结 does."""
    if adviser.role != "司法所":
        return _close(turn, adviser, found)
    number, outcome = int(found[1]), mask(found[2].strip())[:200] or wording.DONE

    def effect(db: Database) -> Done:
        if duties.find(db, number) is None:
            return Done(Reply(turn.words.duty.none))
        duties.finish(db, number, outcome, adviser=adviser.number, now=turn.now)
        return Done(Reply(filled.duty_done(turn.words, number)))

    return _command(turn, effect)


def _unbind(turn: Context, adviser: Adviser, _: re.Match[str]) -> Outcome:
    def effect(db: Database) -> Done:
        advisers.unbind(db, turn.villager.villager)
        return Done(Reply(turn.words.binding.unbound))

    return _command(turn, effect)


def _help(turn: Context, adviser: Adviser, _: re.Match[str]) -> Outcome:
    return Outcome(Reply(turn.words.binding.help), "command")


_NUMBER = r"\s*([0-9０-９]{1,6})"
_COMMANDS: tuple[tuple[re.Pattern[str], Callable[[Context, Adviser, re.Match[str]], Outcome]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), run)
    for pattern, run in (
        (r"\s*(?:待办|代办|我的待办)\s*", _todo),
        (rf"\s*(?:答|答复|回答){_NUMBER}(?![0-9])[\s:：,，。]*(.*)", _answer),
        (rf"\s*(?:转|转给|转办){_NUMBER}(?![0-9])[\s:：,，给]*(.*)", _pass),
        (rf"\s*(?:结|结案|关){_NUMBER}\s*", _close),
        (rf"\s*入库{_NUMBER}\s*", _draft),
        (r"\s*记(?:一笔|录)?[\s:：](.*)", _log),
        (r"\s*代问[\s:：,，]*(.*)", _behalf),
        (rf"\s*收到{_NUMBER}\s*", _acknowledge),
        (rf"\s*办结{_NUMBER}(?![0-9])\s*(.*)", _finish),
        (r"\s*解绑\s*", _unbind),
        (r"\s*(?:顾问帮助|顾问命令|命令)\s*", _help),
    )
)
"""The commands, tried in this order."""


_UNMISTAKABLE = re.compile(
    r"\s*(?:待办|(?:答|转|结|入库)\s*0[0-9]{1,5}(?![0-9]).*|代问[\s:：,，].*|记[\s:：]+\S+\s+\S+\s+\S+\s*)", re.DOTALL
)
"""What nobody but an adviser would write: 转5000块给他 may be a villager's question, 转 023 is not."""


def _command(turn: Context, effect: Callable[[Database], Done]) -> Outcome:
    return Outcome(Reply(turn.words.queue.no_ticket), "command", effect=effect)


def _on_ticket(turn: Context, adviser: Adviser, number: int, do: Callable[[Database, tickets.Ticket], str]) -> Outcome:
    def effect(db: Database) -> Done:
        ticket = tickets.find(db, number)
        if ticket is None or not tickets.may(adviser, ticket):
            return Done(Reply(turn.words.queue.no_ticket))
        return Done(Reply(do(db, ticket)))

    return _command(turn, effect)


def _ticket_line(turn: Context, ticket: tickets.Ticket) -> str:
    due = moment(ticket.due_at)
    return filled.todo_ticket(
        turn.words, ticket.number, ticket.village, ticket.question, local_time(due), late=turn.now > due, because=ticket.because
    )


def _duty_line(turn: Context, duty: duties.Duty) -> str:
    return filled.todo_duty(
        turn.words,
        duty.number,
        duty.kind,
        duty.village,
        local_time(moment(duty.opened_at)),
        late=turn.now > moment(duty.acknowledge_by),
        taken=duty.acknowledged_at is not None,
    )


def _called(name: str, people: list[Adviser]) -> Adviser | None:
    """Return whom a name means: the whole name, or the only one that it can be (李律师: the only 李)."""
    whole = [p for p in people if p.name == name]
    bare = re.sub(r"(?:律师|顾问|老师|主任|所长|同志)$", "", name)
    begun = [p for p in people if bare and p.name.startswith(bare)]
    found = whole or begun
    return found[0] if len(found) == 1 else None


def _village(turn: Context, word: str) -> Village | None:
    town = turn.snapshot.town
    said = normalise(word)
    for village in town.villages if town else ():
        if said and said in villages.names(village):
            return village
    return None


def _category(word: str, names: list[str]) -> str | None:
    if word in names or _TOPICS.get(word) in names:
        return word if word in names else _TOPICS[word]
    found = process.extractOne(word, names, scorer=fuzz.partial_ratio, score_cutoff=LEAST_ALIKE)
    return found[0] if found and len(word) >= 2 else None
