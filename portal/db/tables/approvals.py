"""Who must agree before an order is placed: policies, requests with their chains, decisions, delegation, and the mail
that asks."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
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

from portal.db.tables.base import MONEY, created, instant, metadata, one_of, owner, words

approval_number = Sequence("approval_number", metadata=metadata)

# The rules of an account; those of its parents apply beside its own. `rules` is what the contract's PUT takes.
approval_policy = Table(
    "approval_policy",
    metadata,
    Column("account", ForeignKey("account.number"), primary_key=True),
    Column("rules", JSONB, nullable=False),
    Column("self_approval", Boolean, nullable=False, server_default=text("false")),
    # Working hours; None never does.
    Column("expires_after_hours", Integer, nullable=True),
    Column("remind_after_hours", Integer, nullable=True),
    Column("escalate_after_hours", Integer, nullable=True),
    # Days of the week, from and to which hour, in which time zone, with which country's holidays.
    Column("working_time", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    instant("changed_at"),
    words("changed_by"),
)

approval_request = Table(
    "approval_request",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    # A whole order before it is placed, or more of one that is placed already.
    words("kind", "order"),
    words("state", "pending"),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    # None where a system placed the order for nobody in particular.
    Column("requester_id", ForeignKey("person.id"), nullable=True, index=True),
    words("requester"),
    Column("total", MONEY, nullable=False),
    words("currency"),
    # Why: [{"rule": ..., "because": [{"fact": "total_above", ...}]}, ...].
    Column("reasons", JSONB, nullable=False),
    # Of a change to a placed order: what it is to become.
    Column("wanted", JSONB, nullable=True),
    words("note", nullable=True),
    # The step that is asked now.
    Column("step", Integer, nullable=False, server_default=text("1")),
    instant("asked_at"),
    instant("expires_at", nullable=True),
    instant("settled_at", nullable=True),
    created(),
    one_of("kind", ("order", "amendment")),
    one_of("state", ("pending", "asked", "approved", "rejected", "expired", "withdrawn")),
    CheckConstraint(
        "(settled_at is null) = (state in ('pending', 'asked'))", name="settled_when_it_is_no_longer_open"
    ),
    # An order is asked for once at a time.
    Index(
        "approval_request_open_key",
        "order_id",
        unique=True,
        postgresql_where=text("state in ('pending', 'asked')"),
    ),
    Index("approval_request_account_idx", "account", "state", text("id desc")),
    Index("approval_request_order_id_idx", "order_id", text("id desc")),
)

# In sequence. `need` is how many of the step's seats must approve: what the rule asks (`rule_need`) less those among
# `also`, people of earlier steps whose approval counts here as well, who are certain to approve or have approved.
approval_step = Table(
    "approval_step",
    metadata,
    Column(
        "request_id",
        ForeignKey("approval_request.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("need", Integer, nullable=False),
    Column("rule_need", Integer, nullable=False),
    Column("also", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    # As the policy says it: `all`, `any`, or the number.
    words("said"),
    Column("rules", ARRAY(Text), nullable=False),
    words("state", "waiting"),
    instant("opened_at", nullable=True),
    instant("remind_at", nullable=True),
    instant("escalate_at", nullable=True),
    owner(),
    one_of("state", ("waiting", "open", "passed")),
    # None is needed where enough of `also` have approved.
    CheckConstraint("need >= 0 and rule_need > 0", name="need"),
    Index("approval_step_due_idx", "remind_at", postgresql_where=text("state = 'open'")),
)

# A person who is asked in a step, and what they said. `decided_by` is somebody else when they had delegated.
approval_seat = Table(
    "approval_seat",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("request_id", ForeignKey("approval_request.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    # Where their authority comes from.
    Column("account", ForeignKey("account.number"), nullable=False),
    words("why"),
    words("state", "open"),
    Column("decided_by", ForeignKey("person.id"), nullable=True),
    instant("decided_at", nullable=True),
    words("comment", nullable=True),
    # Approved only up to {"total": "80000.00", "until": "2026-12-01"}.
    Column("condition", JSONB, nullable=True),
    owner("request_account"),
    UniqueConstraint("request_id", "person_id"),
    one_of("why", ("named", "role", "authority", "escalated")),
    one_of("state", ("open", "approved")),
    CheckConstraint("(state = 'approved') = (decided_at is not null)", name="decided_when_approved"),
    Index("approval_seat_person_id_idx", "person_id", "state"),
)

# What was said and done, in order; never rewritten.
approval_decision = Table(
    "approval_decision",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("request_id", ForeignKey("approval_request.id", ondelete="CASCADE"), nullable=False),
    words("what"),
    # None where the clock did it.
    Column("person_id", ForeignKey("person.id"), nullable=True),
    # Whose seat it was, where they had delegated.
    Column("for_person_id", ForeignKey("person.id"), nullable=True),
    words("comment", nullable=True),
    Column("lines", ARRAY(Integer), nullable=True),
    Column("condition", JSONB, nullable=True),
    # Through which door: page, bulk, mail, api, clock.
    words("through"),
    # The request's version that this made, and what was decided on.
    Column("version", BigInteger, nullable=False),
    Column("snapshot", JSONB, nullable=False),
    instant("at"),
    owner(),
    one_of(
        "what",
        (
            "request", "approve", "reject", "reject_lines", "ask", "answer", "withdraw", "change", "escalate", "remind",
            "expire", "lapse",
        ),
    ),
    Index("approval_decision_request_id_idx", "request_id", "id"),
)  # fmt: skip

# Between two days, both included, somebody decides for somebody else, up to an amount.
delegation = Table(
    "delegation",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", ForeignKey("account.number"), nullable=False),
    Column("from_person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("to_person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("cap", MONEY, nullable=True),
    words("cap_currency", nullable=True),
    words("note", nullable=True),
    instant("ended_at", nullable=True),
    created(),
    CheckConstraint("from_person_id <> to_person_id", name="to_somebody_else"),
    CheckConstraint("to_on >= from_on", name="validity"),
    CheckConstraint("(cap is null) = (cap_currency is null)", name="cap_and_currency"),
    Index("delegation_to_idx", "to_person_id", "to_on"),
    Index("delegation_from_idx", "from_person_id", "to_on"),
)

# A link in a mail that leads to the page where its reader decides: good once, for what they were told of.
approval_link = Table(
    "approval_link",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("request_id", ForeignKey("approval_request.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    # The request's version that the mail told of.
    Column("version", BigInteger, nullable=False),
    instant("expires_at"),
    instant("used_at", nullable=True),
    created(),
    owner(),
)

# What is to be mailed: written in the commit that makes it due, claimed before it is sent.
mail = Table(
    "mail",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # The same reason to write to the same person is one mail.
    Column("key", Text, nullable=False, unique=True),
    words("kind"),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("account", ForeignKey("account.number"), nullable=True),
    Column("order_id", ForeignKey("orders.id"), nullable=True),
    Column("request_id", ForeignKey("approval_request.id", ondelete="CASCADE"), nullable=True),
    Column("data", JSONB, nullable=False, server_default=text("'{}'")),
    words("state", "waiting"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    instant("due_at"),
    instant("claimed_at", nullable=True),
    instant("sent_at", nullable=True),
    words("problem", nullable=True),
    created(),
    # Later the receiver's server said that it cannot be delivered.
    instant("bounced_at", nullable=True),
    one_of("state", ("waiting", "sending", "sent", "dropped", "failed")),
    # What is gathered for a person about an order, or for a morning, is one mail until it is sent.
    Index(
        "mail_gathering_key",
        "person_id",
        "kind",
        text("coalesce(order_id, 0)"),
        unique=True,
        postgresql_where=text("state = 'waiting' and attempts = 0 and kind in ('news', 'digest')"),
    ),
    Index("mail_settled_idx", "created_at", postgresql_where=text("state in ('sent', 'dropped', 'failed')")),
    # The few that nobody took, which somebody is to look at.
    Index("mail_failed_idx", "id", postgresql_where=text("state = 'failed'")),
    Index("mail_waiting_idx", "due_at", postgresql_where=text("state in ('waiting', 'sending')")),
    Index("mail_order_id_idx", "order_id"),
    Index("mail_request_id_idx", "request_id"),
)
