"""Transactions of one process take turns, and short ones that come close together are committed as one.

To have a commit on the disk takes milliseconds, whatever is in it. Each transaction still waits for the commit that holds
it, so what has returned is kept; and each is undone by itself where it fails.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any


class Locked(Exception):
    """Another transaction of this process took too long."""


class _Batch:
    """What is committed at once: the connection that is lent for it, and what came of it."""

    def __init__(self, lending: AbstractContextManager[Any]) -> None:
        self.lending = lending
        self.db = lending.__enter__()
        self.error: BaseException | None = None
        self.done = threading.Event()


class Group:
    """Takes turns on one database file. SQLite by itself would let all but one sleep for a while and try again.

    ``lend`` lends a connection in autocommit mode; ``patience``: how many seconds a turn is waited for.
    """

    def __init__(self, lend: Callable[[], AbstractContextManager[Any]], patience: float) -> None:
        self._lend, self._patience = lend, patience
        self._state = threading.Condition()
        self._busy = False
        self._waiting = 0
        self._batch: _Batch | None = None

    @contextmanager
    def alone(self) -> Iterator[Any]:
        """Lend a connection for a transaction of its own, however long. Raises Locked."""
        self._take()
        try:
            self._commit()
            with self._lend() as db:
                db.execute("begin immediate")
                try:
                    yield db
                    db.execute("commit")
                except BaseException:
                    db.rollback()
                    raise
        finally:
            self._give()

    @contextmanager
    def together(self) -> Iterator[Any]:
        """Lend a connection for a short transaction, which is committed with those that wait behind it. Raises Locked."""
        batch = None
        self._take()
        try:
            batch = self._batch or self._open()
            batch.db.execute("savepoint one")
            try:
                yield batch.db
                batch.db.execute("release one")
            except BaseException:
                self._undo_one(batch)
                raise
        finally:
            with self._state:
                last = not self._waiting
            if last:
                self._commit()
            self._give()
            if batch:
                # Who failed waits, too: what made them fail may be what the others wrote, and be seen only then.
                batch.done.wait()
        if batch.error is not None:
            raise batch.error

    def _take(self) -> None:
        with self._state:
            self._waiting += 1
            free = self._state.wait_for(lambda: not self._busy, self._patience)
            self._waiting -= 1
            if not free:  # whoever is busy commits what is open, now that this one does not
                raise Locked("database is locked")
            self._busy = True

    def _give(self) -> None:
        with self._state:
            if self._batch and not self._waiting:
                # The one who was to commit it gave up meanwhile.
                self._commit()
            self._busy = False
            self._state.notify()

    def _open(self) -> _Batch:
        batch = _Batch(self._lend())
        try:
            batch.db.execute("begin immediate")
        except BaseException as e:
            _end(batch, e)
            raise
        self._batch = batch
        return batch

    def _undo_one(self, batch: _Batch) -> None:
        try:
            batch.db.execute("rollback to one")
            batch.db.execute("release one")
        except Exception as e:  # a full disk undoes the whole transaction, the others' part with it
            self._batch = None
            _end(batch, e)

    def _commit(self) -> None:
        batch, self._batch = self._batch, None
        if batch is None:
            return
        try:
            batch.db.execute("commit")
        except BaseException as e:
            _end(batch, e)
        else:
            _end(batch, None)


def _end(batch: _Batch, error: BaseException | None) -> None:
    """Give the connection back, and tell those who wait what came of it."""
    try:
        if error is None:
            batch.lending.__exit__(None, None, None)
        else:
            batch.lending.__exit__(type(error), error, error.__traceback__)  # which closes it, and undoes what is open
    except BaseException as e:
        error = error or e
    batch.error = error
    batch.done.set()
