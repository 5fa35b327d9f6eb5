"""A new town: its knowledge folder, which begins as the shared one with the town's name in it, its ledger, its row."""

import json
import re
from datetime import datetime
from pathlib import Path

from bot.faq.change import HistoryError
from bot.faq.edit import shared as sharing
from bot.faq.edit.texts import read
from bot.ledger import towns
from bot.ledger.access import audit
from bot.ledger.store import Store
from bot.ledger.towns import Keys, Town, TownError
from bot.settings import Settings


def begin(shared: Path, town: Path, name: str, *, now: datetime) -> None:
    """Fill the folder ``town`` with what ``shared`` holds; one that is there already stays as it is.

    Raises OSError, HistoryError.
    """
    facts = read(shared / "town.yaml")
    named = json.dumps(name, ensure_ascii=False)
    own = {} if facts is None else {"town.yaml": re.sub(r"(?m)^name:.*$", lambda _: f"name: {named}", facts, count=1)}
    sharing.begin(shared, town, now=now, own=own)


def found(base: Settings, store: Store, slug: str, name: str, keys: Keys, *, by: str, now: datetime) -> Town:
    """Add a town and make everything that it needs; its row comes last, for whoever sees it begins to answer there.

    ``store``: the ledger of the installation. A folder or ledger that lies in the town's place already is taken over. Raises
    TownError, StoreError, OSError.
    """
    towns.check(slug, name)
    with store.reading() as db:
        if any(town.slug == slug for town in towns.everybody(db)):
            raise TownError(towns.TAKEN.format(slug))
    try:
        begin(base.knowledge_dir, towns.home_of(base, slug) / "knowledge", name.strip(), now=now)
    except (HistoryError, LookupError) as e:
        raise TownError(f"县里的共用知识库 {base.knowledge_dir} 拿不出来：{e}") from e
    draft = Town(slug, name, towns.IN_USE, towns.seal(keys, slug, base.secret_key), 1, "", "")
    towns.ledger_of(towns.settings_for(base, draft)).close()
    with store.writing() as db:
        made = towns.add(db, slug, name, keys, secret_key=base.secret_key, now=now)
        audit.note(db, who=by, what="登记镇", about=f"{made.name}（{slug}）", now=now)
    return made
