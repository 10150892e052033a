"""Buying companies, their tree, where they want goods, and what was agreed with them."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import (
    MONEY,
    PRICE,
    QUANTITY,
    created,
    metadata,
    one_of,
    owner,
    words,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

account = Table(
    "account",
    metadata,
    Column("number", Text, primary_key=True),
    words("name"),
    words("currency"),
    Column("parent", ForeignKey("account.number"), nullable=True),
    # Itself and everybody above it, from the top: scope and shared agreements read it, never the recursion.
    Column("path", ARRAY(Text), nullable=False),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    words("tax_id", nullable=True),
    Column("credit_limit", MONEY, nullable=True),
    Column("credit_hold", Boolean, nullable=False, server_default=text("false")),
    Column("payment_terms_days", Integer, nullable=False, server_default=text("30")),
    words("invoice_terms", "on_shipment"),
    words("consolidation", nullable=True),
    words("delivery_preference", "as_available"),
    words("weekly_day", "fri"),
    words("tax_status", "standard"),
    words("freight_policy", "pro_rata"),
    Column("own_country_first", Boolean, nullable=False, server_default=text("false")),
    # Who knows what the account may owe: the portal's own tables, or the ERP; and what holds when that does not answer.
    words("credit_source", "portal"),
    words("erp_silence", "last_known"),
    Column("erp_figures_age_hours", Integer, nullable=False, server_default=text("24")),
    # Its orders count against its parent's limit too.
    Column("draws_on_parent", Boolean, nullable=False, server_default=text("false")),
    # What its invoices say of it: its legal name, its register entry, where bills go ({name, lines, city, postal_code,
    # region, country}), its electronic address (`scheme:value`), the reference it wants to read, the contract.
    words("legal_name", nullable=True),
    words("registration", nullable=True),
    Column("billing_address", JSONB, nullable=True),
    words("electronic_address", nullable=True),
    words("buyer_reference", nullable=True),
    words("contract_number", nullable=True),
    # Of its documents: English, German, or both on one page.
    words("document_language", "en"),
    # Who looks after it at the supplier's.
    Column("manager_id", ForeignKey("person.id", ondelete="SET NULL"), nullable=True, index=True),
    # After so many days without news of an order that still waits, somebody is asked to look; None: never.
    Column("silence_days", Integer, nullable=True, server_default=text("5")),
    # Whether the supplier's people may see what its buyers see, and order for them: off, read, order.
    words("impersonation", "read"),
    # Its people prove once more who they are before they decide on more than this (in its currency); None: never.
    Column("step_up_above", MONEY, nullable=True),
    # Its people sign in with a second factor, or a passkey, or their company's own sign-in.
    Column("needs_second_factor", Boolean, nullable=False, server_default=text("false")),
    # Its number in the ERP, where that is another.
    words("erp_number", nullable=True),
    created(),
    one_of("invoice_terms", ("on_shipment", "on_delivery", "consolidated", "on_order")),
    one_of("consolidation", ("weekly", "monthly", "completion")),
    one_of("delivery_preference", ("as_available", "complete_only", "weekly")),
    one_of("weekly_day", WEEKDAYS),
    one_of("tax_status", ("standard", "exempt", "reverse_charge")),
    one_of("freight_policy", ("pro_rata", "first", "actual")),
    one_of("document_language", ("en", "de", "both")),
    one_of("impersonation", ("off", "read", "order")),
    CheckConstraint("silence_days > 0", name="silence_days"),
    one_of("credit_source", ("portal", "erp")),
    one_of("erp_silence", ("last_known", "hold")),
    CheckConstraint("not draws_on_parent or parent is not null", name="draws_on_a_parent"),
    CheckConstraint("credit_limit >= 0", name="credit_limit_not_negative"),
    Index("account_path_idx", "path", postgresql_using="gin"),
    Index("account_draws_idx", "parent", postgresql_where=text("draws_on_parent")),
)

# The last number given in the account's feed. Locked last of all, so that numbers have no gap.
account_feed = Table(
    "account_feed",
    metadata,
    Column("account", ForeignKey("account.number"), primary_key=True),
    Column("sequence", BigInteger, nullable=False, server_default=text("0")),
)

ship_to = Table(
    "ship_to",
    metadata,
    Column("account", ForeignKey("account.number"), primary_key=True),
    Column("code", Text, primary_key=True),
    words("name"),
    Column("lines", ARRAY(Text), nullable=False),
    words("city"),
    words("postal_code", nullable=True),
    words("region", nullable=True),
    words("country"),
    words("instructions", nullable=True),
    # What the account's people prefer for this place; the account's own preference otherwise.
    words("delivery_preference", nullable=True),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    one_of("delivery_preference", ("as_available", "complete_only", "weekly")),
)

price_agreement = Table(
    "price_agreement",
    metadata,
    Column("number", Text, primary_key=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    words("currency"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=True),
    created(),
    CheckConstraint("valid_to is null or valid_to >= valid_from", name="validity"),
    Index("price_agreement_account_idx", "account"),
)

agreed_price = Table(
    "agreed_price",
    metadata,
    Column("agreement", ForeignKey("price_agreement.number", ondelete="CASCADE"), primary_key=True),
    Column("sku", ForeignKey("product.sku"), primary_key=True),
    Column("min_quantity", QUANTITY, primary_key=True),
    Column("amount", PRICE, nullable=False),
    owner(),
    CheckConstraint("amount >= 0 and min_quantity >= 0", name="not_negative"),
)

allocation_agreement = Table(
    "allocation_agreement",
    metadata,
    Column("number", Text, primary_key=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("location", ForeignKey("location.code"), nullable=False),
    Column("sku", ForeignKey("product.sku"), nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("drawn", QUANTITY, nullable=False, server_default=text("0")),
    # What stands on the shelf for this agreement now: part of stock_level.reserved.
    Column("reserved", QUANTITY, nullable=False, server_default=text("0")),
    # Whether it was valid when it was last looked at: the day it begins or ends, stock changes hands.
    Column("in_force", Boolean, nullable=False, server_default=text("false")),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=True),
    created(),
    CheckConstraint("quantity > 0 and drawn >= 0 and reserved >= 0", name="not_negative"),
    CheckConstraint("valid_to is null or valid_to >= valid_from", name="validity"),
    Index("allocation_agreement_sku_idx", "sku", "location"),
)
