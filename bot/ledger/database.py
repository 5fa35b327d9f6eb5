"""What the ledger asks of a database connection: the part of sqlite-utils that SQLite and PostgreSQL have in common."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol


class Database(Protocol):
    """One connection, used by one thread at a time."""

    def execute(self, sql: str, parameters: Any = None, /) -> Any:
        """Run one statement with its ``:named`` parameters and return its cursor."""

    def query(self, sql: str, params: Any = None, /) -> Iterator[dict[str, Any]]:
        """Yield the rows of a reading statement as dictionaries."""

    def each(self, sql: str, /) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a reading statement one by one, however many they are; in a transaction."""

    def many(self, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]], /) -> None:
        """Insert many rows, as fast as the database can."""

    def alone(self, name: str, /) -> None:
        """Until the transaction ends, let nobody else pass who asks for ``name``."""

    def conclude(self) -> None:
        """Until the transaction ends, let statements go out together with its end; nobody may ask what they came to."""

    def rollback(self) -> None:
        """Undo the transaction."""

    def close(self) -> None:
        """End the connection."""


class StoreError(Exception):
    """The database cannot be read or written; the message says what it answered."""
