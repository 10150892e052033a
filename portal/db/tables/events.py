"""What happened, what was answered, and what came too early."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

from portal.db.tables.base import created, instant, metadata, one_of, words


class Xid8(UserDefinedType[int]):
    """A transaction's 64-bit number: with the snapshot it tells which events are certain to have no elder to come.

    An event has the number raised by `feed_base`, as `feed_txid()` gives it; `feed_horizon()` is the snapshot's eldest
    transaction that still runs, raised alike.
    """

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


event = Table(
    "event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("txid", Xid8, nullable=False, server_default=text("feed_txid()")),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("order_id", ForeignKey("orders.id"), nullable=True),
    instant("at"),
    words("actor"),
    # The order's version that this event made.
    Column("version", BigInteger, nullable=True),
    Column("data", JSONB, nullable=False),
    # In parts by number: `portal.db.parts`. Each part has an index of its own on (account, sequence), which is unique;
    # that no two parts have the same is seen to by the lock under which sequences are given.
    Index("event_position_idx", "txid", "id"),
    Index("event_order_idx", "order_id", "id"),
    # What happened in a period is told again: events stand in the order in which they were written.
    Index("event_at_idx", "at", postgresql_using="brin"),
    # Figures over a period are made from these.
    Index(
        "event_insight_idx",
        "type",
        "at",
        postgresql_where=text(
            "type in ('order.placed', 'order.closed', 'portion.allocated', 'shipment.shipped', 'shipment.delivered')"
        ),
    ),
    postgresql_partition_by="range (id)",
)

# The answer to each Idempotency-Key, written in the same commit as its effect.
answer = Table(
    "answer",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("payload_sha256", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    instant("at"),
    Index("answer_at_idx", "at"),
)

# Messages about something not known yet: stored before they are interpreted, applied when it becomes known.
parked_message = Table(
    "parked_message",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    words("subject"),
    words("subject_key"),
    Column("body", JSONB, nullable=False),
    words("actor"),
    words("state", "parked"),
    words("problem", nullable=True),
    instant("parked_at"),
    instant("settled_at", nullable=True),
    # A case is settled by a person, who may have put it right (`body` is what came), or wants nothing of it.
    Column("corrected", JSONB, nullable=True),
    words("settled_by", nullable=True),
    words("note", nullable=True),
    one_of("subject", ("shipment", "inbound")),
    one_of("state", ("parked", "applied", "case", "dismissed")),
    Index("parked_message_case_idx", "id", postgresql_where=text("state = 'case'")),
    Index("parked_message_waiting_idx", "subject", "subject_key", postgresql_where=text("state = 'parked'")),
)

# The simulated clock of demo and test: one row, seconds added to real time.
clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("ahead_microseconds", BigInteger, nullable=False, server_default=text("0")),
    created(),
)

# By how much this cluster's transaction numbers are raised: one row. After a restore they go on where those of the
# cluster before have ended.
feed_base = Table(
    "feed_base",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False, server_default=text("0")),
)
