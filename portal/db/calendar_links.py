"""The secret addresses of calendars: kept as hashes, so that whoever reads the database reads no calendar."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.db.work import Connection, Pool

# How often a reading is noted.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CalendarLink:
    """`ship_to` is `account/code`, or None for all places."""

    id: int
    person_id: int
    name: str
    ship_to: str | None
    made_at: datetime
    last_read_at: datetime | None
    revoked_at: datetime | None


COLUMNS = "id, person_id, name, ship_to, made_at, last_read_at, revoked_at"


async def find(conn: Connection, sha256: bytes) -> CalendarLink | None:
    row = await conn.fetchrow(f"select {COLUMNS} from calendar_link where sha256 = $1", sha256)
    return CalendarLink(*row.values()) if row else None


async def in_use(conn: Connection, person_id: int) -> list[CalendarLink]:
    """Those of a person, the newest first."""
    rows = await conn.fetch(
        f"select {COLUMNS} from calendar_link where person_id = $1 and revoked_at is null order by id desc",
        person_id,
    )
    return [CalendarLink(*row.values()) for row in rows]


async def make(
    conn: Connection, person_id: int, name: str, ship_to: str | None, sha256: bytes, now: datetime
) -> int:
    found: int = await conn.fetchval(
        """insert into calendar_link (person_id, name, ship_to, sha256, made_at) values ($1, $2, $3, $4, $5)
           returning id""",
        person_id,
        name,
        ship_to,
        sha256,
        now,
    )
    return found


async def revoke(conn: Connection, person_id: int, link_id: int, now: datetime) -> bool:
    """Whether there was one in use."""
    done = await conn.execute(
        "update calendar_link set revoked_at = $3 where id = $2 and person_id = $1 and revoked_at is null",
        person_id,
        link_id,
        now,
    )
    return done != "UPDATE 0"


async def note_reading(conn: Connection | Pool, link: CalendarLink, now: datetime) -> None:
    """By the minute."""
    last = link.last_read_at
    if last is None or abs(now - last) > NOTED_EVERY:
        await conn.execute("update calendar_link set last_read_at = $2 where id = $1", link.id, now)


async def versions(conn: Connection, order_ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    """Of each order its version and when it came about: what a calendar calls the sequence of an entry."""
    rows = await conn.fetch(
        "select order_id, version, updated_at from order_status where order_id = any($1::bigint[])",
        list(order_ids),
    )
    return {row["order_id"]: (row["version"], row["updated_at"]) for row in rows}
