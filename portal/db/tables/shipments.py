"""Goods that left: shipments, their packages, and what carriers say about them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Numeric,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import (
    MONEY,
    QUANTITY,
    created,
    instant,
    metadata,
    one_of,
    owner,
    words,
)

shipment_number = Sequence("shipment_number", metadata=metadata)

shipment = Table(
    "shipment",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("location", ForeignKey("location.code"), nullable=False),
    words("mode"),
    words("carrier", nullable=True),
    words("service", nullable=True),
    words("state"),
    instant("shipped_at"),
    Column("expected_on", Date, nullable=True),
    instant("delivered_at", nullable=True),
    instant("cancelled_at", nullable=True),
    Column("freight", MONEY, nullable=True),
    words("origin", nullable=True),
    words("external_id", nullable=True),
    Column("fingerprint", LargeBinary, nullable=True),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    created(),
    UniqueConstraint("origin", "external_id"),
    CheckConstraint("(origin is null) = (external_id is null)", name="origin_and_external_id"),
    one_of("mode", ("parcel", "freight")),
    one_of(
        "state",
        (
            "pending",
            "shipped",
            "in_transit",
            "out_for_delivery",
            "delivered",
            "exception",
            "returned_to_sender",
            "cancelled",
        ),
    ),
    Index("shipment_order_idx", "order_id"),
    Index("shipment_number_idx", text("upper(number) text_pattern_ops")),
)

# What was on it when it left. The portions move on; this is the paper that went with the goods.
shipment_line = Table(
    "shipment_line",
    metadata,
    Column("shipment_id", ForeignKey("shipment.id"), primary_key=True),
    Column("line_id", ForeignKey("order_line.id"), primary_key=True),
    Column("quantity", QUANTITY, nullable=False),
    owner(),
    CheckConstraint("quantity > 0", name="quantity_positive"),
)

package = Table(
    "package",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("shipment_id", ForeignKey("shipment.id"), nullable=False),
    words("tracking_number", nullable=True),
    words("tracking_url", nullable=True),
    Column("weight_kg", Numeric(12, 3), nullable=True),
    owner(),
    UniqueConstraint("shipment_id", "tracking_number"),
    Index("package_tracking_number_idx", text("upper(tracking_number) text_pattern_ops")),
)

carrier_event = Table(
    "carrier_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("shipment_id", ForeignKey("shipment.id"), nullable=False),
    words("state"),
    instant("at"),
    words("note", nullable=True),
    words("tracking_number", nullable=True),
    Column("lines", JSONB, nullable=True),
    Column("fingerprint", Text, nullable=False),
    created(),
    owner(),
    UniqueConstraint("shipment_id", "fingerprint"),
)
