"""What an account may owe, what it owes, and how each order was judged."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import MONEY, created, instant, metadata, one_of, words

# The ledger: each change of what an account owes or will owe, gross of tax. Its sum is the exposure.
credit_entry = Table(
    "credit_entry",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("order_id", ForeignKey("orders.id"), nullable=True),
    # The type of the event that brought it about.
    words("because"),
    Column("open_orders", MONEY, nullable=False, server_default=text("0")),
    Column("shipped_not_invoiced", MONEY, nullable=False, server_default=text("0")),
    Column("invoiced_unpaid", MONEY, nullable=False, server_default=text("0")),
    instant("at"),
    Index("credit_entry_account_idx", "account", "id"),
    Index("credit_entry_order_id_idx", "order_id"),
)

# The last figures that the ERP gave for an account, and since when it gives none.
credit_figures = Table(
    "credit_figures",
    metadata,
    Column("account", ForeignKey("account.number"), primary_key=True),
    words("currency"),
    Column("credit_limit", MONEY, nullable=True),
    Column("credit_hold", Boolean, nullable=False),
    Column("invoiced_unpaid", MONEY, nullable=False),
    # Orders that the ERP took from elsewhere, and the portal does not know.
    Column("other_orders", MONEY, nullable=False),
    # What it has invoiced of the portal's orders, ever: that no longer counts as shipped.
    Column("portal_invoiced", MONEY, nullable=False),
    # When the ERP made them, and when they came here.
    instant("as_of"),
    instant("received_at"),
    created(),
)

# How an order was judged when it was placed, approved, changed or looked at again.
credit_check = Table(
    "credit_check",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    words("outcome"),
    # What the figures rested on: the portal's own tables, the ERP's answer, its last known figures, or nothing.
    words("basis"),
    words("problem", nullable=True),
    Column("figures", JSONB, nullable=False),
    instant("at"),
    # Judged on old figures or none: to be judged again when the ERP answers.
    instant("settled_at", nullable=True),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    one_of("outcome", ("covered", "over", "on_hold", "unknown")),
    one_of("basis", ("portal", "erp", "last_known", "silent")),
    Index("credit_check_order_id_idx", "order_id", text("id desc")),
    Index("credit_check_account_idx", "account"),
    Index(
        "credit_check_waiting_idx",
        "id",
        postgresql_where=text("settled_at is null and basis in ('last_known', 'silent')"),
    ),
)
