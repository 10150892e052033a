"""A short storm. `make faults` makes a long one, with everything in it."""

import os

import pytest

from tests.faults.storm import storm

pytestmark = pytest.mark.slow

SEED = os.environ.get("PORTAL_FIRE_SEED", "7")
# What is nowhere else in the tests, and takes no minute. Deadlocks need luck in a short run: see `tests/fire`.
SHORT = (
    "a web process was killed",
    "what prints was killed",
    "changes could not be put in an order",
    "the disk was full",
)


async def test_whatever_befalls_it_nothing_is_lost_and_nothing_is_done_twice() -> None:
    report = await storm(SEED, only=SHORT)

    print(report.text())
    assert set(report.struck) == set(SHORT)
    assert report.counts["effects"]["orders"]
