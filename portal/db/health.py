"""How connections fare, in one query over all of them; the alerts that were raised, and who is told of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from portal.db.work import Connection, Pool
from portal.domain.health import Alert, Health, Tried
from portal.domain.pushing import TYPES

# Processes that start again and again with the same settings write nothing and wait for nobody.
KEEP_ERP = """
insert into connection (id, kind, url, types, made_at) values ('erp', 'erp', $1, $2, $3)
on conflict (id) do update set url = excluded.url, types = excluded.types, deleted_at = null
where (connection.url, connection.types, connection.deleted_at) is distinct from (excluded.url, excluded.types, null)
"""
NO_ERP = "update connection set deleted_at = $1 where id = 'erp' and deleted_at is null"


async def keep_erp(conn: Connection | Pool, url: str, now: datetime) -> None:
    """The ERP that the settings name is told from now on; none is told nothing."""
    if url:
        await conn.execute(KEEP_ERP, url, list(TYPES), now)
    else:
        await conn.execute(NO_ERP, now)


# Ages by the database's clock: the portal's may be moved ahead while something waits. $1 is the portal's now.
# What the ERP refuses it has heard: that waits for a person, and is no failure to get through.
# What is told again was not forgotten all the time since it happened: it does not count as the oldest.
MEASURED = """
open as (
    select d.connection_id, count(*) as backlog,
        extract(epoch from clock_timestamp() - min(d.created_at) filter (where d.replays = 0)) as oldest
    from delivery d where d.state in ('waiting', 'sending') group by d.connection_id
), given_up as (
    select d.connection_id, count(*) as dead, max(d.id) as newest from delivery d where d.state = 'dead'
    group by d.connection_id
), calm as (
    select a.connection_id, max(a.cleared_at) as since from alert a
    where a.measure = 'errors' and a.state = 'cleared' group by a.connection_id
), attempt as (
    select t.connection as connection_id, t.at, not (coalesce(t.status between 200 and 299, false)
        or t.connection = 'erp' and coalesce(t.status in (409, 422), false)) as failed
    from delivery_attempt t where t.at > $1::timestamptz - interval '1 hour'
), mailed as (
    select m.claimed_at as at from mail m where m.state = 'sent' order by m.created_at desc limit 1
), mail_attempt as (
    -- Each half by its own index.
    select m.claimed_at as at, m.state = 'failed' as failed from mail m
    where m.state in ('sent', 'dropped', 'failed') and m.created_at > now() - interval '3 hours'
        and m.state <> 'dropped' and m.claimed_at > now() - interval '1 hour'
    union all
    select m.claimed_at, true from mail m
    where m.state in ('waiting', 'sending') and m.state = 'waiting' and m.attempts > 0
        and m.claimed_at > now() - interval '1 hour'
), tried as (
    select t.connection_id, count(*) as hour, count(*) filter (where t.failed) as hour_failed,
        count(*) filter (where t.lately) as lately, count(*) filter (where t.lately and t.failed) as lately_failed,
        count(*) filter (where t.counts) as since, count(*) filter (where t.counts and t.failed) as since_failed
    from (
        select a.connection_id, a.failed, a.at > $1::timestamptz - interval '5 minutes' as lately,
            c.since is null or a.at > c.since as counts
        from attempt a left join calm c on c.connection_id = a.connection_id
        union all
        select 'mail', m.failed, m.at > clock_timestamp() - interval '5 minutes', c.since is null or m.at > c.since
        from mail_attempt m left join calm c on c.connection_id = 'mail'
    ) t group by t.connection_id
), posted as (
    select count(*) filter (where m.attempts > 0 or m.due_at <= $1::timestamptz) as backlog,
        max(case when m.attempts > 0
            then extract(epoch from clock_timestamp() - greatest(m.created_at, (select at from mailed)))
            when m.due_at <= $1::timestamptz then extract(epoch from $1::timestamptz - m.due_at) end) as oldest,
        min(greatest(m.created_at, (select at from mailed))) filter (where m.attempts > 0 and m.state = 'waiting'
            and m.claimed_at > coalesce((select at from mailed), '-infinity')) as failing_since,
        max(m.problem) filter (where m.attempts > 0) as problem
    from mail m where m.state in ('waiting', 'sending')
), undelivered as (
    select count(*) as dead, max(m.id) as newest from mail m where m.state = 'failed'
), parked as (
    select count(*) filter (where p.state = 'parked') as backlog, count(*) filter (where p.state = 'case') as dead,
        max(p.id) filter (where p.state = 'case') as newest,
        extract(epoch from $1::timestamptz - min(p.parked_at) filter (where p.state = 'parked')) as oldest
    from parked_message p where p.state in ('parked', 'case')
), measured as (
    select c.id, c.kind, c.account, a.name as account_name, c.url, c.description, c.state, c.disabled_because,
        c.disabled_at,
        case c.kind when 'mail' then (select failing_since from posted) else c.failing_since end as failing_since,
        case c.kind when 'mail' then (select m.sent_at from mail m where m.state = 'sent'
                order by m.created_at desc limit 1)
            when 'inbound' then (select p.settled_at from parked_message p where p.state = 'applied'
                order by p.id desc limit 1)
            else c.last_success_at end as last_success_at,
        c.oldest_limit, c.backlog_limit, c.error_limit,
        coalesce(case c.kind when 'mail' then (select backlog from posted)
            when 'inbound' then (select backlog from parked) else o.backlog end, 0)::int as backlog,
        (case c.kind when 'mail' then (select oldest from posted)
            when 'inbound' then (select oldest from parked) else o.oldest end)::int as oldest,
        coalesce(case c.kind when 'mail' then (select dead from undelivered)
            when 'inbound' then (select dead from parked) else g.dead end, 0)::int as dead,
        case c.kind when 'mail' then (select newest from undelivered)
            when 'inbound' then (select newest from parked) else g.newest end as newest_dead,
        coalesce(t.hour, 0) as hour, coalesce(t.hour_failed, 0) as hour_failed, coalesce(t.lately, 0) as lately,
        coalesce(t.lately_failed, 0) as lately_failed, coalesce(t.since, 0) as since,
        coalesce(t.since_failed, 0) as since_failed,
        case when c.kind = 'mail' then (select problem from posted) else w.problem end as problem, w."order"
    from connection c left join account a on a.number = c.account left join open o on o.connection_id = c.id
        left join given_up g on g.connection_id = c.id left join tried t on t.connection_id = c.id
        left join lateral (
            -- What stands in the way: of what failed for good the latest, else of what is tried again the next.
            select d.problem, n.number as "order" from delivery d left join orders n on n.id = d.order_id
            where d.id = coalesce(g.newest, (select e.id from delivery e where e.connection_id = c.id
                and e.state = 'waiting' and e.attempts > 0 and c.failing_since is not null
                order by e.due_at, e.id limit 1))
        ) w on true
    where c.deleted_at is null
)
"""
COLUMNS = """m.id, m.kind, m.account, m.account_name, m.url, m.description, m.state, m.disabled_because, m.disabled_at,
    m.failing_since, m.last_success_at, m.oldest_limit, m.backlog_limit, m.error_limit, m.backlog, m.oldest, m.dead,
    m.newest_dead, m.hour, m.hour_failed, m.lately, m.lately_failed, m.since, m.since_failed, m.problem,
    m."order" """
# What needs somebody first, then what is told by us, then customers' endpoints by account.
LISTED = f"""
with {MEASURED}, found as (
    select m.*, (select count(*) from alert x where x.connection_id = m.id and x.state <> 'cleared') as standing
    from measured m
    where ($2 = '' or m.kind = $2) and ($3 = '' or m.id = $3 or upper(m.account) = upper($3)
        or concat_ws(' ', m.account_name, m.url, m.description) ilike '%' || $4 || '%')
)
select {COLUMNS} from found m where not $5 or m.standing > 0 or m.dead > 0
order by m.standing = 0, m.dead = 0, m.failing_since is null, (m.kind = 'webhook'),
    array_position(array['erp', 'mail', 'inbound', 'webhook'], m.kind), m.account nulls first, m.id
limit $6 offset $7
"""
ALL = f"with {MEASURED} select {COLUMNS} from measured m order by m.id"
ONE = f"with {MEASURED} select {COLUMNS} from measured m where m.id = $2"
ALERTS = """
select a.id, a.connection_id, a.measure, a.state, a.facts, a.raised_at, p.name as acknowledged_by, a.acknowledged_at,
    a.note, a.cleared_at
from alert a left join person p on p.id = a.acknowledged_by
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which connections: of one kind, by what somebody typed, only those that need somebody; `start` pages on."""

    kind: str = ""
    q: str = ""
    only_trouble: bool = False
    start: int = 0


async def listed(conn: Connection, now: datetime, wanted: Wanted, limit: int) -> tuple[list[Health], bool]:
    """What needs somebody first; and whether there are more."""
    rows = await conn.fetch(
        LISTED, now, wanted.kind, wanted.q, _like(wanted.q), wanted.only_trouble, limit + 1, wanted.start
    )
    return await _with_alerts(conn, rows[:limit]), len(rows) > limit


async def of_all(conn: Connection, now: datetime) -> list[Health]:
    """Every connection with the alerts that stand."""
    return await _with_alerts(conn, await conn.fetch(ALL, now))


async def of(conn: Connection, connection_id: str, now: datetime) -> Health | None:
    found = await _with_alerts(conn, await conn.fetch(ONE, now, connection_id))
    return found[0] if found else None


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def _with_alerts(conn: Connection, rows: Sequence[Any]) -> list[Health]:
    found = [_health(row) for row in rows]
    standing: dict[str, list[Alert]] = defaultdict(list)
    for row in await conn.fetch(
        f"{ALERTS} where a.state <> 'cleared' and a.connection_id = any($1::text[]) order by a.id",
        [one.id for one in found],
    ):
        standing[row["connection_id"]].append(Alert(*row.values()))
    return [replace(one, alerts=standing[one.id]) if one.id in standing else one for one in found]


def _health(row: Any) -> Health:
    values = dict(row)
    for name in ("hour", "lately", "since"):
        values[name] = Tried(values[name], values.pop(f"{name}_failed"))
    return Health(**values)


async def history(conn: Connection, connection_id: str, limit: int) -> list[Alert]:
    """What is over, the latest first."""
    rows = await conn.fetch(
        f"{ALERTS} where a.connection_id = $1 and a.state = 'cleared' order by a.id desc limit $2",
        connection_id,
        limit,
    )
    return [Alert(*row.values()) for row in rows]


async def count(conn: Connection | Pool) -> tuple[int, int]:
    """How many alerts stand, and how many of them nobody has acknowledged."""
    row = await conn.fetchrow(
        "select count(*), count(*) filter (where state = 'open') from alert where state <> 'cleared'"
    )
    assert row is not None
    return row[0], row[1]


async def alert(conn: Connection, alert_id: int) -> Alert | None:
    row = await conn.fetchrow(f"{ALERTS} where a.id = $1", alert_id)
    return Alert(*row.values()) if row else None


async def raise_(
    conn: Connection, connection_id: str, measure: str, facts: Mapping[str, Any], now: datetime
) -> int | None:
    """Answers the alert's id; None when somebody else has raised it."""
    made: int | None = await conn.fetchval(
        """insert into alert (connection_id, measure, facts, raised_at) values ($1, $2, $3, $4)
           on conflict (connection_id, measure) where state <> 'cleared' do nothing returning id""",
        connection_id,
        measure,
        dict(facts),
        now,
    )
    return made


async def raise_again(conn: Connection, alert_id: int, facts: Mapping[str, Any]) -> bool:
    """More of the same: whoever acknowledged it did not know of this."""
    return bool(
        await conn.fetchval(
            """update alert set state = 'open', facts = $2
               where id = $1 and state <> 'cleared' and facts -> 'newest' is distinct from $2::jsonb -> 'newest'
               returning true""",
            alert_id,
            dict(facts),
        )
    )


async def clear(conn: Connection, alert_id: int, now: datetime) -> bool:
    """Whether it still stood."""
    return bool(
        await conn.fetchval(
            """update alert set state = 'cleared', cleared_at = $2 where id = $1 and state <> 'cleared'
               returning true""",
            alert_id,
            now,
        )
    )


async def forget(conn: Connection, before: datetime) -> None:
    """Alerts that were over before then."""
    await conn.execute("delete from alert where state = 'cleared' and cleared_at < $1", before)


# A connection that is taken away worries nobody any more.
CLEAR_GONE = """
update alert a set state = 'cleared', cleared_at = $1 from connection c
where c.id = a.connection_id and c.deleted_at is not null and a.state <> 'cleared'
"""


async def clear_gone(conn: Connection, now: datetime) -> None:
    await conn.execute(CLEAR_GONE, now)


async def acknowledge(
    conn: Connection, alert_id: int, person_id: int, note: str | None, now: datetime
) -> bool:
    """Whether it stood; said once more, the later word holds."""
    return bool(
        await conn.fetchval(
            """update alert set state = 'acknowledged', acknowledged_by = $2, acknowledged_at = $3, note = $4
               where id = $1 and state <> 'cleared' returning true""",
            alert_id,
            person_id,
            now,
            note,
        )
    )


@dataclass(frozen=True, slots=True)
class Watcher:
    """One of the supplier's people. `is_chosen`: named for this connection; `is_told`: named, or told unless anybody
    is named."""

    id: int
    name: str
    email: str
    roles: Sequence[str]
    is_chosen: bool
    is_told: bool
    # Mail to them comes back.
    has_mail_problem: bool


# Unless people are named: whoever runs things, and of an account's endpoint whoever looks after the account.
IS_TOLD = """case when exists (select from watcher x join person q on q.id = x.person_id and q.active
            where x.connection_id = c.id) then w.person_id is not null
        else p.supplier_roles && array['operations', 'admin'] or p.id is not distinct from a.manager_id end"""
OF_CONNECTION = """
from connection c left join account a on a.number = c.account
    join person p on p.active and p.supplier_roles <> '{}'
    left join watcher w on w.connection_id = c.id and w.person_id = p.id
"""
WATCHERS = f"""
select p.id, p.name, p.email, p.supplier_roles, w.person_id is not null as is_chosen, {IS_TOLD} as is_told,
    p.mail_problem is not null
{OF_CONNECTION} where c.id = $1 order by p.name, p.id
"""
MINDED = f"select c.id {OF_CONNECTION} where c.id = any($1::text[]) and p.id = $2 and {IS_TOLD}"


async def watchers(conn: Connection, connection_id: str) -> list[Watcher]:
    """All of the supplier's people, each with whether they are told."""
    return [Watcher(*row.values()) for row in await conn.fetch(WATCHERS, connection_id)]


async def minded_by(conn: Connection, person_id: int | None, connections: Sequence[str]) -> set[str]:
    """Those of these connections of which this person is told."""
    return {row["id"] for row in await conn.fetch(MINDED, list(connections), person_id)}


async def choose_watchers(conn: Connection, connection_id: str, people: Sequence[int]) -> None:
    """These are told from now on; nobody in particular: those who are told of everything."""
    await conn.execute(
        "delete from watcher where connection_id = $1 and person_id <> all($2::bigint[])",
        connection_id,
        list(people),
    )
    await conn.execute(
        """insert into watcher (connection_id, person_id) select $1, p.id from person p
           where p.id = any($2::bigint[]) and p.active and p.supplier_roles <> '{}' on conflict do nothing""",
        connection_id,
        list(people),
    )


async def admins(conn: Connection, account: str) -> list[int]:
    """Who arranges an account's endpoints."""
    rows = await conn.fetch(
        """select p.id from membership m join person p on p.id = m.person_id
           where m.account = $1 and p.active and 'account_admin' = any(m.roles) order by p.id""",
        account,
    )
    return [row["id"] for row in rows]


async def set_limits(conn: Connection, connection_id: str, oldest: int, backlog: int, errors: int) -> None:
    await conn.execute(
        "update connection set oldest_limit = $2, backlog_limit = $3, error_limit = $4 where id = $1",
        connection_id,
        oldest,
        backlog,
        errors,
    )
