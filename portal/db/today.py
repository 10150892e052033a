"""What a buyer finds new: what arrives in these days, what moved or left since they last looked, what waits."""

from datetime import datetime

import msgspec

from portal.db.arrivals import ENTRIES, KIND, Wanted, totals
from portal.db.work import Connection
from portal.domain.today import CLEARED_BY_BUYER, News, Outlook

# As many of each as the page shows; each row says how many there are in all.
DUE_TODAY = 6
LATE = 6
UNDATED = 6
SHIPPED = 6
WAITING = 10
UNLIKELY = 6
QUIET = 6
# Orders with new dates whose changes are looked at: of the others only the number is told.
MOVED = 200


def _due(condition: str, limit: int) -> str:
    return f"""(select coalesce(json_agg(x), '[]') from (
        select e.day, e.account, e.ship_to as site, t.city, t.name as site_name, o.number as order,
            o.purchase_order_number as purchase_order, {KIND} as kind, e.lines, e.of, h.number as shipment,
            h.state as shipment_state, h.carrier, k.tracking_number, k.tracking_url
        from (select day, account, ship_to, order_id, kind, shipment_id, count(distinct line_id) as lines,
                  count(*) over () as of
              from entry where {condition}
              group by day, account, ship_to, order_id, kind, shipment_id
              order by day, kind, account, ship_to, order_id, shipment_id limit {limit}) e
        join orders o on o.id = e.order_id
        join ship_to t on t.account = e.account and t.code = e.ship_to
        left join shipment h on h.id = e.shipment_id
        left join lateral (select tracking_number, tracking_url from package
            where shipment_id = e.shipment_id and tracking_number is not null order by id limit 1) k on true
        order by e.day, e.kind, e.account, e.ship_to, e.order_id, e.shipment_id) x)"""


OUTLOOK = f"""{ENTRIES}
select json_build_object(
    'totals', {totals()},
    'sites', (select coalesce(json_agg(x), '[]') from (
        select e.*, t.city, t.name as site_name
        from (select day, account, ship_to as site, count(distinct line_id) as lines,
                  count(distinct order_id) as orders
              from entry where part = 1 group by day, account, ship_to) e
        join ship_to t on t.account = e.account and t.code = e.site
        order by e.day, t.city, e.account, e.site) x),
    'late', {_due("part = 0", LATE)},
    'today', {_due("part = 1 and day = $2", DUE_TODAY)},
    'undated', (select coalesce(json_agg(x), '[]') from (
        select o.number as order, o.purchase_order_number as purchase_order, e.held, e.undated, e.of,
            coalesce(e.holds, '{{}}') as holds, coalesce(e.statuses, '{{}}') as statuses, z.state
        from (select order_id, count(distinct line_id) filter (where kind = 4) as held,
                  count(distinct line_id) filter (where kind = 5) as undated, max(holds) as holds,
                  array_agg(distinct status) filter (where kind = 5) as statuses, count(*) over () as of
              from entry where part = 2 group by order_id
              order by count(distinct line_id) desc, order_id desc limit {UNDATED}) e
        join orders o on o.id = e.order_id join order_status z on z.order_id = e.order_id
        order by e.held + e.undated desc, e.order_id desc) x)
)::text
"""

# Whatever changes of an order raises its version and says when: what did not change since has no news.
NEWS = f"""
with lately as materialized (
    select order_id, lines from order_status where account = any($1::text[]) and updated_at > $2::timestamptz
), moved as (
    select c.order_id, max(c.id) as last, count(*) over () as of, json_agg(json_build_object('line', c.line,
        'quantity', c.quantity, 'old', c.old_arrives_on, 'new', c.new_arrives_on, 'version', c.version, 'at', c.at,
        'cause', c.cause) order by c.id) as changes
    from lately a cross join lateral (
        select c.*, l.line from promise_change c join order_line l on l.id = c.line_id
        where c.order_id = a.order_id and c.at > $2 and c.old_arrives_on is distinct from c.new_arrives_on
            and exists (select from portion p where p.line_id = c.line_id
                and p.stage not in ('delivered', 'returned', 'cancelled') offset 0)
            and not exists (select from hold h where h.order_id = c.order_id and h.released_at is null
                and (h.lines is null or l.line = any(h.lines)) offset 0)
        offset 0) c
    group by c.order_id order by last desc limit {MOVED}
), shipped as (
    select e.*, count(*) over () as of from lately a cross join lateral (
        select h.id, e.at, h.order_id, h.number, h.location, h.state, h.expected_on, h.carrier
        from event e join shipment h on h.number = e.data ->> 'shipment'
        where e.order_id = a.order_id and e.type = 'shipment.shipped' and e.at > $2 and h.state <> 'cancelled'
        offset 0) e
    order by e.at desc, e.id desc limit {SHIPPED}
)
select json_build_object(
    'moved', (select coalesce(json_agg(x), '[]') from (
        select o.number as order, o.purchase_order_number as purchase_order, s.lines as order_lines, t.city,
            t.name as site_name, m.of, m.changes
        from moved m join orders o on o.id = m.order_id join order_status s on s.order_id = m.order_id
        join ship_to t on t.account = o.account and t.code = o.ship_to order by m.last desc) x),
    'shipped', (select coalesce(json_agg(x), '[]') from (
        select e.number as shipment, o.number as order, o.purchase_order_number as purchase_order, t.city,
            t.name as site_name, c.name as location, e.at, e.state, e.of, e.expected_on, e.carrier,
            (select count(*) from shipment_line where shipment_id = e.id) as lines, k.tracking_number, k.tracking_url
        from shipped e join orders o on o.id = e.order_id
        join ship_to t on t.account = o.account and t.code = o.ship_to join location c on c.code = e.location
        left join lateral (select tracking_number, tracking_url from package
            where shipment_id = e.id and tracking_number is not null order by id limit 1) k on true
        order by e.at desc, e.id desc) x),
    'offers', (select coalesce(json_agg(x), '[]') from (
        select u.id, o.number as order, o.account, o.purchase_order_number as purchase_order, s.lines as order_lines,
            l.line, l.sku, u.quantity, l.unit, u.sku as substitute, p.name as substitute_name,
            p.unit as substitute_unit, u.substitute_quantity, u.offered_at, count(*) over () as of
        from substitution u join order_line l on l.id = u.line_id join orders o on o.id = u.order_id
        join order_status s on s.order_id = u.order_id join product p on p.sku = u.sku
        where u.state = 'offered' and u.account = any($1)
        order by u.offered_at, u.id limit {WAITING}) x),
    'holds', (select coalesce(json_agg(x), '[]') from (
        select o.number as order, o.purchase_order_number as purchase_order, h.reason, h.note, h.lines, h.set_at,
            count(*) over () as of
        from hold h join orders o on o.id = h.order_id join order_status s on s.order_id = h.order_id
        where h.released_at is null and h.account = any($1) and h.reason = any($3::text[])
            and s.state in ('open', 'held', 'pending_approval')
        order by h.set_at, h.id limit {WAITING}) x),
    'quiet', (select coalesce(json_agg(x), '[]') from (
        select o.number as order, o.purchase_order_number as purchase_order, e.at, e.data,
            count(*) over () as of
        from lately a cross join lateral (
            select e.type, e.at, e.data from event e where e.order_id = a.order_id order by e.id desc limit 1) e
        join orders o on o.id = a.order_id join order_status s on s.order_id = a.order_id
        where e.type = 'order.still_waiting' and s.state in ('open', 'held')
        order by e.at desc, o.id desc limit {QUIET}) x),
    'unlikely', (select coalesce(json_agg(x), '[]') from (
        select o.number as order, o.purchase_order_number as purchase_order, u.lines, u.need_by, u.arrives_on,
            count(*) over () as of
        from (
            select l.order_id, count(distinct l.id) as lines, min(l.need_by) as need_by,
                case when bool_and(d.arrives_on is not null) then max(d.arrives_on) end as arrives_on
            from order_line l join order_status s on s.order_id = l.order_id and s.state = 'open'
            join orders o on o.id = l.order_id
            join portion p on p.line_id = l.id
                and p.stage in ('waiting', 'allocated', 'picking', 'packed', 'shipped')
            cross join lateral (select case when o.delivery_preference = 'complete_only' and p.stage <> 'shipped'
                then s.complete_arrives_on else p.arrives_on end as arrives_on) d
            where l.account = any($1) and l.need_by is not null
                and (d.arrives_on is null or d.arrives_on > l.need_by)
            group by l.order_id) u
        join orders o on o.id = u.order_id order by u.need_by, u.order_id limit {UNLIKELY}) x)
)::text
"""


_outlook = msgspec.json.Decoder(Outlook)
_news = msgspec.json.Decoder(News)


async def outlook(conn: Connection, wanted: Wanted) -> Outlook:
    """From today to the last day wanted."""
    return _outlook.decode(await conn.fetchval(OUTLOOK, *wanted.values))


async def news(conn: Connection, accounts: tuple[str, ...], since: datetime) -> News:
    """Since that instant, and what waits for an answer whenever it began."""
    return _news.decode(await conn.fetchval(NEWS, list(accounts), since, list(CLEARED_BY_BUYER)))


async def read_until(conn: Connection, person_id: int) -> datetime | None:
    """Up to when the person has read what is new; None before the first time."""
    at: datetime | None = await conn.fetchval(
        "select read_at from today_visit where person_id = $1", person_id
    )
    return at


async def mark_read(conn: Connection, person_id: int, until: datetime) -> None:
    """Remember it; what was read later is never taken back."""
    await conn.execute(
        """insert into today_visit (person_id, read_at) values ($1, $2)
           on conflict (person_id) do update set read_at = greatest(today_visit.read_at, excluded.read_at)""",
        person_id,
        until,
    )
