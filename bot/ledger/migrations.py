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


MIGRATIONS += [m001_turns, m002_nonces]
