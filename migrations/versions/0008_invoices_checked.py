"""What stood there before invoices is held against the new constraints."""

from collections.abc import Sequence

from alembic import op

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

VALIDATE = (
    "alter table account validate constraint account_freight_policy_check",
    "alter table account validate constraint account_document_language_check",
    "alter table orders validate constraint orders_freight_policy_check",
)


def upgrade() -> None:
    for statement in VALIDATE:
        op.execute(statement)


def downgrade() -> None:
    """Nothing to take back: the constraints go with the migration that made them."""
