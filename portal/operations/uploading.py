"""A file that was dropped into a cart: kept as it was read, and put into the cart a slice at a time."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import places, shop, uploads
from portal.db.patience import patiently
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.domain.pasting import Pasted
from portal.domain.quantities import text
from portal.operations import baskets, carting

# Rows of one transaction: short enough that nobody waits for the cart.
SLICE = 200


async def begin(
    work: Work, viewer: Viewer, account: str, name: str, lines: Sequence[Pasted], form: str
) -> int:
    """Keep the rows; answers the upload's id. What will not fit is refused before anything of it is in the cart."""
    basket = await baskets.open_basket(work, viewer, account)
    under_way = sum(one.total - one.done for one in await uploads.running(work.conn, basket.id))
    carting.refuse_too_many(len(basket.rows) + under_way, len(lines))
    rows = [_written(line) for line in lines]
    return await uploads.insert(work.conn, basket.id, name, rows, form, work.now)


def _written(line: Pasted) -> list[Any]:
    quantity = text(line.quantity) if line.quantity is not None else None
    return [line.line, line.typed, line.code, quantity, line.need_by, line.problem]


def _read(row: Sequence[Any]) -> Pasted:
    line, typed, code, quantity, need_by, problem = row
    return Pasted(
        line,
        typed,
        code,
        Decimal(quantity) if quantity is not None else None,
        date.fromisoformat(need_by) if need_by else None,
        problem,
    )


async def carry_on(pool: Pool, upload_id: int, time_zone: str) -> bool:
    """Put the next slice into the cart, in one commit with how far it came; False when nothing is left to do."""

    async def once() -> bool:
        work = Work(pool)
        async with work:
            rows = await uploads.claim(work.conn, upload_id, SLICE)
            upload = await uploads.find(work.conn, upload_id)
            if not rows or upload is None:
                return False
            customer = await shop.customer(work.conn, upload.account)
            assert customer is not None
            basket = await baskets.begun(work, customer, upload.person_id)
            day = places.today_at(time_zone, work.now)
            await carting.put_in(basket, [_read(row) for row in rows], day)
            await uploads.advance(work.conn, upload_id, len(rows))
            return upload.done + len(rows) < upload.total

    return await patiently(once)
