"""The table of turns in PostgreSQL, which is split by month."""

from datetime import date, timedelta

from bot.ledger.clock import months
from bot.ledger.database import Database


def ensure_months(db: Database, start: date, end: date) -> None:
    """Make the parts of ``turns`` for the months from ``start`` to ``end``; rows that waited in the common part move there.

    Call it in a transaction about nobody.
    """
    for month, last in months(start, end):
        name, following = f"turns_{month:%Y_%m}", last + timedelta(days=1)
        if db.execute(f"select to_regclass('{name}')").fetchone() == (None,):
            days = f"from ('{month:%Y-%m}-01') to ('{following:%Y-%m}-01')"
            within = f"day >= '{month:%Y-%m}-01' and day < '{following:%Y-%m}-01'"
            db.execute(f"create table {name} (like turns including defaults including constraints)")
            db.execute(f"insert into {name} select * from only turns_other where {within}")
            db.execute("alter table turns_other disable trigger user")
            db.execute(f"delete from turns_other where {within}")
            db.execute("alter table turns_other enable trigger user")
            db.execute(f"alter table turns attach partition {name} for values {days}")


def split(db: Database) -> None:
    """Make ``turns`` a table of parts by month.

    A key of a table of parts is only unique with its day; that a message has one turn is for ``turn_keys`` to see to.
    """
    indexes = db.execute(
        "select indexdef from pg_indexes"
        " where schemaname = current_schema() and tablename = 'turns' and indexname <> 'turns_pkey'"
    ).fetchall()
    db.execute("alter table turns rename to turns_whole")
    db.execute("create table turns (like turns_whole including defaults including constraints) partition by range (day)")
    db.execute("create table turns_other partition of turns default")
    db.execute("create table turn_keys (key text primary key, day text not null)")
    for name, body, when in (
        ("turn_comes", "insert into turn_keys (key, day) values (new.key, new.day); return new;", "before insert"),
        ("turn_goes", "delete from turn_keys where key = old.key; return old;", "after delete"),
        (
            "turn_turns",
            "update turn_keys set key = new.key, day = new.day where key = old.key; return new;",
            "before update of key, day",
        ),
    ):
        db.execute(
            f"create function {name}() returns trigger language plpgsql set search_path from current as $$ begin {body} end $$"
        )
        db.execute(f"create trigger {name} {when} on turns for each row execute function {name}()")
    db.execute("insert into turns select * from turns_whole")
    db.execute("drop table turns_whole")
    db.execute("alter table turns add primary key (key, day)")
    for (definition,) in indexes:
        db.execute(definition)
