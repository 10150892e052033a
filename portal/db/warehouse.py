"""What the work page of the warehouse needs beside the order itself."""

from collections.abc import Iterable

from portal.db.work import Connection
from portal.domain.filling import Goods


async def goods(conn: Connection, order_id: int) -> dict[int, Goods]:
    """By line number."""
    rows = await conn.fetch(
        """select l.line, l.mode, p.weight_kg from order_line l join product p on p.sku = l.sku
           where l.order_id = $1""",
        order_id,
    )
    return {row["line"]: Goods(row["mode"], row["weight_kg"]) for row in rows}


async def names(conn: Connection, actors: Iterable[str]) -> dict[str, str]:
    """Who is meant by an event's actor: people by their address, systems by their token."""
    rows = await conn.fetch(
        """select email as actor, name from person where email = any($1::text[])
           union all select id, name from token where id = any($1::text[])""",
        sorted(set(actors)),
    )
    return {row["actor"]: row["name"] for row in rows}


async def carriers(conn: Connection) -> list[str]:
    """With whom goods left lately, as they were written, the most used first."""
    rows = await conn.fetch(
        """select carrier from (
               select carrier from shipment where carrier is not null order by id desc limit 500
           ) as lately group by carrier order by count(*) desc, carrier limit 20"""
    )
    return [row["carrier"] for row in rows]


async def changed_lines(conn: Connection, order_id: int, lines: Iterable[int], version: int) -> list[int]:
    """Those of the lines of which something shown has changed since that version of the order."""
    rows = await conn.fetch(
        "select line from order_line where order_id = $1 and line = any($2::int[]) and version > $3 order by line",
        order_id,
        sorted(set(lines)),
        version,
    )
    return [row["line"] for row in rows]
