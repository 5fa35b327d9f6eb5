"""What several towns of one process have in common is held once: things that never change, found again by what they hold."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

Thing = TypeVar("Thing")


class Together(Generic[Thing]):
    """Immutable things by what they were made of; kept only as long as somebody else holds them."""

    def __init__(self) -> None:
        self._held: WeakValueDictionary[Hashable, Thing] = WeakValueDictionary()

    def find(self, key: Hashable) -> Thing | None:
        """Return the thing that was made of ``key``, where somebody has it."""
        return self._held.get(key)

    def get(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """Return the thing made of ``key``; two threads may make it at once, and each then has its own."""
        found = self._held.get(key)
        return self._held.setdefault(key, make()) if found is None else found
