"""What 0010 added to tables in use is checked, and found by indexes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | Sequence[str] | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

VALIDATE = (
    "alter table account validate constraint account_manager_id_fkey",
    "alter table account validate constraint account_silence_days_check",
    "alter table account validate constraint account_impersonation_check",
    "alter table person validate constraint person_digest_hour_check",
    "alter table parked_message validate constraint parked_message_state_check",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "account_manager_id_idx",
            "account",
            ["manager_id"],
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "mail_gathering_key",
            "mail",
            ["person_id", "kind", sa.literal_column("coalesce(order_id, 0)")],
            unique=True,
            postgresql_concurrently=True,
            postgresql_where=sa.text("state = 'waiting' and attempts = 0 and kind in ('news', 'digest')"),
            if_not_exists=True,
        )
        op.create_index(
            "mail_settled_idx",
            "mail",
            ["created_at"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("state in ('sent', 'dropped', 'failed')"),
            if_not_exists=True,
        )
        op.create_index(
            "mail_failed_idx",
            "mail",
            ["id"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("state = 'failed'"),
            if_not_exists=True,
        )
        op.create_index(
            "event_at_idx",
            "event",
            ["at"],
            postgresql_using="brin",
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "parked_message_case_idx",
            "parked_message",
            ["id"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("state = 'case'"),
            if_not_exists=True,
        )
    for statement in VALIDATE:
        op.execute(statement)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name, table in (
            ("parked_message_case_idx", "parked_message"),
            ("event_at_idx", "event"),
            ("mail_failed_idx", "mail"),
            ("mail_settled_idx", "mail"),
            ("mail_gathering_key", "mail"),
            ("account_manager_id_idx", "account"),
        ):
            op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)
