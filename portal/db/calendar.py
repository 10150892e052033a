"""What arrives in a week or a month, already added up: a calendar is as cheap to draw for many orders as for few."""

from datetime import date

import msgspec

from portal.db.arrivals import BY_KIND, ENTRIES, KIND, Wanted, totals
from portal.db.work import Connection
from portal.domain.arrivals import Month, Week

# So many deliveries stand in a field of the week; the others are counted.
IN_A_FIELD = 5
FROM_FIRST = "(part <> 1 or day >= $8::date)"

WEEK = f"""{ENTRIES}, delivery as (
    select day, account, ship_to, order_id, kind, count(distinct line_id) as lines, min(line_id) as line_id,
        sum(quantity) as quantity
    from entry where part = 1 and day >= $8 group by day, account, ship_to, order_id, kind
), counted as (
    select *, row_number() over field as place, count(*) over (partition by day, account, ship_to) as of
    from delivery window field as (partition by day, account, ship_to order by kind, order_id)
)
select json_build_object('totals', {totals(FROM_FIRST)}, 'found', (select coalesce(json_agg(x), '[]') from (
    select e.day, e.account, e.ship_to as site, t.city, t.name as site_name, o.number as order,
        o.purchase_order_number as purchase_order, {KIND} as kind, e.lines, e.place, e.of, l.sku, l.unit,
        case when l.sku is not null then trim_scale(e.quantity) end as quantity
    from counted e
    join orders o on o.id = e.order_id
    join ship_to t on t.account = e.account and t.code = e.ship_to
    left join order_line l on l.id = e.line_id and e.lines = 1
    where e.place <= {IN_A_FIELD}
    order by t.city, e.account, e.ship_to, e.day, e.place) x))::text
"""

MONTH = f"""{ENTRIES}
select json_build_object('totals', {totals(FROM_FIRST)}, 'found', (select coalesce(json_agg(x), '[]') from (
    select e.day, e.account, e.ship_to as site, t.city, t.name as site_name, e.lines, e.kinds
    from (select day, account, ship_to, count(*) as lines, json_build_object({BY_KIND}) as kinds
          from (select day, account, ship_to, line_id, bit_or(1 << kind) as kinds
                from entry where part = 1 and day >= $8 group by day, account, ship_to, line_id) l
          group by day, account, ship_to) e
    join ship_to t on t.account = e.account and t.code = e.ship_to
    order by e.day, t.city, e.account, e.ship_to) x))::text
"""


_week = msgspec.json.Decoder(Week)
_month = msgspec.json.Decoder(Month)


async def week(conn: Connection, wanted: Wanted, first: date) -> Week:
    """From the first day, which is not over, to the last that is wanted."""
    return _week.decode(await conn.fetchval(WEEK, *wanted.values, first))


async def month(conn: Connection, wanted: Wanted, first: date) -> Month:
    """From the first day, which is not over, to the last that is wanted."""
    return _month.decode(await conn.fetchval(MONTH, *wanted.values, first))
