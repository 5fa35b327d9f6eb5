"""What a villager may do with what is kept of them: read the rule, see it, delete it, withdraw; no clerk is needed."""

from bot.dialogue import show
from bot.dialogue.turn import Context, Done, Outcome
from bot.faq import telling
from bot.ledger import forgetting, tickets, turns, villagers
from bot.ledger.clock import local_time, moment
from bot.ledger.database import Database
from bot.message import Reply
from bot.wording import filled

SHOWN = 5
"""How many of the last messages are shown."""


def rule(turn: Context) -> Outcome:
    """隐私: the whole rule."""
    reply, state = show.long(turn, telling.privacy(turn.words, turn.snapshot.town))
    return Outcome(reply, "command", state=state)


def record(turn: Context) -> Outcome:
    """查看我的记录: what is kept."""

    def effect(db: Database) -> Done:
        who = turn.villager.villager
        lines = [
            f"{local_time(moment(row['received_at'])):%m-%d %H:%M} {row['text'][:40]}"
            for row in turns.last_questions(db, who, SHOWN)
        ]
        text = filled.my_record(
            turn.words, turns.count_of(db, who), turn.villager.village, len(tickets.of_villager(db, who)), lines
        )
        reply, state = show.long(turn, text)
        return Done(reply, state)

    return Outcome(Reply(turn.words.privacy.forgotten), "command", effect=effect)


def forget(turn: Context) -> Outcome:
    """删除我的记录: at once; only figures that cannot be linked stay."""

    def effect(db: Database) -> Done:
        forget_all(db, turn)
        return Done(Reply(turn.words.privacy.forgotten))

    return Outcome(Reply(turn.words.privacy.forgotten), "command", effect=effect, secret=True)


def withdraw(turn: Context) -> Outcome:
    """撤回同意: as deleting, and from now on nothing is linked to this villager any more."""

    def effect(db: Database) -> Done:
        forget_all(db, turn)
        villagers.withdraw(db, turn.villager.villager, turn.now)
        return Done(Reply(turn.words.privacy.withdrawn))

    return Outcome(Reply(turn.words.privacy.withdrawn), "command", effect=effect, secret=True)


def consent(turn: Context) -> Outcome:
    """同意: after a withdrawal, everything works again."""

    def effect(db: Database) -> Done:
        villagers.forget(db, turn.villager.villager)
        return Done(Reply(turn.words.privacy.consented))

    if not turn.villager.withdrawn_at:
        return Outcome(Reply(turn.words.privacy.consented), "command")
    return Outcome(Reply(turn.words.privacy.consented), "command", effect=effect)


def forget_all(db: Database, turn: Context) -> str:
    """Cut everything of the villager loose from them and return the new, random name; who leaves is no adviser any more."""
    return forgetting.forget(db, turn.villager.villager, turn.now, leaves=turn.message.kind == "unsubscribe")
