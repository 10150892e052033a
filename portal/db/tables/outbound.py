"""Other systems that are told what happened: whom, what each was told and answered, and who minds when it fails."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import created, instant, metadata, one_of, owner, words

KINDS = ("webhook", "erp", "mail", "inbound")

# A way out (a customer's endpoint, the ERP, the mail server), or in (`inbound`: messages that could not be applied).
# `mail` and `inbound` are always there, `erp` while the settings name one.
connection = Table(
    "connection",
    metadata,
    Column("id", Text, primary_key=True),
    words("kind"),
    # None belongs to the supplier and hears of every account.
    Column("account", ForeignKey("account.number"), nullable=True, index=True),
    words("url", nullable=True),
    words("description", ""),
    # None: all types.
    Column("types", ARRAY(Text), nullable=True),
    words("state", "active"),
    # Why it was disabled, in one word (`gone`, `failing`, `by_hand`), and since when.
    words("disabled_because", nullable=True),
    instant("disabled_at", nullable=True),
    # Since when nothing has gone through; None while the last attempt succeeded.
    instant("failing_since", nullable=True),
    instant("last_success_at", nullable=True),
    # How many at once, and how many begun a second.
    Column("concurrency", Integer, nullable=False, server_default=text("4")),
    Column("per_second", Integer, nullable=False, server_default=text("50")),
    # Before this moment (the database's own clock) nothing more may begin.
    instant("free_at", nullable=True),
    # From when on somebody is told: seconds that the oldest may wait, how many may wait, percent that may fail.
    Column("oldest_limit", Integer, nullable=False, server_default=text("300")),
    Column("backlog_limit", Integer, nullable=False, server_default=text("100")),
    Column("error_limit", Integer, nullable=False, server_default=text("50")),
    words("made_by", "portal"),
    instant("made_at", nullable=True),
    instant("deleted_at", nullable=True),
    created(),
    one_of("kind", KINDS),
    one_of("state", ("active", "paused", "disabled")),
    CheckConstraint("concurrency > 0 and per_second > 0", name="pace"),
    CheckConstraint("(state = 'disabled') = (disabled_at is not null)", name="disabled_at"),
    CheckConstraint("kind <> 'webhook' or url is not null", name="webhook_has_url"),
)

# What deliveries are signed with, sealed with the portal's own key. Two are valid for a day after a rotation.
connection_secret = Table(
    "connection_secret",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("connection_id", ForeignKey("connection.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    instant("made_at"),
    # It signs until then; None is the one that stays.
    instant("retires_at", nullable=True),
    owner(nullable=True),
)

# One event to be told to one connection: written in the commit of the event. Deliveries of one order keep their order.
delivery = Table(
    "delivery",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("connection_id", ForeignKey("connection.id", ondelete="CASCADE"), nullable=False),
    # None for a test.
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=True, index=True),
    Column("account", ForeignKey("account.number"), nullable=True, index=True),
    # The key in whose order things are told.
    Column("order_id", BigInteger, nullable=True),
    words("type"),
    # What a test says; an event is read when it is told.
    Column("body", JSONB, nullable=True),
    words("state", "waiting"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # By the portal's clock.
    instant("due_at"),
    # By the database's own clock: a worker that was killed is not waited for longer.
    instant("claimed_until", nullable=True),
    instant("settled_at", nullable=True),
    # How long it took from the commit to the first attempt, by the database's own clock.
    Column("first_attempt_ms", Integer, nullable=True),
    Column("replays", Integer, nullable=False, server_default=text("0")),
    words("problem", nullable=True),
    Column(
        "created_at", instant("created_at").type, nullable=False, server_default=text("clock_timestamp()")
    ),
    one_of("state", ("waiting", "sending", "delivered", "dead", "dropped")),
    UniqueConstraint("connection_id", "event_id"),
    Index("delivery_listed_idx", "connection_id", text("id desc")),
    Index(
        "delivery_open_idx",
        "connection_id",
        "order_id",
        "id",
        postgresql_where=text("state in ('waiting', 'sending')"),
    ),
    # What a claim looks at, so that what waits behind something else, or for later, costs nothing.
    Index("delivery_due_idx", "connection_id", "due_at", "id", postgresql_where=text("state = 'waiting'")),
    Index("delivery_sending_idx", "connection_id", postgresql_where=text("state = 'sending'")),
    # What was told long ago is forgotten, and counted by the week, in the order in which it was written.
    Index("delivery_created_at_idx", "created_at", postgresql_using="brin"),
    Index("delivery_dead_idx", "connection_id", "id", postgresql_where=text("state = 'dead'")),
)

# What was sent and answered, each time.
delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("delivery_id", ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    instant("at"),
    Column("duration_ms", Integer, nullable=True),
    # None: nobody answered; `problem` says what happened.
    Column("status", Integer, nullable=True),
    words("problem", nullable=True),
    # To which address it went, after the name was resolved.
    words("address", nullable=True),
    Column("request_headers", JSONB, nullable=False, server_default=text("'{}'")),
    Column("response_headers", JSONB, nullable=False, server_default=text("'{}'")),
    # Cut at 20 kB.
    words("response_body", nullable=True),
    Index("delivery_attempt_delivery_id_idx", "delivery_id", "number"),
    # Written once more, so that a connection's attempts of an hour are counted without looking at each delivery.
    words("connection", nullable=True),
    Index("delivery_attempt_at_idx", "at", postgresql_include=["connection", "status"]),
    # In parts by number, of which the oldest is thrown away whole: `portal.db.parts`.
    postgresql_partition_by="range (id)",
)

# How far a system has read the feed: it asked for what comes after this number, so it has all up to it.
feed_reader = Table(
    "feed_reader",
    metadata,
    Column("token_id", ForeignKey("token.id", ondelete="CASCADE"), primary_key=True),
    # Empty for a reader of all accounts, which pages by the event's id.
    Column("account", Text, primary_key=True),
    Column("read_to", BigInteger, nullable=False),
    instant("read_at"),
)

# Who is told when a connection fails.
watcher = Table(
    "watcher",
    metadata,
    Column("connection_id", ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True),
    owner(nullable=True),
)

# A threshold that was passed: raised once, acknowledged by somebody, cleared when it holds again.
alert = Table(
    "alert",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("connection_id", ForeignKey("connection.id", ondelete="CASCADE"), nullable=False),
    words("measure"),
    words("state", "open"),
    # What was measured, and the limit.
    Column("facts", JSONB, nullable=False),
    instant("raised_at"),
    Column("acknowledged_by", ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
    instant("acknowledged_at", nullable=True),
    words("note", nullable=True),
    instant("cleared_at", nullable=True),
    owner(nullable=True),
    one_of("measure", ("oldest", "backlog", "errors", "dead", "disabled")),
    one_of("state", ("open", "acknowledged", "cleared")),
    CheckConstraint("(state = 'cleared') = (cleared_at is not null)", name="cleared_at"),
    Index(
        "alert_open_key", "connection_id", "measure", unique=True, postgresql_where=text("state <> 'cleared'")
    ),
    Index("alert_raised_idx", text("raised_at desc")),
)
