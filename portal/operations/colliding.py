"""Two people on one order: who decided on what has changed since is told, and does nothing."""

from collections.abc import Iterable

from portal.db import warehouse
from portal.db.orders import Locked
from portal.db.work import Work
from portal.domain.refusals import Stale


class Overtaken(Stale):
    """Somebody else changed these lines since the version that was decided on."""

    def __init__(self, number: str, lines: list[int], version: int) -> None:
        listed = ", ".join(map(str, lines))
        super().__init__(f"Order {number} has changed since version {version}, in lines {listed}.")
        self.lines = lines


async def refuse_overtaken(work: Work, order: Locked, lines: Iterable[int], version: int) -> None:
    """Refuse when any of these lines of the locked order changed after that version; other lines may have."""
    if order.version > version:
        changed = await warehouse.changed_lines(work.conn, order.id, lines, version)
        if changed:
            raise Overtaken(order.number, changed, version)
