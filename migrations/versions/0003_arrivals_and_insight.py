"""Indexes for what arrives at an account, and for figures over a period; built while others work."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TOLD = (
    "type in ('order.placed', 'order.closed', 'portion.allocated', 'shipment.shipped', 'shipment.delivered')"
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "order_status_arrival_idx",
            "order_status",
            ["account", "next_arrival"],
            postgresql_where=sa.text("next_arrival is not null"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "event_insight_idx",
            "event",
            ["type", "at"],
            postgresql_where=sa.text(TOLD),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("event_insight_idx", postgresql_concurrently=True, if_exists=True)
        op.drop_index("order_status_arrival_idx", postgresql_concurrently=True, if_exists=True)
