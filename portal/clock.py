"""The portal's clock: real time, and in demo and test mode real time moved ahead by what the database says."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

_ahead = timedelta()


class Reads(Protocol):
    """A connection that can be asked for one value."""

    async def fetchval(self, query: str, /) -> int | None: ...


def utc_now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC) + _ahead


def ahead() -> timedelta:
    """By how much the simulated clock is ahead of real time."""
    return _ahead


async def refresh(connection: Reads) -> None:
    """Read how far the simulated clock is ahead; only demo and test mode call this."""
    global _ahead
    _ahead = timedelta(
        microseconds=await connection.fetchval("select ahead_microseconds from clock where id = 1") or 0
    )
