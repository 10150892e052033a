"""The house of the doors, where one of the supplier's people looks as one of the buyers."""

from tests.routes.conftest import house

__all__ = ["house"]
