"""Account managers who see what a buyer sees: who, as whom, why, until when, and what was looked at."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from portal.db.tables.base import instant, metadata, owner, words

# It holds for one session of the person who acts, and ends by itself.
impersonation = Table(
    "impersonation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("actor_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("subject_id", ForeignKey("person.id"), nullable=False),
    Column("account", ForeignKey("account.number"), nullable=False),
    # Where the session is stored: a hash, as in `adapters.sessions`.
    words("session"),
    Column("reason", Text, nullable=False),
    instant("began_at"),
    instant("ends_at"),
    instant("ended_at", nullable=True),
    # The e-mail address of who ended it.
    words("ended_by", nullable=True),
    # When the session was its own person's again: until then each of its pages says that this is over.
    instant("left_at", nullable=True),
    CheckConstraint("length(btrim(reason)) > 0", name="reason"),
    CheckConstraint(
        "ends_at > began_at and ends_at <= began_at + interval '30 minutes'", name="at_most_half_an_hour"
    ),
    # One at a time in a session.
    Index("impersonation_session_key", "session", unique=True, postgresql_where=text("left_at is null")),
    # What ends by the clock.
    Index("impersonation_ends_idx", "ends_at", postgresql_where=text("ended_at is null")),
    Index("impersonation_account_idx", "account", text("id desc")),
    Index("impersonation_subject_idx", "subject_id"),
)

# What was looked at, and what was refused.
impersonation_view = Table(
    "impersonation_view",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "impersonation_id", ForeignKey("impersonation.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    instant("at"),
    words("method"),
    words("path"),
    Column("status", Integer, nullable=True),
    owner(),
)
