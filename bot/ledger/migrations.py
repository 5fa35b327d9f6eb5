"""The schema as numbered steps, never edited once released. The SQL is what SQLite and PostgreSQL have in common."""

from collections.abc import Callable

Execute = Callable[[str], object]
MIGRATIONS: list[Callable[[Execute], None]] = []


def m001_turns(execute: Execute) -> None:
    """A turn is one message and its reply; ``key`` and ``villager`` are keyed hashes, ``text`` is masked, ``reply`` is JSON."""
    execute("""
        create table turns (
            key text primary key,
            received_at text not null,
            day text not null,
            channel text not null,
            villager text not null,
            kind text not null,
            text text,
            decision text not null,
            entry_id text,
            entry_version text,
            category text,
            score double precision,
            offered text,
            follows text,
            reply text not null,
            latency_ms double precision not null
        )""")
    execute("create index turns_by_day on turns (day, decision)")
    execute("create index turns_by_villager on turns (villager, received_at)")
    execute("create index turns_by_follows on turns (follows)")


def m002_nonces(execute: Execute) -> None:
    """In plain mode a signature covers no message: which message a nonce came with is remembered for a while."""
    execute("create table nonces (nonce text primary key, message text not null, seen_at text not null)")
    execute("create index nonces_by_age on nonces (seen_at)")


def m003_conversations(execute: Execute) -> None:
    """What a conversation needs to go on in any process, the people behind it, and what waits for them.

    ``state`` is JSON; ``version`` grows with every change, so that of two messages at once the later one sees the first.
    """
    for column in (
        "village text",
        "answered_by text not null default '机器人'",
        "adviser integer",
        "verdict text",
        "remark text",
    ):
        execute(f"alter table turns add column {column}")
    execute("""
        create table villagers (
            villager text primary key,
            village text,
            notice text,
            noticed_at text,
            withdrawn_at text,
            state text,
            state_at text,
            version integer not null
        )""")
    execute("""
        create table advisers (
            number integer primary key,
            name text not null,
            role text not null,
            village text,
            sender text unique,
            code text unique,
            code_until text,
            bound_at text,
            removed_at text
        )""")
    execute("""
        create table tickets (
            number integer primary key,
            villager text not null,
            village text,
            question text,
            category text,
            turn text,
            because text not null,
            opened_at text not null,
            due_at text not null,
            assigned integer,
            answer text,
            answered_by integer,
            answered_at text,
            delivered_at text,
            closed_at text
        )""")
    execute("create index tickets_by_villager on tickets (villager)")
    execute("create index tickets_open on tickets (closed_at, due_at)")
    execute("create table ticket_events (ticket integer not null, at text not null, adviser integer, what text not null)")
    execute("create index ticket_events_by_ticket on ticket_events (ticket)")
    execute("""
        create table duties (
            number integer primary key,
            kind text not null,
            village text,
            opened_at text not null,
            acknowledge_by text not null,
            acknowledged_at text,
            acknowledged_by integer,
            outcome text
        )""")


MIGRATIONS += [m001_turns, m002_nonces, m003_conversations]
