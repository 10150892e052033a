"""Tables that grow for ever, in parts by number: made before they are needed, and thrown away whole when all in them is
old enough. `event` and `delivery_attempt` are such; see docs/decisions/0015.

A part is `<table>_from_<its first number>`. What changes parts waits for its locks for a moment only, and is tried
again the next time.
"""

import re
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import structlog

from portal.db.work import Connection

log = structlog.get_logger()

SIZE = 10_000_000
AHEAD = 3
# What each part holds to for itself.
OWN = {"event": ", unique (account, sequence)", "delivery_attempt": ""}
WAIT = "set local lock_timeout = '500ms'"
PARTS = """
select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds
from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::text::regclass
"""
BOUNDS = re.compile(r"FROM \((MINVALUE|'?\d+'?)\) TO \('?(\d+)'?\)")
LAST = "select coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, 'id')::regclass), 0)"


@dataclass(frozen=True, slots=True)
class Part:
    """It holds numbers from `first` on, and none from `end` on."""

    name: str
    first: int
    end: int


async def of(conn: Connection, table: str) -> list[Part]:
    """The oldest first."""
    found = []
    for row in await conn.fetch(PARTS, table):
        bounds = BOUNDS.search(row["bounds"])
        assert bounds is not None, row["bounds"]
        first = 0 if bounds[1] == "MINVALUE" else int(bounds[1].strip("'"))
        found.append(Part(row["name"], first, int(bounds[2])))
    return sorted(found, key=lambda part: part.first)


async def room(conn: Connection, table: str) -> int:
    """How many rows there is room for."""
    last = int(await conn.fetchval(LAST, table))
    return max((part.end for part in await of(conn, table)), default=0) - last


async def look_ahead(conn: Connection, table: str, *, size: int = SIZE, ahead: int = AHEAD) -> list[str]:
    """Make what is missing to have room for `ahead` parts more; the names of what was made."""
    made = []
    while await room(conn, table) < ahead * size:
        parts = await of(conn, table)
        first = parts[-1].end
        name = f"{table}_from_{first}"
        try:
            async with conn.transaction():
                await conn.execute(WAIT)
                await conn.execute(
                    f"create table {name} (like {table} including defaults including storage{OWN[table]})"
                )
                # Beside whoever reads and writes: only making it a part of the other way would shut them out.
                await conn.execute(
                    f"alter table {table} attach partition {name} for values from ({first}) to ({first + size})"
                )
        except (asyncpg.LockNotAvailableError, asyncpg.DuplicateTableError) as busy:
            log.info("a part is made another time", part=name, because=str(busy))
            break
        made.append(name)
    return made


async def drop_old(conn: Connection, table: str, before: datetime) -> list[str]:
    """Throw away parts of which every row is from before that; never the one that is written to, nor what is ahead."""
    dropped = []
    last = int(await conn.fetchval(LAST, table))
    for part in await of(conn, table):
        if part.end > last or await conn.fetchval(
            f"select exists (select from {part.name} where at >= $1)", before
        ):
            break
        try:
            async with conn.transaction():
                await conn.execute(WAIT)
                await conn.execute(f"drop table {part.name}")
        except asyncpg.LockNotAvailableError as busy:
            log.info("a part is dropped another time", part=part.name, because=str(busy))
            break
        dropped.append(part.name)
    return dropped
