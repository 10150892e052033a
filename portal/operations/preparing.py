"""What is settled of an order before it is placed: where it goes, how, and by when each line is needed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from portal.db import carts, checkout
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.quotes import PREFERENCES
from portal.domain.refusals import NotFound, Problem, Unacceptable

LONGEST_NOTE = 2000


async def prepare(
    work: Work, viewer: Viewer, cart_id: int, details: Mapping[str, Any], need_by: Mapping[int, date | None]
) -> None:
    """Keep it with the cart. The version rises only when something is another by now."""
    found = await carts.lock(work.conn, cart_id)
    if found is None or found[1] != viewer.person_id:
        raise NotFound("There is no such cart.")
    before = await carts.details_of(work.conn, cart_id)
    rows = [
        replace(row, need_by=need_by[row.position])
        for row in await carts.rows_of(work.conn, cart_id)
        if row.position in need_by and row.need_by != need_by[row.position]
    ]
    if not rows and all(before[name] == value for name, value in details.items()):
        return
    await carts.put(work.conn, cart_id, rows)
    await carts.describe(work.conn, cart_id, dict(details))
    await carts.changed(work.conn, cart_id, work.now)


async def settle(
    work: Work, viewer: Viewer, account: str, code: str, preference: str | None, instructions: str | None
) -> None:
    """What the account's people want for one of their places, from the next order on. None: as the account has it."""
    if viewer.is_supplier or not viewer.sees(account):
        raise NotFound(f"There is no account {account!r}.")
    viewer.need("addresses:write", account)
    if preference is not None and preference not in PREFERENCES:
        raise Unacceptable(
            "There is no such delivery preference.", [Problem("/delivery_preference", "unknown")]
        )
    if instructions is not None and len(instructions) > LONGEST_NOTE:
        raise Unacceptable(
            f"Instructions have at most {LONGEST_NOTE:,} characters.", [Problem("/instructions", "too long")]
        )
    if not await checkout.settle_delivery(work.conn, account, code, preference, instructions):
        raise NotFound(f"Account {account} has no destination {code!r}.")
