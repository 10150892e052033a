"""Lift a hold in person: only whoever its reason waits for may."""

from portal.db import holds, orders
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.because import LIFTED_BY
from portal.domain.credit import Heard
from portal.domain.refusals import NotFound
from portal.operations import holding


async def lift(
    work: Work, viewer: Viewer, number: str, hold_id: str, note: str | None, heard: Heard | None = None
) -> str:
    """Lift one hold of an order; answers its reason. A hold's reason never changes, so it needs no lock."""
    found = await orders.find(work.conn, viewer, number)
    standing = await holds.get(work.conn, found[0], hold_id) if found else None
    if standing is None:
        raise NotFound(f"Order {number} has no hold {hold_id}.")
    viewer.need(f"holds:{LIFTED_BY[standing.reason]}")
    await holding.release(work, viewer, number, hold_id, note, heard)
    return standing.reason
