"""The audit chain as rows: written when the books are closed, never changed, read by page and verified."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime
from typing import TYPE_CHECKING

from portal.domain.audit import Entry, Head, Said, Walk, follow

if TYPE_CHECKING:
    from portal.db.work import Connection

COLUMNS = "account, sequence, at, actor, action, subject, body, previous_hash, hash"
# Entries that are held in memory while a chain is walked along.
BATCH = 1000

WRITE = f"""
with moved as (
    update audit_head h set sequence = n.sequence, hash = n.hash
    from unnest($10::text[], $11::bigint[], $12::bytea[]) as n(account, sequence, hash) where h.account = n.account
)
insert into audit_entry ({COLUMNS})
select * from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::bytea[], $9::bytea[])
"""


async def write(conn: "Connection", said: Sequence[tuple[Said, datetime]], actor: str) -> None:
    """Enter what was said at the end of each account's chain."""
    heads = await _lock_heads(conn, sorted({one.account for one, _ in said}))
    entries = []
    for one, at in said:
        entry = follow(heads[one.account], one, at, actor)
        heads[one.account] = Head(entry.account, entry.sequence, entry.hash)
        entries.append(entry)
    columns = [*zip(*map(astuple, entries), strict=True), *zip(*map(astuple, heads.values()), strict=True)]
    await conn.execute(WRITE, *columns)


async def _lock_heads(conn: "Connection", accounts: Sequence[str]) -> dict[str, Head]:
    """The ends of the accounts' chains, locked in order of account; an account's first entry makes its head."""
    query = "select account, sequence, hash from audit_head where account = any($1::text[]) order by account for update"
    rows = await conn.fetch(query, accounts)
    if len(rows) < len(accounts):
        # In order too: whoever makes the same head waits here, and neither waits for the other.
        await conn.execute(
            """insert into audit_head (account) select a from unnest($1::text[]) as a order by a
               on conflict (account) do nothing""",
            accounts,
        )
        rows = await conn.fetch(query, accounts)
    return {row["account"]: Head(*row.values()) for row in rows}


async def broken(conn: "Connection", account: str | None = None) -> list[str]:
    """A sentence for everything in the chain of the account, or of all, that is not as it was written.

    Needs a transaction that sees one instant, so that no chain grows meanwhile.
    """
    heads = {
        row["account"]: Head(*row.values())
        for row in await conn.fetch(
            "select account, sequence, hash from audit_head where account = $1 or $1 is null", account
        )
    }
    known = await conn.fetch(
        "select distinct account from audit_entry where account = $1 or $1 is null", account
    )
    found: list[str] = []
    for name in sorted(heads.keys() | {row["account"] for row in known}):
        walk = Walk(name)
        query = f"select {COLUMNS} from audit_entry where account = $1 order by sequence, id"
        async for row in conn.cursor(query, name, prefetch=BATCH):
            walk.read(Entry(*row.values()))
        found += walk.end(heads.get(name))
    return found


async def count(conn: "Connection", account: str | None = None) -> tuple[int, int]:
    """How many entries in how many chains."""
    row = await conn.fetchrow(
        "select count(*), count(distinct account) from audit_entry where account = $1 or $1 is null", account
    )
    assert row is not None
    return row[0], row[1]
