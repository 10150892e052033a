"""One office for a file of tests, with a worker for what is asked for in bulk."""

from collections.abc import Callable

import pytest

from tests.approvals_pages.office import Office, furnish
from tests.portals import Portal


@pytest.fixture(scope="module")
def office(start_portal: Callable[..., Portal]) -> Office:
    return furnish(start_portal(worker=True))
