"""Fixtures for `tests/` and `e2e/` alike live in `tests/fixtures.py`."""

import pytest

# What stories claim is asserted outside of test files; it must be marked before anybody imports it.
pytest.register_assert_rewrite(
    "tests.scenarios.claims",
    "tests.scenarios.driver",
    "tests.scenarios.laws",
    "tests.scenarios.telling",
    "tests.fire.shop",
)

pytest_plugins = ("tests.fixtures",)
