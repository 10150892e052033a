"""Around requests for approval: how long people usually take, and what decisions in bulk are about."""

from collections.abc import Collection
from datetime import timedelta

from portal.db.work import Connection

HABITS = """
select person_id, percentile_cont(0.5) within group (order by extract(epoch from took)) as seconds
from (select t.person_id, t.decided_at - s.opened_at as took,
          row_number() over (partition by t.person_id order by t.decided_at desc) as nth
      from approval_seat t join approval_step s on s.request_id = t.request_id and s.position = t.position
      where t.person_id = any($1::bigint[]) and t.state = 'approved' and t.decided_by = t.person_id
          and s.opened_at is not null) d
where nth <= 50 group by person_id having count(*) >= 3
"""


async def habits(conn: Connection, people: Collection[int]) -> dict[int, timedelta]:
    """How long people usually take from being asked to agreeing; only of those who have done it some times."""
    if not people:
        return {}
    rows = await conn.fetch(HABITS, sorted(people))
    return {row["person_id"]: timedelta(seconds=float(row["seconds"])) for row in rows}


async def about(conn: Connection, numbers: Collection[str]) -> dict[str, tuple[str, str]]:
    """Of requests: (the order, who asked for it)."""
    rows = await conn.fetch(
        """select r.number, o.number as order, r.requester from approval_request r join orders o on o.id = r.order_id
           where r.number = any($1::text[])""",
        sorted(numbers),
    )
    return {row["number"]: (row["order"], row["requester"]) for row in rows}


async def runs_under_way(conn: Connection, person_id: int) -> list[int]:
    """Decisions that the person has asked for in bulk, and of which some wait."""
    rows = await conn.fetch(
        """select b.id from bulk_run b where b.person_id = $1 and b.what in ('approve', 'reject')
               and exists (select from bulk_row r where r.run_id = b.id and r.state = 'waiting') order by b.id""",
        person_id,
    )
    return [row["id"] for row in rows]
