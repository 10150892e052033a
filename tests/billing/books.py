"""A supplier that ships, bills and credits: what tests of billing say it with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec

from portal import clock
from portal.db.shipments import Package
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.domain.invoices import Document
from portal.operations import (
    billing,
    cancelling,
    cataloguing,
    counting,
    crediting_notes,
    following,
    holding,
    placing,
    returning,
    revising,
    shipping,
    taking_back,
)
from portal.operations.checking import broken_laws
from portal.operations.crediting_notes import Credit
from portal.operations.following import Message
from portal.operations.moving import Part
from portal.operations.placing import Wanted, WantedLine
from portal.operations.revising import Change, ChangedLine
from portal.operations.shipping import Leaving
from portal.operations.taking_back import Came
from tests.operations import supplier as goods

SUPPLIER = goods.SUPPLIER
STAFF: Viewer = goods.EVERYBODY
Lines = Mapping[int, int | str]


@dataclass(slots=True)
class Books:
    """Verbs, and what they came to. Accounts, products and places are those of the state machine's supplier."""

    pool: Pool
    refs: Any = None

    async def open(self, **terms: Any) -> None:
        """NORTH buys under these terms; there is more on the shelves than anybody wants."""
        self.refs = count(1)
        work = Work(self.pool, actor="test")
        async with work:
            await cataloguing.put_location(work, goods.location("MAIN"))
            for sku in ("BOLT", "MADE", "RARE"):
                await cataloguing.put_product(work, goods.product(sku))
                await counting.count(work, "MAIN", sku, Decimal(100_000), None)
            await cataloguing.put_account(work, goods.account("GROUP"))
            await cataloguing.put_account(work, goods.account("NORTH", **terms))

    async def terms(self, account: str = "NORTH", **terms: Any) -> None:
        work = Work(self.pool, actor="test")
        async with work:
            await cataloguing.put_account(work, goods.account(account, **terms))

    async def order(
        self, *lines: tuple[str, int | str, str], discount: str = "0", freight: str = "0", account: str = "NORTH",
        **more: Any,
    ) -> str:  # fmt: skip
        """(SKU, quantity, unit price) of each line."""
        wanted = [
            WantedLine(number, sku, Decimal(quantity), Decimal(price))
            for number, (sku, quantity, price) in enumerate(lines, 1)
        ]
        asked = Wanted(account, wanted, discount=Decimal(discount), freight=Decimal(freight), **more)
        work = Work(self.pool, actor="test")
        async with work:
            number, _ = await placing.place(work, STAFF, SUPPLIER, asked)
        return number

    async def ship(
        self, order: str, lines: Lines, tracking: str | None = None, freight: str | None = None
    ) -> str:
        leaving = Leaving(
            location="MAIN", lines=_parts(lines), packages=[Package(tracking)] if tracking else (),
            freight=Decimal(freight) if freight else None,
        )  # fmt: skip
        work = Work(self.pool, actor="test")
        async with work:
            number, _ = await shipping.ship(work, STAFF, order, leaving)
        return number

    async def hears(self, tracking: str) -> None:
        """A carrier says that a parcel was delivered of which nobody knows yet."""
        work = Work(self.pool, actor="test")
        async with work:
            await following.hear(work, STAFF, tracking, Message("delivered", work.now))

    async def bring_back(self, shipment: str, lines: Lines) -> list[str]:
        """A return is announced and received; answers the numbers of its credit notes."""
        wanted = returning.Wanted(
            shipment, [returning.WantedLine(line, Decimal(q), "not_needed") for line, q in lines.items()]
        )
        work = Work(self.pool, actor="test")
        async with work:
            number, _ = await returning.ask(work, STAFF, wanted)
        async with work:
            came = [Came(line, Decimal(quantity), "shelf") for line, quantity in lines.items()]
            await taking_back.receive(work, STAFF, number, came)
        rows = await self.pool.fetch(
            """select i.number from return_credit c join invoice i on i.id = c.invoice_id
            join goods_return r on r.id = c.return_id where r.number = $1 order by i.id""",
            number,
        )
        return [row["number"] for row in rows]

    async def add(self, order: str, sku: str, quantity: int) -> None:
        """More is ordered of something, at its price."""
        work = Work(self.pool, actor="test")
        async with work:
            line = ChangedLine(Decimal(quantity), sku=sku)
            await revising.change(work, STAFF, SUPPLIER, order, Change([line]))

    async def standing_hold(self, order: str) -> str:
        return str(
            await self.pool.fetchval(
                """select h.id from hold h join orders o on o.id = h.order_id
            where o.number = $1 and h.released_at is null""",
                order,
            )
        )

    async def take_back(self, shipment: str) -> None:
        work = Work(self.pool, actor="test")
        async with work:
            await shipping.cancel(work, STAFF, shipment, None)

    async def deliver(self, shipment: str, lines: Lines | None = None) -> None:
        work = Work(self.pool, actor="test")
        async with work:
            said = Message(
                "delivered", work.now, note=str(next(self.refs)), lines=_parts(lines) if lines else None
            )
            await following.follow(work, STAFF, shipment, said)

    async def cancel(self, order: str, lines: Lines) -> None:
        work = Work(self.pool, actor="test")
        async with work:
            await cancelling.cancel(work, STAFF, order, _parts(lines), None)

    async def hold(self, order: str, *lines: int, reason: str = "finance") -> str:
        work = Work(self.pool, actor="test")
        async with work:
            return str(await holding.hold(work, STAFF, order, reason, None, list(lines) or None))

    async def lift(self, order: str, hold: str) -> None:
        work = Work(self.pool, actor="test")
        async with work:
            await holding.release(work, STAFF, order, hold, None)

    async def bill(self, order: str) -> list[Document]:
        work = Work(self.pool, actor="test")
        async with work:
            numbers = await billing.bill_now(work, STAFF, order)
        return [await self.paper(number) for number in numbers]

    async def credit(
        self, invoice: str, lines: Lines | None = None, *, amount: str | None = None, rebill: bool = False
    ) -> Document:
        what = Credit(
            "because", _parts(lines) if lines else (), Decimal(amount) if amount else None, rebill=rebill
        )
        work = Work(self.pool, actor="test")
        async with work:
            number = await crediting_notes.credit(work, STAFF, invoice, what)
        return await self.paper(number)

    # What was issued.

    async def papers(self, order: str, kind: str | None = None) -> list[Document]:
        """Invoices and credit notes of an order, the first first."""
        rows = await self.pool.fetch(
            """select i.facts from invoice i join orders o on o.id = i.order_id
               where o.number = $1 and ($2::text is null or i.kind = $2) order by i.id""",
            order,
            kind,
        )
        return [msgspec.convert(row["facts"], Document, strict=False) for row in rows]

    async def paper(self, number: str) -> Document:
        facts = await self.pool.fetchval("select facts from invoice where number = $1", number)
        return msgspec.convert(facts, Document, strict=False)

    async def totals(self, order: str) -> list[str]:
        """What each document of an order comes to; credit notes with a minus."""
        return [
            f"{'' if paper.kind == 'invoice' else '-'}{paper.total}" for paper in await self.papers(order)
        ]

    async def billed(self, order: str) -> Decimal:
        """Net of credit notes."""
        return sum((Decimal(total) for total in await self.totals(order)), Decimal(0))

    async def worth(self, order: str) -> Decimal:
        total: Decimal = await self.pool.fetchval("select total from orders where number = $1", order)
        return total

    async def figures(self, order: str) -> tuple[str, ...]:
        """(open, shipped, invoiced, paid) as they count."""
        row = await self.pool.fetchrow(
            """select open_value, shipped_value, invoiced_value, paid_value
               from order_status s join orders o on o.id = s.order_id where o.number = $1""",
            order,
        )
        assert row is not None
        return tuple(f"{amount:.2f}" for amount in row.values())

    async def told(self, order: str, *kinds: str) -> list[dict[str, Any]]:
        rows = await self.pool.fetch(
            """select e.data from event e join orders o on o.id = e.order_id
               where o.number = $1 and e.type = any($2::text[]) order by e.id""",
            order,
            list(kinds),
        )
        return [row["data"] for row in rows]

    async def check(self) -> None:
        assert await broken_laws(self.pool) == []


def _parts(lines: Lines) -> Sequence[Part]:
    return [Part(line, Decimal(quantity)) for line, quantity in lines.items()]


def set_to(instant: str) -> None:
    """Let it be then; the clock runs on from there."""
    clock._ahead = datetime.fromisoformat(instant) - datetime.now(UTC)
