"""The order core: accounts, catalogue, stock, orders in portions, shipments, events, people.

The laws that no code may break stand in the database: portions sum to their line, stock is never oversold,
events are never rewritten.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.db.tables.events import Xid8

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SEQUENCES = ("order_number", "arrival", "shipment_number")

PARTITIONED = """
create function line_is_partitioned() returns trigger language plpgsql as $$
declare
    which bigint;
    ordered numeric;
    told numeric;
    is_the_lines boolean;
begin
    if tg_table_name = 'order_line' then
        which := new.id;
    elsif tg_op = 'DELETE' then
        which := old.line_id;
    else
        which := new.line_id;
    end if;
    select l.quantity, coalesce(sum(p.quantity), 0), coalesce(bool_and(p.order_id = l.order_id and p.account = l.account), true)
        into ordered, told, is_the_lines
        from order_line l left join portion p on p.line_id = l.id where l.id = which group by l.id;
    if told <> ordered then
        raise exception 'the portions of line % add up to %, but % are ordered', which, told, ordered
            using errcode = 'check_violation', constraint = 'portions_sum_to_line';
    end if;
    if not is_the_lines then
        raise exception 'a portion of line % names another order or account', which
            using errcode = 'check_violation', constraint = 'portions_are_of_their_line';
    end if;
    return null;
end $$
"""

NEVER_REWRITTEN = """
create function event_is_never_rewritten() returns trigger language plpgsql as $$
begin
    raise exception 'events are never changed or deleted' using errcode = 'check_violation';
end $$
"""

TRIGGERS = (
    """create constraint trigger portions_sum_to_line after insert or delete on portion
       deferrable initially deferred for each row execute function line_is_partitioned()""",
    """create constraint trigger portions_still_sum_to_line after update on portion
       deferrable initially deferred for each row
       when (old.quantity is distinct from new.quantity or old.line_id is distinct from new.line_id
           or old.order_id is distinct from new.order_id or old.account is distinct from new.account)
       execute function line_is_partitioned()""",
    """create constraint trigger line_has_portions after insert or update of quantity on order_line
       deferrable initially deferred for each row execute function line_is_partitioned()""",
    """create trigger event_is_never_rewritten before update or delete on event
       for each row execute function event_is_never_rewritten()""",
)
TABLES = (
    "shipment_line",
    "promise_change",
    "portion",
    "package",
    "carrier_event",
    "shipment",
    "receipt",
    "order_visit",
    "order_status",
    "order_line",
    "hold",
    "event",
    "orders",
    "inbound_line",
    "agreed_price",
    "token",
    "stock_level",
    "ship_to",
    "price_agreement",
    "membership",
    "inbound",
    "allocation_agreement",
    "account_feed",
    "product",
    "person",
    "parked_message",
    "location",
    "clock",
    "answer",
    "account",
)


def upgrade() -> None:
    for name in SEQUENCES:
        op.execute(sa.schema.CreateSequence(sa.Sequence(name)))

    op.create_table(
        "account",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tax_id", sa.Text(), nullable=True),
        sa.Column("credit_limit", sa.Numeric(precision=18, scale=3), nullable=True),
        sa.Column("credit_hold", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("payment_terms_days", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.Column("invoice_terms", sa.Text(), server_default=sa.text("'on_shipment'"), nullable=False),
        sa.Column("consolidation", sa.Text(), nullable=True),
        sa.Column("delivery_preference", sa.Text(), server_default=sa.text("'as_available'"), nullable=False),
        sa.Column("weekly_day", sa.Text(), server_default=sa.text("'fri'"), nullable=False),
        sa.Column("tax_status", sa.Text(), server_default=sa.text("'standard'"), nullable=False),
        sa.Column("freight_policy", sa.Text(), server_default=sa.text("'pro_rata'"), nullable=False),
        sa.Column("own_country_first", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "consolidation in ('weekly', 'monthly', 'completion')", name=op.f("account_consolidation_check")
        ),
        sa.CheckConstraint(
            "delivery_preference in ('as_available', 'complete_only', 'weekly')",
            name=op.f("account_delivery_preference_check"),
        ),
        sa.CheckConstraint(
            "freight_policy in ('pro_rata', 'actual')", name=op.f("account_freight_policy_check")
        ),
        sa.CheckConstraint(
            "invoice_terms in ('on_shipment', 'on_delivery', 'consolidated', 'on_order')",
            name=op.f("account_invoice_terms_check"),
        ),
        sa.CheckConstraint(
            "tax_status in ('standard', 'exempt', 'reverse_charge')", name=op.f("account_tax_status_check")
        ),
        sa.CheckConstraint(
            "weekly_day in ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')",
            name=op.f("account_weekly_day_check"),
        ),
        sa.CheckConstraint("credit_limit >= 0", name=op.f("account_credit_limit_not_negative_check")),
        sa.ForeignKeyConstraint(["parent"], ["account.number"], name=op.f("account_parent_fkey")),
        sa.PrimaryKeyConstraint("number", name=op.f("account_pkey")),
    )
    op.create_index("account_path_idx", "account", ["path"], unique=False, postgresql_using="gin")
    op.create_table(
        "answer",
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "path", "key", name=op.f("answer_pkey")),
    )
    op.create_index("answer_at_idx", "answer", ["at"], unique=False)
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ahead_microseconds", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("clock_pkey")),
    )
    op.create_table(
        "location",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("working_days", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("holiday_calendar", sa.Text(), nullable=True),
        sa.Column("receiving_days", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("handling_days", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("transit_days", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("cardinality(working_days) > 0", name=op.f("location_works_some_day_check")),
        sa.PrimaryKeyConstraint("code", name=op.f("location_pkey")),
    )
    op.create_table(
        "parked_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'parked'"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('parked', 'applied', 'case')", name=op.f("parked_message_state_check")),
        sa.CheckConstraint("subject in ('shipment', 'inbound')", name=op.f("parked_message_subject_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("parked_message_pkey")),
    )
    op.create_index(
        "parked_message_waiting_idx",
        "parked_message",
        ["subject", "subject_key"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("supplier_roles", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("locale", sa.Text(), server_default=sa.text("'en'"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("session_epoch", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("person_pkey")),
    )
    op.create_index("person_email_key", "person", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "product",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("list_price", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("list_currency", sa.Text(), nullable=False),
        sa.Column("tax_category", sa.Text(), server_default=sa.text("'standard'"), nullable=False),
        sa.Column("mode", sa.Text(), server_default=sa.text("'parcel'"), nullable=False),
        sa.Column("weight_kg", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("managed", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("backorders", sa.Text(), server_default=sa.text("'allow'"), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("backorders in ('allow', 'deny')", name=op.f("product_backorders_check")),
        sa.CheckConstraint("mode in ('parcel', 'freight')", name=op.f("product_mode_check")),
        sa.CheckConstraint(
            "tax_category in ('standard', 'reduced', 'zero')", name=op.f("product_tax_category_check")
        ),
        sa.CheckConstraint("list_price >= 0", name=op.f("product_list_price_not_negative_check")),
        sa.PrimaryKeyConstraint("sku", name=op.f("product_pkey")),
    )
    op.create_table(
        "account_feed",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("account_feed_account_fkey")),
        sa.PrimaryKeyConstraint("account", name=op.f("account_feed_pkey")),
    )
    op.create_table(
        "allocation_agreement",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("drawn", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("in_force", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 and drawn >= 0 and reserved >= 0",
            name=op.f("allocation_agreement_not_negative_check"),
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("allocation_agreement_validity_check")
        ),
        sa.ForeignKeyConstraint(
            ["account"], ["account.number"], name=op.f("allocation_agreement_account_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["location"], ["location.code"], name=op.f("allocation_agreement_location_fkey")
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("allocation_agreement_sku_fkey")),
        sa.PrimaryKeyConstraint("number", name=op.f("allocation_agreement_pkey")),
    )
    op.create_index("allocation_agreement_sku_idx", "allocation_agreement", ["sku", "location"], unique=False)
    op.create_table(
        "inbound",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("from_location", sa.Text(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind in ('purchase_order', 'transfer', 'production', 'inspection')",
            name=op.f("inbound_kind_check"),
        ),
        sa.ForeignKeyConstraint(
            ["from_location"], ["location.code"], name=op.f("inbound_from_location_fkey")
        ),
        sa.ForeignKeyConstraint(["location"], ["location.code"], name=op.f("inbound_location_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("inbound_pkey")),
        sa.UniqueConstraint("kind", "reference", name=op.f("inbound_kind_reference_key")),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("limit_per_order", sa.Numeric(precision=18, scale=3), nullable=True),
        sa.Column("limit_per_order_currency", sa.Text(), nullable=True),
        sa.Column("limit_per_period", sa.Numeric(precision=18, scale=3), nullable=True),
        sa.Column("limit_per_period_currency", sa.Text(), nullable=True),
        sa.Column("limit_period", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("membership_account_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("membership_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "account", name=op.f("membership_pkey")),
    )
    op.create_index("membership_account_idx", "membership", ["account"], unique=False)
    op.create_table(
        "price_agreement",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("price_agreement_validity_check")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("price_agreement_account_fkey")),
        sa.PrimaryKeyConstraint("number", name=op.f("price_agreement_pkey")),
    )
    op.create_index("price_agreement_account_idx", "price_agreement", ["account"], unique=False)
    op.create_table(
        "ship_to",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("ship_to_account_fkey")),
        sa.PrimaryKeyConstraint("account", "code", name=op.f("ship_to_pkey")),
    )
    op.create_table(
        "stock_level",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "quarantined", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "allocated", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("reserved", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "allocated + reserved + quarantined <= on_hand", name=op.f("stock_level_never_oversold_check")
        ),
        sa.CheckConstraint(
            "on_hand >= 0 and quarantined >= 0 and allocated >= 0 and reserved >= 0",
            name=op.f("stock_level_not_negative_check"),
        ),
        sa.ForeignKeyConstraint(["location"], ["location.code"], name=op.f("stock_level_location_fkey")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("stock_level_sku_fkey")),
        sa.PrimaryKeyConstraint("sku", "location", name=op.f("stock_level_pkey")),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("token_account_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("token_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("token_pkey")),
        sa.UniqueConstraint("sha256", name=op.f("token_sha256_key")),
    )
    op.create_table(
        "agreed_price",
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("min_quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.CheckConstraint("amount >= 0 and min_quantity >= 0", name=op.f("agreed_price_not_negative_check")),
        sa.ForeignKeyConstraint(
            ["agreement"],
            ["price_agreement.number"],
            name=op.f("agreed_price_agreement_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("agreed_price_sku_fkey")),
        sa.PrimaryKeyConstraint("agreement", "sku", "min_quantity", name=op.f("agreed_price_pkey")),
    )
    op.create_table(
        "inbound_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("received", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "quarantined", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("closed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("for_order", sa.Text(), nullable=True),
        sa.Column("for_line", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(for_order is null) = (for_line is null)", name=op.f("inbound_line_for_order_and_line_check")
        ),
        sa.CheckConstraint(
            "quantity >= 0 and received >= 0 and rejected >= 0 and quarantined >= 0",
            name=op.f("inbound_line_not_negative_check"),
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("inbound_line_inbound_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("inbound_line_sku_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("inbound_line_pkey")),
        sa.UniqueConstraint("inbound_id", "line", name=op.f("inbound_line_inbound_id_line_key")),
    )
    op.create_index(
        "inbound_line_open_idx", "inbound_line", ["sku"], unique=False, postgresql_where=sa.text("not closed")
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("purchase_order_number", sa.Text(), nullable=True),
        sa.Column("ship_to", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("delivery_preference", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("discount", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False),
        sa.Column("freight", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False),
        sa.Column("goods", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("tax", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "delivery_preference in ('as_available', 'complete_only', 'weekly')",
            name=op.f("orders_delivery_preference_check"),
        ),
        sa.CheckConstraint(
            "(origin is null) = (external_id is null)", name=op.f("orders_origin_and_external_id_check")
        ),
        sa.CheckConstraint(
            "discount >= 0 and freight >= 0 and goods >= 0 and tax >= 0 and total >= 0",
            name=op.f("orders_not_negative_check"),
        ),
        sa.ForeignKeyConstraint(
            ["account", "ship_to"],
            ["ship_to.account", "ship_to.code"],
            name=op.f("orders_account_ship_to_fkey"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("orders_account_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("orders_pkey")),
        sa.UniqueConstraint("arrival", name=op.f("orders_arrival_key")),
        sa.UniqueConstraint("id", "account", name=op.f("orders_id_account_key")),
        sa.UniqueConstraint("number", name=op.f("orders_number_key")),
        sa.UniqueConstraint("origin", "external_id", name=op.f("orders_origin_external_id_key")),
    )
    op.create_index("orders_account_idx", "orders", ["account"], unique=False)
    op.create_index(
        "orders_number_idx", "orders", [sa.literal_column("upper(number) text_pattern_ops")], unique=False
    )
    op.create_index(
        "orders_purchase_order_number_idx",
        "orders",
        [sa.literal_column("upper(purchase_order_number) text_pattern_ops")],
        unique=False,
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("txid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("event_account_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("event_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("event_pkey")),
        sa.UniqueConstraint("account", "sequence", name=op.f("event_account_sequence_key")),
    )
    op.create_index("event_order_idx", "event", ["order_id", "id"], unique=False)
    op.create_index("event_position_idx", "event", ["txid", "id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("lines", sa.ARRAY(sa.Integer()), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("release_note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "reason in ('finance', 'credit', 'quality', 'approval', 'address', 'manual')",
            name=op.f("hold_reason_check"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("hold_account_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("hold_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("hold_pkey")),
    )
    op.create_index("hold_order_idx", "hold", ["order_id"], unique=False)
    op.create_index(
        "hold_standing_idx",
        "hold",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("released_at is null"),
    )
    op.create_table(
        "order_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("tax_category", sa.Text(), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("price_source", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("order_line_quantity_positive_check")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("order_line_unit_price_not_negative_check")),
        sa.ForeignKeyConstraint(
            ["order_id", "account"],
            ["orders.id", "orders.account"],
            name=op.f("order_line_order_id_account_fkey"),
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("order_line_sku_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("order_line_pkey")),
        sa.UniqueConstraint("order_id", "line", name=op.f("order_line_order_id_line_key")),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index(
        "order_line_sku_idx",
        "order_line",
        [sa.literal_column("upper(sku) text_pattern_ops"), sa.literal_column("order_id desc")],
        unique=False,
    )
    op.create_table(
        "order_status",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("lines_complete", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("to_come", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("next_arrival", sa.Date(), nullable=True),
        sa.Column("undated_lines", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("complete_ships_on", sa.Date(), nullable=True),
        sa.Column("complete_arrives_on", sa.Date(), nullable=True),
        sa.Column("first_complete_ships_on", sa.Date(), nullable=True),
        sa.Column("first_complete_arrives_on", sa.Date(), nullable=True),
        sa.Column(
            "open_value", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "shipped_value", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'pending_approval', 'rejected', 'held', 'open', 'closed', 'cancelled')",
            name=op.f("order_status_state_check"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("order_status_account_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("order_status_order_id_fkey")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("order_status_pkey")),
    )
    op.create_index(
        "order_status_account_idx",
        "order_status",
        ["account", sa.literal_column("order_id desc")],
        unique=False,
    )
    op.create_index(
        "order_status_account_state_idx",
        "order_status",
        ["account", "state", sa.literal_column("order_id desc")],
        unique=False,
    )
    op.create_index(
        "order_status_exposure_idx",
        "order_status",
        ["account"],
        unique=False,
        postgresql_include=["open_value", "shipped_value"],
        postgresql_where=sa.text("open_value > 0 or shipped_value > 0"),
    )
    op.create_index(
        "order_status_state_idx", "order_status", ["state", sa.literal_column("order_id desc")], unique=False
    )
    op.create_index("order_status_updated_idx", "order_status", ["updated_at", "order_id"], unique=False)
    op.create_table(
        "order_visit",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("read_version", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("order_visit_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("order_visit_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "order_id", name=op.f("order_visit_pkey")),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("inbound_line_id", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("rejected", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("quarantined", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbound_line_id"],
            ["inbound_line.id"],
            name=op.f("receipt_inbound_line_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("receipt_pkey")),
    )
    op.create_index(op.f("receipt_inbound_line_id_idx"), "receipt", ["inbound_line_id"], unique=False)
    op.create_table(
        "shipment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("freight", sa.Numeric(precision=18, scale=3), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("mode in ('parcel', 'freight')", name=op.f("shipment_mode_check")),
        sa.CheckConstraint(
            "state in ('pending', 'shipped', 'in_transit', 'out_for_delivery', 'delivered', 'exception', 'returned_to_sender', 'cancelled')",
            name=op.f("shipment_state_check"),
        ),
        sa.CheckConstraint(
            "(origin is null) = (external_id is null)", name=op.f("shipment_origin_and_external_id_check")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("shipment_account_fkey")),
        sa.ForeignKeyConstraint(["location"], ["location.code"], name=op.f("shipment_location_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("shipment_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("shipment_pkey")),
        sa.UniqueConstraint("number", name=op.f("shipment_number_key")),
        sa.UniqueConstraint("origin", "external_id", name=op.f("shipment_origin_external_id_key")),
    )
    op.create_index(
        "shipment_number_idx", "shipment", [sa.literal_column("upper(number) text_pattern_ops")], unique=False
    )
    op.create_index("shipment_order_idx", "shipment", ["order_id"], unique=False)
    op.create_table(
        "carrier_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("lines", postgresql.JSONB(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("carrier_event_shipment_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("carrier_event_pkey")),
        sa.UniqueConstraint(
            "shipment_id", "fingerprint", name=op.f("carrier_event_shipment_id_fingerprint_key")
        ),
    )
    op.create_table(
        "package",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("tracking_url", sa.Text(), nullable=True),
        sa.Column("weight_kg", sa.Numeric(precision=12, scale=3), nullable=True),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("package_shipment_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("package_pkey")),
        sa.UniqueConstraint(
            "shipment_id", "tracking_number", name=op.f("package_shipment_id_tracking_number_key")
        ),
    )
    op.create_index(
        "package_tracking_number_idx",
        "package",
        [sa.literal_column("upper(tracking_number) text_pattern_ops")],
        unique=False,
    )
    op.create_table(
        "portion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("counted", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=True),
        sa.Column("inbound_line_id", sa.BigInteger(), nullable=True),
        sa.Column("shipment_id", sa.BigInteger(), nullable=True),
        sa.Column("ships_on", sa.Date(), nullable=True),
        sa.Column("arrives_on", sa.Date(), nullable=True),
        sa.Column("first_ships_on", sa.Date(), nullable=True),
        sa.Column("first_arrives_on", sa.Date(), nullable=True),
        sa.Column("because", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("waiting_since", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(stage in ('allocated', 'picking', 'packed')) <= (location is not null)",
            name=op.f("portion_ours_has_a_location_check"),
        ),
        sa.CheckConstraint(
            "(stage in ('shipped', 'delivered', 'returned')) = (shipment_id is not null)",
            name=op.f("portion_left_on_a_shipment_check"),
        ),
        sa.CheckConstraint(
            "inbound_line_id is null or stage = 'waiting'", name=op.f("portion_only_waiting_is_pegged_check")
        ),
        sa.CheckConstraint(
            "stage in ('waiting', 'allocated', 'picking', 'packed', 'shipped', 'delivered', 'returned', 'cancelled')",
            name=op.f("portion_stage_check"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("portion_quantity_positive_check")),
        sa.ForeignKeyConstraint(
            ["agreement"], ["allocation_agreement.number"], name=op.f("portion_agreement_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["inbound_line_id"], ["inbound_line.id"], name=op.f("portion_inbound_line_id_fkey")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("portion_line_id_fkey")),
        sa.ForeignKeyConstraint(["location"], ["location.code"], name=op.f("portion_location_fkey")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("portion_shipment_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("portion_pkey")),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index(
        "portion_agreement_idx",
        "portion",
        ["agreement"],
        unique=False,
        postgresql_where=sa.text("agreement is not null"),
    )
    op.create_index("portion_line_idx", "portion", ["line_id"], unique=False)
    op.create_index("portion_order_idx", "portion", ["order_id"], unique=False)
    op.create_index(
        "portion_ours_idx",
        "portion",
        ["sku", "location"],
        unique=False,
        postgresql_where=sa.text("stage in ('allocated', 'picking', 'packed')"),
    )
    op.create_index(
        "portion_peg_idx",
        "portion",
        ["inbound_line_id"],
        unique=False,
        postgresql_where=sa.text("inbound_line_id is not null"),
    )
    op.create_index(
        "portion_shipment_idx",
        "portion",
        ["shipment_id"],
        unique=False,
        postgresql_where=sa.text("shipment_id is not null"),
    )
    op.create_index(
        "portion_waiting_idx", "portion", ["sku"], unique=False, postgresql_where=sa.text("stage = 'waiting'")
    )
    op.create_table(
        "promise_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("old_ships_on", sa.Date(), nullable=True),
        sa.Column("old_arrives_on", sa.Date(), nullable=True),
        sa.Column("new_ships_on", sa.Date(), nullable=True),
        sa.Column("new_arrives_on", sa.Date(), nullable=True),
        sa.Column("cause", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("promise_change_line_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("promise_change_pkey")),
    )
    op.create_index(op.f("promise_change_line_id_idx"), "promise_change", ["line_id"], unique=False)
    op.create_index(
        "promise_change_order_idx", "promise_change", ["order_id", sa.literal_column("id desc")], unique=False
    )
    op.create_table(
        "shipment_line",
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("shipment_line_quantity_positive_check")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("shipment_line_line_id_fkey")),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("shipment_line_shipment_id_fkey")
        ),
        sa.PrimaryKeyConstraint("shipment_id", "line_id", name=op.f("shipment_line_pkey")),
    )

    op.execute(PARTITIONED)
    op.execute(NEVER_REWRITTEN)
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)
    op.execute("drop function line_is_partitioned()")
    op.execute("drop function event_is_never_rewritten()")
    for name in SEQUENCES:
        op.execute(sa.schema.DropSequence(sa.Sequence(name)))
