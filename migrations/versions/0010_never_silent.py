"""Never silent: other systems and what each was told, what people want to hear, impersonation, alerts.

What already stands in the feed was told before: nobody gets mail about the past.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOT_YET_VALID = (
    """alter table account add constraint account_manager_id_fkey
       foreign key (manager_id) references person (id) on delete set null not valid""",
    "alter table account add constraint account_silence_days_check check (silence_days > 0) not valid",
    """alter table account add constraint account_impersonation_check
       check (impersonation in ('off', 'read', 'order')) not valid""",
    "alter table person add constraint person_digest_hour_check check (digest_hour between 0 and 23) not valid",
    # One that refuses less takes its place in the same transaction.
    """-- squawk-ignore ban-drop-constraint
       alter table parked_message drop constraint parked_message_state_check""",
    """alter table parked_message add constraint parked_message_state_check
       check (state in ('parked', 'applied', 'case', 'dismissed')) not valid""",
)


def upgrade() -> None:
    op.create_table(
        "told_position",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("told_position_pkey")),
    )
    op.create_table(
        "calendar_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("ship_to", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("calendar_link_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("calendar_link_pkey")),
        sa.UniqueConstraint("sha256", name=op.f("calendar_link_sha256_key")),
    )
    op.create_index(op.f("calendar_link_person_id_idx"), "calendar_link", ["person_id"], unique=False)
    op.create_table(
        "notification_choice",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("whose", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "how in ('at_once', 'digest', 'never')", name=op.f("notification_choice_how_check")
        ),
        sa.CheckConstraint("whose in ('own', 'account')", name=op.f("notification_choice_whose_check")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("notification_choice_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("notification_choice_pkey")),
    )
    op.create_table(
        "connection",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("types", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("disabled_because", sa.Text(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concurrency", sa.Integer(), server_default=sa.text("4"), nullable=False),
        sa.Column("per_second", sa.Integer(), server_default=sa.text("50"), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("oldest_limit", sa.Integer(), server_default=sa.text("300"), nullable=False),
        sa.Column("backlog_limit", sa.Integer(), server_default=sa.text("100"), nullable=False),
        sa.Column("error_limit", sa.Integer(), server_default=sa.text("50"), nullable=False),
        sa.Column("made_by", sa.Text(), server_default=sa.text("'portal'"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(state = 'disabled') = (disabled_at is not null)", name=op.f("connection_disabled_at_check")
        ),
        sa.CheckConstraint(
            "kind <> 'webhook' or url is not null", name=op.f("connection_webhook_has_url_check")
        ),
        sa.CheckConstraint(
            "kind in ('webhook', 'erp', 'mail', 'inbound')", name=op.f("connection_kind_check")
        ),
        sa.CheckConstraint("state in ('active', 'paused', 'disabled')", name=op.f("connection_state_check")),
        sa.CheckConstraint("concurrency > 0 and per_second > 0", name=op.f("connection_pace_check")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("connection_account_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("connection_pkey")),
    )
    op.create_index(op.f("connection_account_idx"), "connection", ["account"], unique=False)
    op.create_table(
        "impersonation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "ends_at > began_at and ends_at <= began_at + interval '30 minutes'",
            name=op.f("impersonation_at_most_half_an_hour_check"),
        ),
        sa.CheckConstraint("length(btrim(reason)) > 0", name=op.f("impersonation_reason_check")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("impersonation_account_fkey")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("impersonation_actor_id_fkey")),
        sa.ForeignKeyConstraint(["subject_id"], ["person.id"], name=op.f("impersonation_subject_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("impersonation_pkey")),
    )
    op.create_index(
        "impersonation_account_idx", "impersonation", ["account", sa.literal_column("id desc")], unique=False
    )
    op.create_index(op.f("impersonation_actor_id_idx"), "impersonation", ["actor_id"], unique=False)
    op.create_index(
        "impersonation_ends_idx",
        "impersonation",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index(
        "impersonation_session_key",
        "impersonation",
        ["session"],
        unique=True,
        postgresql_where=sa.text("left_at is null"),
    )
    op.create_index("impersonation_subject_idx", "impersonation", ["subject_id"], unique=False)
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'cleared') = (cleared_at is not null)", name=op.f("alert_cleared_at_check")
        ),
        sa.CheckConstraint(
            "measure in ('oldest', 'backlog', 'errors', 'dead', 'disabled')", name=op.f("alert_measure_check")
        ),
        sa.CheckConstraint("state in ('open', 'acknowledged', 'cleared')", name=op.f("alert_state_check")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["person.id"], name=op.f("alert_acknowledged_by_fkey"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("alert_connection_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("alert_pkey")),
    )
    op.create_index(
        "alert_open_key",
        "alert",
        ["connection_id", "measure"],
        unique=True,
        postgresql_where=sa.text("state <> 'cleared'"),
    )
    op.create_index("alert_raised_idx", "alert", [sa.literal_column("raised_at desc")], unique=False)
    op.create_table(
        "connection_secret",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("connection_secret_connection_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("connection_secret_pkey")),
    )
    op.create_index(
        op.f("connection_secret_connection_id_idx"), "connection_secret", ["connection_id"], unique=False
    )
    op.create_table(
        "feed_reader",
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"], ["token.id"], name=op.f("feed_reader_token_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_id", "account", name=op.f("feed_reader_pkey")),
    )
    op.create_table(
        "impersonation_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("impersonation_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["impersonation_id"],
            ["impersonation.id"],
            name=op.f("impersonation_view_impersonation_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("impersonation_view_pkey")),
    )
    op.create_index(
        op.f("impersonation_view_impersonation_id_idx"),
        "impersonation_view",
        ["impersonation_id"],
        unique=False,
    )
    op.create_table(
        "watcher",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("watcher_connection_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("watcher_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "person_id", name=op.f("watcher_pkey")),
    )
    op.create_index(op.f("watcher_person_id_idx"), "watcher", ["person_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column(
            "because", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('silence', 'bounced')", name=op.f("task_kind_check")),
        sa.CheckConstraint("state in ('open', 'done')", name=op.f("task_state_check")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("task_account_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("task_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("task_person_id_fkey"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("task_pkey")),
    )
    op.create_index("task_account_idx", "task", ["account", "state"], unique=False)
    op.create_index(
        "task_open_key", "task", ["kind", "order_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("task_order_id_idx", "task", ["order_id"], unique=False)
    op.create_index(op.f("task_person_id_idx"), "task", ["person_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_attempt_ms", sa.Integer(), nullable=True),
        sa.Column("replays", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state in ('waiting', 'sending', 'delivered', 'dead', 'dropped')",
            name=op.f("delivery_state_check"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("delivery_account_fkey")),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("delivery_connection_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("delivery_event_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_pkey")),
        sa.UniqueConstraint("connection_id", "event_id", name=op.f("delivery_connection_id_event_id_key")),
    )
    op.create_index(op.f("delivery_account_idx"), "delivery", ["account"], unique=False)
    op.create_index(
        "delivery_created_at_idx", "delivery", ["created_at"], unique=False, postgresql_using="brin"
    )
    op.create_index(
        "delivery_dead_idx",
        "delivery",
        ["connection_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "delivery_due_idx",
        "delivery",
        ["connection_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "delivery_sending_idx",
        "delivery",
        ["connection_id"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(op.f("delivery_event_id_idx"), "delivery", ["event_id"], unique=False)
    op.create_index(
        "delivery_listed_idx", "delivery", ["connection_id", sa.literal_column("id desc")], unique=False
    )
    op.create_index(
        "delivery_open_idx",
        "delivery",
        ["connection_id", "order_id", "id"],
        unique=False,
        postgresql_where=sa.text("state in ('waiting', 'sending')"),
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "request_headers",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "response_headers",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("response_body", sa.Text(), nullable=True),
        sa.Column("connection", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("delivery_attempt_delivery_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_attempt_pkey")),
    )
    op.create_index(
        "delivery_attempt_at_idx",
        "delivery_attempt",
        ["at"],
        unique=False,
        postgresql_include=["connection", "status"],
    )
    op.create_index(
        "delivery_attempt_delivery_id_idx", "delivery_attempt", ["delivery_id", "number"], unique=False
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("notice_account_fkey")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("notice_event_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mail.id"], name=op.f("notice_mail_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("notice_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("notice_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notice_pkey")),
        sa.UniqueConstraint("person_id", "event_id", name=op.f("notice_person_id_event_id_key")),
    )
    op.create_index(op.f("notice_account_idx"), "notice", ["account"], unique=False)
    op.create_index(op.f("notice_event_id_idx"), "notice", ["event_id"], unique=False)
    op.create_index(op.f("notice_mail_id_idx"), "notice", ["mail_id"], unique=False)
    op.create_index(op.f("notice_order_id_idx"), "notice", ["order_id"], unique=False)
    op.add_column("account", sa.Column("manager_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "account", sa.Column("silence_days", sa.Integer(), server_default=sa.text("5"), nullable=True)
    )
    op.add_column(
        "account", sa.Column("impersonation", sa.Text(), server_default=sa.text("'read'"), nullable=False)
    )
    op.add_column("account", sa.Column("erp_number", sa.Text(), nullable=True))
    op.add_column(
        "parked_message", sa.Column("corrected", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
    op.add_column("parked_message", sa.Column("settled_by", sa.Text(), nullable=True))
    op.add_column("parked_message", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("mail", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("time_zone", sa.Text(), nullable=True))
    op.add_column(
        "person", sa.Column("digest_hour", sa.Integer(), server_default=sa.text("7"), nullable=False)
    )
    op.add_column("person", sa.Column("mail_problem", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("mail_problem_at", sa.DateTime(timezone=True), nullable=True))
    for statement in NOT_YET_VALID:
        op.execute(statement)
    op.execute("insert into told_position (id, event_id) select 1, coalesce(max(id), 0) from event")
    op.execute(
        "insert into connection (id, kind, description) values ('mail', 'mail', ''), ('inbound', 'inbound', '')"
    )


def downgrade() -> None:
    op.drop_column("person", "mail_problem_at")
    op.drop_column("person", "mail_problem")
    op.drop_column("person", "digest_hour")
    op.drop_column("person", "time_zone")
    op.drop_column("mail", "bounced_at")
    op.execute("alter table parked_message drop constraint parked_message_state_check")
    op.execute("update parked_message set state = 'case' where state = 'dismissed'")
    op.execute(
        """alter table parked_message add constraint parked_message_state_check
           check (state in ('parked', 'applied', 'case')) not valid"""
    )
    op.drop_column("parked_message", "note")
    op.drop_column("parked_message", "settled_by")
    op.drop_column("parked_message", "corrected")
    op.drop_column("account", "erp_number")
    op.drop_column("account", "impersonation")
    op.drop_column("account", "silence_days")
    op.drop_column("account", "manager_id")
    op.drop_index(op.f("notice_order_id_idx"), table_name="notice")
    op.drop_index(op.f("notice_mail_id_idx"), table_name="notice")
    op.drop_index(op.f("notice_event_id_idx"), table_name="notice")
    op.drop_index(op.f("notice_account_idx"), table_name="notice")
    op.drop_table("notice")
    op.drop_index("delivery_attempt_delivery_id_idx", table_name="delivery_attempt")
    op.drop_index("delivery_attempt_at_idx", table_name="delivery_attempt")
    op.drop_table("delivery_attempt")
    op.drop_index(
        "delivery_open_idx",
        table_name="delivery",
        postgresql_where=sa.text("state in ('waiting', 'sending')"),
    )
    op.drop_index("delivery_listed_idx", table_name="delivery")
    op.drop_index(op.f("delivery_event_id_idx"), table_name="delivery")
    op.drop_index(
        "delivery_sending_idx", table_name="delivery", postgresql_where=sa.text("state = 'sending'")
    )
    op.drop_index("delivery_due_idx", table_name="delivery", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index("delivery_created_at_idx", table_name="delivery", postgresql_using="brin")
    op.drop_index("delivery_dead_idx", table_name="delivery", postgresql_where=sa.text("state = 'dead'"))
    op.drop_index(op.f("delivery_account_idx"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(op.f("task_person_id_idx"), table_name="task")
    op.drop_index("task_order_id_idx", table_name="task")
    op.drop_index("task_open_key", table_name="task", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("task_account_idx", table_name="task")
    op.drop_table("task")
    op.drop_index(op.f("watcher_person_id_idx"), table_name="watcher")
    op.drop_table("watcher")
    op.drop_index(op.f("impersonation_view_impersonation_id_idx"), table_name="impersonation_view")
    op.drop_table("impersonation_view")
    op.drop_table("feed_reader")
    op.drop_index(op.f("connection_secret_connection_id_idx"), table_name="connection_secret")
    op.drop_table("connection_secret")
    op.drop_index("alert_raised_idx", table_name="alert")
    op.drop_index("alert_open_key", table_name="alert", postgresql_where=sa.text("state <> 'cleared'"))
    op.drop_table("alert")
    op.drop_index("impersonation_subject_idx", table_name="impersonation")
    op.drop_index(
        "impersonation_session_key", table_name="impersonation", postgresql_where=sa.text("left_at is null")
    )
    op.drop_index(
        "impersonation_ends_idx", table_name="impersonation", postgresql_where=sa.text("ended_at is null")
    )
    op.drop_index(op.f("impersonation_actor_id_idx"), table_name="impersonation")
    op.drop_index("impersonation_account_idx", table_name="impersonation")
    op.drop_table("impersonation")
    op.drop_index(op.f("connection_account_idx"), table_name="connection")
    op.drop_table("connection")
    op.drop_table("notification_choice")
    op.drop_index(op.f("calendar_link_person_id_idx"), table_name="calendar_link")
    op.drop_table("calendar_link")
    op.drop_table("told_position")
