"""How far each system has read the feed: it asked for what comes after a number, so it has all up to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.db.work import Connection, Pool

# Whoever asks for all accounts pages by the event's id.
ALL = ""
NOTE = """
insert into feed_reader (token_id, account, read_to, read_at) values ($1, $2, $3, $4)
on conflict (token_id, account) do update set read_to = excluded.read_to, read_at = excluded.read_at
where feed_reader.read_to <> excluded.read_to or feed_reader.read_at < excluded.read_at - interval '1 minute'
    or feed_reader.read_at > excluded.read_at
"""


async def note(
    conn: Connection | Pool, token_id: str, account: str | None, read_to: int, now: datetime
) -> None:
    """A token asked for what comes after this number. Who asks again and again for the same is noted by the minute."""
    await conn.execute(NOTE, token_id, account or ALL, read_to, now)


@dataclass(frozen=True, slots=True)
class Feed:
    """An account's feed: the number of its last event, and when that was."""

    account: str
    name: str
    last: int
    last_at: datetime | None


FEEDS = """
select a.number, a.name, f.sequence as last, e.at as last_at
from account a join account_feed f on f.account = a.number
    left join event e on e.account = f.account and e.sequence = f.sequence
where a.number = any($1::text[]) order by cardinality(a.path), a.name, a.number
"""


async def feeds(conn: Connection, accounts: Sequence[str]) -> list[Feed]:
    rows = await conn.fetch(FEEDS, list(accounts))
    return [Feed(*row.values()) for row in rows]


@dataclass(frozen=True, slots=True)
class Reader:
    """A token and how far it has read an account's feed; `read_to` None: it never asked for it."""

    token_id: str
    name: str
    account: str
    read_to: int | None
    read_at: datetime | None


READERS = """
select t.id, t.name, coalesce(r.account, t.account) as account, r.read_to, r.read_at
from token t left join feed_reader r on r.token_id = t.id and r.account <> ''
where t.revoked_at is null and (t.account = any($1::text[]) or ($2 and t.account is null and r.account is not null))
    and coalesce(r.account, t.account) = any($1::text[])
order by r.read_at desc nulls last, t.name, t.id limit 500
"""


async def readers(conn: Connection, accounts: Sequence[str], *, with_suppliers: bool = False) -> list[Reader]:
    """The tokens in use of these accounts, those that read last first; for the supplier's people its own too, where
    they read one of these feeds."""
    rows = await conn.fetch(READERS, list(accounts), with_suppliers)
    return [Reader(*row.values()) for row in rows]


@dataclass(frozen=True, slots=True)
class Told:
    """An endpoint and how far it has been told an account's feed: everything up to `told_to` has arrived there."""

    endpoint_id: str
    url: str
    description: str
    account: str
    state: str
    has_filter: bool
    told_to: int
    open: int


TOLD = """
select c.id, c.url, c.description, f.account, c.state, c.types is not null as has_filter,
    coalesce(missing.first - 1, f.sequence) as told_to, coalesce(missing.many, 0) as open
from connection c join account a on a.number = any($1::text[]) and a.path @> array[c.account]
    join account_feed f on f.account = a.number
    left join lateral (select min(e.sequence) as first, count(*) as many
        from (
            -- Each has an index of its own; what has arrived is in neither.
            select d.event_id, d.account from delivery d
            where d.connection_id = c.id and d.state in ('waiting', 'sending')
            union all
            select d.event_id, d.account from delivery d where d.connection_id = c.id and d.state = 'dead'
        ) d join event e on e.id = d.event_id
        where d.account = f.account) missing on true
where c.kind = 'webhook' and c.deleted_at is null and c.account = any($2::text[])
order by f.account, c.made_at, c.id limit 500
"""


async def told(conn: Connection, accounts: Sequence[str], owners: Sequence[str]) -> list[Told]:
    """How far the endpoints of the `owners` have been told the feeds of `accounts`."""
    rows = await conn.fetch(TOLD, list(accounts), list(owners))
    return [Told(*row.values()) for row in rows]
