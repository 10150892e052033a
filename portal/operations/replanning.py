"""Whatever waits because of a thing that has changed is planned anew, in the same transaction."""

from portal.db import stock
from portal.db.work import Work
from portal.operations import planning


async def replan_waiting(work: Work, where: str, value: str, cause: planning.Cause) -> None:
    """`where` chooses portions `p`, and holds the value as `$1`."""
    rows = await work.conn.fetch(
        f"select distinct p.sku from portion p where p.stage = 'waiting' and {where} order by p.sku", value
    )
    skus = [row["sku"] for row in rows]
    await stock.lock(work.conn, skus)
    await planning.replan(work, skus, cause)
