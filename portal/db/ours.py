"""Stock that is promised: the allocated portions of a product, for when less is there than was promised."""

from collections.abc import Collection

from portal.db.portions import LISTED, read
from portal.db.work import Connection
from portal.domain.portions import Portion


async def unpicked(conn: Connection, sku: str, location: str) -> list[tuple[Portion, list[str]]]:
    """Allocated portions with their account's path, those that give way first in front.

    The lowest priority gives way first, among equals the newest.
    """
    rows = await conn.fetch(
        f"""select {LISTED}, a.path from portion p
            join orders o on o.id = p.order_id join account a on a.number = p.account
            join order_line l on l.id = p.line_id left join queue_override v on v.line_id = p.line_id
            where p.sku = $1 and p.location = $2 and p.stage = 'allocated' and p.counted
            order by coalesce(v.priority, a.priority), o.arrival desc, l.line desc, p.id desc""",
        sku,
        location,
    )
    return [(read(row), row["path"]) for row in rows]


async def touched_by_hands(conn: Connection, sku: str, location: str) -> Collection[Portion]:
    """What is being picked or is packed: nobody takes it away from a desk."""
    rows = await conn.fetch(
        f"""select {LISTED} from portion p
            where p.sku = $1 and p.location = $2 and p.stage in ('picking', 'packed') and p.counted""",
        sku,
        location,
    )
    return [read(row) for row in rows]
