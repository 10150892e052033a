"""Shipments that have left and have not arrived: those that should have, and those in trouble."""

from dataclasses import dataclass
from datetime import date

from portal.db.due import beginning
from portal.db.work import Connection
from portal.domain.desk import Underway

WHICH = ("late", "trouble")
ON_THE_ROAD = "h.state in ('shipped', 'in_transit', 'out_for_delivery')"
TROUBLED = "h.state in ('exception', 'returned_to_sender')"
LATE = f"{ON_THE_ROAD} and h.expected_on < {{today}}"


@dataclass(frozen=True, slots=True)
class UnderwayFilter:
    """Which shipments; empty says nothing. `after` is the last (expected day, id) of the page before."""

    which: str = ""
    q: str = ""
    after: tuple[date, int] | None = None


# Shipments without an expected day come first: nobody knows when they arrive.
LIST = """
select h.id, h.number, o.number, h.account, a.name, h.location, t.city, h.mode, h.carrier, h.state, h.shipped_at,
    h.expected_on, k.tracking_number, k.tracking_url, (
        select e.note from carrier_event e where e.shipment_id = h.id and e.note is not null
        order by e.at desc, e.id desc limit 1)
from shipment h join orders o on o.id = h.order_id join account a on a.number = h.account
join ship_to t on t.account = o.account and t.code = o.ship_to
left join lateral (
    select tracking_number, tracking_url from package where shipment_id = h.id and tracking_number is not null
    order by id limit 1) k on true
where {conditions}
order by coalesce(h.expected_on, '0001-01-01'), h.id limit $1
"""


async def search(
    conn: Connection, wanted: UnderwayFilter, today: date, limit: int
) -> tuple[list[Underway], tuple[date, int] | None]:
    """By the day on which they were to arrive; and where the next page begins."""
    values: list[object] = [limit + 1]

    def give(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    said = [f"({ON_THE_ROAD} or {TROUBLED})"]
    if wanted.which == "late":
        said = [LATE.format(today=give(today))]
    if wanted.which == "trouble":
        said = [TROUBLED]
    if wanted.q:
        pattern = give(beginning(wanted.q))
        said.append(
            f"(upper(h.number) like {pattern} or upper(o.number) like {pattern} or upper(h.carrier) like {pattern} "
            f"or upper(k.tracking_number) like {pattern})"
        )
    if wanted.after is not None:
        said.append(
            f"(coalesce(h.expected_on, '0001-01-01'), h.id) > ({give(wanted.after[0])}, {give(wanted.after[1])})"
        )
    rows = await conn.fetch(LIST.format(conditions=" and ".join(said)), *values)
    found = [Underway(*row.values()) for row in rows[:limit]]
    return found, (found[-1].expected_on or date.min, found[-1].id) if len(rows) > limit else None
