"""Who decided what, and on what: entries that are chained, so that a row that was changed is found."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from portal.db.tables.base import created, instant, metadata, words

# The end of each account's chain. Locked after an order's status and before the account's feed.
audit_head = Table(
    "audit_head",
    metadata,
    Column("account", ForeignKey("account.number"), primary_key=True),
    Column("sequence", BigInteger, nullable=False, server_default=text("0")),
    Column("hash", LargeBinary, nullable=False, server_default=text(r"'\x'")),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    instant("at"),
    words("actor"),
    # What was done (`approval.decided`, `policy.changed`, ...) and to what (`AP-2026-000001`, ...).
    words("action"),
    words("subject"),
    # Canonical JSON as it was hashed, snapshot included: text, so that nothing rewrites it.
    Column("body", Text, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    created(),
    UniqueConstraint("account", "sequence"),
)
