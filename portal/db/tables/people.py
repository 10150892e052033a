"""Who signs in, what they may do where, and which systems hold tokens."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
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

from portal.db.tables.base import MONEY, created, instant, metadata, words

person = Table(
    "person",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    words("email"),
    words("name"),
    words("password_hash", nullable=True),
    # account_manager, operations, finance, admin: people of the supplier.
    Column("supplier_roles", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    words("locale", "en"),
    # Where they wake up (`Europe/London`); None: where the supplier is. What is gathered comes at this hour there.
    words("time_zone", nullable=True),
    Column("digest_hour", Integer, nullable=False, server_default=text("7")),
    # Mail to their address comes back: why, and since when. Nothing more is sent until somebody says that it is well.
    words("mail_problem", nullable=True),
    instant("mail_problem_at", nullable=True),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    # Raised when all sessions of the person must end.
    Column("session_epoch", BigInteger, nullable=False, server_default=text("1")),
    created(),
    CheckConstraint("digest_hour between 0 and 23", name="digest_hour"),
    Index("person_email_key", text("lower(email)"), unique=True),
)

membership = Table(
    "membership",
    metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("account", ForeignKey("account.number"), primary_key=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("limit_per_order", MONEY, nullable=True),
    words("limit_per_order_currency", nullable=True),
    Column("limit_per_period", MONEY, nullable=True),
    words("limit_per_period_currency", nullable=True),
    words("limit_period", nullable=True),
    Index("membership_account_idx", "account"),
)

# Who was ever seen in an account: a member of it, or somebody who had to agree to something of it. It outlives
# memberships, so that what people did there goes on bearing their names. Without an account: the supplier's people,
# whom everybody knows. Triggers write it.
acquaintance = Table(
    "acquaintance",
    metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("account", Text, primary_key=True),
)

token = Table(
    "token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    words("name"),
    Column("account", ForeignKey("account.number"), nullable=True),
    Column("person_id", ForeignKey("person.id"), nullable=True),
    Column("scopes", ARRAY(Text), nullable=False),
    instant("issued_at"),
    instant("last_used_at", nullable=True),
    instant("revoked_at", nullable=True),
)

# Up to when a person has read what is new over all orders.
today_visit = Table(
    "today_visit",
    metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    instant("read_at"),
)
