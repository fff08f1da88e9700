"""What is remembered of open pods: bounded, in memory alone, and forgotten with the keys of the pod.

Only what follows from its key may be kept here (a keyed hash, the opened name of one sealed row, a listing of one
version of a container), so that nothing can be out of date: what is stored is asked at each request, and is the key.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")
Key = tuple[object, ...]


class Memory(Generic[V]):
    """The values used last. `limit`: of the sum of their costs. Belongs to the event loop's thread."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._cost = 0
        self._kept: OrderedDict[Key, tuple[V, int]] = OrderedDict()
        self._of: dict[object, set[Key]] = {}

    def get(self, key: Key) -> V | None:
        """The value of a key, or None."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Key, value: V, *, cost: int = 1) -> V:
        """Remember a value and give it back; what was not used for longest goes. The first of `key` is the pod."""
        self._drop(key)
        if cost <= self._limit:
            self._kept[key] = value, cost
            self._of.setdefault(key[0], set()).add(key)
            self._cost += cost
        while self._cost > self._limit:
            self._drop(next(iter(self._kept)))
        return value

    def forget(self, pod: str) -> None:
        """Drop what is kept of a pod."""
        for key in list(self._of.get(pod, ())):
            self._drop(key)

    def _drop(self, key: Key) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is None:
            return
        self._cost -= dropped[1]
        keys = self._of[key[0]]
        keys.discard(key)
        if not keys:
            del self._of[key[0]]
