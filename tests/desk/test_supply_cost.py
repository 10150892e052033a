"""A page asks the database as often for many rows as for one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from portal.app import create_app
from tests.desk.floor import Floor, furnish
from tests.portals import Portal

PAGES = (
    "/desk",
    "/desk/inbound",
    "/desk/inbound/purchase_order/PO-1",
    "/desk/stock",
    "/desk/stock/SEAL",
    "/desk/stock/SEAL?show=allocated&at=MAIN",
    "/desk/stock/SEAL?show=free&at=MAIN",
    "/desk/backorders",
    "/desk/backorders.csv",
    "/desk/queue/SEAL",
    "/desk/orders/{order}/lines/1",
    "/desk/holds",
    "/desk/shipments",
)


@pytest.fixture(scope="module")
def floor(portal: Portal) -> Floor:
    """One row of everything."""
    floor = furnish(portal)
    floor.world.product("SEAL")
    floor.world.agreement("AA-1", "VELTRO", "MAIN", "SEAL", 10)
    more_of_everything(floor, 1)
    return floor


def more_of_everything(floor: Floor, number: int) -> str:
    """Another document with a line, a receipt, a waiting line, a line with stock, a hold, a shipment in trouble."""
    world = floor.world
    world.inbound(
        "purchase_order",
        f"PO-{number}",
        "MAIN",
        [(1, "SEAL", 1, "2026-11-17"), (2, "SEAL", 90, "2026-11-25")],
    )
    world.receive("purchase_order", f"PO-{number}", {1: 1})
    world.stock("MAIN", "SEAL", 20 + number)
    order = floor.order(("SEAL", 100))
    world.hold(floor.order(("BOLT", 1)), "quality")
    slow = world.ship(floor.order(("BOLT", 1)), "MAIN", {1: 1}, carrier="Northline")
    world.carrier(slow, "exception", "2026-11-18T08:00:00Z")
    return str(order["number"])


@pytest.fixture
async def client(floor: Floor) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """The application in this process, on the same database, with Dev signed in."""
    guest = floor.person()
    async with AsyncTestClient(create_app(floor.portal.settings)) as client:
        client.cookies.update(dict(guest.client.cookies))
        yield client


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that are sent while this is open."""
    sent: list[str] = []
    execute = asyncpg.connection.Connection._execute

    async def counting(self: Any, query: str, *arguments: Any, **more: Any) -> Any:
        sent.append(query)
        return await execute(self, query, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.connection.Connection, "_execute", counting)
        yield sent


async def test_no_page_asks_more_often_when_there_is_more(
    client: AsyncTestClient[Litestar], floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = more_of_everything(floor, 2)
    pages = [page.replace("{order}", number) for page in PAGES]

    async def statements() -> dict[str, int]:
        found = {}
        for page in pages:
            with counted(monkeypatch) as sent:
                answer = await client.get(page)
            assert answer.status_code == 200, page
            found[page] = len(sent)
        return found

    few = await statements()
    assert min(few.values()) > 2, "nothing was counted"
    for more in range(3, 15):
        more_of_everything(floor, more)
    assert await statements() == few
    assert max(few.values()) < 16
