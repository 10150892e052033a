"""Lists that are kept to order from again, by one person or by everybody of an account who may order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class SavedList:
    """`owner` is the name of whoever keeps it."""

    id: int
    account: str
    person_id: int
    owner: str
    name: str
    is_shared: bool
    lines: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SavedLine:
    position: int
    sku: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Earlier:
    """An order that was placed before."""

    number: str
    purchase_order_number: str | None
    placed_at: datetime
    lines: int


@dataclass(frozen=True, slots=True)
class Starts:
    """What an order can begin with."""

    lists: Sequence[SavedList]
    orders: Sequence[Earlier]


LISTED = """
select l.id, l.account, l.person_id, p.name as owner, l.name, l.shared,
    (select count(*) from saved_list_line s where s.list_id = l.id) as lines, l.changed_at
from saved_list l join person p on p.id = l.person_id
"""
NEWEST = """
select o.number, o.purchase_order_number, o.placed_at,
    (select count(*) from order_line l where l.order_id = o.id) as lines
from orders o where o.account = $1 order by o.id desc limit $2
"""
MOST_STARTS = 5


async def seen(conn: Connection, account: str, person_id: int) -> list[SavedList]:
    """A person's own lists and those that others share."""
    rows = await conn.fetch(
        f"{LISTED} where l.account = $1 and (l.person_id = $2 or l.shared) order by lower(l.name), l.id",
        account,
        person_id,
    )
    return [SavedList(*row.values()) for row in rows]


async def find(conn: Connection, list_id: int) -> SavedList | None:
    row = await conn.fetchrow(f"{LISTED} where l.id = $1", list_id)
    return SavedList(*row.values()) if row else None


async def lock(conn: Connection, list_id: int) -> SavedList | None:
    """Held until commit."""
    await conn.execute("select 1 from saved_list where id = $1 for no key update", list_id)
    return await find(conn, list_id)


async def lines(conn: Connection, list_id: int) -> list[SavedLine]:
    rows = await conn.fetch(
        "select position, sku, quantity from saved_list_line where list_id = $1 order by position", list_id
    )
    return [SavedLine(*row.values()) for row in rows]


async def insert(
    conn: Connection, account: str, person_id: int, name: str, is_shared: bool, now: datetime
) -> int | None:
    """The new list's id; None when the person has one of that name."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """insert into saved_list (account, person_id, name, shared, changed_at) values ($1, $2, $3, $4, $5)
           on conflict (account, person_id, name) do nothing returning id""",
        account,
        person_id,
        name,
        is_shared,
        now,
    )


async def rename(conn: Connection, list_id: int, name: str, is_shared: bool, now: datetime) -> bool:
    """False when its owner has another of that name."""
    status = await conn.execute(
        """update saved_list l set name = $2, shared = $3, changed_at = $4 where id = $1 and not exists (
               select 1 from saved_list o
               where o.account = l.account and o.person_id = l.person_id and o.name = $2 and o.id <> l.id)""",
        list_id,
        name,
        is_shared,
        now,
    )
    return status == "UPDATE 1"


async def put_lines(conn: Connection, list_id: int, wanted: Sequence[tuple[str, Decimal]]) -> None:
    """These lines, in this order, and no others."""
    await conn.execute("delete from saved_list_line where list_id = $1", list_id)
    await conn.executemany(
        "insert into saved_list_line (list_id, position, sku, quantity) values ($1, $2, $3, $4)",
        [(list_id, place, sku, quantity) for place, (sku, quantity) in enumerate(wanted, 1)],
    )


async def delete(conn: Connection, list_id: int) -> None:
    await conn.execute("delete from saved_list where id = $1", list_id)


async def starts(conn: Connection, account: str, person_id: int) -> Starts:
    """The lists, and the newest orders of the account."""
    rows = await conn.fetch(NEWEST, account, MOST_STARTS)
    return Starts(await seen(conn, account, person_id), [Earlier(*row.values()) for row in rows])
