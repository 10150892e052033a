"""Ask the ERP before a transaction begins: no network call may sit inside one."""

from typing import cast

from litestar.datastructures import State

from portal.db import credit
from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.credit import Heard


async def hear(state: State, account: str | None) -> Heard | None:
    """What the ERP says of the account's credit, and of those whose limit it draws on, within its time limit.

    Nothing is asked, and nothing looked up, where no ERP is connected or the portal's own tables know.
    """
    if account is None or not state.erp.is_connected:
        return None
    async with state.pool.acquire() as acquired:
        asked = await credit.known_to_erp(cast("Connection", acquired), account)
    if not asked:
        return None
    found: Heard = await state.erp.ask(asked)
    return found


async def hear_for_shipment(state: State, number: str, viewer: Viewer | None = None) -> Heard | None:
    """The same for the account of a shipment, where the viewer may see it."""
    return await _hear_of(state, "select account from shipment where number = $1", number, viewer)


async def hear_for_order(state: State, number: str, viewer: Viewer | None = None) -> Heard | None:
    """The same for the account of an order, where the viewer may see it."""
    return await _hear_of(state, "select account from orders where number = $1", number, viewer)


async def _hear_of(state: State, query: str, number: str, viewer: Viewer | None) -> Heard | None:
    if not state.erp.is_connected:
        return None
    async with state.pool.acquire() as acquired:
        account = await acquired.fetchval(query, number)
    if account is None or (viewer is not None and not viewer.sees(account)):
        return None
    return await hear(state, account)
