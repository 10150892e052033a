"""What staff decided for single lines in the queue, as rows. They change only under the lock of their product."""

from dataclasses import dataclass

from portal.db.work import Connection, Work


@dataclass(frozen=True, slots=True)
class Override:
    """Another priority than the account's, or the one location that the line is served from; or both."""

    priority: int | None
    location: str | None


async def get(conn: Connection, line_id: int) -> Override:
    """What was decided for the line; nothing, when nothing was."""
    row = await conn.fetchrow("select priority, location from queue_override where line_id = $1", line_id)
    return Override(*row.values()) if row else Override(None, None)


async def write(
    work: Work,
    line_id: int,
    order_id: int,
    account: str,
    sku: str,
    wanted: Override,
    reason: str,
    note: str | None,
) -> None:
    """Set it, or forget it when nothing is left to decide."""
    if wanted == Override(None, None):
        await work.conn.execute("delete from queue_override where line_id = $1", line_id)
        return
    await work.conn.execute(
        """insert into queue_override (line_id, order_id, account, sku, priority, location, reason, note, set_by,
               set_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (line_id) do update set priority = excluded.priority, location = excluded.location,
               reason = excluded.reason, note = excluded.note, set_by = excluded.set_by, set_at = excluded.set_at""",
        line_id,
        order_id,
        account,
        sku,
        wanted.priority,
        wanted.location,
        reason,
        note,
        work.actor,
        work.now,
    )
