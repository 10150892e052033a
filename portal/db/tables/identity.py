"""How people prove who they are: sessions, second factors, one-time links, and the identity providers of their
companies."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import created, instant, metadata, one_of, words

# Each sign-in, with the device it was made on. The session itself is kept in Valkey under `key`: what is ended here has
# ended, whatever stands there.
login = Table(
    "login",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # Where the session is stored: a hash, as in `adapters.sessions`.
    Column("key", Text, nullable=False, unique=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    instant("began_at"),
    # The last request, to the minute or so.
    instant("seen_at"),
    # When they last proved in this session who they are, and with what: decisions above a limit ask for it again.
    instant("proved_at"),
    Column("factors", ARRAY(Text), nullable=False),
    words("address"),
    words("agent"),
    # Signed in by their company: whose provider that was, and what that calls the person and its session.
    Column("provider", ForeignKey("account.number"), nullable=True),
    words("provider_subject", nullable=True),
    words("provider_session", nullable=True),
    # To end it there, too (RP-initiated logout): sealed.
    Column("provider_token", LargeBinary, nullable=True),
    instant("ended_at", nullable=True),
    # signed_out, revoked, provider, expired, disabled
    words("ended_why", nullable=True),
    # Also of what has ended: when they were last here, and whether they know the device.
    Index("login_person_idx", "person_id", text("seen_at desc")),
    Index(
        "login_provider_idx",
        "provider",
        "provider_subject",
        postgresql_where=text("ended_at is null and provider is not null"),
    ),
    Index("login_began_idx", "began_at"),
)

# A key in a mail: it opens once. Kept as a hash.
entry_link = Table(
    "entry_link",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    words("kind"),
    # Who invited, or asked for it; None: the person themselves.
    Column("made_by", ForeignKey("person.id"), nullable=True),
    instant("made_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
    one_of("kind", ("invitation", "reset")),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    words("name"),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False, server_default=text("0")),
    Column("transports", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # Kept by a password manager on several devices, or in one device only.
    Column("is_synced", Boolean, nullable=False, server_default=text("false")),
    instant("made_at"),
    instant("used_at", nullable=True),
)

# An authenticator app (RFC 6238). Unconfirmed until a first code of it was right; a step of time is good once.
authenticator = Table(
    "authenticator",
    metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("secret", LargeBinary, nullable=False),
    instant("made_at"),
    instant("confirmed_at", nullable=True),
    Column("last_step", BigInteger, nullable=False, server_default=text("0")),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("sha256", LargeBinary, primary_key=True),
    instant("used_at", nullable=True),
)

# A company's own sign-in (OpenID Connect). It holds for the account and those below it.
identity_provider = Table(
    "identity_provider",
    metadata,
    Column("account", ForeignKey("account.number"), primary_key=True),
    words("issuer"),
    words("client_id"),
    # Sealed; None: a public client, held by PKCE alone.
    Column("client_secret", LargeBinary, nullable=True),
    # Whether there is one, for those who must not read it.
    Column("has_secret", Boolean, Computed("client_secret is not null", persisted=True), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False, server_default=text("'{openid,email,profile}'")),
    # Mail domains whose people are sent there; nobody of another domain is let in by it.
    Column("domains", ARRAY(Text), nullable=False),
    # Of those the ones that the supplier has agreed belong to the company: the others lead nobody anywhere yet.
    Column("confirmed_domains", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # Which claim says what somebody is, and what its values mean: {value: [role]} or {value: {account: [role]}}.
    words("role_claim", nullable=True),
    Column("role_map", JSONB, nullable=False, server_default=text("'{}'")),
    # For whom the claim says nothing. Empty: they are not let in.
    Column("default_roles", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # Whoever comes for the first time becomes a person of the account.
    Column("makes_people", Boolean, nullable=False, server_default=text("false")),
    # Its people may not sign in any other way, but for those whom the supplier lets in again until `open_until`.
    Column("is_only_way", Boolean, nullable=False, server_default=text("false")),
    instant("open_until", nullable=True),
    Column("active", Boolean, nullable=False, server_default=text("false")),
    created(),
    instant("last_success_at", nullable=True),
    words("problem", nullable=True),
    instant("problem_at", nullable=True),
    CheckConstraint("cardinality(domains) > 0", name="domains"),
    Index("identity_provider_domains_idx", "domains", postgresql_using="gin"),
)

external_identity = Table(
    "external_identity",
    metadata,
    Column("provider", ForeignKey("identity_provider.account", ondelete="CASCADE"), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    instant("linked_at"),
    instant("seen_at"),
)
