"""Fixtures for `tests/` and `e2e/` alike live in `tests/fixtures.py`."""

pytest_plugins = ("tests.fixtures",)
