"""The record of what happened, as feed and as an order's timeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.db.work import Connection

LISTED = "e.sequence, e.id, e.type, e.at, e.actor, o.number as order, e.account, e.version, e.data"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it was recorded. `sequence` has no gaps within its account."""

    sequence: int
    id: int
    type: str
    at: datetime
    actor: str
    order: str | None
    account: str
    version: int | None
    data: dict[str, Any]

    def told(self) -> dict[str, Any]:
        """As the feed tells it, and whoever is told by it."""
        return {
            "sequence": self.sequence,
            "position": str(self.id),
            "id": f"evt_{self.id}",
            "type": self.type,
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "account": self.account,
            "order": self.order,
            "version": self.version,
            "data": self.data,
        }


async def timeline(conn: Connection, order_id: int, *, limit: int | None = None) -> list[Recorded]:
    """What happened to an order, oldest first; with a limit, only the latest."""
    rows = await conn.fetch(
        f"""select {LISTED} from event e join orders o on o.id = e.order_id
            where e.order_id = $1 order by e.id desc limit $2""",
        order_id,
        limit,
    )
    return [Recorded(*row.values()) for row in reversed(rows)]


async def of_account(conn: Connection, account: str, after: int, limit: int) -> list[Recorded]:
    """An account's feed after a sequence number. A number that is given was committed with all before it."""
    rows = await conn.fetch(
        f"""select {LISTED} from event e left join orders o on o.id = e.order_id
            where e.account = $1 and e.sequence > $2 order by e.sequence limit $3""",
        account,
        after,
        limit,
    )
    return [Recorded(*row.values()) for row in rows]


async def of_all(conn: Connection, after: int, limit: int) -> list[Recorded]:
    """Every account's events after the one with this id, in an order in which none can appear late.

    Transactions commit in another order than they begin, so events are told only once no elder transaction is
    still running: what a reader has passed never grows.
    """
    rows = await conn.fetch(
        f"""select {LISTED} from event e left join orders o on o.id = e.order_id
            where (e.txid, e.id) > (coalesce((select b.txid from event b where b.id = $1), '0'::xid8), $1::bigint)
                and e.txid < (select feed_horizon())
            order by e.txid, e.id limit $2""",
        after,
        limit,
    )
    return [Recorded(*row.values()) for row in rows]
