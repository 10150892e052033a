"""What stands where, and what is on its way. Rows of one SKU change only under that product's row lock."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    text,
)

from portal.db.tables.base import QUANTITY, created, instant, metadata, one_of, words

KINDS = ("purchase_order", "transfer", "production", "inspection")

stock_level = Table(
    "stock_level",
    metadata,
    Column("sku", ForeignKey("product.sku"), primary_key=True),
    Column("location", ForeignKey("location.code"), primary_key=True),
    Column("on_hand", QUANTITY, nullable=False, server_default=text("0")),
    Column("quarantined", QUANTITY, nullable=False, server_default=text("0")),
    Column("allocated", QUANTITY, nullable=False, server_default=text("0")),
    Column("reserved", QUANTITY, nullable=False, server_default=text("0")),
    CheckConstraint("allocated + reserved + quarantined <= on_hand", name="never_oversold"),
    CheckConstraint(
        "on_hand >= 0 and quarantined >= 0 and allocated >= 0 and reserved >= 0", name="not_negative"
    ),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    words("kind"),
    words("reference"),
    Column("location", ForeignKey("location.code"), nullable=False),
    Column("from_location", ForeignKey("location.code"), nullable=True),
    words("supplier", nullable=True),
    Column("confirmed", Boolean, nullable=False, server_default=text("false")),
    created(),
    UniqueConstraint("kind", "reference"),
    one_of("kind", KINDS),
)

inbound_line = Table(
    "inbound_line",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("inbound_id", ForeignKey("inbound.id", ondelete="CASCADE"), nullable=False),
    Column("line", Integer, nullable=False),
    Column("sku", ForeignKey("product.sku"), nullable=False),
    # The total ever announced; what came, in which state, follows from the receipts.
    Column("quantity", QUANTITY, nullable=False),
    Column("received", QUANTITY, nullable=False, server_default=text("0")),
    Column("rejected", QUANTITY, nullable=False, server_default=text("0")),
    Column("quarantined", QUANTITY, nullable=False, server_default=text("0")),
    Column("expected_on", Date, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false")),
    # The sales line it was bought for; the order may become known later than the purchase.
    words("for_order", nullable=True),
    Column("for_line", Integer, nullable=True),
    UniqueConstraint("inbound_id", "line"),
    CheckConstraint(
        "quantity >= 0 and received >= 0 and rejected >= 0 and quarantined >= 0", name="not_negative"
    ),
    CheckConstraint("(for_order is null) = (for_line is null)", name="for_order_and_line"),
    Index("inbound_line_open_idx", "sku", postgresql_where=text("not closed")),
)

receipt = Table(
    "receipt",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("inbound_line_id", ForeignKey("inbound_line.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("received", QUANTITY, nullable=False),
    Column("rejected", QUANTITY, nullable=False),
    Column("quarantined", QUANTITY, nullable=False),
    Column("closed", Boolean, nullable=False),
    instant("received_at"),
    words("actor"),
    created(),
)
