"""Ordering: carts, lists, approvals, credit with its ledger, the audit chain, mail that is due."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NEVER_REWRITTEN = """
create function entry_is_never_rewritten() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'check_violation';
end $$
"""
TRIGGERS = tuple(
    f"""create trigger {table}_is_never_rewritten before update or delete on {table}
        for each row execute function entry_is_never_rewritten()"""
    for table in ("audit_entry", "credit_entry", "approval_decision")
)
# On tables in use: what stands there already is looked at later, without holding up whoever writes.
PREFERENCES = "('as_available', 'complete_only', 'weekly')"
CONSTRAINTS = (
    "alter table account add constraint account_credit_source_check check (credit_source in ('portal', 'erp')) not valid",
    "alter table account add constraint account_erp_silence_check check (erp_silence in ('last_known', 'hold')) not valid",
    """alter table account add constraint account_draws_on_a_parent_check
       check (not draws_on_parent or parent is not null) not valid""",
    f"""alter table ship_to add constraint ship_to_delivery_preference_check
       check (delivery_preference in {PREFERENCES}) not valid""",
    "alter table orders add constraint orders_person_id_fkey foreign key (person_id) references person (id) not valid",
)


def upgrade() -> None:
    op.execute("create sequence approval_number")
    op.create_table(
        "approval_policy",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("self_approval", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("expires_after_hours", sa.Integer(), nullable=True),
        sa.Column("remind_after_hours", sa.Integer(), nullable=True),
        sa.Column("escalate_after_hours", sa.Integer(), nullable=True),
        sa.Column("working_time", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("approval_policy_account_fkey")),
        sa.PrimaryKeyConstraint("account", name=op.f("approval_policy_pkey")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("audit_entry_account_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_entry_pkey")),
        sa.UniqueConstraint("account", "sequence", name=op.f("audit_entry_account_sequence_key")),
    )
    op.create_table(
        "audit_head",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("hash", sa.LargeBinary(), server_default=sa.text("'\\x'"), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("audit_head_account_fkey")),
        sa.PrimaryKeyConstraint("account", name=op.f("audit_head_pkey")),
    )
    op.create_table(
        "cart",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("ship_to", sa.Text(), nullable=True),
        sa.Column("purchase_order_number", sa.Text(), nullable=True),
        sa.Column("cost_centre", sa.Text(), nullable=True),
        sa.Column("delivery_preference", sa.Text(), nullable=True),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "delivery_preference in ('as_available', 'complete_only', 'weekly')",
            name=op.f("cart_delivery_preference_check"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("cart_account_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("cart_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_pkey")),
        sa.UniqueConstraint("account", "person_id", name=op.f("cart_account_person_id_key")),
    )
    op.create_index("cart_person_id_idx", "cart", ["person_id"], unique=False)
    op.create_table(
        "credit_figures",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("credit_limit", sa.Numeric(precision=18, scale=3), nullable=True),
        sa.Column("credit_hold", sa.Boolean(), nullable=False),
        sa.Column("invoiced_unpaid", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("other_orders", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("portal_invoiced", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("credit_figures_account_fkey")),
        sa.PrimaryKeyConstraint("account", name=op.f("credit_figures_pkey")),
    )
    op.create_table(
        "delegation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("from_person_id", sa.BigInteger(), nullable=False),
        sa.Column("to_person_id", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("cap", sa.Numeric(precision=18, scale=3), nullable=True),
        sa.Column("cap_currency", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(cap is null) = (cap_currency is null)", name=op.f("delegation_cap_and_currency_check")
        ),
        sa.CheckConstraint("from_person_id <> to_person_id", name=op.f("delegation_to_somebody_else_check")),
        sa.CheckConstraint("to_on >= from_on", name=op.f("delegation_validity_check")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("delegation_account_fkey")),
        sa.ForeignKeyConstraint(
            ["from_person_id"], ["person.id"], name=op.f("delegation_from_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_person_id"], ["person.id"], name=op.f("delegation_to_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("delegation_pkey")),
    )
    op.create_index("delegation_from_idx", "delegation", ["from_person_id", "to_on"], unique=False)
    op.create_index("delegation_to_idx", "delegation", ["to_person_id", "to_on"], unique=False)
    op.create_table(
        "freight_tariff",
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("per_shipment", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("per_kg", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("free_from", sa.Numeric(precision=18, scale=3), nullable=True),
        sa.CheckConstraint("mode in ('parcel', 'freight')", name=op.f("freight_tariff_mode_check")),
        sa.CheckConstraint(
            "per_shipment >= 0 and per_kg >= 0", name=op.f("freight_tariff_not_negative_check")
        ),
        sa.ForeignKeyConstraint(["location"], ["location.code"], name=op.f("freight_tariff_location_fkey")),
        sa.PrimaryKeyConstraint("location", "mode", "currency", name=op.f("freight_tariff_pkey")),
    )
    op.create_table(
        "own_sku",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("own_sku_account_fkey")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("own_sku_sku_fkey")),
        sa.PrimaryKeyConstraint("account", "code", name=op.f("own_sku_pkey")),
    )
    op.create_index("own_sku_code_key", "own_sku", ["account", sa.literal_column("upper(code)")], unique=True)
    op.create_index(op.f("own_sku_sku_idx"), "own_sku", ["sku"], unique=False)
    op.create_table(
        "saved_list",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("saved_list_account_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("saved_list_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("saved_list_pkey")),
        sa.UniqueConstraint(
            "account", "person_id", "name", name=op.f("saved_list_account_person_id_name_key")
        ),
    )
    op.create_index(op.f("saved_list_person_id_idx"), "saved_list", ["person_id"], unique=False)
    op.create_table(
        "cart_line",
        sa.Column("cart_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("need_by", sa.Date(), nullable=True),
        sa.Column("unit_price", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("price_source", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "problem is not null or (sku is not null and quantity is not null)",
            name=op.f("cart_line_orderable_check"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("cart_line_quantity_positive_check")),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["cart.id"], name=op.f("cart_line_cart_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cart_id", "position", name=op.f("cart_line_pkey")),
    )
    op.create_table(
        "cart_upload",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cart_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state in ('waiting', 'done')", name=op.f("cart_upload_state_check")),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["cart.id"], name=op.f("cart_upload_cart_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_upload_pkey")),
        sa.UniqueConstraint("cart_id", "form", name=op.f("cart_upload_cart_id_form_key")),
    )
    op.create_index(
        "cart_upload_waiting_idx",
        "cart_upload",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "saved_list_line",
        sa.Column("list_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("saved_list_line_quantity_positive_check")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["saved_list.id"], name=op.f("saved_list_line_list_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("saved_list_line_sku_fkey")),
        sa.PrimaryKeyConstraint("list_id", "position", name=op.f("saved_list_line_pkey")),
    )
    op.create_table(
        "approval_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'order'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("requester_id", sa.BigInteger(), nullable=True),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("step", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(settled_at is null) = (state in ('pending', 'asked'))",
            name=op.f("approval_request_settled_when_it_is_no_longer_open_check"),
        ),
        sa.CheckConstraint("kind in ('order', 'amendment')", name=op.f("approval_request_kind_check")),
        sa.CheckConstraint(
            "state in ('pending', 'asked', 'approved', 'rejected', 'expired', 'withdrawn')",
            name=op.f("approval_request_state_check"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("approval_request_account_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("approval_request_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["person.id"], name=op.f("approval_request_requester_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("approval_request_pkey")),
        sa.UniqueConstraint("number", name=op.f("approval_request_number_key")),
    )
    op.create_index(
        "approval_request_account_idx",
        "approval_request",
        ["account", "state", sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(
        "approval_request_open_key",
        "approval_request",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state in ('pending', 'asked')"),
    )
    op.create_index(
        "approval_request_order_id_idx",
        "approval_request",
        ["order_id", sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(
        op.f("approval_request_requester_id_idx"), "approval_request", ["requester_id"], unique=False
    )
    op.create_table(
        "credit_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "basis in ('portal', 'erp', 'last_known', 'silent')", name=op.f("credit_check_basis_check")
        ),
        sa.CheckConstraint(
            "outcome in ('covered', 'over', 'on_hold', 'unknown')", name=op.f("credit_check_outcome_check")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("credit_check_account_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("credit_check_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("credit_check_pkey")),
    )
    op.create_index("credit_check_account_idx", "credit_check", ["account"], unique=False)
    op.create_index(
        "credit_check_order_id_idx", "credit_check", ["order_id", sa.literal_column("id desc")], unique=False
    )
    op.create_index(
        "credit_check_waiting_idx",
        "credit_check",
        ["id"],
        unique=False,
        postgresql_where=sa.text("settled_at is null and basis in ('last_known', 'silent')"),
    )
    op.create_table(
        "credit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column(
            "open_orders", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "shipped_not_invoiced",
            sa.Numeric(precision=18, scale=3),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column(
            "invoiced_unpaid", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("credit_entry_account_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("credit_entry_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("credit_entry_pkey")),
    )
    op.create_index("credit_entry_account_idx", "credit_entry", ["account", "id"], unique=False)
    op.create_index("credit_entry_order_id_idx", "credit_entry", ["order_id"], unique=False)
    op.create_table(
        "approval_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("for_person_id", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("lines", sa.ARRAY(sa.Integer()), nullable=True),
        sa.Column("condition", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("through", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "what in ('request', 'approve', 'reject', 'reject_lines', 'ask', 'answer', 'withdraw', 'change', 'escalate', 'remind', 'expire', 'lapse')",
            name=op.f("approval_decision_what_check"),
        ),
        sa.ForeignKeyConstraint(
            ["for_person_id"], ["person.id"], name=op.f("approval_decision_for_person_id_fkey")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("approval_decision_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["approval_request.id"],
            name=op.f("approval_decision_request_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("approval_decision_pkey")),
    )
    op.create_index(
        "approval_decision_request_id_idx", "approval_decision", ["request_id", "id"], unique=False
    )
    op.create_table(
        "approval_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("approval_link_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["approval_request.id"],
            name=op.f("approval_link_request_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("approval_link_pkey")),
        sa.UniqueConstraint("sha256", name=op.f("approval_link_sha256_key")),
    )
    op.create_index(op.f("approval_link_person_id_idx"), "approval_link", ["person_id"], unique=False)
    op.create_index(op.f("approval_link_request_id_idx"), "approval_link", ["request_id"], unique=False)
    op.create_table(
        "approval_seat",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("condition", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "(state = 'approved') = (decided_at is not null)",
            name=op.f("approval_seat_decided_when_approved_check"),
        ),
        sa.CheckConstraint("state in ('open', 'approved')", name=op.f("approval_seat_state_check")),
        sa.CheckConstraint(
            "why in ('named', 'role', 'authority', 'escalated')", name=op.f("approval_seat_why_check")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("approval_seat_account_fkey")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("approval_seat_decided_by_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("approval_seat_person_id_fkey")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["approval_request.id"],
            name=op.f("approval_seat_request_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("approval_seat_pkey")),
        sa.UniqueConstraint("request_id", "person_id", name=op.f("approval_seat_request_id_person_id_key")),
    )
    op.create_index("approval_seat_person_id_idx", "approval_seat", ["person_id", "state"], unique=False)
    op.create_table(
        "approval_step",
        sa.Column("request_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("need", sa.Integer(), nullable=False),
        sa.Column("rule_need", sa.Integer(), nullable=False),
        sa.Column("also", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("rules", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'open', 'passed')", name=op.f("approval_step_state_check")),
        sa.CheckConstraint("need >= 0 and rule_need > 0", name=op.f("approval_step_need_check")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["approval_request.id"],
            name=op.f("approval_step_request_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("approval_step_pkey")),
    )
    op.create_index(
        "approval_step_due_idx",
        "approval_step",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state in ('waiting', 'sending', 'sent', 'dropped', 'failed')", name=op.f("mail_state_check")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("mail_account_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("mail_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("mail_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["approval_request.id"], name=op.f("mail_request_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("mail_pkey")),
        sa.UniqueConstraint("key", name=op.f("mail_key_key")),
    )
    op.create_index("mail_order_id_idx", "mail", ["order_id"], unique=False)
    op.create_index(op.f("mail_person_id_idx"), "mail", ["person_id"], unique=False)
    op.create_index("mail_request_id_idx", "mail", ["request_id"], unique=False)
    op.create_index(
        "mail_waiting_idx",
        "mail",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state in ('waiting', 'sending')"),
    )
    op.add_column(
        "account", sa.Column("credit_source", sa.Text(), server_default=sa.text("'portal'"), nullable=False)
    )
    op.add_column(
        "account", sa.Column("erp_silence", sa.Text(), server_default=sa.text("'last_known'"), nullable=False)
    )
    op.add_column(
        "account",
        sa.Column("erp_figures_age_hours", sa.Integer(), server_default=sa.text("24"), nullable=False),
    )
    op.add_column(
        "account", sa.Column("draws_on_parent", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    for name in ("counted_open", "counted_shipped"):
        # Orders that stand there keep it empty: rows that are in use are not written for it.
        op.add_column("order_status", sa.Column(name, sa.Numeric(precision=18, scale=3), nullable=True))
        op.alter_column("order_status", name, server_default=sa.text("0"))
    op.add_column("order_line", sa.Column("need_by", sa.Date(), nullable=True))
    op.add_column("orders", sa.Column("person_id", sa.BigInteger(), nullable=True))
    op.add_column("orders", sa.Column("cost_centre", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("instructions", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("repeated_because", sa.Text(), nullable=True))
    op.add_column("ship_to", sa.Column("delivery_preference", sa.Text(), nullable=True))
    for statement in (NEVER_REWRITTEN, *TRIGGERS, *CONSTRAINTS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("order_status", "counted_shipped")
    op.drop_column("order_status", "counted_open")
    op.drop_column("ship_to", "delivery_preference")
    op.drop_column("orders", "repeated_because")
    op.drop_column("orders", "instructions")
    op.drop_column("orders", "cost_centre")
    op.drop_column("orders", "person_id")
    op.drop_column("order_line", "need_by")
    op.drop_column("account", "draws_on_parent")
    op.drop_column("account", "erp_figures_age_hours")
    op.drop_column("account", "erp_silence")
    op.drop_column("account", "credit_source")
    op.drop_index(
        "mail_waiting_idx", table_name="mail", postgresql_where=sa.text("state in ('waiting', 'sending')")
    )
    op.drop_index("mail_request_id_idx", table_name="mail")
    op.drop_index(op.f("mail_person_id_idx"), table_name="mail")
    op.drop_index("mail_order_id_idx", table_name="mail")
    op.drop_table("mail")
    op.drop_index(
        "approval_step_due_idx", table_name="approval_step", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_table("approval_step")
    op.drop_index("approval_seat_person_id_idx", table_name="approval_seat")
    op.drop_table("approval_seat")
    op.drop_index(op.f("approval_link_request_id_idx"), table_name="approval_link")
    op.drop_index(op.f("approval_link_person_id_idx"), table_name="approval_link")
    op.drop_table("approval_link")
    op.drop_index("approval_decision_request_id_idx", table_name="approval_decision")
    op.drop_table("approval_decision")
    op.drop_index("credit_entry_order_id_idx", table_name="credit_entry")
    op.drop_index("credit_entry_account_idx", table_name="credit_entry")
    op.drop_table("credit_entry")
    op.drop_index(
        "credit_check_waiting_idx",
        table_name="credit_check",
        postgresql_where=sa.text("settled_at is null and basis in ('last_known', 'silent')"),
    )
    op.drop_index("credit_check_order_id_idx", table_name="credit_check")
    op.drop_index("credit_check_account_idx", table_name="credit_check")
    op.drop_table("credit_check")
    op.drop_index(op.f("approval_request_requester_id_idx"), table_name="approval_request")
    op.drop_index("approval_request_order_id_idx", table_name="approval_request")
    op.drop_index(
        "approval_request_open_key",
        table_name="approval_request",
        postgresql_where=sa.text("state in ('pending', 'asked')"),
    )
    op.drop_index("approval_request_account_idx", table_name="approval_request")
    op.drop_table("approval_request")
    op.drop_table("saved_list_line")
    op.drop_index(
        "cart_upload_waiting_idx", table_name="cart_upload", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_table("cart_upload")
    op.drop_table("cart_line")
    op.drop_index(op.f("saved_list_person_id_idx"), table_name="saved_list")
    op.drop_table("saved_list")
    op.drop_index(op.f("own_sku_sku_idx"), table_name="own_sku")
    op.drop_index("own_sku_code_key", table_name="own_sku")
    op.drop_table("own_sku")
    op.drop_table("freight_tariff")
    op.drop_index("delegation_to_idx", table_name="delegation")
    op.drop_index("delegation_from_idx", table_name="delegation")
    op.drop_table("delegation")
    op.drop_table("credit_figures")
    op.drop_index("cart_person_id_idx", table_name="cart")
    op.drop_table("cart")
    op.drop_table("audit_head")
    op.drop_table("audit_entry")
    op.drop_table("approval_policy")
    op.execute("drop function entry_is_never_rewritten()")
    op.execute("drop sequence approval_number")
