"""Indexes for a person's own orders, who draws on whose credit, and days that may be missed, built while others work."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "orders_person_id_idx",
            "orders",
            ["person_id", sa.literal_column("id desc")],
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "account_draws_idx",
            "account",
            ["parent"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("draws_on_parent"),
            if_not_exists=True,
        )
        op.create_index(
            "order_line_need_by_idx",
            "order_line",
            ["account", "need_by"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("need_by is not null"),
            if_not_exists=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("order_line_need_by_idx", postgresql_concurrently=True, if_exists=True)
        op.drop_index("account_draws_idx", postgresql_concurrently=True, if_exists=True)
        op.drop_index("orders_person_id_idx", postgresql_concurrently=True, if_exists=True)
