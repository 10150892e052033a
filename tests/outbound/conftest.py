"""A supplier, a courier who is at work, and a receiver."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from portal import clock
from portal.db.work import Pool
from portal.jobs.couriers import Courier
from portal.settings import Settings
from tests.billing.books import Books
from tests.outbound.desk import Desk
from tests.outbound.receiver import Receiver, receiving


@pytest.fixture(autouse=True)
def _real_time() -> Iterator[None]:
    yield
    clock._ahead = timedelta()


@pytest.fixture
async def desk(pool: Pool, settings: Settings) -> Desk:
    books = Books(pool)
    await books.open()
    return Desk(pool, settings, books)


@pytest.fixture
async def courier(pool: Pool, settings: Settings) -> AsyncIterator[Courier]:
    courier = Courier(pool, settings)
    courier.start()
    yield courier
    await courier.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver
