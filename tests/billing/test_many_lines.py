"""Orders of a thousand lines are followed like any other: what is done for each line does not look at all lines."""

import time

from tests.billing.books import Books

MANY = 1000
# Of a processor, not of the clock; looking at all lines for each portion of each line took half a minute.
SECONDS = 8


async def test_a_thousand_lines_are_delivered_in_part_and_come_back_within_seconds(books: Books) -> None:
    order = await books.order(*[("BOLT", 2, "1.00")] * MANY)
    shipment = await books.ship(order, dict.fromkeys(range(1, MANY + 1), 2))
    each = dict.fromkeys(range(1, MANY + 1), 1)
    begun = time.process_time()
    await books.deliver(shipment, each)
    await books.bring_back(shipment, each)
    assert time.process_time() - begun < SECONDS
    assert await books.totals(order) == ["2400.00", "-1200.00"]
