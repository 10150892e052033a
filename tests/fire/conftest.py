"""One portal with two web processes for all races of a file."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.fire.shop import Shop
from tests.portals import Portal

numbers = count(1)


@pytest.fixture(scope="module")
def two_processes(start_portal: Callable[..., Portal]) -> Portal:
    return start_portal(processes=2)


@pytest.fixture
def shop(two_processes: Portal) -> Iterator[Shop]:
    """A shop of its own; when the race is over, every law holds."""
    yield Shop(two_processes, f"R{next(numbers)}")
    two_processes.check()
