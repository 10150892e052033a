"""What stood there before ordering: constraints are checked, and the ledger is opened."""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

VALIDATE = (
    "alter table account validate constraint account_credit_source_check",
    "alter table account validate constraint account_erp_silence_check",
    "alter table account validate constraint account_draws_on_a_parent_check",
    "alter table ship_to validate constraint ship_to_delivery_preference_check",
    "alter table orders validate constraint orders_person_id_fkey",
)
# What orders owe now; the ledger goes on from there.
OPEN_LEDGER = """
insert into credit_entry (account, order_id, because, open_orders, shipped_not_invoiced, at)
select account, order_id, 'opening', open_value, shipped_value, updated_at from order_status s
where state in ('open', 'closed') and (open_value > 0 or shipped_value > 0)
order by order_id
"""


def upgrade() -> None:
    for statement in (*VALIDATE, OPEN_LEDGER):
        op.execute(statement)


def downgrade() -> None:
    """Nothing to take back: the tables go with the migration that made them."""
