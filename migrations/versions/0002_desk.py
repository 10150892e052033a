"""The supplier's desk: the queue as staff want it, substitutes, work in bulk; and the demo's stories."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "bulk_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("bulk_run_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("bulk_run_pkey")),
    )
    op.create_index("bulk_run_form_key", "bulk_run", ["person_id", "form"], unique=True)
    op.create_index(op.f("bulk_run_person_id_idx"), "bulk_run", ["person_id"], unique=False)
    op.create_table(
        "bulk_row",
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'done', 'refused')", name=op.f("bulk_row_state_check")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["bulk_run.id"], name=op.f("bulk_row_run_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "row", name=op.f("bulk_row_pkey")),
    )
    op.create_index(
        "bulk_row_waiting_idx",
        "bulk_row",
        ["run_id", "row"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "story_play",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("known", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("story_play_pkey")),
    )
    op.create_index(
        "story_play_story_idx", "story_play", ["story", sa.literal_column("id desc")], unique=False
    )
    op.create_index("story_play_tag_key", "story_play", ["tag"], unique=True)
    op.create_table(
        "today_visit",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("today_visit_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("today_visit_pkey")),
    )
    op.create_table(
        "queue_override",
        sa.Column("line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "priority is not null or location is not null",
            name=op.f("queue_override_overrides_something_check"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("queue_override_account_fkey")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("queue_override_line_id_fkey")),
        sa.ForeignKeyConstraint(["location"], ["location.code"], name=op.f("queue_override_location_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("queue_override_order_id_fkey")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("queue_override_sku_fkey")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("queue_override_pkey")),
    )
    op.create_index(op.f("queue_override_order_id_idx"), "queue_override", ["order_id"], unique=False)
    op.create_index(op.f("queue_override_sku_idx"), "queue_override", ["sku"], unique=False)
    op.create_table(
        "substitution",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("substitute_quantity", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=18, scale=6), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'offered'"), nullable=False),
        sa.Column("offered_by", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_note", sa.Text(), nullable=True),
        sa.Column("new_line_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state in ('offered', 'accepted', 'declined', 'withdrawn')", name=op.f("substitution_state_check")
        ),
        sa.CheckConstraint(
            "quantity > 0 and substitute_quantity > 0 and unit_price >= 0",
            name=op.f("substitution_positive_check"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("substitution_account_fkey")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("substitution_line_id_fkey")),
        sa.ForeignKeyConstraint(
            ["new_line_id"], ["order_line.id"], name=op.f("substitution_new_line_id_fkey")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("substitution_order_id_fkey")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("substitution_sku_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("substitution_pkey")),
    )
    op.create_index(op.f("substitution_order_id_idx"), "substitution", ["order_id"], unique=False)
    op.create_index(
        "substitution_standing_key",
        "substitution",
        ["line_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )


def downgrade() -> None:
    for name in ("substitution", "queue_override", "today_visit", "story_play", "bulk_row", "bulk_run"):
        op.drop_table(name)
