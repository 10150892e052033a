"""Two at once may stand in each other's way; the loser simply does it again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

TRIES = 4
AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError)

T = TypeVar("T")


async def patiently(do: Callable[[], Awaitable[T]]) -> T:
    """Do it again when two stood in each other's way; what did not commit has left no trace."""
    for left in reversed(range(TRIES)):
        try:
            return await do()
        except AGAIN:
            if not left:
                raise
    raise AssertionError("unreachable")
