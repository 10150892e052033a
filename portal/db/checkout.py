"""What a checkout looks up beside cart and quote: where goods can go, which orders carry the same number."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.db.work import Connection
from portal.domain.checkout import Earlier

# More are not listed: the first few say it all.
MOST_EARLIER = 5


@dataclass(frozen=True, slots=True)
class Destination:
    """A ship-to with what its people have settled for it."""

    code: str
    name: str
    lines: tuple[str, ...]
    city: str
    postal_code: str | None
    country: str
    instructions: str | None
    delivery_preference: str | None


async def destinations(conn: Connection, account: str) -> list[Destination]:
    """Those that are in use, by code."""
    rows = await conn.fetch(
        """select code, name, lines, city, postal_code, country, instructions, delivery_preference
           from ship_to where account = $1 and active order by code""",
        account,
    )
    return [
        Destination(row["code"], row["name"], tuple(row["lines"]), *tuple(row.values())[3:]) for row in rows
    ]


async def last_order(conn: Connection, account: str, person_id: int) -> tuple[str, str, datetime] | None:
    """(number, where it went, when it was placed) of the person's last order for that account."""
    row = await conn.fetchrow(
        "select number, ship_to, placed_at from orders where account = $1 and person_id = $2 order by id desc limit 1",
        account,
        person_id,
    )
    return tuple(row.values()) if row else None


async def delivery_of(conn: Connection, account: str) -> tuple[str, str]:
    """(how the account gets its goods where nobody says otherwise, the day of its weekly delivery)."""
    row = await conn.fetchrow(
        "select delivery_preference, weekly_day from account where number = $1", account
    )
    assert row is not None
    return row["delivery_preference"], row["weekly_day"]


async def earlier(
    conn: Connection, account: str, purchase_order_number: str | None, but: str | None = None
) -> list[Earlier]:
    """Orders of the account with this number that were not called off, the newest first; `but` that one."""
    if not purchase_order_number:
        return []
    rows = await conn.fetch(
        """select o.number, o.placed_at, s.state, o.total from orders o join order_status s on s.order_id = o.id
           where o.account = $1 and upper(o.purchase_order_number) = upper($2)
               and s.state not in ('cancelled', 'rejected') and o.number is distinct from $3
           order by o.id desc limit $4""",
        account,
        purchase_order_number,
        but,
        MOST_EARLIER,
    )
    return [Earlier(*row.values()) for row in rows]


async def arrivals(conn: Connection, number: str) -> dict[int, date | None]:
    """By line number the day on which the last of the line arrives as the order stands in this transaction; nothing
    while it waits to be placed."""
    rows = await conn.fetch(
        """select l.line, case when bool_and(p.arrives_on is not null) then max(p.arrives_on) end as arrives_on
           from orders o join order_status s on s.order_id = o.id
           join order_line l on l.order_id = o.id join portion p on p.line_id = l.id
           where o.number = $1 and s.state = 'open' group by l.line""",
        number,
    )
    return {row["line"]: row["arrives_on"] for row in rows}


async def settle_delivery(
    conn: Connection, account: str, code: str, preference: str | None, instructions: str | None
) -> bool:
    """Keep what the account's people want for a ship-to; false where there is none of that code."""
    done = await conn.execute(
        """update ship_to set delivery_preference = $3, instructions = $4
           where account = $1 and code = $2 and active""",
        account,
        code,
        preference,
        instructions,
    )
    return str(done).endswith(" 1")
