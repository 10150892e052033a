"""A shop that is open."""

from collections.abc import AsyncIterator

import pytest

from portal import clock
from portal.db.work import Pool
from tests.ordering.shop import Shop


@pytest.fixture
async def shop(pool: Pool) -> AsyncIterator[Shop]:
    made, ahead = Shop(pool), clock._ahead
    await made.open()
    yield made
    clock._ahead = ahead
