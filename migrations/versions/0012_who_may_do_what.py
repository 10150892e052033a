"""Who may do what: sign-ins with their devices, second factors, one-time links, companies' own identity providers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Transaction numbers begin anew in another cluster, and the feed must not: see docs/decisions/0003. Their bodies name
# the table for good, whatever the search path is.
FEED = (
    "insert into feed_base (id, number) values (1, 0)",
    """create function feed_txid() returns xid8 language sql volatile
       return (pg_current_xact_id()::text::bigint
           + coalesce((select number from feed_base where id = 1), 0))::text::xid8""",
    """create function feed_horizon() returns xid8 language sql stable
       return (pg_snapshot_xmin(pg_current_snapshot())::text::bigint
           + coalesce((select number from feed_base where id = 1), 0))::text::xid8""",
    "alter table event alter column txid set default feed_txid()",
)


def upgrade() -> None:
    op.create_table(
        "authenticator",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("authenticator_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("authenticator_pkey")),
    )
    op.create_table(
        "entry_link",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('invitation', 'reset')", name=op.f("entry_link_kind_check")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("entry_link_made_by_fkey")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("entry_link_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("entry_link_pkey")),
    )
    op.create_index(op.f("entry_link_person_id_idx"), "entry_link", ["person_id"], unique=False)
    op.create_table(
        "passkey",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("transports", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_synced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("passkey_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("passkey_pkey")),
    )
    op.create_index(op.f("passkey_person_id_idx"), "passkey", ["person_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("recovery_code_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "sha256", name=op.f("recovery_code_pkey")),
    )
    op.create_table(
        "identity_provider",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=True),
        sa.Column(
            "has_secret",
            sa.Boolean(),
            sa.Computed("client_secret is not null", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "scopes", sa.ARRAY(sa.Text()), server_default=sa.text("'{openid,email,profile}'"), nullable=False
        ),
        sa.Column("domains", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("confirmed_domains", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("role_claim", sa.Text(), nullable=True),
        sa.Column(
            "role_map",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("default_roles", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("makes_people", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_only_way", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("problem_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cardinality(domains) > 0", name=op.f("identity_provider_domains_check")),
        sa.ForeignKeyConstraint(["account"], ["account.number"], name=op.f("identity_provider_account_fkey")),
        sa.PrimaryKeyConstraint("account", name=op.f("identity_provider_pkey")),
    )
    op.create_index(
        "identity_provider_domains_idx",
        "identity_provider",
        ["domains"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "login",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("factors", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_subject", sa.Text(), nullable=True),
        sa.Column("provider_session", sa.Text(), nullable=True),
        sa.Column("provider_token", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("login_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["provider"], ["account.number"], name=op.f("login_provider_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("login_pkey")),
        sa.UniqueConstraint("key", name=op.f("login_key_key")),
    )
    op.create_index("login_began_idx", "login", ["began_at"], unique=False)
    op.create_index(
        "login_person_idx",
        "login",
        ["person_id", sa.literal_column("seen_at desc")],
        unique=False,
    )
    op.create_index(
        "login_provider_idx",
        "login",
        ["provider", "provider_subject"],
        unique=False,
        postgresql_where=sa.text("ended_at is null and provider is not null"),
    )
    op.create_table(
        "external_identity",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("external_identity_person_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["provider"],
            ["identity_provider.account"],
            name=op.f("external_identity_provider_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("provider", "subject", name=op.f("external_identity_pkey")),
    )
    op.create_index(op.f("external_identity_person_id_idx"), "external_identity", ["person_id"], unique=False)
    op.add_column("account", sa.Column("step_up_above", sa.Numeric(precision=18, scale=3), nullable=True))
    op.add_column(
        "account",
        sa.Column("needs_second_factor", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_table(
        "feed_base",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("feed_base_pkey")),
    )
    for statement in FEED:
        op.execute(statement)


def downgrade() -> None:
    op.execute("alter table event alter column txid set default pg_current_xact_id()")
    op.execute("drop function feed_horizon()")
    op.execute("drop function feed_txid()")
    op.drop_table("feed_base")
    op.drop_column("account", "needs_second_factor")
    op.drop_column("account", "step_up_above")
    op.drop_index(op.f("external_identity_person_id_idx"), table_name="external_identity")
    op.drop_table("external_identity")
    op.drop_index(
        "login_provider_idx",
        table_name="login",
        postgresql_where=sa.text("ended_at is null and provider is not null"),
    )
    op.drop_index("login_person_idx", table_name="login")
    op.drop_index("login_began_idx", table_name="login")
    op.drop_table("login")
    op.drop_index("identity_provider_domains_idx", table_name="identity_provider", postgresql_using="gin")
    op.drop_table("identity_provider")
    op.drop_table("recovery_code")
    op.drop_index(op.f("passkey_person_id_idx"), table_name="passkey")
    op.drop_table("passkey")
    op.drop_index(op.f("entry_link_person_id_idx"), table_name="entry_link")
    op.drop_table("entry_link")
    op.drop_table("authenticator")
