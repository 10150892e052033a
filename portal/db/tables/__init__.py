"""Every table, by noun. The migrations are made from this metadata and checked against it."""

from portal.db.tables import (  # noqa: F401  (they register)
    accounts,
    approvals,
    audit,
    buying,
    catalog,
    credit,
    desk,
    events,
    identity,
    impersonation,
    invoices,
    orders,
    outbound,
    people,
    returns,
    shipments,
    stock,
    telling,
)
from portal.db.tables.base import metadata

__all__ = ["metadata"]
