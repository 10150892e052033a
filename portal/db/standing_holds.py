"""The holds that stop something now, over the whole book, and who can lift them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from portal.db.due import beginning
from portal.db.work import Connection
from portal.domain.desk import StandingHold


@dataclass(frozen=True, slots=True)
class HoldFilter:
    """Which holds. `among` are the reasons that count, `after` is the last id of the page before."""

    among: Collection[str] | None = None
    reason: str = ""
    q: str = ""
    after: int = 0


LIST = """
with page as (
    select h.id, h.order_id, h.account, h.reason, h.note, h.lines, h.set_at, h.set_by
    from hold h {join} where h.released_at is null and h.id > $1 {conditions} order by h.id limit $2
)
select h.id, o.number, h.account, a.name as account_name, o.purchase_order_number, h.reason, h.note, h.lines,
    s.lines as order_lines, h.set_at, h.set_by, o.currency, s.open_value
from page h join orders o on o.id = h.order_id join order_status s on s.order_id = h.order_id
join account a on a.number = h.account order by h.id
"""


async def search(conn: Connection, wanted: HoldFilter, limit: int) -> tuple[list[StandingHold], int | None]:
    """The longest standing first; and the last id of the page."""
    values: list[object] = [wanted.after, limit + 1]
    conditions, join = "", ""
    if wanted.among is not None:
        values.append(list(wanted.among))
        conditions += f" and h.reason = any(${len(values)}::text[])"
    if wanted.reason:
        values.append(wanted.reason)
        conditions += f" and h.reason = ${len(values)}"
    if wanted.q:
        values.append(beginning(wanted.q))
        join = "join orders q on q.id = h.order_id"
        pattern = f"${len(values)}"
        conditions += (
            f" and (upper(q.number) like {pattern} or upper(q.purchase_order_number) like {pattern}"
            f" or upper(h.account) like {pattern})"
        )
    rows = await conn.fetch(LIST.format(join=join, conditions=conditions), *values)
    found = [StandingHold(*row.values()) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def counts(conn: Connection) -> Mapping[str, int]:
    """How many stand, by reason."""
    rows = await conn.fetch(
        "select reason, count(*) as holds from hold where released_at is null group by reason"
    )
    return {row["reason"]: row["holds"] for row in rows}


async def order_of(conn: Connection, hold_id: int) -> str | None:
    """The number of the order that a hold stops, or stopped."""
    number: str | None = await conn.fetchval(
        "select o.number from hold h join orders o on o.id = h.order_id where h.id = $1", hold_id
    )
    return number


async def these(conn: Connection, ids: Sequence[int]) -> list[tuple[int, str, str, str]]:
    """(id, order, reason, account) of the holds with these ids that still stand, by id."""
    rows = await conn.fetch(
        """select h.id, o.number, h.reason, h.account from hold h join orders o on o.id = h.order_id
           where h.id = any($1::bigint[]) and h.released_at is null order by h.id""",
        list(ids),
    )
    return [(row["id"], row["number"], row["reason"], row["account"]) for row in rows]
