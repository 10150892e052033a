"""The house of the doors."""

from tests.routes.conftest import house

__all__ = ["house"]
