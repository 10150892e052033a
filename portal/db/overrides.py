"""What staff decided for single lines in the queue, as rows. They change only under the lock of their product."""

from dataclasses import dataclass

from portal.db.work import Connection, Work


@dataclass(frozen=True, slots=True)
class Override:
    """Another priority than the account's, or the one location that the line is served from; or both.

    `reason` and `note` are the priority's where there is one: the buyer reads why it stands elsewhere in the queue.
    """

    priority: int | None = None
    location: str | None = None
    reason: str = ""
    note: str | None = None


async def get(conn: Connection, line_id: int) -> Override:
    """What was decided for the line; nothing, when nothing was."""
    row = await conn.fetchrow(
        "select priority, location, reason, note from queue_override where line_id = $1", line_id
    )
    return Override(*row.values()) if row else Override()


async def write(work: Work, line_id: int, order_id: int, account: str, sku: str, wanted: Override) -> None:
    """Set it, or forget it when nothing is left to decide."""
    if wanted.priority is None and wanted.location is None:
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
        wanted.reason,
        wanted.note,
        work.actor,
        work.now,
    )
