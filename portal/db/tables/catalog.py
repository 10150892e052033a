"""What is sold and from where."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import PRICE, created, metadata, one_of, words

product = Table(
    "product",
    metadata,
    Column("sku", Text, primary_key=True),
    words("name"),
    words("unit"),
    Column("list_price", PRICE, nullable=False),
    words("list_currency"),
    words("tax_category", "standard"),
    words("mode", "parcel"),
    Column("weight_kg", Numeric(12, 4), nullable=True),
    words("category", nullable=True),
    Column("managed", Boolean, nullable=False, server_default=text("true")),
    words("backorders", "allow"),
    Column("lead_time_days", Integer, nullable=True),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    created(),
    one_of("tax_category", ("standard", "reduced", "zero")),
    one_of("mode", ("parcel", "freight")),
    one_of("backorders", ("allow", "deny")),
    CheckConstraint("list_price >= 0", name="list_price_not_negative"),
)

location = Table(
    "location",
    metadata,
    Column("code", Text, primary_key=True),
    words("name"),
    Column("lines", ARRAY(Text), nullable=False),
    words("city"),
    words("postal_code", nullable=True),
    words("region", nullable=True),
    words("country"),
    words("time_zone"),
    Column("working_days", ARRAY(Text), nullable=False),
    words("holiday_calendar", nullable=True),
    Column("receiving_days", Integer, nullable=False, server_default=text("0")),
    Column("handling_days", Integer, nullable=False, server_default=text("0")),
    Column("transit_days", JSONB, nullable=False, server_default=text("'{}'")),
    created(),
    CheckConstraint("cardinality(working_days) > 0", name="works_some_day"),
)
