"""Holds as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.db.work import Connection

LISTED = "id, account, reason, lines, released_at"


@dataclass(frozen=True, slots=True)
class Standing:
    """A hold; it stands until `released_at`. No lines means the whole order."""

    id: int
    account: str
    reason: str
    lines: list[int] | None
    released_at: datetime | None


async def insert(
    conn: Connection,
    order_id: int,
    account: str,
    reason: str,
    note: str | None,
    lines: Sequence[int] | None,
    now: datetime,
    actor: str,
) -> int:
    """Write a hold; answers its id."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """insert into hold (order_id, account, reason, note, lines, set_at, set_by)
           values ($1, $2, $3, $4, $5, $6, $7) returning id""",
        order_id,
        account,
        reason,
        note,
        list(lines) if lines is not None else None,
        now,
        actor,
    )


async def get(conn: Connection, order_id: int, hold_id: str) -> Standing | None:
    """One hold of an order, by the id that the API tells."""
    if not hold_id.isascii() or not hold_id.isdigit() or len(hold_id) > 18:
        return None
    row = await conn.fetchrow(
        f"select {LISTED} from hold where order_id = $1 and id = $2", order_id, int(hold_id)
    )
    return Standing(*row.values()) if row else None


async def standing(conn: Connection, order_id: int) -> list[Standing]:
    """The holds that stop something of the order now."""
    rows = await conn.fetch(
        f"select {LISTED} from hold where order_id = $1 and released_at is null order by id", order_id
    )
    return [Standing(*row.values()) for row in rows]


async def release(conn: Connection, hold_id: int, note: str | None, now: datetime, actor: str) -> None:
    """The hold no longer stands."""
    await conn.execute(
        "update hold set released_at = $2, released_by = $3, release_note = $4 where id = $1",
        hold_id,
        now,
        actor,
        note,
    )


async def reword(conn: Connection, hold_id: int, note: str | None) -> None:
    """It stands for another reason of the same kind now."""
    await conn.execute("update hold set note = $2 where id = $1", hold_id, note)
