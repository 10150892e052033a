"""The supplier that bills is the one that is paid."""

from tests.billing.conftest import _real_time, books

__all__ = ["_real_time", "books"]
