"""What an account manager has to look after, found by the portal: raised once, done by somebody, or by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.db.work import Connection

# Of an order there is one open task of each kind: what is found again is the same, with what is known now.
OF_ORDER = """
insert into task (kind, account, order_id, person_id, because, raised_at)
select $1, a.number, $3, a.manager_id, $4, $5 from account a where a.number = $2
on conflict (kind, order_id) where state = 'open'
do update set because = excluded.because, person_id = excluded.person_id
"""
OF_PERSON = """
insert into task (kind, account, person_id, because, raised_at)
select $1, a.number, a.manager_id, $3, $4 from account a where a.number = $2
    and not exists (select from task t where t.kind = $1 and t.account = a.number and t.state = 'open'
        and t.because ->> 'person' = $3::jsonb ->> 'person')
"""


async def raise_of_order(
    conn: Connection, kind: str, account: str, order_id: int, because: Mapping[str, Any], now: datetime
) -> None:
    """Something of an order. After all that the work locks besides: see the order of locks."""
    await conn.execute(OF_ORDER, kind, account, order_id, dict(because), now)


async def raise_of_person(
    conn: Connection, kind: str, account: str, because: Mapping[str, Any], now: datetime
) -> None:
    """Something of one of the account's people: `because["person"]` is their id. One that is open is not raised
    again."""
    await conn.execute(OF_PERSON, kind, account, dict(because), now)


# An order that is silent no longer, or has nothing to wait for; an address that works again.
CLOSE = """
update task t set state = 'done', done_at = $1, done_by = 'portal' where t.state = 'open' and case t.kind
    when 'silence' then exists (select from event e where e.order_id = t.order_id
            and e.id > (t.because ->> 'after')::bigint and e.type <> 'order.still_waiting')
        or not exists (select from order_status s where s.order_id = t.order_id
            and s.state in ('open', 'held') and s.to_come > 0)
    when 'bounced' then not exists (select from person p
        where p.id = (t.because ->> 'person')::bigint and p.active and p.mail_problem is not null)
    else false end
returning t.id
"""


async def forget(conn: Connection, before: datetime) -> None:
    """Those that were done before then: nobody asks any more."""
    await conn.execute("delete from task where state = 'done' and done_at < $1", before)


async def close_settled(conn: Connection, now: datetime) -> int:
    """End the tasks whose cause is gone; answers how many those were."""
    return len(await conn.fetch(CLOSE, now))


@dataclass(frozen=True, slots=True)
class Task:
    """A task as people read it. `manager` is whose it is."""

    id: int
    kind: str
    account: str
    account_name: str
    order: str | None
    purchase_order_number: str | None
    manager_id: int | None
    manager: str | None
    state: str
    because: Mapping[str, Any]
    raised_at: datetime
    done_at: datetime | None
    done_by: str | None
    note: str | None


TASKS = """
select t.id, t.kind, t.account, a.name as account_name, o.number as "order", o.purchase_order_number, t.person_id,
    p.name as manager, t.state, t.because, t.raised_at, t.done_at, t.done_by, t.note
from task t join account a on a.number = t.account left join orders o on o.id = t.order_id
left join person p on p.id = t.person_id
"""


async def of_account(conn: Connection, account: str, done: int) -> list[Task]:
    """Those that are open, the eldest first; then the `done` that were done last."""
    rows = await conn.fetch(
        f"""({TASKS} where t.account = $1 and t.state = 'open' order by t.raised_at, t.id limit 100)
            union all
            ({TASKS} where t.account = $1 and t.state = 'done' order by t.done_at desc, t.id desc limit $2)""",
        account,
        done,
    )
    return [Task(*row.values()) for row in rows]


async def get(conn: Connection, task_id: int) -> Task | None:
    row = await conn.fetchrow(f"{TASKS} where t.id = $1", task_id)
    return Task(*row.values()) if row else None


async def open_of(
    conn: Connection, manager_id: int | None, after: int, limit: int
) -> tuple[list[Task], int | None]:
    """The open tasks of a manager (None: of everybody), the eldest first; and the key of the next page."""
    rows = await conn.fetch(
        f"""{TASKS} where t.state = 'open' and t.id > $2 and ($1::bigint is null or t.person_id = $1)
            order by t.id limit $3""",
        manager_id,
        after,
        limit + 1,
    )
    found = [Task(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def hand_over(conn: Connection, account: str, manager_id: int | None) -> None:
    """Whoever looks after the account now has its open tasks."""
    await conn.execute(
        "update task set person_id = $2 where account = $1 and state = 'open'", account, manager_id
    )


async def settle(conn: Connection, task_id: int, by: str, note: str | None, now: datetime) -> bool:
    """Whether it was open, and is done now."""
    row = await conn.fetchrow(
        """update task set state = 'done', done_at = $4, done_by = $2, note = coalesce($3, note)
           where id = $1 and state = 'open' returning id""",
        task_id,
        by,
        note,
        now,
    )
    return row is not None


async def keep_note(conn: Connection, task_id: int, note: str | None) -> None:
    await conn.execute("update task set note = $2 where id = $1", task_id, note)
