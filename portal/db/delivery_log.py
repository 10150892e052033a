"""What an endpoint was told and what it answered; and what is to be told to it again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.db.delivery_results import call_next
from portal.db.events import LISTED as LISTED_EVENT
from portal.db.events import Recorded
from portal.db.work import Connection

STATES = ("waiting", "sending", "delivered", "dead", "dropped")
# Of what answers said, in one page of the log: who answers 20 kB each time gets shorter pages.
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, counted from the first, replays included. `status` None: nobody answered; `problem` says why."""

    number: int
    at: datetime
    duration_ms: int | None
    status: int | None
    problem: str | None
    address: str | None
    request_headers: dict[str, str]
    response_headers: dict[str, str]
    response_body: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint. Without an event it is a test, whose `body` is kept here."""

    id: int
    event_id: int | None
    sequence: int | None
    type: str
    account: str | None
    order: str | None
    state: str
    due_at: datetime
    created_at: datetime
    settled_at: datetime | None
    first_attempt_ms: int | None
    replays: int
    problem: str | None
    tries: int
    last_at: datetime | None
    last_status: int | None
    last_problem: str | None
    answer_bytes: int
    attempts: Sequence[Attempt] = field(default=())

    @property
    def webhook_id(self) -> str:
        """The same on each try, so that a receiver knows what it has."""
        return f"test_{self.id}" if self.event_id is None else f"evt_{self.event_id}"


LISTED = """
select d.id, d.event_id, e.sequence, d.type, coalesce(d.account, e.account) as account, o.number as order, d.state,
    d.due_at, d.created_at, d.settled_at, d.first_attempt_ms, d.replays, d.problem,
    coalesce(said.tries, 0) as tries, latest.at as last_at, latest.status as last_status,
    latest.problem as last_problem, coalesce(said.bytes, 0) as answer_bytes
from delivery d left join event e on e.id = d.event_id left join orders o on o.id = d.order_id
    left join lateral (select count(*) as tries, sum(octet_length(coalesce(t.response_body, ''))) as bytes
        from delivery_attempt t where t.delivery_id = d.id) said on true
    left join lateral (select t.at, t.status, t.problem from delivery_attempt t where t.delivery_id = d.id
        order by t.id desc limit 1) latest on true
where d.connection_id = $1
"""


async def deliveries(
    conn: Connection,
    endpoint_id: str,
    *,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[Delivery], int | None]:
    """The newest first, and after which one the next page begins. Attempts are not in it: see `with_attempts`."""
    # The state is written out: what waits and what is dead have indexes of their own.
    only = f"and d.state = '{state}'" if state in STATES else ""
    rows = await conn.fetch(
        f"{LISTED} {only} and ($2::bigint is null or d.id < $2) order by d.id desc limit $3",
        endpoint_id,
        before,
        limit + 1,
    )
    found = [Delivery(*row.values()) for row in rows]
    shown, weight = 0, 0
    for one in found[:limit]:
        weight += one.answer_bytes
        if shown and weight > MOST_BYTES:
            break
        shown += 1
    return found[:shown], found[shown - 1].id if shown < len(found) else None


async def delivery(conn: Connection, endpoint_id: str, delivery_id: int) -> Delivery | None:
    """One of this endpoint's, with its attempts."""
    row = await conn.fetchrow(f"{LISTED} and d.id = $2", endpoint_id, delivery_id)
    if row is None:
        return None
    [found] = await with_attempts(conn, [Delivery(*row.values())])
    return found


ATTEMPTS = """
select delivery_id, row_number() over (partition by delivery_id order by id) as number, at, duration_ms, status,
    problem, address, request_headers, response_headers, response_body
from delivery_attempt where delivery_id = any($1::bigint[]) order by delivery_id, id
"""


async def with_attempts(conn: Connection, found: Sequence[Delivery]) -> list[Delivery]:
    """The same, each with its attempts, oldest first."""
    told: dict[int, list[Attempt]] = {one.id: [] for one in found}
    for row in await conn.fetch(ATTEMPTS, list(told)):
        delivery_id, *rest = row.values()
        told[delivery_id].append(Attempt(*rest))
    return [_with(one, told[one.id]) for one in found]


def _with(one: Delivery, attempts: Sequence[Attempt]) -> Delivery:
    values: dict[str, Any] = {name: getattr(one, name) for name in Delivery.__slots__}
    return Delivery(**{**values, "attempts": attempts})


async def insert_test(
    conn: Connection, endpoint_id: str, account: str | None, kind: str, body: dict[str, Any], now: datetime
) -> int:
    """Answers the delivery's id."""
    made: int = await conn.fetchval(
        """insert into delivery (connection_id, account, type, body, due_at) values ($1, $2, $3, $4, $5)
           returning id""",
        endpoint_id,
        account,
        kind,
        body,
        now,
    )
    await nudge(conn)
    return made


async def event_of(conn: Connection, event_id: int) -> Recorded | None:
    """The event as it is told."""
    row = await conn.fetchrow(
        f"select {LISTED_EVENT} from event e left join orders o on o.id = e.order_id where e.id = $1",
        event_id,
    )
    return Recorded(*row.values()) if row else None


async def body_of_test(conn: Connection, delivery_id: int) -> dict[str, Any]:
    found: dict[str, Any] | None = await conn.fetchval("select body from delivery where id = $1", delivery_id)
    return found or {}


AGAIN = """
state = 'waiting', due_at = $2, attempts = 0, claimed_until = null, settled_at = null, problem = null,
    replays = delivery.replays + 1
"""


def _which(ids: Sequence[int] | None, states: str) -> tuple[str, tuple[list[int], ...]]:
    """A condition, and its value: these as far as they are in such a state, or all dead ones, by their own index."""
    return ("state = 'dead'", ()) if ids is None else (f"{states} and id = any($3::bigint[])", (list(ids),))


async def tell_again(conn: Connection, endpoint_id: str, now: datetime, ids: Sequence[int] | None) -> int:
    """These deliveries, or all dead ones, wait again; one that is on its way is left alone. Answers how many."""
    which, named = _which(ids, "state <> 'sending'")
    rows = await conn.fetch(
        f"update delivery set {AGAIN} where connection_id = $1 and {which} returning id",
        endpoint_id,
        now,
        *named,
    )
    if rows:
        await nudge(conn)
    return len(rows)


# What the endpoint listens to now, whether or not it did when it happened.
MATCHING = """
from event e join account a on a.number = e.account
    join connection c on c.id = $1 and (c.account is null or a.path @> array[c.account])
        and (c.types is null or e.type = any(c.types))
"""
# Each with the index that it is read by: one plan serves all values.
ONE_EVENT = f"{MATCHING} where e.id = $2"
PERIOD = """
from event e join connection c on c.id = $1 and c.account is null and (c.types is null or e.type = any(c.types))
where e.at >= $2 and e.at < $3
"""
PERIOD_OF_ACCOUNT = f"""{MATCHING} where e.at >= $2 and e.at < $3
    and e.account = any(array(select b.number from account b where b.path @> array[$4::text]))"""


@dataclass(frozen=True, slots=True)
class Events:
    """One event, or all from one moment up to another, as far as the endpoint hears of them."""

    endpoint_id: str
    account: str | None
    event_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def query(self) -> str:
        if self.event_id is not None:
            return ONE_EVENT
        return PERIOD if self.account is None else PERIOD_OF_ACCOUNT

    @property
    def values(self) -> tuple[object, ...]:
        if self.event_id is not None:
            return self.endpoint_id, self.event_id
        period = (self.endpoint_id, self.since, self.until)
        return period if self.account is None else (*period, self.account)


async def matching(conn: Connection, events: Events, most: int) -> int:
    """How many events a replay would tell; counted up to one more than `most`."""
    found: int = await conn.fetchval(
        f"select count(*) from (select 1 {events.query} limit {most + 1}) found", *events.values
    )
    return found


async def replay(conn: Connection, events: Events, now: datetime) -> int:
    """Each of these events waits to be told, again or for the first time, in the order in which they happened."""
    due = f"${len(events.values) + 1}"
    rows = await conn.fetch(
        f"""insert into delivery (connection_id, event_id, account, order_id, type, due_at, replays)
            select $1, e.id, e.account, e.order_id, e.type, {due}, 1 {events.query} order by e.id
            on conflict (connection_id, event_id) do update set {AGAIN.replace("$2", "excluded.due_at")}
            where delivery.state <> 'sending' returning id""",
        *events.values,
        now,
    )
    if rows:
        await nudge(conn)
    return len(rows)


async def drop(conn: Connection, endpoint_id: str, now: datetime, ids: Sequence[int] | None) -> int:
    """These, or all dead ones, are given up: nothing behind them waits any longer. Answers how many."""
    which, named = _which(ids, "state in ('waiting', 'dead')")
    rows = await conn.fetch(
        f"""update delivery set state = 'dropped', settled_at = $2 where connection_id = $1 and {which}
            returning order_id""",
        endpoint_id,
        now,
        *named,
    )
    await call_next(conn, endpoint_id, [row["order_id"] for row in rows], now)
    await nudge(conn)
    return len(rows)


async def nudge(conn: Connection) -> None:
    """Whoever sends looks at once, when this commits."""
    await conn.execute("select pg_notify('portal_deliveries', '')")
