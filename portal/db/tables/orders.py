"""Orders, their lines, and the portions that each line is partitioned into."""

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

STAGES = ("waiting", "allocated", "picking", "packed", "shipped", "delivered", "returned", "cancelled")
STATES = ("draft", "pending_approval", "rejected", "held", "open", "closed", "cancelled")

order_number = Sequence("order_number", metadata=metadata)

# Rows that change often find room for their next version on the same page, so that indexes need not follow.
ROOM = {"fillfactor": "85"}

# What was agreed. It does not change while the order lives; what happens to it stands in the portions.
orders = Table(
    "orders",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    words("purchase_order_number", nullable=True),
    words("ship_to"),
    words("placed_by", nullable=True),
    # Whose order it is, where a person placed it.
    Column("person_id", ForeignKey("person.id"), nullable=True),
    words("cost_centre", nullable=True),
    words("instructions", nullable=True),
    # Why the same purchase order number was used again.
    words("repeated_because", nullable=True),
    instant("placed_at"),
    # The place in the queue: in the order in which orders took their place, not the date they carry.
    Column("arrival", BigInteger, nullable=False, unique=True),
    Column("requested_on", Date, nullable=True),
    words("delivery_preference"),
    words("currency"),
    Column("discount", MONEY, nullable=False, server_default=text("0")),
    Column("freight", MONEY, nullable=False, server_default=text("0")),
    Column("goods", MONEY, nullable=False),
    Column("tax", MONEY, nullable=False),
    Column("total", MONEY, nullable=False),
    # How its freight falls on its invoices: as the account's terms said when it was placed.
    words("freight_policy", "pro_rata"),
    # It was billed and settled before the portal knew it: nothing of it is billed here, or owed.
    Column("billed_elsewhere", Boolean, nullable=False, server_default=text("false")),
    words("origin", nullable=True),
    words("external_id", nullable=True),
    # Of what the other system sent: a repeat with other content is a mistake, not a repeat.
    Column("fingerprint", LargeBinary, nullable=True),
    created(),
    ForeignKeyConstraint(["account", "ship_to"], ["ship_to.account", "ship_to.code"]),
    UniqueConstraint("origin", "external_id"),
    # What lines refer to, so that a line cannot name another account than its order.
    UniqueConstraint("id", "account"),
    CheckConstraint("(origin is null) = (external_id is null)", name="origin_and_external_id"),
    CheckConstraint(
        "discount >= 0 and freight >= 0 and goods >= 0 and tax >= 0 and total >= 0", name="not_negative"
    ),
    one_of("delivery_preference", ("as_available", "complete_only", "weekly")),
    one_of("freight_policy", ("pro_rata", "first", "actual")),
    Index("orders_account_idx", "account"),
    Index("orders_person_id_idx", "person_id", text("id desc")),
    Index("orders_purchase_order_number_idx", text("upper(purchase_order_number) text_pattern_ops")),
    Index("orders_number_idx", text("upper(number) text_pattern_ops")),
)

arrival = Sequence("arrival", metadata=metadata)

# What the order looks like now. Locked after the products, in order of id, so that a re-plan may touch many orders.
order_status = Table(
    "order_status",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True, autoincrement=False),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    words("state"),
    Column("lines", Integer, nullable=False),
    Column("lines_complete", Integer, nullable=False, server_default=text("0")),
    Column("to_come", QUANTITY, nullable=False),
    # The next date on which something of it arrives; none when nothing has a date.
    Column("next_arrival", Date, nullable=True),
    Column("undated_lines", Integer, nullable=False, server_default=text("0")),
    # "complete only": the day on which all of it ships and arrives.
    Column("complete_ships_on", Date, nullable=True),
    Column("complete_arrives_on", Date, nullable=True),
    Column("first_complete_ships_on", Date, nullable=True),
    Column("first_complete_arrives_on", Date, nullable=True),
    # Gross of tax; what is not yet shipped, and what has shipped: the credit check adds them up.
    Column("open_value", MONEY, nullable=False, server_default=text("0")),
    Column("shipped_value", MONEY, nullable=False, server_default=text("0")),
    # What of it is billed, net of credit notes, and what was paid of that; nothing where the ERP knows the account's
    # debts.
    Column("invoiced_value", MONEY, nullable=False, server_default=text("0")),
    Column("paid_value", MONEY, nullable=False, server_default=text("0")),
    # What of these the ledger has entered. Empty where nothing has changed since there is one: then all that counted.
    Column("counted_open", MONEY, nullable=True, server_default=text("0")),
    Column("counted_shipped", MONEY, nullable=True, server_default=text("0")),
    Column("counted_invoiced", MONEY, nullable=False, server_default=text("0")),
    Column("counted_paid", MONEY, nullable=False, server_default=text("0")),
    instant("updated_at"),
    one_of("state", STATES),
    Index("order_status_account_idx", "account", text("order_id desc")),
    Index("order_status_account_state_idx", "account", "state", text("order_id desc")),
    Index("order_status_state_idx", "state", text("order_id desc")),
    Index("order_status_updated_idx", "updated_at", "order_id"),
    # What still arrives for an account, also of orders that are closed while their goods are on the road.
    Index(
        "order_status_arrival_idx",
        "account",
        "next_arrival",
        postgresql_where=text("next_arrival is not null"),
    ),
    Index(
        "order_status_owing_idx",
        "account",
        postgresql_include=["state", "open_value", "shipped_value", "invoiced_value", "paid_value"],
        postgresql_where=text(
            "open_value > 0 or shipped_value <> invoiced_value or invoiced_value <> paid_value"
        ),
    ),
)

order_line = Table(
    "order_line",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("sku", ForeignKey("product.sku"), nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("tax_category", Text, nullable=False),
    Column("tax_rate", PRICE, nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("unit_price", PRICE, nullable=False),
    words("price_source"),
    # Lines of one pool share the order's discount and freight: 0 for what was ordered at first. What is added to a
    # placed order is its own pool, named by its line: it changes nothing of what was billed before.
    Column("pool", Integer, nullable=False, server_default=text("0")),
    # The buyer's wish, which the promise is held against; it decides nothing.
    Column("need_by", Date, nullable=True),
    # The order's version when something shown of this line last changed.
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    ForeignKeyConstraint(["order_id", "account"], ["orders.id", "orders.account"]),
    UniqueConstraint("order_id", "line"),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint("unit_price >= 0", name="unit_price_not_negative"),
    Index("order_line_sku_idx", text("upper(sku) text_pattern_ops"), text("order_id desc")),
    # Days that may be missed: few lines have one.
    Index("order_line_need_by_idx", "account", "need_by", postgresql_where=text("need_by is not null")),
    postgresql_with=ROOM,
)

portion = Table(
    "portion",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("line_id", ForeignKey("order_line.id"), nullable=False),
    # The line's, which the trigger that adds portions up sees to: one check for each row, not three.
    Column("order_id", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    words("stage"),
    # What the buyer reads when no hold applies: `stage`, or for a waiting portion what it waits for.
    words("status"),
    Column("location", ForeignKey("location.code"), nullable=True),
    # False when the product is not counted: such a portion stands in no stock level.
    Column("counted", Boolean, nullable=False, server_default=text("true")),
    Column("agreement", ForeignKey("allocation_agreement.number"), nullable=True),
    Column("inbound_line_id", ForeignKey("inbound_line.id"), nullable=True),
    Column("shipment_id", ForeignKey("shipment.id"), nullable=True),
    Column("ships_on", Date, nullable=True),
    Column("arrives_on", Date, nullable=True),
    Column("first_ships_on", Date, nullable=True),
    Column("first_arrives_on", Date, nullable=True),
    Column("because", JSONB, nullable=False, server_default=text("'[]'")),
    Column("waiting_since", Date, nullable=True),
    CheckConstraint("quantity > 0", name="quantity_positive"),
    CheckConstraint(
        "(stage in ('allocated', 'picking', 'packed')) <= (location is not null)", name="ours_has_a_location"
    ),
    CheckConstraint(
        "(stage in ('shipped', 'delivered', 'returned')) = (shipment_id is not null)",
        name="left_on_a_shipment",
    ),
    CheckConstraint("inbound_line_id is null or stage = 'waiting'", name="only_waiting_is_pegged"),
    one_of("stage", STAGES),
    Index("portion_line_idx", "line_id"),
    Index("portion_order_idx", "order_id"),
    Index("portion_waiting_idx", "sku", postgresql_where=text("stage = 'waiting'")),
    Index(
        "portion_ours_idx",
        "sku",
        "location",
        postgresql_where=text("stage in ('allocated', 'picking', 'packed')"),
    ),
    Index("portion_peg_idx", "inbound_line_id", postgresql_where=text("inbound_line_id is not null")),
    Index("portion_shipment_idx", "shipment_id", postgresql_where=text("shipment_id is not null")),
    Index("portion_agreement_idx", "agreement", postgresql_where=text("agreement is not null")),
    # No index holds a date: a promise that moves is then written into the room that is left beside it.
    postgresql_with=ROOM,
)

hold = Table(
    "hold",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("account", ForeignKey("account.number"), nullable=False),
    words("reason"),
    words("note", nullable=True),
    # Line numbers; none means the whole order.
    Column("lines", ARRAY(Integer), nullable=True),
    instant("set_at"),
    words("set_by"),
    instant("released_at", nullable=True),
    words("released_by", nullable=True),
    words("release_note", nullable=True),
    one_of("reason", ("finance", "credit", "quality", "approval", "address", "manual")),
    Index("hold_order_idx", "order_id"),
    Index("hold_standing_idx", "order_id", postgresql_where=text("released_at is null")),
)

# Every promise that moved: what was said, what is said now, and the event that says why.
promise_change = Table(
    "promise_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # The line's; a slip of a large supply writes thousands of rows, and each reference takes its time.
    Column("order_id", BigInteger, nullable=False),
    Column("line_id", ForeignKey("order_line.id"), nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("quantity", QUANTITY, nullable=False),
    Column("old_ships_on", Date, nullable=True),
    Column("old_arrives_on", Date, nullable=True),
    Column("new_ships_on", Date, nullable=True),
    Column("new_arrives_on", Date, nullable=True),
    # What moved it: {"what": "inbound_changed", "reference": "4711", ...}
    Column("cause", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("at"),
    Index("promise_change_order_idx", "order_id", text("id desc")),
)

# When a person last looked at an order, and at which version: "since your last visit".
order_visit = Table(
    "order_visit",
    metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("read_version", BigInteger, nullable=False),
    instant("read_at"),
    owner(),
)

# The queue as staff want it, for single lines: another priority than the account's, or only from one location.
queue_override = Table(
    "queue_override",
    metadata,
    Column("line_id", ForeignKey("order_line.id"), primary_key=True, autoincrement=False),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("sku", ForeignKey("product.sku"), nullable=False, index=True),
    Column("priority", Integer, nullable=True),
    Column("location", ForeignKey("location.code"), nullable=True),
    # A word that both buyers may read, and a note for staff only.
    words("reason"),
    words("note", nullable=True),
    words("set_by"),
    instant("set_at"),
    CheckConstraint("priority is not null or location is not null", name="overrides_something"),
)

# Another product offered in place of what a line waits for. Nothing changes before the buyer accepts.
substitution = Table(
    "substitution",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("line_id", ForeignKey("order_line.id"), nullable=False),
    # So much of the line would be cancelled, and so much of the other product delivered.
    Column("quantity", QUANTITY, nullable=False),
    Column("sku", ForeignKey("product.sku"), nullable=False),
    Column("substitute_quantity", QUANTITY, nullable=False),
    Column("unit_price", PRICE, nullable=False),
    words("note", nullable=True),
    words("state", "offered"),
    words("offered_by"),
    instant("offered_at"),
    words("settled_by", nullable=True),
    instant("settled_at", nullable=True),
    words("settled_note", nullable=True),
    # The line that an accepted offer became.
    Column("new_line_id", ForeignKey("order_line.id"), nullable=True),
    one_of("state", ("offered", "accepted", "declined", "withdrawn")),
    CheckConstraint("quantity > 0 and substitute_quantity > 0 and unit_price >= 0", name="positive"),
    Index("substitution_standing_key", "line_id", unique=True, postgresql_where=text("state = 'offered'")),
)
