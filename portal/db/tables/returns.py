"""Goods that come back: what was announced, with pictures, and what arrived."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from portal.db.tables.base import QUANTITY, instant, metadata, one_of, owner, words

RETURN_STATES = ("requested", "authorised", "refused", "cancelled", "closed")
RETURN_REASONS = ("damaged", "wrong_goods", "not_needed", "faulty", "late", "other")

return_number = Sequence("return_number", metadata=metadata)

# `return` is a word of SQL.
goods_return = Table(
    "goods_return",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("shipment_id", ForeignKey("shipment.id"), nullable=False, index=True),
    words("state"),
    words("note", nullable=True),
    words("asked_by"),
    Column("person_id", ForeignKey("person.id"), nullable=True),
    instant("asked_at"),
    # Authorised, refused or cancelled: by whom, when, and what was said.
    words("decided_by", nullable=True),
    instant("decided_at", nullable=True),
    words("decision_note", nullable=True),
    instant("closed_at", nullable=True),
    words("origin", nullable=True),
    words("external_id", nullable=True),
    Column("fingerprint", LargeBinary, nullable=True),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    UniqueConstraint("origin", "external_id"),
    one_of("state", RETURN_STATES),
    Index("goods_return_account_idx", "account", text("id desc")),
    Index("goods_return_open_idx", "id", postgresql_where=text("state in ('requested', 'authorised')")),
    Index("goods_return_number_idx", text("upper(number) text_pattern_ops")),
)

goods_return_line = Table(
    "goods_return_line",
    metadata,
    Column("return_id", ForeignKey("goods_return.id"), primary_key=True),
    Column("line_id", ForeignKey("order_line.id"), primary_key=True),
    Column("quantity", QUANTITY, nullable=False),
    words("reason"),
    words("note", nullable=True),
    Column("received", QUANTITY, nullable=False, server_default=text("0")),
    # Nothing more of it will come.
    Column("closed", Boolean, nullable=False, server_default=text("false")),
    owner(),
    one_of("reason", RETURN_REASONS),
    CheckConstraint("quantity > 0 and received between 0 and quantity", name="no_more_than_announced"),
)

# What arrived at once: back on the shelf, into quarantine, or thrown away; and what was credited for it.
return_receipt = Table(
    "return_receipt",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("return_id", ForeignKey("goods_return.id"), nullable=False, index=True),
    Column("line_id", ForeignKey("order_line.id"), nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    words("went_to"),
    words("received_by"),
    instant("at"),
    owner(),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    one_of("went_to", ("shelf", "quarantine", "scrap")),
)

# The credit notes that receipts of a return brought about.
return_credit = Table(
    "return_credit",
    metadata,
    Column("return_id", ForeignKey("goods_return.id"), primary_key=True),
    Column("invoice_id", ForeignKey("invoice.id"), primary_key=True),
    owner(),
)

# Kept in the database, away from everything that is served as a file; its content was checked and written anew.
return_picture = Table(
    "return_picture",
    metadata,
    Column("id", Text, primary_key=True),
    Column("return_id", ForeignKey("goods_return.id"), nullable=False, index=True),
    Column("line_id", ForeignKey("order_line.id"), nullable=True),
    words("media_type"),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    words("added_by"),
    instant("at"),
    owner(),
    UniqueConstraint("return_id", "sha256"),
    one_of("media_type", ("image/jpeg", "image/png", "image/webp")),
)
