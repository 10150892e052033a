"""What the supplier's figures are counted from: events and nothing else, of one period, account, location and supplier.

An event counts on the day on which the portal recorded it, by the supplier's clock. All of these take the same values
(`Scope.values`): $1 and $2 are instants, $3 an account, $4 a location, $5 the supplier's time zone, $6 one of those who
supply the supplier; what is not asked for is null. BACKORDERED takes the target in days as $7 and today as $8.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from portal.domain.insight import DAY, Period

OF_TYPE = "e.at >= $1 and e.at < $2 and ($3::text is null or e.account = $3)"
CANCELLED = """
select from event c where c.order_id = {of}.order_id and c.type = 'shipment.cancelled'
    and c.data->>'shipment' = {of}.data->>'shipment'
"""
# Whose goods lines of an order waited for, and where those were to arrive; told by plans, moved dates and fillings.
WAITED = """
select w.id, l.line, l.supplier, l.location
from event w cross join lateral jsonb_to_recordset(case when w.type in ('portion.allocated', 'promise.changed')
    then w.data->'lines' else w.data->'waiting' end) as l(line int, supplier text, location text)
where w.order_id = {of}.order_id and w.type in ('order.placed', 'order.planned', 'order.changed', 'hold.released',
    'substitution.accepted', 'portion.allocated', 'promise.changed')
"""
# An order is first dispatched by the first shipment that was not cancelled; where one that was had left before it, more
# is still to come than it could tell.
DISPATCHED = f"""
with dispatched as materialized (
    select e.id, e.order_id, e.account, e.at, d.shipment, d.location, d.leaves, d.placed_at, d.shipped_at,
        greatest(d.shipped_at - d.placed_at, interval '0') as took, d.leaves > 0 or not d.is_first as is_partial
    from event e
    cross join lateral jsonb_to_record(e.data) as d(shipment text, location text, is_first boolean, leaves numeric,
        placed_at timestamptz, shipped_at timestamptz)
    where e.type = 'shipment.shipped' and {OF_TYPE} and ($4::text is null or d.location = $4)
        and (d.is_first or not exists (
            select from event b where b.order_id = e.order_id and b.id < e.id and b.type = 'shipment.shipped'
                and not exists ({CANCELLED.format(of="b")})))
        and not exists ({CANCELLED.format(of="e")})
        and ($6::text is null or exists (select from ({WAITED.format(of="e")}) x where x.supplier = $6))
), counted as (
    select *, (at at time zone $5)::date as day, floor(extract(epoch from took) / 86400)::int as days
    from dispatched
)
"""
# What placing could not plan yet, its first plan tells; a line that took the place of one that waited is planned when
# it does. A line is settled by the first event after which nothing of it waits. Whose it is and where it stands is what
# was known of it last.
BACKORDERED = f"""
with placed as (
    select e.id, e.order_id, e.account, e.at, d.placed_at, d.waiting
    from event e cross join lateral jsonb_to_record(e.data) as d(placed_at timestamptz, waiting jsonb)
    where e.type = 'order.placed' and {OF_TYPE}
), planned as (
    select p.id, p.order_id, p.account, p.at, p.placed_at as since, p.waiting from placed p where p.waiting <> '[]'
    union all
    select f.id, p.order_id, p.account, p.at, coalesce(f.placed_at, f.at), f.waiting
    from placed p cross join lateral (
        select l.id, l.at, d.placed_at, d.waiting
        from event l cross join lateral jsonb_to_record(l.data) as d(placed_at timestamptz, waiting jsonb)
        where l.order_id = p.order_id and l.type in ('hold.released', 'order.planned', 'substitution.accepted')
    ) f
    where (p.waiting is null or p.waiting <> '[]') and f.waiting <> '[]'
), settled as (
    select distinct on (p.order_id, l.line) p.order_id, l.line, e.id, e.type, (e.at at time zone $5)::date as day
    from planned p
    join event e on e.order_id = p.order_id and e.id > p.id and e.type in ('portion.allocated', 'line.cancelled')
    cross join lateral jsonb_to_recordset(e.data->'lines') as l(line int, waits numeric)
    where l.waits = 0
    order by p.order_id, l.line, e.id
), waited as (
    select distinct on (o.order_id, x.line) o.order_id, x.line, x.supplier, x.location
    from (select distinct order_id from planned) o
    cross join lateral ({WAITED.format(of="o")}) x
    left join settled s on s.order_id = o.order_id and s.line = x.line
    where {{placed}} and x.location is not null and (s.id is null or x.id <= s.id)
    order by o.order_id, x.line, x.id desc, x.supplier, x.location
), backorder as (
    select p.id, p.order_id, p.account, w.line, w.sku, w.quantity, (p.at at time zone $5)::date as placed_on,
        (p.since at time zone $5)::date as since, (p.since at time zone $5)::date + $7::int as due, s.type, s.day,
        x.supplier, x.location
    from planned p cross join lateral jsonb_to_recordset(p.waiting) as w(line int, sku text, quantity numeric)
    left join settled s on s.order_id = p.order_id and s.line = w.line
    left join waited x on x.order_id = p.order_id and x.line = w.line
), judged as (
    select *, case
        when type = 'portion.allocated' and day <= due then 'in_time'
        when type = 'portion.allocated' then 'late'
        when type = 'line.cancelled' and day <= due then 'cancelled'
        when type is null and $8::date <= due then 'waiting'
        else 'missed' end as outcome
    from backorder
    where ($4::text is null or location = $4) and ($6::text is null or supplier = $6)
)
"""
# The day promised last is the one that was told when it shipped.
DELIVERED = f"""
with delivered as (
    select e.id, e.order_id, e.account, d.location, d.shipment, d.delivered_on, l.line, l.sku, l.quantity,
        l.first_promise as first, d.expected_on as last, (e.at at time zone $5)::date as day
    from event e
    cross join lateral jsonb_to_record(e.data) as d(shipment text, location text, delivered_on date, expected_on date,
        lines jsonb)
    cross join lateral (
        -- Once for an order, not for each of its lines.
        select case when $6::text is not null then array(
            select x.line from ({WAITED.format(of="e")}) x where x.supplier = $6) end as lines offset 0
    ) w
    cross join lateral jsonb_to_recordset(d.lines) as l(line int, sku text, quantity numeric, first_promise date)
    where e.type = 'shipment.delivered' and {OF_TYPE} and ($4::text is null or d.location = $4)
        and ($6::text is null or l.line = any(w.lines))
)
"""


def backordered(*, needs_place: bool) -> str:
    """Without a place or a supplier to tell, nobody looks through what orders waited for."""
    return BACKORDERED.format(placed="true" if needs_place else "false")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which events are counted: of this period; of one account, location and supplier, or of all of them."""

    period: Period
    zone: ZoneInfo
    account: str | None = None
    location: str | None = None
    supplier: str | None = None

    @property
    def values(self) -> tuple[datetime, datetime, str | None, str | None, str, str | None]:
        first, last = self._begin(self.period.first), self._begin(self.period.last + DAY)
        return first, last, self.account, self.location, self.zone.key, self.supplier

    @property
    def needs_place(self) -> bool:
        return self.location is not None or self.supplier is not None

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)
