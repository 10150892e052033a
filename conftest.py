"""Fixtures for `tests/` and `e2e/` alike live in `tests/fixtures.py`."""

from collections import Counter

import pytest

# What stories claim is asserted outside of test files; it must be marked before anybody imports it.
pytest.register_assert_rewrite(
    "tests.scenarios.claims",
    "tests.scenarios.driver",
    "tests.scenarios.laws",
    "tests.scenarios.telling",
    "tests.fire.shop",
    "tests.fire.told",
    "tests.faults.proof",
)

pytest_plugins = ("tests.fixtures",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, then those with most tests: what is long must not be begun last, while the other
    processes are done."""
    weight: Counter[str] = Counter()
    for item in items:
        weight[item.nodeid.partition("::")[0]] += SLOW if item.get_closest_marker("slow") else 1
    items.sort(key=lambda item: -weight[item.nodeid.partition("::")[0]])


# A slow test weighs as much as so many others.
SLOW = 1_000
