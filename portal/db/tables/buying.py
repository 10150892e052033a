"""What stands before an order: the cart, files that were dropped into it, lists that are kept, the buyer's own SKUs."""

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
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import (
    MONEY,
    PRICE,
    QUANTITY,
    created,
    instant,
    metadata,
    one_of,
    owner,
    words,
)

# One open cart per person and account.
cart = Table(
    "cart",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    words("ship_to", nullable=True),
    words("purchase_order_number", nullable=True),
    words("cost_centre", nullable=True),
    words("delivery_preference", nullable=True),
    words("instructions", nullable=True),
    Column("requested_on", Date, nullable=True),
    # Raised with each change: whoever submits says which version they saw.
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    instant("changed_at"),
    created(),
    UniqueConstraint("account", "person_id"),
    one_of("delivery_preference", ("as_available", "complete_only", "weekly")),
    Index("cart_person_id_idx", "person_id"),
)

# What was typed stays as it was typed until it can be ordered: `problem` says what is wrong with it.
cart_line = Table(
    "cart_line",
    metadata,
    Column("cart_id", ForeignKey("cart.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    words("typed"),
    words("sku", nullable=True),
    Column("quantity", QUANTITY, nullable=True),
    Column("need_by", Date, nullable=True),
    # The price that the buyer has seen and agreed to; another one at submit is shown, and must be agreed to.
    Column("unit_price", PRICE, nullable=True),
    words("price_source", nullable=True),
    words("problem", nullable=True),
    owner(),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint("problem is not null or (sku is not null and quantity is not null)", name="orderable"),
)

# A file whose lines are put into a cart by the worker, a slice at a time.
cart_upload = Table(
    "cart_upload",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("cart_id", ForeignKey("cart.id", ondelete="CASCADE"), nullable=False),
    words("name"),
    # The rows as they were read: [[line in the file, sku, quantity, need by], ...].
    Column("rows", JSONB, nullable=False),
    Column("done", Integer, nullable=False, server_default=text("0")),
    words("state", "waiting"),
    words("form"),
    instant("asked_at"),
    created(),
    owner(),
    one_of("state", ("waiting", "done")),
    UniqueConstraint("cart_id", "form"),
    Index("cart_upload_waiting_idx", "id", postgresql_where=text("state = 'waiting'")),
)

saved_list = Table(
    "saved_list",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    words("name"),
    # Everybody of the account who may order sees and uses it; only its owner and account admins change it.
    Column("shared", Boolean, nullable=False, server_default=text("false")),
    instant("changed_at"),
    created(),
    UniqueConstraint("account", "person_id", "name"),
)

saved_list_line = Table(
    "saved_list_line",
    metadata,
    Column("list_id", ForeignKey("saved_list.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sku", ForeignKey("product.sku"), nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    owner(),
    CheckConstraint("quantity > 0", name="quantity_positive"),
)

# What the buyer calls a product; accounts below use their parents' words too.
own_sku = Table(
    "own_sku",
    metadata,
    Column("account", ForeignKey("account.number"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("sku", ForeignKey("product.sku"), nullable=False, index=True),
    Index("own_sku_code_key", "account", text("upper(code)"), unique=True),
)
# What one shipment costs the buyer when it is agreed to at checkout: a base, and so much per kilogram.
freight_tariff = Table(
    "freight_tariff",
    metadata,
    Column("location", ForeignKey("location.code"), primary_key=True),
    Column("mode", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("per_shipment", MONEY, nullable=False),
    Column("per_kg", PRICE, nullable=False, server_default=text("0")),
    # Goods worth at least this much travel free.
    Column("free_from", MONEY, nullable=True),
    one_of("mode", ("parcel", "freight")),
    CheckConstraint("per_shipment >= 0 and per_kg >= 0", name="not_negative"),
)
