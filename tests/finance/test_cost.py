"""However much there is, a page of finance asks as often as before."""

from collections.abc import AsyncIterator

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from portal.app import create_app
from tests.desk.test_supply_cost import counted
from tests.finance.conftest import AMARA, Office

PAGES = (
    "/finance",
    "/finance/unbilled",
    "/finance/holds",
    "/disputes",
    "/finance/invoices/{invoice}",
    "/disputes/{dispute}",
)


@pytest.fixture
async def client(office: Office) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """The application in this process, on the same database, with Amara signed in."""
    guest = office.person(AMARA)
    async with AsyncTestClient(create_app(office.portal.settings)) as client:
        client.cookies.update(dict(guest.client.cookies))
        yield client


def more_of_everything(office: Office, n: int) -> tuple[str, str]:
    """An order that is gathered, one that is held, and an invoice that was paid too much and is disputed."""
    office.account(f"MORE-{n}", invoice_terms="consolidated", consolidation="weekly")
    for _ in range(2):
        order = office.order(("BOLT", 30), account=f"MORE-{n}")
        office.world.ship(order, "MAIN", {1: 10})
    office.world.hold(order, "finance")
    invoice = office.billed(("BOLT", 10))
    paid = {"amount": "20.00", "received_on": "2026-11-18"}
    office.world.post(f"invoices/{invoice['number']}/payments", paid)
    dispute = office.dispute(invoice)
    office.world.post(f"disputes/{dispute['number']}/messages", {"text": "Well?"})
    office.dispute(invoice)
    return invoice["number"], dispute["number"]


async def test_no_page_asks_more_often_when_there_is_more(
    client: AsyncTestClient[Litestar], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice, dispute = more_of_everything(office, 1)
    pages = [page.replace("{invoice}", invoice).replace("{dispute}", dispute) for page in PAGES]

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
    for n in range(2, 6):
        more_of_everything(office, n)
    assert await statements() == few
    assert max(few.values()) < 20
