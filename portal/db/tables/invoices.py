"""What was billed and what was paid: invoices and credit notes, their documents, payments, disputes."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
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
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import MONEY, PRICE, QUANTITY, instant, metadata, one_of, owner, words

dispute_number = Sequence("dispute_number", metadata=metadata)

# The supplier itself, as invoices show it: written from the settings when the portal starts. One row.
supplier = Table(
    "supplier",
    metadata,
    Column("is_the_one", Boolean, primary_key=True, server_default=text("true")),
    words("time_zone"),
    words("country"),
    # A `portal.domain.invoices.Seller`.
    Column("facts", JSONB, nullable=False),
    CheckConstraint("is_the_one", name="only_one"),
)

# The last number given in a series. Its row is locked until commit, so that numbers have no gap.
number_series = Table(
    "number_series",
    metadata,
    Column("series", Text, primary_key=True),
    Column("last", BigInteger, nullable=False, server_default=text("0")),
)

# Issued, and never changed: what becomes of it stands in invoice_status.
invoice = Table(
    "invoice",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    words("kind"),
    # What it bills, or credits: quantities of lines, or an amount that no goods stand for.
    words("basis", "quantities"),
    Column("order_id", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    # Its place among those of its kind and order: "partial invoice 2".
    Column("nth", Integer, nullable=False),
    words("currency"),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=True),
    # The terms that it was issued under.
    words("terms"),
    # Of a credit note: which invoice it corrects, and why.
    Column("corrects", ForeignKey("invoice.id"), nullable=True, index=True),
    words("reason", nullable=True),
    # All of it positive, also of a credit note. net = lines - allowances + charges; total = net + tax + rounding.
    Column("lines_net", MONEY, nullable=False),
    Column("allowances", MONEY, nullable=False),
    Column("charges", MONEY, nullable=False),
    Column("net", MONEY, nullable=False),
    Column("tax", MONEY, nullable=False),
    Column("rounding", MONEY, nullable=False),
    Column("total", MONEY, nullable=False),
    # All that its paper says, as it was at the moment of issue: a `portal.domain.invoices.Document`.
    Column("facts", JSONB, nullable=False),
    words("issued_by"),
    instant("issued_at"),
    ForeignKeyConstraint(["order_id", "account"], ["orders.id", "orders.account"]),
    UniqueConstraint("order_id", "kind", "nth"),
    one_of("kind", ("invoice", "credit_note")),
    one_of("basis", ("quantities", "amount")),
    CheckConstraint("(kind = 'credit_note') = (corrects is not null)", name="credit_notes_correct"),
    CheckConstraint("(kind = 'invoice') = (due_on is not null)", name="invoices_fall_due"),
    CheckConstraint(
        "net = lines_net - allowances + charges and total = net + tax + rounding", name="adds_up"
    ),
    CheckConstraint(
        "lines_net >= 0 and allowances >= 0 and charges >= 0 and net >= 0 and tax >= 0 and total >= 0",
        name="not_negative",
    ),
    Index("invoice_account_idx", "account", text("id desc")),
    Index("invoice_number_idx", text("upper(number) text_pattern_ops")),
)

invoice_line = Table(
    "invoice_line",
    metadata,
    Column("invoice_id", ForeignKey("invoice.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("line_id", ForeignKey("order_line.id"), nullable=False, index=True),
    # The goods that are billed; none when they are paid before they leave.
    Column("shipment_id", ForeignKey("shipment.id"), nullable=True),
    Column("quantity", QUANTITY, nullable=False),
    Column("unit_price", PRICE, nullable=False),
    Column("net", MONEY, nullable=False),
    # Of a credit note: the position of the invoice that it takes back.
    Column("corrects_position", Integer, nullable=True),
    # Of a credit note: the goods stay where they are, and are not to be billed again.
    Column("waives", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("quantity > 0 and net >= 0", name="positive"),
    Index("invoice_line_shipment_id_idx", "shipment_id", postgresql_where=text("shipment_id is not null")),
)

# One row for each tax category of the order that the invoice touches.
invoice_tax = Table(
    "invoice_tax",
    metadata,
    Column("invoice_id", ForeignKey("invoice.id"), primary_key=True),
    # The product's: standard, reduced, zero.
    Column("category", Text, primary_key=True),
    # The VAT category of EN 16931 (UNCL 5305) and its rate in percent.
    words("code"),
    Column("rate", PRICE, nullable=False),
    Column("lines_net", MONEY, nullable=False),
    # The order's discount and freight that fall on it, as they telescope; what is left over is in allowance or charge.
    Column("discount", MONEY, nullable=False),
    Column("freight", MONEY, nullable=False),
    Column("allowance", MONEY, nullable=False),
    Column("charge", MONEY, nullable=False),
    Column("base", MONEY, nullable=False),
    Column("amount", MONEY, nullable=False),
    owner(),
    CheckConstraint("base = lines_net - allowance + charge", name="adds_up"),
    CheckConstraint("base >= 0 and amount >= 0", name="not_negative"),
)

# What became of an invoice. Changed under the lock of its order's row.
invoice_status = Table(
    "invoice_status",
    metadata,
    Column("invoice_id", ForeignKey("invoice.id"), primary_key=True, autoincrement=False),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    words("kind"),
    Column("total", MONEY, nullable=False),
    Column("paid", MONEY, nullable=False, server_default=text("0")),
    Column("credited", MONEY, nullable=False, server_default=text("0")),
    # total - paid - credited: below nothing when too much was paid. Nothing for credit notes.
    Column("due", MONEY, nullable=False),
    Column("due_on", Date, nullable=True),
    Column("disputes", Integer, nullable=False, server_default=text("0")),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    instant("updated_at"),
    CheckConstraint("credited between 0 and total", name="credited_once"),
    CheckConstraint("disputes >= 0", name="disputes_not_negative"),
    CheckConstraint(
        "due = case when kind = 'invoice' then total - paid - credited else 0 end", name="due_follows"
    ),
    Index("invoice_status_due_idx", "account", "due_on", postgresql_where=text("due > 0")),
    Index("invoice_status_surplus_idx", "account", postgresql_where=text("due < 0")),
)

# How much of each line stands billed. A deferred trigger holds it against the line's portions.
line_billing = Table(
    "line_billing",
    metadata,
    Column("line_id", ForeignKey("order_line.id"), primary_key=True, autoincrement=False),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    # Net of credit notes.
    Column("invoiced", QUANTITY, nullable=False),
    # Credited although the goods stay where they are (a short delivery): not to be billed again.
    Column("waived", QUANTITY, nullable=False, server_default=text("0")),
    # The earliest moment at which any of it was billed: when ordered, when shipped, or when delivered.
    words("basis"),
    CheckConstraint("invoiced >= 0 and waived >= 0", name="not_negative"),
    one_of("basis", ("ordered", "shipped", "delivered")),
)

# Accounts billed by the week or the month: which periods were billed.
billing_run = Table(
    "billing_run",
    metadata,
    Column("account", ForeignKey("account.number"), primary_key=True),
    Column("period_end", Date, primary_key=True),
    Column("invoices", Integer, nullable=False),
    instant("at"),
)

# The files of an invoice: made once after issue, kept for ever.
invoice_document = Table(
    "invoice_document",
    metadata,
    Column("invoice_id", ForeignKey("invoice.id"), primary_key=True, autoincrement=False),
    words("state", "waiting"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # Nobody else makes it before then.
    instant("claimed_until", nullable=True),
    words("problem", nullable=True),
    # The profile of the XML inside: en16931, extended, or none where no valid one can be.
    words("profile", nullable=True),
    Column("pdf", LargeBinary, nullable=True),
    Column("pdf_sha256", LargeBinary, nullable=True),
    Column("cii", LargeBinary, nullable=True),
    Column("ubl", LargeBinary, nullable=True),
    instant("made_at", nullable=True),
    owner(),
    one_of("state", ("waiting", "ready", "failed")),
    CheckConstraint(
        "(state = 'ready') = (pdf is not null and pdf_sha256 is not null)", name="ready_has_a_file"
    ),
    Index("invoice_document_unfinished_idx", "invoice_id", postgresql_where=text("state <> 'ready'")),
)

# Many documents in one file, made in the background.
bundle = Table(
    "bundle",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("numbers", ARRAY(Text), nullable=False),
    words("state", "waiting"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # What is missing in it, or why there is none.
    words("problem", nullable=True),
    Column("zip", LargeBinary, nullable=True),
    instant("asked_at"),
    instant("claimed_until", nullable=True),
    one_of("state", ("waiting", "ready", "failed")),
    Index("bundle_waiting_idx", "id", postgresql_where=text("state = 'waiting'")),
)

# Money that came, went back, or was moved from one invoice to another. Never changed.
payment = Table(
    "payment",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("invoice_id", ForeignKey("invoice.id"), nullable=False, index=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    words("kind", "payment"),
    # Negative when it went out.
    Column("amount", MONEY, nullable=False),
    words("currency"),
    Column("received_on", Date, nullable=False),
    words("reference", nullable=True),
    # Of a transfer: the invoice at its other end.
    Column("other_invoice_id", ForeignKey("invoice.id"), nullable=True),
    words("origin", nullable=True),
    words("external_id", nullable=True),
    Column("fingerprint", LargeBinary, nullable=True),
    words("recorded_by"),
    instant("at"),
    UniqueConstraint("origin", "external_id"),
    one_of("kind", ("payment", "refund", "transfer")),
    CheckConstraint(
        "amount <> 0 and (kind <> 'payment' or amount > 0) and (kind <> 'refund' or amount < 0)",
        name="direction",
    ),
    CheckConstraint("(kind = 'transfer') = (other_invoice_id is not null)", name="transfers_have_two_ends"),
    Index("payment_account_idx", "account", text("id desc")),
)

# A buyer says that a line was billed wrongly: a case, with what was said and how it ended.
dispute = Table(
    "dispute",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("invoice_id", ForeignKey("invoice.id"), nullable=False, index=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("account", ForeignKey("account.number"), nullable=False),
    words("state", "open"),
    words("reason"),
    words("opened_by"),
    Column("person_id", ForeignKey("person.id"), nullable=True),
    instant("opened_at"),
    words("settled_by", nullable=True),
    instant("settled_at", nullable=True),
    Column("credit_note_id", ForeignKey("invoice.id"), nullable=True),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    one_of("state", ("open", "credited", "rejected", "withdrawn")),
    one_of("reason", ("not_received", "damaged", "wrong_goods", "wrong_price", "other")),
    CheckConstraint("(state = 'open') = (settled_at is null)", name="settled_has_an_instant"),
    Index("dispute_account_idx", "account", text("id desc")),
    Index("dispute_open_idx", "id", postgresql_where=text("state = 'open'")),
)

dispute_line = Table(
    "dispute_line",
    metadata,
    Column("dispute_id", ForeignKey("dispute.id"), primary_key=True),
    # Of the invoice.
    Column("position", Integer, primary_key=True),
    Column("quantity", QUANTITY, nullable=False),
    owner(),
    CheckConstraint("quantity > 0", name="quantity_positive"),
)

dispute_message = Table(
    "dispute_message",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("dispute_id", ForeignKey("dispute.id"), nullable=False, index=True),
    words("author"),
    Column("is_suppliers", Boolean, nullable=False),
    words("text"),
    instant("at"),
    owner(),
)
