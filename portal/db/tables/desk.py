"""Work that is asked for in bulk at the desk, and the stories that play in the demo."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.db.tables.base import created, instant, metadata, one_of, words

# Many rows asked for at once. Each is its own transaction, which also writes what came of it.
bulk_run = Table(
    "bulk_run",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    words("what"),
    Column("parameters", JSONB, nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    words("actor"),
    # Of the form: sending it twice asks once.
    words("form"),
    instant("asked_at"),
    created(),
    Index("bulk_run_form_key", "person_id", "form", unique=True),
)

bulk_row = Table(
    "bulk_row",
    metadata,
    Column("run_id", ForeignKey("bulk_run.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("row", Integer, primary_key=True, autoincrement=False),
    words("subject"),
    Column("parameters", JSONB, nullable=False),
    words("state", "waiting"),
    Column("result", JSONB, nullable=True),
    instant("settled_at", nullable=True),
    one_of("state", ("waiting", "done", "refused")),
    Index("bulk_row_waiting_idx", "run_id", "row", postgresql_where=text("state = 'waiting'")),
)

# Demo and test mode: one playing of a story, with the codes of its own that it plays in.
story_play = Table(
    "story_play",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    words("story"),
    words("tag"),
    Column("step", Integer, nullable=False, server_default=text("0")),
    # What earlier steps made: numbers of orders and shipments by the names that the story gives them.
    Column("known", JSONB, nullable=False, server_default=text("'{}'")),
    instant("began_at"),
    created(),
    Index("story_play_tag_key", "tag", unique=True),
    Index("story_play_story_idx", "story", text("id desc")),
)
