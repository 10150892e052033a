"""Every table, by noun. The migrations are made from this metadata and checked against it."""

from portal.db.tables import accounts, catalog, events, orders, people, shipments, stock  # noqa: F401  (they register)
from portal.db.tables.base import metadata

__all__ = ["metadata"]
