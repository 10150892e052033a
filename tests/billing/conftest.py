"""A fresh supplier for each test, and the clock as it was."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from portal import clock
from portal.db.work import Pool
from tests.billing.books import Books


@pytest.fixture(autouse=True)
def _real_time() -> Iterator[None]:
    yield
    clock._ahead = timedelta()


@pytest.fixture
async def books(pool: Pool) -> AsyncIterator[Books]:
    books = Books(pool)
    await books.open()
    yield books
    await books.check()
