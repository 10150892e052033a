"""Money follows goods: invoices and their documents, payments, disputes, returns.

The laws that no code may break stand in the database: no more is invoiced of a line than is billable, and what was
issued or paid is never rewritten.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SEQUENCES = ("dispute_number", "return_number")
NEVER_REWRITTEN = tuple(
    f"""create trigger {table}_is_never_rewritten before update or delete on {table}
        for each row execute function entry_is_never_rewritten()"""
    for table in ("invoice", "invoice_line", "invoice_tax", "payment", "return_receipt", "dispute_message")
)
BILLABLE = """
create function line_is_billable() returns trigger language plpgsql as $$
declare
    stands record;
    goods numeric;
begin
    select b.line_id, b.invoiced + b.waived as billed, b.basis into stands from line_billing b where b.line_id = new.line_id;
    if not found then
        return null;
    end if;
    select coalesce(sum(p.quantity), 0) into goods from portion p where p.line_id = new.line_id and case stands.basis
        when 'ordered' then p.stage not in ('cancelled', 'returned')
        when 'shipped' then p.stage in ('shipped', 'delivered')
        else p.stage = 'delivered' end;
    if stands.billed > goods then
        raise exception '% of line % are invoiced, but % are billable', stands.billed, new.line_id, goods
            using errcode = 'check_violation', constraint = 'invoiced_is_billable';
    end if;
    return null;
end $$
"""
# A file is never made twice: what was handed out is what will be handed out.
KEPT = """
create function document_is_kept() returns trigger language plpgsql as $$
begin
    raise exception 'the document of invoice % was made already', old.invoice_id using errcode = 'check_violation';
end $$
"""
TRIGGERS = (
    """create constraint trigger invoiced_is_billable after insert or update on line_billing
       deferrable initially deferred for each row execute function line_is_billable()""",
    """create constraint trigger invoiced_stays_billable after update on portion
       deferrable initially deferred for each row
       when (old.stage in ('shipped', 'delivered') and new.stage not in ('shipped', 'delivered')
           or new.stage in ('cancelled', 'returned') and old.stage is distinct from new.stage
           or old.stage in ('shipped', 'delivered') and new.quantity < old.quantity)
       execute function line_is_billable()""",
    """create constraint trigger invoiced_stays_billable_as_portions_come after insert on portion
       deferrable initially deferred for each row when (new.stage in ('cancelled', 'returned'))
       execute function line_is_billable()""",
    """create trigger document_is_kept before update or delete on invoice_document
       for each row when (old.state = 'ready') execute function document_is_kept()""",
)
FREIGHT_POLICIES = "('pro_rata', 'first', 'actual')"
# On tables in use: what stands there already is looked at later, without holding up whoever writes.
CONSTRAINTS = (
    # Its place is taken at once by one that allows more.
    """-- squawk-ignore ban-drop-constraint
       alter table account drop constraint account_freight_policy_check""",
    f"""alter table account add constraint account_freight_policy_check check (freight_policy in {FREIGHT_POLICIES})
        not valid""",
    """alter table account add constraint account_document_language_check check (document_language in ('en', 'de', 'both'))
       not valid""",
    f"""alter table orders add constraint orders_freight_policy_check check (freight_policy in {FREIGHT_POLICIES})
        not valid""",
)


def upgrade() -> None:
    for sequence in SEQUENCES:
        op.execute(f"create sequence {sequence}")
    op.create_table(
        "number_series",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("number_series_pkey")),
    )
    op.create_table(
        "supplier",
        sa.Column("is_the_one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("is_the_one", name=op.f("supplier_only_one_check")),
        sa.PrimaryKeyConstraint("is_the_one", name=op.f("supplier_pkey")),
    )
    op.create_table(
        "billing_run",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("invoices", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("billing_run_account_fkey")),
        sa.PrimaryKeyConstraint("account", "period_end", name=op.f("billing_run_pkey")),
    )
    op.create_table(
        "bundle",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("numbers", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("zip", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'ready', 'failed')", name=op.f("bundle_state_check")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("bundle_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("bundle_pkey")),
    )
    op.create_index(op.f("bundle_person_id_idx"), "bundle", ["person_id"], unique=False)
    op.create_index(
        "bundle_waiting_idx", "bundle", ["id"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), server_default=sa.text("'quantities'"), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("corrects", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("lines_net", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("allowances", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("charges", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("net", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("tax", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("rounding", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (corrects is not null)", name=op.f("invoice_credit_notes_correct_check")
        ),
        sa.CheckConstraint(
            "(kind = 'invoice') = (due_on is not null)", name=op.f("invoice_invoices_fall_due_check")
        ),
        sa.CheckConstraint("basis in ('quantities', 'amount')", name=op.f("invoice_basis_check")),
        sa.CheckConstraint("kind in ('invoice', 'credit_note')", name=op.f("invoice_kind_check")),
        sa.CheckConstraint(
            "lines_net >= 0 and allowances >= 0 and charges >= 0 and net >= 0 and tax >= 0 and total >= 0",
            name=op.f("invoice_not_negative_check"),
        ),
        sa.CheckConstraint(
            "net = lines_net - allowances + charges and total = net + tax + rounding",
            name=op.f("invoice_adds_up_check"),
        ),
        sa.ForeignKeyConstraint(["corrects"], ["invoice.id"], name=op.f("invoice_corrects_fkey")),
        sa.ForeignKeyConstraint(
            ["order_id", "account"],
            ["orders.id", "orders.account"],
            name=op.f("invoice_order_id_account_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("invoice_pkey")),
        sa.UniqueConstraint("number", name=op.f("invoice_number_key")),
        sa.UniqueConstraint("order_id", "kind", "nth", name=op.f("invoice_order_id_kind_nth_key")),
    )
    op.create_index("invoice_account_idx", "invoice", ["account", sa.literal_column("id desc")], unique=False)
    op.create_index(op.f("invoice_corrects_idx"), "invoice", ["corrects"], unique=False)
    op.create_index(
        "invoice_number_idx", "invoice", [sa.literal_column("upper(number) text_pattern_ops")], unique=False
    )
    op.create_table(
        "dispute",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("credit_note_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (settled_at is null)", name=op.f("dispute_settled_has_an_instant_check")
        ),
        sa.CheckConstraint(
            "reason in ('not_received', 'damaged', 'wrong_goods', 'wrong_price', 'other')",
            name=op.f("dispute_reason_check"),
        ),
        sa.CheckConstraint(
            "state in ('open', 'credited', 'rejected', 'withdrawn')", name=op.f("dispute_state_check")
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("dispute_account_fkey")),
        sa.ForeignKeyConstraint(["credit_note_id"], ["invoice.id"], name=op.f("dispute_credit_note_id_fkey")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("dispute_invoice_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("dispute_order_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("dispute_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("dispute_pkey")),
        sa.UniqueConstraint("number", name=op.f("dispute_number_key")),
    )
    op.create_index("dispute_account_idx", "dispute", ["account", sa.literal_column("id desc")], unique=False)
    op.create_index(op.f("dispute_invoice_id_idx"), "dispute", ["invoice_id"], unique=False)
    op.create_index(
        "dispute_open_idx", "dispute", ["id"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "goods_return",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "state in ('requested', 'authorised', 'refused', 'cancelled', 'closed')",
            name=op.f("goods_return_state_check"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("goods_return_account_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("goods_return_order_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("goods_return_person_id_fkey")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("goods_return_shipment_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("goods_return_pkey")),
        sa.UniqueConstraint("number", name=op.f("goods_return_number_key")),
        sa.UniqueConstraint("origin", "external_id", name=op.f("goods_return_origin_external_id_key")),
    )
    op.create_index(
        "goods_return_account_idx", "goods_return", ["account", sa.literal_column("id desc")], unique=False
    )
    op.create_index(
        "goods_return_number_idx",
        "goods_return",
        [sa.literal_column("upper(number) text_pattern_ops")],
        unique=False,
    )
    op.create_index(
        "goods_return_open_idx",
        "goods_return",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state in ('requested', 'authorised')"),
    )
    op.create_index(op.f("goods_return_order_id_idx"), "goods_return", ["order_id"], unique=False)
    op.create_index(op.f("goods_return_shipment_id_idx"), "goods_return", ["shipment_id"], unique=False)
    op.create_table(
        "invoice_document",
        sa.Column("invoice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("pdf_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("cii", sa.LargeBinary(), nullable=True),
        sa.Column("ubl", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'ready') = (pdf is not null and pdf_sha256 is not null)",
            name=op.f("invoice_document_ready_has_a_file_check"),
        ),
        sa.CheckConstraint(
            "state in ('waiting', 'ready', 'failed')", name=op.f("invoice_document_state_check")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("invoice_document_invoice_id_fkey")
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("invoice_document_pkey")),
    )
    op.create_index(
        "invoice_document_unfinished_idx",
        "invoice_document",
        ["invoice_id"],
        unique=False,
        postgresql_where=sa.text("state <> 'ready'"),
    )
    op.create_table(
        "invoice_line",
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("net", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("corrects_position", sa.Integer(), nullable=True),
        sa.Column("waives", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("quantity > 0 and net >= 0", name=op.f("invoice_line_positive_check")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("invoice_line_account_fkey")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("invoice_line_invoice_id_fkey")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("invoice_line_line_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("invoice_line_order_id_fkey")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("invoice_line_shipment_id_fkey")),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("invoice_line_pkey")),
    )
    op.create_index(op.f("invoice_line_line_id_idx"), "invoice_line", ["line_id"], unique=False)
    op.create_index(op.f("invoice_line_order_id_idx"), "invoice_line", ["order_id"], unique=False)
    op.create_index(
        "invoice_line_shipment_id_idx",
        "invoice_line",
        ["shipment_id"],
        unique=False,
        postgresql_where=sa.text("shipment_id is not null"),
    )
    op.create_table(
        "invoice_status",
        sa.Column("invoice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("paid", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False),
        sa.Column("credited", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False),
        sa.Column("due", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("disputes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "due = case when kind = 'invoice' then total - paid - credited else 0 end",
            name=op.f("invoice_status_due_follows_check"),
        ),
        sa.CheckConstraint("credited between 0 and total", name=op.f("invoice_status_credited_once_check")),
        sa.CheckConstraint("disputes >= 0", name=op.f("invoice_status_disputes_not_negative_check")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("invoice_status_account_fkey")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("invoice_status_invoice_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("invoice_status_order_id_fkey")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("invoice_status_pkey")),
    )
    op.create_index(
        "invoice_status_due_idx",
        "invoice_status",
        ["account", "due_on"],
        unique=False,
        postgresql_where=sa.text("due > 0"),
    )
    op.create_index(op.f("invoice_status_order_id_idx"), "invoice_status", ["order_id"], unique=False)
    op.create_index(
        "invoice_status_surplus_idx",
        "invoice_status",
        ["account"],
        unique=False,
        postgresql_where=sa.text("due < 0"),
    )
    op.create_table(
        "invoice_tax",
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("lines_net", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("discount", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("freight", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("allowance", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("charge", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("base", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.CheckConstraint("base = lines_net - allowance + charge", name=op.f("invoice_tax_adds_up_check")),
        sa.CheckConstraint("base >= 0 and amount >= 0", name=op.f("invoice_tax_not_negative_check")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("invoice_tax_invoice_id_fkey")),
        sa.PrimaryKeyConstraint("invoice_id", "category", name=op.f("invoice_tax_pkey")),
    )
    op.create_table(
        "line_billing",
        sa.Column("line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("invoiced", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("waived", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "basis in ('ordered', 'shipped', 'delivered')", name=op.f("line_billing_basis_check")
        ),
        sa.CheckConstraint("invoiced >= 0 and waived >= 0", name=op.f("line_billing_not_negative_check")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("line_billing_account_fkey")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("line_billing_line_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("line_billing_order_id_fkey")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("line_billing_pkey")),
    )
    op.create_index(op.f("line_billing_order_id_idx"), "line_billing", ["order_id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("'payment'"), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=3), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("other_invoice_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "amount <> 0 and (kind <> 'payment' or amount > 0) and (kind <> 'refund' or amount < 0)",
            name=op.f("payment_direction_check"),
        ),
        sa.CheckConstraint(
            "(kind = 'transfer') = (other_invoice_id is not null)",
            name=op.f("payment_transfers_have_two_ends_check"),
        ),
        sa.CheckConstraint("kind in ('payment', 'refund', 'transfer')", name=op.f("payment_kind_check")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("payment_account_fkey")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("payment_invoice_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("payment_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["other_invoice_id"], ["invoice.id"], name=op.f("payment_other_invoice_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payment_pkey")),
        sa.UniqueConstraint("origin", "external_id", name=op.f("payment_origin_external_id_key")),
    )
    op.create_index("payment_account_idx", "payment", ["account", sa.literal_column("id desc")], unique=False)
    op.create_index(op.f("payment_invoice_id_idx"), "payment", ["invoice_id"], unique=False)
    op.create_index(op.f("payment_order_id_idx"), "payment", ["order_id"], unique=False)
    op.create_table(
        "dispute_line",
        sa.Column("dispute_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("dispute_line_quantity_positive_check")),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name=op.f("dispute_line_dispute_id_fkey")),
        sa.PrimaryKeyConstraint("dispute_id", "position", name=op.f("dispute_line_pkey")),
    )
    op.create_table(
        "dispute_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("is_suppliers", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name=op.f("dispute_message_dispute_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("dispute_message_pkey")),
    )
    op.create_index(op.f("dispute_message_dispute_id_idx"), "dispute_message", ["dispute_id"], unique=False)
    op.create_table(
        "goods_return_line",
        sa.Column("return_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("received", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("closed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "reason in ('damaged', 'wrong_goods', 'not_needed', 'faulty', 'late', 'other')",
            name=op.f("goods_return_line_reason_check"),
        ),
        sa.CheckConstraint(
            "quantity > 0 and received between 0 and quantity",
            name=op.f("goods_return_line_no_more_than_announced_check"),
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("goods_return_line_line_id_fkey")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["goods_return.id"], name=op.f("goods_return_line_return_id_fkey")
        ),
        sa.PrimaryKeyConstraint("return_id", "line_id", name=op.f("goods_return_line_pkey")),
    )
    op.create_table(
        "return_credit",
        sa.Column("return_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("return_credit_invoice_id_fkey")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["goods_return.id"], name=op.f("return_credit_return_id_fkey")
        ),
        sa.PrimaryKeyConstraint("return_id", "invoice_id", name=op.f("return_credit_pkey")),
    )
    op.create_table(
        "return_picture",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("return_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "media_type in ('image/jpeg', 'image/png', 'image/webp')",
            name=op.f("return_picture_media_type_check"),
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("return_picture_line_id_fkey")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["goods_return.id"], name=op.f("return_picture_return_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("return_picture_pkey")),
        sa.UniqueConstraint("return_id", "sha256", name=op.f("return_picture_return_id_sha256_key")),
    )
    op.create_index(op.f("return_picture_return_id_idx"), "return_picture", ["return_id"], unique=False)
    op.create_table(
        "return_receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("return_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("went_to", sa.Text(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "went_to in ('shelf', 'quarantine', 'scrap')", name=op.f("return_receipt_went_to_check")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("return_receipt_quantity_positive_check")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("return_receipt_line_id_fkey")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["goods_return.id"], name=op.f("return_receipt_return_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("return_receipt_pkey")),
    )
    op.create_index(op.f("return_receipt_return_id_idx"), "return_receipt", ["return_id"], unique=False)
    op.add_column("account", sa.Column("legal_name", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("registration", sa.Text(), nullable=True))
    op.add_column(
        "account", sa.Column("billing_address", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
    op.add_column("account", sa.Column("electronic_address", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("buyer_reference", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("contract_number", sa.Text(), nullable=True))
    op.add_column(
        "account", sa.Column("document_language", sa.Text(), server_default=sa.text("'en'"), nullable=False)
    )
    op.add_column("order_line", sa.Column("pool", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "order_status",
        sa.Column(
            "invoiced_value", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False
        ),
    )
    op.add_column(
        "order_status",
        sa.Column(
            "paid_value", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False
        ),
    )
    op.add_column(
        "order_status",
        sa.Column(
            "counted_invoiced", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False
        ),
    )
    op.add_column(
        "order_status",
        sa.Column(
            "counted_paid", sa.Numeric(precision=18, scale=3), server_default=sa.text("0"), nullable=False
        ),
    )
    op.add_column(
        "orders", sa.Column("billed_elsewhere", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "orders", sa.Column("freight_policy", sa.Text(), server_default=sa.text("'pro_rata'"), nullable=False)
    )
    # Files are compressed already.
    op.execute("alter table invoice_document alter pdf set storage external")
    op.execute("alter table bundle alter zip set storage external")
    op.execute("alter table return_picture alter content set storage external")
    for statement in (BILLABLE, KEPT, *NEVER_REWRITTEN, *TRIGGERS, *CONSTRAINTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop trigger invoiced_stays_billable on portion")
    op.execute("drop trigger invoiced_stays_billable_as_portions_come on portion")
    op.execute("alter table account drop constraint account_freight_policy_check")
    op.execute(
        "alter table account add constraint account_freight_policy_check check (freight_policy in ('pro_rata', 'actual'))"
    )
    op.drop_column("orders", "billed_elsewhere")
    op.drop_column("orders", "freight_policy")
    op.drop_column("order_status", "counted_paid")
    op.drop_column("order_status", "counted_invoiced")
    op.drop_column("order_status", "paid_value")
    op.drop_column("order_status", "invoiced_value")
    op.drop_column("order_line", "pool")
    op.drop_column("account", "document_language")
    op.drop_column("account", "contract_number")
    op.drop_column("account", "buyer_reference")
    op.drop_column("account", "electronic_address")
    op.drop_column("account", "billing_address")
    op.drop_column("account", "registration")
    op.drop_column("account", "legal_name")
    op.drop_table("return_receipt")
    op.drop_table("return_picture")
    op.drop_table("return_credit")
    op.drop_table("goods_return_line")
    op.drop_table("dispute_message")
    op.drop_table("dispute_line")
    op.drop_table("payment")
    op.drop_table("line_billing")
    op.drop_table("invoice_tax")
    op.drop_table("invoice_status")
    op.drop_table("invoice_line")
    op.drop_table("invoice_document")
    op.drop_table("goods_return")
    op.drop_table("dispute")
    op.drop_table("invoice")
    op.drop_table("bundle")
    op.drop_table("billing_run")
    op.drop_table("supplier")
    op.drop_table("number_series")
    op.execute("drop function line_is_billable()")
    op.execute("drop function document_is_kept()")
    for sequence in SEQUENCES:
        op.execute(f"drop sequence {sequence}")
