"""`office`: an empty company on a database of its own."""

import pytest

from portal.db.work import Pool
from tests.approvals.office import Office


@pytest.fixture
async def office(pool: Pool) -> Office:
    opened = Office(pool)
    await opened.open()
    return opened
