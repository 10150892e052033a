"""Endpoints of customers' systems: which there are, how each stands, and the rows behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.db.work import Connection
from portal.domain.access import Viewer


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A customer's endpoint. `account` None hears of every account, `types` None of every type.

    `waiting` and `dead` count its deliveries; `old_secret_until` is how long a secret that was replaced signs, too.
    """

    id: str
    account: str | None
    account_name: str
    url: str
    description: str
    types: Sequence[str] | None
    state: str
    disabled_because: str | None
    disabled_at: datetime | None
    failing_since: datetime | None
    last_success_at: datetime | None
    made_by: str
    made_at: datetime | None
    waiting: int
    dead: int
    oldest_at: datetime | None
    old_secret_until: datetime | None


ENDPOINTS = """
select c.id, c.account, coalesce(a.name, '') as account_name, c.url, c.description, c.types, c.state,
    c.disabled_because, c.disabled_at, c.failing_since, c.last_success_at, c.made_by, c.made_at,
    coalesce(open.waiting, 0) as waiting,
    (select count(*) from delivery d where d.connection_id = c.id and d.state = 'dead') as dead,
    open.oldest_at,
    (select max(s.retires_at) from connection_secret s where s.connection_id = c.id and s.retires_at > $1)
        as old_secret_until
from connection c left join account a on a.number = c.account
    left join lateral (select count(*) as waiting, min(d.created_at) as oldest_at from delivery d
        where d.connection_id = c.id and d.state in ('waiting', 'sending')) open on true
where c.kind = 'webhook' and c.deleted_at is null and ($2::text[] is null or c.account = any($2))
"""


async def endpoints(
    conn: Connection, viewer: Viewer, now: datetime, *, account: str | None = None
) -> list[Endpoint]:
    """Those that the viewer sees, the newest first; with an account only its own."""
    rows = await conn.fetch(
        f"{ENDPOINTS} and ($3::text is null or c.account = $3) order by c.made_at desc nulls last, c.id limit 500",
        now,
        _scope(viewer),
        account,
    )
    return [Endpoint(*row.values()) for row in rows]


async def suppliers_own(conn: Connection, viewer: Viewer, now: datetime) -> list[Endpoint]:
    """Those that hear of every account; nothing for anybody but the supplier."""
    if not viewer.is_supplier:
        return []
    rows = await conn.fetch(
        f"{ENDPOINTS} and c.account is null order by c.made_at desc nulls last, c.id limit 500", now, None
    )
    return [Endpoint(*row.values()) for row in rows]


async def endpoint(conn: Connection, viewer: Viewer, endpoint_id: str, now: datetime) -> Endpoint | None:
    """None for one that was deleted, and for somebody else's."""
    row = await conn.fetchrow(f"{ENDPOINTS} and c.id = $3", now, _scope(viewer), endpoint_id)
    return Endpoint(*row.values()) if row else None


def _scope(viewer: Viewer) -> list[str] | None:
    return None if viewer.accounts is None else list(viewer.accounts)


@dataclass(frozen=True, slots=True)
class Locked:
    """An endpoint whose row is held until the transaction ends."""

    id: str
    account: str | None
    url: str
    description: str
    types: Sequence[str] | None
    state: str
    disabled_at: datetime | None


async def lock(conn: Connection, viewer: Viewer, endpoint_id: str) -> Locked | None:
    """Nobody begins a delivery to it meanwhile; events that are recorded are still queued for it, and do not wait."""
    row = await conn.fetchrow(
        """select id, account, url, description, types, state, disabled_at from connection
           where id = $1 and kind = 'webhook' and deleted_at is null and ($2::text[] is null or account = any($2))
           for no key update""",
        endpoint_id,
        _scope(viewer),
    )
    return Locked(*row.values()) if row else None


async def count(conn: Connection, account: str | None) -> int:
    """How many endpoints the account, or the supplier itself, has."""
    found: int = await conn.fetchval(
        """select count(*) from connection
           where kind = 'webhook' and deleted_at is null and account is not distinct from $1""",
        account,
    )
    return found


async def insert(conn: Connection, made: Locked, actor: str, now: datetime) -> None:
    await conn.execute(
        """insert into connection (id, kind, account, url, description, types, state, made_by, made_at)
           values ($1, 'webhook', $2, $3, $4, $5, $6, $7, $8)""",
        made.id,
        made.account,
        made.url,
        made.description,
        None if made.types is None else list(made.types),
        made.state,
        actor,
        now,
    )


async def update(conn: Connection, endpoint_id: str, changes: dict[str, Any]) -> None:
    """Write these columns."""
    columns = ", ".join(f"{name} = ${place}" for place, name in enumerate(changes, start=2))
    await conn.execute(f"update connection set {columns} where id = $1", endpoint_id, *changes.values())


async def signing(conn: Connection, connection_id: str, now: datetime) -> int:
    """How many secrets sign what it is told."""
    found: int = await conn.fetchval(
        """select count(*) from connection_secret
           where connection_id = $1 and (retires_at is null or retires_at > $2)""",
        connection_id,
        now,
    )
    return found


async def retire_secrets(conn: Connection, endpoint_id: str, now: datetime, until: datetime) -> None:
    """The secret that stayed so far signs until then. One that was replaced a moment ago keeps its own time: whoever
    presses twice must not cut off what the receiver still has."""
    await conn.execute(
        "delete from connection_secret where connection_id = $1 and retires_at <= $2", endpoint_id, now
    )
    await conn.execute(
        "update connection_secret set retires_at = $2 where connection_id = $1 and retires_at is null",
        endpoint_id,
        until,
    )


async def add_secret(conn: Connection, endpoint_id: str, sealed: bytes, now: datetime) -> None:
    await conn.execute(
        "insert into connection_secret (connection_id, sealed, made_at) values ($1, $2, $3)",
        endpoint_id,
        sealed,
        now,
    )


async def drop_waiting(conn: Connection, endpoint_id: str, now: datetime) -> None:
    """Nothing that waits is sent any more. One that is on its way arrives."""
    await conn.execute(
        """update delivery set state = 'dropped', settled_at = $2, problem = 'deleted'
           where connection_id = $1 and state = 'waiting'""",
        endpoint_id,
        now,
    )
