"""What came of attempts to tell other systems: the delivery, its order, the log, and how the connection fares.

Written under the lock on the connection's row under which deliveries are claimed (`db.deliveries`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from portal.db.work import Connection
from portal.domain.webhooks import Answer, Outcome

# A connection that answers is noted so often at most.
NOTED_EVERY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one attempt. `at` is when it began."""

    delivery_id: int
    connection_id: str
    attempt: int
    at: datetime
    answer: Answer
    outcome: Outcome


LOCK = "select from connection where id = any($1::text[]) order by id for no key update"
# An attempt whose lease is over and that somebody else makes anew settles nothing.
SETTLE = """
with said as (
    select * from unnest($1::bigint[], $2::int[], $3::text[], $4::timestamptz[], $5::text[])
        as s(id, attempt, state, due_at, problem)
), settled as (
    update delivery d set state = s.state, due_at = coalesce(s.due_at, d.due_at), claimed_until = null,
        settled_at = case when s.state <> 'waiting' then $6::timestamptz end, problem = s.problem
    from said s where d.id = s.id and d.state = 'sending' and d.attempts = s.attempt
    returning d.id, d.connection_id, d.order_id, d.state
), called as (
    -- What stands behind it in its order comes next.
    update delivery d set due_at = $6 from (
        select distinct on (s.connection_id, s.order_id) o.id from settled s
            join lateral (select o.id from delivery o where o.connection_id = s.connection_id
                and o.order_id = s.order_id and o.state in ('waiting', 'sending') and o.id <> s.id
                order by o.id limit 1) o on true
        where s.state <> 'waiting' order by s.connection_id, s.order_id, o.id
    ) next where d.id = next.id and d.state = 'waiting' and d.due_at > $6
)
select id from settled
"""
TRIED = """
insert into delivery_attempt (delivery_id, number, at, duration_ms, status, problem, address, request_headers,
    response_headers, response_body, connection)
select t.id, t.number, t.at, t.duration_ms, t.status, t.problem, t.address, t.sent::jsonb, t.got::jsonb, t.body,
    -- A test that somebody tries until it works is nobody's alarm.
    (select t.connection from delivery d where d.id = t.id and d.event_id is not null)
from unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::int[], $5::int[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[])
    as t(id, number, at, duration_ms, status, problem, address, sent, got, body, connection)
order by t.id
"""
# Only what is new is written: a connection that answers as before would get a new row each time.
HEALTH = """
update connection c set
    last_success_at = case when n.is_well then $6::timestamptz else c.last_success_at end,
    failing_since = case when n.is_well then null else coalesce(c.failing_since, $6::timestamptz) end,
    free_at = case when n.hold > 0 then greatest(c.free_at, clock_timestamp() + n.hold * interval '1 second')
        else c.free_at end,
    state = case when over.why is null then c.state else 'disabled' end,
    disabled_because = coalesce(over.why, c.disabled_because),
    disabled_at = case when over.why is null then c.disabled_at else $6::timestamptz end
from unnest($1::text[], $2::boolean[], $3::boolean[], $4::boolean[], $5::float8[])
        as n(id, is_well, is_gone, is_old, hold)
    join connection before on before.id = n.id
    cross join lateral (select case
        when before.kind <> 'webhook' or before.state <> 'active' then null
        when n.is_gone then 'gone'
        when n.is_old and not n.is_well and before.failing_since <= $6::timestamptz - $7::interval then 'failing'
        end as why) over
where c.id = n.id and case when n.is_well
    then c.failing_since is not null or c.last_success_at is null or c.last_success_at < $6::timestamptz - $8::interval
    else c.failing_since is null or n.hold > 0 or over.why is not null end
returning c.id, c.account, c.url, over.why
"""


@dataclass(frozen=True, slots=True)
class Disabled:
    """A connection that is not told any more: `gone` or `failing`."""

    id: str
    account: str | None
    url: str
    because: str


async def settle(
    conn: Connection, settled: Sequence[Settled], now: datetime, given_up_after: timedelta
) -> list[Disabled]:
    """Write down what came of these attempts; answers the connections that are disabled by it."""
    connections = sorted({one.connection_id for one in settled})
    await conn.execute(LOCK, connections)
    rows = await conn.fetch(
        SETTLE,
        [one.delivery_id for one in settled],
        [one.attempt for one in settled],
        [STATES[one.outcome.verdict] for one in settled],
        [now + one.outcome.pause if one.outcome.verdict == "again" else None for one in settled],
        [None if one.outcome.verdict == "delivered" else _problem(one.answer) for one in settled],
        now,
    )
    counted = {row["id"] for row in rows}
    tried = [one for one in settled if one.outcome.verdict != "dropped"]
    await _note_attempts(conn, [one for one in tried if one.delivery_id in counted])
    return await _note_health(conn, tried, now, given_up_after)


STATES = {"delivered": "delivered", "again": "waiting", "dead": "dead", "gone": "dead", "dropped": "dropped"}


def _problem(answer: Answer) -> str:
    return _text(answer.problem) or f"answered {answer.status}"


def _text(said: str | None) -> str | None:
    """As PostgreSQL keeps it: what one answer says must not stand in the way of what is written down with it."""
    return said and said.encode(errors="replace").decode().replace("\0", "\ufffd")


async def _note_attempts(conn: Connection, settled: Sequence[Settled]) -> None:
    answers = [one.answer for one in settled]
    await conn.execute(
        TRIED,
        [one.delivery_id for one in settled],
        [one.attempt for one in settled],
        [one.at for one in settled],
        [answer.duration_ms for answer in answers],
        [answer.status for answer in answers],
        [_text(answer.problem) for answer in answers],
        [answer.address for answer in answers],
        [_json(answer.request_headers) for answer in answers],
        [_json(answer.response_headers) for answer in answers],
        [_text(answer.response_body) for answer in answers],
        [one.connection_id for one in settled],
    )


def _json(headers: Mapping[str, str] | None) -> str:
    return msgspec.json.encode(headers or {}).decode()


# From this attempt on it has been tried for a while: one that fails for the first time disables nothing.
OLD = 4


async def _note_health(
    conn: Connection, settled: Sequence[Settled], now: datetime, given_up_after: timedelta
) -> list[Disabled]:
    by_connection: dict[str, list[Settled]] = {}
    for one in settled:
        by_connection.setdefault(one.connection_id, []).append(one)
    every = by_connection.values()
    rows = await conn.fetch(
        HEALTH,
        list(by_connection),
        [any(one.outcome.verdict == "delivered" for one in these) for these in every],
        [any(one.outcome.verdict == "gone" for one in these) for these in every],
        [any(one.attempt >= OLD for one in these) for these in every],
        [max(one.outcome.hold.total_seconds() for one in these) for these in every],
        now,
        given_up_after,
        NOTED_EVERY,
    )
    return [Disabled(*row.values()) for row in rows if row["why"]]


async def call_next(
    conn: Connection, connection_id: str, orders: Sequence[int | None], now: datetime
) -> None:
    """Something of these orders waits no more: what was put off until its turn looks again whether it may begin."""
    await conn.execute(
        """update delivery set due_at = $3 where connection_id = $1 and order_id = any($2::bigint[])
               and state = 'waiting' and attempts = 0 and due_at > $3""",
        connection_id,
        [order for order in orders if order is not None],
        now,
    )


async def give_back(conn: Connection, deliveries: Mapping[int, int]) -> None:
    """Ids and attempts of what was claimed and not begun, or broken off: as if it had not been claimed."""
    await conn.execute(
        """update delivery d set state = 'waiting', claimed_until = null, attempts = d.attempts - 1
           from unnest($1::bigint[], $2::int[]) as g(id, attempt)
           where d.id = g.id and d.state = 'sending' and d.attempts = g.attempt""",
        list(deliveries),
        list(deliveries.values()),
    )


async def forget(conn: Connection, *, attempts_before: datetime, deliveries_before: datetime) -> None:
    """What nobody looks at any more: attempts, and deliveries that are settled, or that an event left just when its
    connection was taken away."""
    await conn.execute("delete from delivery_attempt where at < $1", attempts_before)
    await conn.execute(
        """delete from delivery d using connection c where c.id = d.connection_id and c.deleted_at < $1
           and d.state = 'waiting'""",
        deliveries_before,
    )
    # What signs nothing any more need not be kept, sealed as it is.
    await conn.execute(
        """delete from connection_secret s using connection c where c.id = s.connection_id
           and (s.retires_at < $1 or c.deleted_at < $1)""",
        attempts_before,
    )
    await conn.execute(
        """delete from delivery
           where created_at < $1 and settled_at < $1 and state in ('delivered', 'dropped', 'dead')""",
        deliveries_before,
    )
