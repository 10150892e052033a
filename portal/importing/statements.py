"""The statements that turn staged orders into the portal's rows. `$1` is a batch: numbers of orders.

They are written for many rows at once: row by row the same would take minutes for a year of a wholesaler.
"""

ACCOUNTS = """
insert into account (number, name, currency, path, tax_status)
select distinct on (o.account) o.account, 'Customer ' || substr(o.account, 2), $1, array[o.account],
    case when c.code = $2 then 'standard' else 'exempt' end
from staged_order o join staged_country c on c.name = o.country
where not o.is_known order by o.account, o.n
on conflict do nothing
"""
FEEDS = """
insert into account_feed (account) select distinct account from staged_order where not is_known on conflict do nothing
"""
SHIP_TOS = """
insert into ship_to (account, code, name, lines, city, country)
select distinct on (o.account, c.ship_to) o.account, c.ship_to, 'Customer ' || substr(o.account, 2), '{}', c.city,
    c.code
from staged_order o join staged_country c on c.name = o.country
where not o.is_known order by o.account, c.ship_to
on conflict do nothing
"""
# The name and the price that stand most often in the file.
PRODUCTS = """
insert into product (sku, name, unit, list_price, list_currency, category)
select l.sku, mode() within group (order by l.name), 'C62', mode() within group (order by l.unit_price), $1, $2
from staged_line l join staged_order o using (invoice) where not o.is_known group by l.sku
on conflict do nothing
"""

DAYS = """
select distinct o.at::date as day, t.city, t.country
from staged_order o join staged_country c on c.name = o.country
join ship_to t on t.account = o.account and t.code = c.ship_to
where not o.is_known
"""
DATES = """
update staged_order o set ship_to = t.code, ships_on = case when not o.is_open then p.ships_on end,
    arrives_on = case when not o.is_open then p.arrives_on end
from staged_country c, ship_to t, unnest($1::date[], $2::text[], $3::text[], $4::date[], $5::date[])
    as p(day, city, country, ships_on, arrives_on)
where c.name = o.country and t.account = o.account and t.code = c.ship_to
    and p.day = o.at::date and p.city = t.city and p.country = t.country
"""

ORDERS = """
with rate as (
    select * from unnest($5::text[], $6::numeric[]) as r(category, percent)
), priced as (
    select o.n, p.tax_category as category, sum(round(l.quantity * l.unit_price, 2)) as net
    from staged_order o join staged_line l using (invoice) join product p on p.sku = l.sku
    where o.n = any($1::bigint[]) group by o.n, p.tax_category
), summed as (
    select o.n, sum(p.net) as goods,
        sum(round(p.net * case when a.tax_status = 'standard' then coalesce(r.percent, 0) else 0 end / 100, 2)) as tax
    from priced p join staged_order o using (n) join account a on a.number = o.account
    left join rate r using (category) group by o.n
), numbered as (
    select o.*, s.goods, s.tax, a.delivery_preference, nextval('order_number')::text as given,
        nextval('arrival') as arrival
    from (select * from staged_order where n = any($1::bigint[]) order by n) o
    join account a on a.number = o.account join summed s on s.n = o.n order by o.n
), written as (
    insert into orders (number, arrival, account, ship_to, placed_at, delivery_preference, currency, goods, tax, total,
        origin, external_id, fingerprint, billed_elsewhere)
    select 'SO-' || to_char(at, 'YYYY') || '-' || lpad(given, greatest(6, length(given)), '0'), arrival, account,
        ship_to, at at time zone $4, delivery_preference, $3, goods, tax, goods + tax, $2, invoice, fingerprint, true
    from numbered order by n
    returning id, placed_at, total, external_id
)
update staged_order o set order_id = w.id, placed_at = w.placed_at, total = w.total
from written w where o.invoice = w.external_id and o.n = any($1::bigint[])
"""
SHIPMENTS = """
with leaving as (
    select o.*, nextval('shipment_number')::text as given from staged_order o
    where o.n = any($1::bigint[]) and not o.is_open
        and exists (select from staged_line l where l.invoice = o.invoice and l.quantity > l.cancelled)
    order by o.n
), written as (
    insert into shipment (number, order_id, account, location, mode, state, shipped_at, expected_on, delivered_at)
    select 'SH-' || to_char(ships_on, 'YYYY') || '-' || lpad(given, greatest(6, length(given)), '0'), order_id,
        account, $2, 'parcel', 'delivered', greatest(at, ships_on + time '16:00') at time zone $3, arrives_on,
        greatest(at, ships_on + time '16:00', arrives_on + time '10:00') at time zone $3
    from leaving order by n
    returning id, order_id, number, shipped_at, delivered_at
)
update staged_order o
set shipment_id = w.id, shipment = w.number, shipped_at = w.shipped_at, delivered_at = w.delivered_at
from written w where o.order_id = w.order_id and o.n = any($1::bigint[])
"""
DELIVERIES = """
insert into carrier_event (shipment_id, state, at, fingerprint)
select shipment_id, 'delivered', delivered_at, 'imported'
from staged_order where n = any($1::bigint[]) and shipment_id is not null order by n
"""
# The batch's lines with all that the rows of several tables are made from. Their ids are given here.
BATCH = """
insert into staged_batch
select nextval((select pg_get_serial_sequence('order_line', 'id'))::regclass), o.n, o.order_id, o.account, l.line,
    l.file_line, l.sku, l.name, p.unit, p.mode, p.tax_category,
    case when a.tax_status = 'standard' then coalesce(r.percent, 0) else 0 end as tax_rate,
    l.quantity, l.unit_price, l.cancelled, l.quantity - l.cancelled, o.is_open, o.at::date, o.shipment_id, o.ships_on,
    o.arrives_on
from (
    select l.*, o.n from staged_order o join staged_line l using (invoice) where o.n = any($1::bigint[])
    order by o.n, l.line
) l
join staged_order o on o.n = l.n join product p on p.sku = l.sku join account a on a.number = o.account
left join unnest($2::text[], $3::numeric[]) as r(category, percent) on r.category = p.tax_category
order by o.n, l.line
"""
LINES = """
insert into order_line (id, order_id, account, line, sku, name, unit, mode, tax_category, tax_rate, quantity,
    unit_price, price_source)
overriding system value
select line_id, order_id, account, line, sku, name, unit, mode, tax_category, tax_rate, quantity, unit_price, 'order'
from staged_batch order by line_id
"""
PORTIONS = """
insert into portion (line_id, order_id, account, sku, quantity, stage, status, location, shipment_id, ships_on,
    arrives_on, first_ships_on, first_arrives_on, waiting_since)
select line_id, order_id, account, sku, rest, case when is_open then 'waiting' else 'delivered' end,
    case when is_open then 'waiting' else 'delivered' end, case when not is_open then $1 end, shipment_id, ships_on,
    arrives_on, ships_on, arrives_on, case when is_open then $2::date else day end
from staged_batch where rest > 0
union all
select line_id, order_id, account, sku, cancelled, 'cancelled', 'cancelled', null, null, null, null, null, null, day
from staged_batch where cancelled > 0
order by 1
"""
SHIPMENT_LINES = """
insert into shipment_line (shipment_id, line_id, quantity)
select shipment_id, line_id, rest from staged_batch where shipment_id is not null and rest > 0 order by line_id
"""

# What happened to each order, in the words of the operations that would have done it.
HAPPENED = """
insert into staged_event (account, order_id, type, at, version, data)
with mine as (
    select * from staged_order where n = any($1::bigint[])
), lines as (
    select n, count(*) as count, jsonb_agg(jsonb_build_object('line', line, 'sku', sku,
        'quantity', trim_scale(rest)::text) order by line) filter (where rest > 0) as told,
        jsonb_agg(jsonb_build_object('line', line, 'sku', sku, 'quantity', trim_scale(rest)::text,
        'first_promise', arrives_on) order by line) filter (where rest > 0 and not is_open) as promised
    from staged_batch group by n
), cancelled as (
    select b.n, c.document, min(c.at) at time zone $2 as at, jsonb_agg(jsonb_build_object('line', b.line,
        'sku', b.sku, 'quantity', trim_scale(c.quantity)::text) order by b.line) as told,
        sum(c.quantity) as quantity
    from staged_batch b join staged_cancellation c on c.of_line = b.file_line and c.reason is null
    where b.cancelled > 0 group by b.n, c.document
), leaving as (
    -- What was cancelled after the goods had left was still to come when they did.
    select o.n, coalesce(sum(c.quantity) filter (where greatest(c.at, o.placed_at) > o.shipped_at), 0) as quantity
    from mine o left join cancelled c using (n) where o.shipment is not null group by o.n
), happened as (
    select o.account, o.order_id, 'order.placed' as type, 1 as rank, o.placed_at as at, jsonb_build_object(
        'purchase_order_number', null, 'total', round(o.total, 2)::text, 'currency', $4::text, 'lines', l.count,
        'placed_at', to_char(o.placed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'))
        -- History went from the shelf; what is open has no plan yet.
        || case when o.is_open then '{}'::jsonb else jsonb_build_object('waiting', '[]'::jsonb) end as data
    from mine o join lines l using (n)
    union all
    select o.account, o.order_id, 'line.cancelled', 2, greatest(c.at, o.placed_at),
        jsonb_build_object('lines', c.told, 'reason', 'cancellation ' || c.document)
    from mine o join cancelled c using (n)
    union all
    select o.account, o.order_id, 'shipment.shipped', 3, o.shipped_at, jsonb_build_object('shipment', o.shipment,
        'state', 'shipped', 'mode', 'parcel', 'carrier', null, 'location', $3::text, 'expected_on', o.arrives_on,
        'lines', l.told, 'packages', '[]'::jsonb,
        'placed_at', to_char(o.placed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
        'shipped_at', to_char(o.shipped_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
        'is_first', true, 'leaves', trim_scale(v.quantity)::text)
    from mine o join lines l using (n) join leaving v using (n)
    union all
    select o.account, o.order_id, 'shipment.delivered', 4, o.delivered_at, jsonb_build_object('shipment', o.shipment,
        'state', 'delivered', 'carrier_state', 'delivered',
        'at', to_char(o.delivered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), 'note', null,
        'carrier', null, 'mode', 'parcel', 'location', $3::text, 'expected_on', o.arrives_on, 'lines', l.promised,
        'delivered_on', (o.delivered_at at time zone $2)::date)
    from mine o join lines l using (n) where o.shipment is not null
    union all
    select o.account, o.order_id, 'order.closed', 5,
        greatest(o.delivered_at, (select max(at) from cancelled c where c.n = o.n)), '{}'::jsonb
    from mine o where o.shipment is not null
)
select account, order_id, type, at, dense_rank() over (partition by order_id order by at), data
from happened order by order_id, at, rank
"""
# The figures that closing the books would have computed, and what the ledger begins with. What has left was billed
# where it comes from: it owes nothing here.
STATUSES = """
with written as (
insert into order_status (order_id, account, version, state, lines, lines_complete, to_come, undated_lines, open_value,
    shipped_value, counted_open, counted_shipped, updated_at)
with share as (
    select n, max(tax_rate) as tax_rate, round(sum(round(quantity * unit_price, 2)) * sum(rest * unit_price)
        / sum(quantity * unit_price), 2) as net
    from staged_batch group by n, tax_category
), worth as (
    select n, sum(net + round(net * tax_rate / 100, 2)) as gross from share group by n
), figure as (
    select n, count(*) as lines, count(*) filter (where rest > 0) as alive, sum(rest) as rest
    from staged_batch group by n
), last as (
    select order_id, max(version) as version from staged_event group by order_id
)
select o.order_id, o.account, v.version,
    case when f.rest = 0 then 'cancelled' when o.is_open then 'open' else 'closed' end, f.lines,
    case when o.is_open then f.lines - f.alive else f.lines end, case when o.is_open then f.rest else 0 end,
    case when o.is_open then f.alive else 0 end, case when o.is_open then w.gross else 0 end,
    0, case when o.is_open then w.gross else 0 end, 0, $2
from staged_order o join figure f using (n) join worth w using (n) join last v using (order_id)
where o.n = any($1::bigint[]) order by o.order_id
returning order_id, account, counted_open, counted_shipped
)
insert into credit_entry (account, order_id, because, open_orders, shipped_not_invoiced, at)
select account, order_id, 'opening', counted_open, counted_shipped, $2 from written
where counted_open <> 0 or counted_shipped <> 0 order by order_id
"""
LOCK_FEEDS = """
select from account_feed where account in (select account from staged_event) order by account for update
"""
EVENTS = """
insert into event (account, sequence, type, order_id, at, actor, version, data)
select e.account, f.sequence + row_number() over (partition by e.account order by e.n), e.type, e.order_id, e.at, $1,
    e.version, e.data
from staged_event e join account_feed f on f.account = e.account order by e.n
"""
RAISE_FEEDS = """
update account_feed f set sequence = f.sequence + e.given
from (select account, count(*) as given from staged_event group by account) e where f.account = e.account
"""
ANALYZE = """
analyze account, ship_to, product, orders, order_line, order_status, portion, shipment, shipment_line, event
"""
STAGED_BATCH = """
drop table if exists pg_temp.staged_event;
create temp table staged_event (
    n bigint generated always as identity, account text, order_id bigint, type text, at timestamptz, version bigint,
    data jsonb);
drop table if exists pg_temp.staged_batch;
create temp table staged_batch (
    line_id bigint, n bigint, order_id bigint, account text, line int, file_line bigint, sku text, name text, unit text,
    mode text, tax_category text, tax_rate numeric, quantity numeric, unit_price numeric, cancelled numeric,
    rest numeric, is_open boolean, day date, shipment_id bigint, ships_on date, arrives_on date)
"""
