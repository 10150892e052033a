"""Files that were dropped into a cart: their rows as they were read, and how far the worker has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Upload:
    """`done` of `total` rows are lines of the cart."""

    id: int
    cart_id: int
    account: str
    person_id: int
    name: str
    done: int
    total: int
    state: str
    asked_at: datetime

    @property
    def is_done(self) -> bool:
        return self.state == "done"


ONE = """
select u.id, u.cart_id, c.account, c.person_id, u.name, u.done, jsonb_array_length(u.rows) as total, u.state, u.asked_at
from cart_upload u join cart c on c.id = u.cart_id
"""


async def insert(
    conn: Connection, cart_id: int, name: str, rows: Sequence[Sequence[Any]], form: str, now: datetime
) -> int:
    """Keep what was read of a file; the same form keeps one."""
    known = await conn.fetchval(
        """insert into cart_upload (cart_id, name, rows, form, asked_at) values ($1, $2, $3, $4, $5)
           on conflict (cart_id, form) do nothing returning id""",
        cart_id,
        name,
        rows,
        form,
        now,
    )
    if known is None:
        known = await conn.fetchval(
            "select id from cart_upload where cart_id = $1 and form = $2", cart_id, form
        )
    return known  # type: ignore[no-any-return]


async def find(conn: Connection, upload_id: int) -> Upload | None:
    row = await conn.fetchrow(f"{ONE} where u.id = $1", upload_id)
    return Upload(*row.values()) if row else None


async def of_cart(conn: Connection, cart_id: int, upload_id: str) -> Upload | None:
    """The file of that id, as an address names it, when it went into this cart."""
    if not (upload_id.isascii() and upload_id.isdigit() and len(upload_id) < 18):
        return None
    found = await find(conn, int(upload_id))
    return found if found is not None and found.cart_id == cart_id else None


async def running(conn: Connection, cart_id: int) -> list[Upload]:
    """Of a cart, those that are not done yet."""
    rows = await conn.fetch(f"{ONE} where u.cart_id = $1 and u.state = 'waiting' order by u.id", cart_id)
    return [Upload(*row.values()) for row in rows]


async def claim(conn: Connection, upload_id: int, size: int) -> list[list[Any]] | None:
    """The next rows of a file, which is ours until commit; None when nothing waits, or somebody else is at it."""
    row = await conn.fetchrow(
        "select done, rows from cart_upload where id = $1 and state = 'waiting' for update skip locked",
        upload_id,
    )
    return row["rows"][row["done"] : row["done"] + size] if row else None


async def advance(conn: Connection, upload_id: int, count: int) -> None:
    """So many rows more are lines of the cart."""
    await conn.execute(
        """update cart_upload set done = done + $2,
               state = case when done + $2 >= jsonb_array_length(rows) then 'done' else state end where id = $1""",
        upload_id,
        count,
    )


async def waiting(conn: Connection) -> list[int]:
    """Files that are not done, the oldest first."""
    rows = await conn.fetch("select id from cart_upload where state = 'waiting' order by id")
    return [row["id"] for row in rows]
