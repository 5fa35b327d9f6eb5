"""Notices as they would be printed now, and what of a printed one is no longer so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.faq.library import Snapshot
from bot.notices import pictures
from bot.notices.content import VILLAGE, Content, differences, entry_notice, phrases_of, spoken, village_notice
from bot.notices.phrases import LONG, Answers, Phrase, phrase


@dataclass(frozen=True)
class Now:
    """What notices are made from. pictures: place -> digest, as ``pictures.digests`` gives it; address: of the web page."""

    snapshot: Snapshot
    today: date
    pictures: Mapping[str, str]
    address: str
    answers: Answers

    def village(self, name: str, phrases: Sequence[Phrase]) -> Content | None:
        """Return a village's notice, or None where there is no such village."""
        town, village = self.snapshot.town, self.snapshot.village(name)
        if town is None or village is None:
            return None
        picture = pictures.chosen(self.pictures, name)
        return village_notice(town, village, self.snapshot.hotlines, phrases, picture=picture, address=self.address)

    def entry(self, id_: str, say: str | None = None) -> Content | None:
        """Return an entry's 明白纸, None where it may not answer today; ``say``: the phrase to print, None: choose one."""
        entry = self.snapshot.servable(id_, self.today)
        if entry is None:
            return None
        chosen = phrase(entry, self.answers) if say is None else Phrase(say, id_, entry.question)
        picture = pictures.chosen(self.pictures)
        return entry_notice(
            self.snapshot.town, entry, self.snapshot.hotlines, chosen, picture=picture, address=self.address
        )  # fmt: skip

    def said(self, texts: Sequence[str]) -> tuple[list[Phrase], list[str]]:
        """Return the phrases that somebody chose, and those of them that no entry answers at once."""
        found, unanswered = [], []
        for text in dict.fromkeys(" ".join(text.split())[:LONG] for text in texts if text.strip()):
            id_ = self.answers(text)
            entry = self.snapshot.servable(id_, self.today) if id_ else None
            if entry is None:
                unanswered.append(text)
            else:
                found.append(Phrase(text, entry.id, entry.question))
        return found, unanswered

    def changes(self, printed: Content) -> list[str]:
        """Return in words what of a printed notice is no longer so; the phrases on it only where they lead elsewhere now."""
        if printed["kind"] == VILLAGE:
            now = self.village(printed["about"], phrases_of(printed))
        else:
            now = self.entry(printed["about"], printed.get("say", ""))
        gone = [say for say, id_ in spoken(printed) if self.answers(say) != id_]
        return differences(printed, now, gone)
