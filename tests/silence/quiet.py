"""What tests of silence say: an order that waits, supply that is announced, and who looks after the account."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import tasks
from portal.db.inbound import Announced
from portal.db.tasks import Task
from portal.db.work import Work
from portal.operations import breaking_silence, cataloguing, people, receiving
from portal.operations.receiving import Announcement
from tests.billing.books import STAFF, Books, set_to
from tests.operations import supplier as goods

# A Wednesday.
PLACED = "2026-11-18T10:00:00+00:00"
JO = "jo@supplier.example"


@dataclass(slots=True)
class Quiet(Books):
    """The books of billing, and time that passes without news."""

    async def open(self, **terms: Any) -> None:
        set_to(PLACED)
        await Books.open(self, **terms)
        work = Work(self.pool, actor="test")
        async with work:
            for sku in ("CABLE", "HOSE"):
                await cataloguing.put_product(work, goods.product(sku))
            await people.put_staff(work, JO, "Jo Whitfield", ["account_manager"], None)
            await work.conn.execute(
                "update account set manager_id = (select id from person where email = $1) where number = 'NORTH'",
                JO,
            )

    async def wanted(self) -> str:
        """An order of two lines of which nothing is there."""
        return await self.order(("HOSE", 50, "1"), ("CABLE", 7, "2"))

    async def expect(self, reference: str, sku: str, quantity: int, on: str) -> None:
        work = Work(self.pool, actor="erp")
        line = Announced(1, sku, Decimal(quantity), date.fromisoformat(on), None, None)
        async with work:
            await receiving.announce(
                work, Announcement("purchase_order", reference, "MAIN", [line], None, "Acme", False)
            )

    async def listen(self, at: str) -> int:
        set_to(at)
        return await breaking_silence.listen(self.pool)

    async def said(self, order: str) -> list[dict[str, Any]]:
        """What the events said."""
        rows = await self.pool.fetch(
            """select e.data from event e join orders o on o.id = e.order_id
               where o.number = $1 and e.type = 'order.still_waiting' order by e.id""",
            order,
        )
        return [row["data"] for row in rows]

    async def tasks(self) -> list[Task]:
        work = Work(self.pool)
        async with work:
            return await tasks.of_account(work.conn, "NORTH", 10)


__all__ = ["JO", "PLACED", "STAFF", "Quiet", "set_to"]
