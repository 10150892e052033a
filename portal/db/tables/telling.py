"""Telling people: what each wants to hear and how, what is gathered for them, calendars, and tasks for account
managers."""

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
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import created, instant, metadata, one_of, words

# What a person chose for a kind of news; what their roles make of it otherwise (`domain.notifying`).
notification_choice = Table(
    "notification_choice",
    metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    words("how"),
    # Of their own orders, or of the whole account.
    words("whose"),
    instant("changed_at"),
    one_of("how", ("at_once", "digest", "never")),
    one_of("whose", ("own", "account")),
)

# One event that one person is to hear of. It waits for the mail that tells it.
notice = Table(
    "notice",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", ForeignKey("event.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("account", ForeignKey("account.number"), nullable=False, index=True),
    Column("order_id", ForeignKey("orders.id"), nullable=True, index=True),
    words("kind"),
    Column("mail_id", ForeignKey("mail.id", ondelete="CASCADE"), nullable=False, index=True),
    created(),
    UniqueConstraint("person_id", "event_id"),
)

# Up to which event people were told: everything after it is still to be gathered. One row.
told_position = Table(
    "told_position",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("event_id", BigInteger, nullable=False, server_default=text("0")),
)

# A secret address under which a calendar program finds a person's arrivals.
calendar_link = Table(
    "calendar_link",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    words("name", ""),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    # Only arrivals at this destination.
    words("ship_to", nullable=True),
    instant("made_at"),
    instant("last_read_at", nullable=True),
    instant("revoked_at", nullable=True),
)

# Something an account manager has to look after, found by the portal.
task = Table(
    "task",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    words("kind"),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("order_id", ForeignKey("orders.id"), nullable=True),
    # Who looks after the account; None: whoever is an account manager.
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL"), nullable=True, index=True),
    words("state", "open"),
    Column("because", JSONB, nullable=False, server_default=text("'{}'")),
    instant("raised_at"),
    instant("done_at", nullable=True),
    words("done_by", nullable=True),
    words("note", nullable=True),
    one_of("kind", ("silence", "bounced")),
    one_of("state", ("open", "done")),
    Index("task_open_key", "kind", "order_id", unique=True, postgresql_where=text("state = 'open'")),
    Index("task_account_idx", "account", "state"),
    Index("task_order_id_idx", "order_id"),
)
