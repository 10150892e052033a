"""Up to which version a person has read an order."""

from datetime import datetime

from portal.db.work import Connection


async def last_read(conn: Connection, person_id: int, order_id: int) -> tuple[int, datetime] | None:
    """(version, when), or None when the person never said so."""
    row = await conn.fetchrow(
        "select read_version, read_at from order_visit where person_id = $1 and order_id = $2",
        person_id,
        order_id,
    )
    return (row["read_version"], row["read_at"]) if row else None


async def mark_read(conn: Connection, person_id: int, order_id: int, version: int, now: datetime) -> None:
    """Remember it; what was read later is never taken back."""
    await conn.execute(
        """insert into order_visit (person_id, order_id, read_version, read_at) values ($1, $2, $3, $4)
           on conflict (person_id, order_id) do update
           set read_version = greatest(order_visit.read_version, excluded.read_version), read_at = excluded.read_at""",
        person_id,
        order_id,
        version,
        now,
    )
