"""Orders that are settled leave the sum of what an account owes: an index of those that are not."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "order_status_owing_idx",
            "order_status",
            ["account"],
            postgresql_concurrently=True,
            postgresql_include=["state", "open_value", "shipped_value", "invoiced_value", "paid_value"],
            postgresql_where=sa.text(
                "open_value > 0 or shipped_value <> invoiced_value or invoiced_value <> paid_value"
            ),
            if_not_exists=True,
        )
        op.drop_index("order_status_exposure_idx", postgresql_concurrently=True, if_exists=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "order_status_exposure_idx",
            "order_status",
            ["account"],
            postgresql_concurrently=True,
            postgresql_include=["open_value", "shipped_value"],
            postgresql_where=sa.text("open_value > 0 or shipped_value > 0"),
            if_not_exists=True,
        )
        op.drop_index("order_status_owing_idx", postgresql_concurrently=True, if_exists=True)
