"""What was made before and is still true, kept within a number of bytes; the least used goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any


class Shelf:
    """Keys hold everything the value depends on (versions above all), so that nothing ever has to be thrown out."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.size = 0
        self._kept: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        return kept[1]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        if size > self.budget:
            return
        if (former := self._kept.pop(key, None)) is not None:
            self.size -= former[0]
        self._kept[key] = (size, value)
        self.size += size
        while self.size > self.budget:
            _, (freed, _) = self._kept.popitem(last=False)
            self.size -= freed
