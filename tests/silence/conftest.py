"""A supplier of which a buyer waits for something, and a clock to set."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from portal import clock
from portal.db.work import Pool
from tests.silence.quiet import Quiet


@pytest.fixture(autouse=True)
def _real_time() -> Iterator[None]:
    yield
    clock._ahead = timedelta()


@pytest.fixture
async def quiet(pool: Pool) -> AsyncIterator[Quiet]:
    quiet = Quiet(pool)
    await quiet.open()
    yield quiet
    await quiet.check()
