"""Verify every law on live data. Each law is a query that finds what breaks it; the audit chain is walked along."""

from typing import cast

from portal.db import audit
from portal.db.work import Connection, Pool
from portal.operations import checking_bills

LAWS = {
    "the portions of a line add up to it": """
        select l.id::text || ': ' || l.quantity || ' ordered, ' || coalesce(sum(p.quantity), 0) || ' in portions'
        from order_line l left join portion p on p.line_id = l.id
        group by l.id having coalesce(sum(p.quantity), 0) <> l.quantity""",
    "stock is never oversold": """
        select sku || ' at ' || location from stock_level where allocated + reserved + quarantined > on_hand""",
    "allocated is what portions have allocated": """
        select coalesce(s.sku, p.sku) || ' at ' || coalesce(s.location, p.location) || ': '
            || coalesce(s.allocated, 0) || ' in the level, ' || coalesce(p.quantity, 0) || ' in portions'
        from stock_level s
        full join (
            select sku, location, sum(quantity) as quantity from portion
            where stage in ('allocated', 'picking', 'packed') and counted group by sku, location
        ) p on p.sku = s.sku and p.location = s.location
        where coalesce(s.allocated, 0) <> coalesce(p.quantity, 0)""",
    "reserved is what agreements ring-fence": """
        select coalesce(s.sku, a.sku) || ' at ' || coalesce(s.location, a.location) || ': '
            || coalesce(s.reserved, 0) || ' in the level, ' || coalesce(a.reserved, 0) || ' in agreements'
        from stock_level s
        full join (
            select sku, location, sum(reserved) as reserved from allocation_agreement group by sku, location
        ) a on a.sku = s.sku and a.location = s.location
        where coalesce(s.reserved, 0) <> coalesce(a.reserved, 0)""",
    "what an agreement has given is what portions drew on it": """
        select a.number || ': ' || a.drawn || ' drawn, ' || coalesce(sum(p.quantity), 0) || ' in portions'
        from allocation_agreement a left join portion p on p.agreement = a.number
        group by a.number having a.drawn <> coalesce(sum(p.quantity), 0)""",
    "no inbound line is promised twice": """
        select i.id::text || ': ' || sum(p.quantity) || ' pegged, '
            || greatest(i.quantity - i.received - i.rejected - i.quarantined, 0) || ' outstanding'
        from inbound_line i join portion p on p.inbound_line_id = i.id
        group by i.id
        having sum(p.quantity) > case when i.closed then 0
            else greatest(i.quantity - i.received - i.rejected - i.quarantined, 0) end""",
    "a product's waiting portions are in an order that waits": """
        select o.number from order_status s join orders o on o.id = s.order_id
        where s.state in ('closed', 'cancelled')
            and exists (select 1 from portion p where p.order_id = s.order_id
                and p.stage in ('waiting', 'allocated', 'picking', 'packed'))""",
    "the figures of an order follow from its portions": """
        select o.number || ': ' || s.to_come || ' told, ' || f.to_come || ' in portions'
        from order_status s join orders o on o.id = s.order_id
        join (
            select order_id, coalesce(sum(quantity)
                filter (where stage in ('waiting', 'allocated', 'picking', 'packed')), 0) as to_come,
                bool_or(stage in ('shipped', 'delivered', 'returned')) as some_left
            from portion group by order_id
        ) f on f.order_id = s.order_id
        where f.to_come <> s.to_come
            or (f.to_come = 0 and s.state <> case when f.some_left then 'closed'
                when s.state = 'rejected' then 'rejected' else 'cancelled' end)""",
    "what is on a shipment is what left on it": """
        select h.number from shipment h
        join (select shipment_id, sum(quantity) as quantity from shipment_line group by shipment_id) l
            on l.shipment_id = h.id
        left join (select shipment_id, sum(quantity) as quantity from portion
            where shipment_id is not null group by shipment_id) p on p.shipment_id = h.id
        where coalesce(p.quantity, 0) <> case when h.state = 'cancelled' then 0 else l.quantity end""",
    "what the ledger has entered of an order is what it counts for": """
        select o.number || ': ' || coalesce(s.counted_open, c.open_value) || ' and '
            || coalesce(s.counted_shipped, c.shipped_value) || ' entered, ' || c.open_value || ' and '
            || c.shipped_value || ' counted'
        from order_status s join orders o on o.id = s.order_id
        cross join lateral (
            select case when s.state in ('open', 'closed', 'cancelled') then s.open_value else 0 end as open_value,
                case when s.state in ('open', 'closed', 'cancelled') then s.shipped_value else 0 end as shipped_value) c
        where (coalesce(s.counted_open, c.open_value), coalesce(s.counted_shipped, c.shipped_value))
            <> (c.open_value, c.shipped_value)
            or (s.counted_invoiced, s.counted_paid) <> (case when s.state in ('open', 'closed', 'cancelled')
                then (s.invoiced_value, s.paid_value) else (0::numeric, 0::numeric) end)""",
    "an account's ledger adds up to its exposure": """
        select coalesce(l.account, e.account) || ': ' || coalesce(l.total, 0) || ' in the ledger, '
            || coalesce(e.total, 0) || ' exposed'
        from (
            select account, sum(open_orders) as open_orders, sum(shipped_not_invoiced) as shipped,
                sum(invoiced_unpaid) as invoiced, sum(open_orders + shipped_not_invoiced + invoiced_unpaid) as total
            from credit_entry group by account
        ) l full join (
            select account, sum(open_orders) as open_orders, sum(shipped) as shipped, sum(invoiced) as invoiced,
                sum(open_orders + shipped + invoiced) as total
            from (
                select account, open_value as open_orders, shipped_value - invoiced_value as shipped,
                    invoiced_value - paid_value as invoiced
                from order_status where state in ('open', 'closed', 'cancelled')
                union all
                select account, other_orders, -portal_invoiced, invoiced_unpaid from credit_figures
            ) counted group by account
        ) e on e.account = l.account
        where (coalesce(l.open_orders, 0), coalesce(l.shipped, 0), coalesce(l.invoiced, 0))
            <> (coalesce(e.open_orders, 0), coalesce(e.shipped, 0), coalesce(e.invoiced, 0))""",
    "an order's ledger adds up to what the order counts for": """
        select o.number || ': ' || sum(c.open_orders) || ' and ' || sum(c.shipped_not_invoiced) || ' in the ledger'
        from order_status s join orders o on o.id = s.order_id join credit_entry c on c.order_id = s.order_id
        where s.counted_open is not null
        group by o.number, s.counted_open, s.counted_shipped, s.counted_invoiced, s.counted_paid
        having (sum(c.open_orders), sum(c.shipped_not_invoiced), sum(c.invoiced_unpaid))
            <> (s.counted_open, s.counted_shipped - s.counted_invoiced, s.counted_invoiced - s.counted_paid)""",
    "an order that waits for credit has a hold that says so": """
        select o.number from order_status s join orders o on o.id = s.order_id
        where s.state = 'held' and not exists (
            select from hold h where h.order_id = s.order_id and h.reason = 'credit' and h.released_at is null)""",
    "an order waits for approval as long as it is asked for": """
        select o.number || ': ' || s.state from order_status s join orders o on o.id = s.order_id
        where (s.state = 'pending_approval') <> exists (
            select from approval_request r
            where r.order_id = s.order_id and r.kind = 'order' and r.state in ('pending', 'asked'))""",
    "a step that has passed has the approvals it needs": """
        select r.number || ': step ' || t.position from approval_step t join approval_request r on r.id = t.request_id
        where t.state = 'passed' and t.need > (
            select count(*) from approval_seat a
            where a.request_id = t.request_id and a.position = t.position and a.state = 'approved')""",
    "nobody approves what they asked for unless it was asked of them": """
        select r.number from approval_seat a join approval_request r on r.id = a.request_id
        where a.decided_by = r.requester_id and a.person_id <> r.requester_id""",
    "whoever shares a credit limit counts in one currency": """
        select a.number from account a join account p on p.number = a.parent
        where a.draws_on_parent and a.currency <> p.currency""",
    "an order counts as invoiced and paid what its documents say, and nothing where the ERP says it": """
        select o.number || ': ' || s.invoiced_value || ' and ' || s.paid_value || ' counted, ' || d.invoiced || ' and '
            || d.paid || ' in documents'
        from order_status s join orders o on o.id = s.order_id join account a on a.number = s.account
        cross join lateral (
            select coalesce(sum(case kind when 'invoice' then total else -total end), 0) as invoiced,
                coalesce(sum(paid), 0) as paid
            from invoice_status where order_id = s.order_id and a.credit_source = 'portal') d
        where (s.invoiced_value, s.paid_value) <> (d.invoiced, d.paid)""",
    "what a transfer took from one invoice another has received": """
        select i.number || ' and ' || n.number || ': ' || sum(p.amount) from payment p
        join invoice i on i.id = least(p.invoice_id, p.other_invoice_id)
        join invoice n on n.id = greatest(p.invoice_id, p.other_invoice_id)
        where p.kind = 'transfer' group by i.number, n.number, i.account, n.account
        having sum(p.amount) <> 0 or i.account <> n.account""",
    "an invoice counts its open disputes": """
        select i.number || ': ' || s.disputes || ' counted, ' || count(d.id) || ' open'
        from invoice_status s join invoice i on i.id = s.invoice_id
        left join dispute d on d.invoice_id = s.invoice_id and d.state = 'open'
        group by i.number, s.disputes having s.disputes <> count(d.id)""",
    "what is disputed was billed": """
        select d.number || ': position ' || x.position from dispute d join dispute_line x on x.dispute_id = d.id
        left join invoice_line b on b.invoice_id = d.invoice_id and b.position = x.position
        where b.quantity is null or b.quantity < x.quantity""",
    "what a return has received is what its receipts say": """
        select r.number || ': ' || n.received || ' received, ' || coalesce(e.quantity, 0) || ' in receipts'
        from goods_return r join goods_return_line n on n.return_id = r.id
        left join (
            select return_id, line_id, sum(quantity) as quantity from return_receipt group by return_id, line_id
        ) e on e.return_id = n.return_id and e.line_id = n.line_id
        where n.received <> coalesce(e.quantity, 0)""",
    "what came back of a shipment is what its returns received": """
        select h.number || ': ' || coalesce(p.quantity, 0) || ' returned, ' || coalesce(e.quantity, 0) || ' received'
        from (
            select shipment_id, line_id, sum(quantity) as quantity from portion where stage = 'returned'
            group by shipment_id, line_id
        ) p full join (
            select r.shipment_id, e.line_id, sum(e.quantity) as quantity
            from return_receipt e join goods_return r on r.id = e.return_id group by r.shipment_id, e.line_id
        ) e on e.shipment_id = p.shipment_id and e.line_id = p.line_id
        join shipment h on h.id = coalesce(p.shipment_id, e.shipment_id)
        where coalesce(p.quantity, 0) <> coalesce(e.quantity, 0)""",
    "no more is announced to come back than is out": """
        select h.number || ': ' || n.announced || ' announced, ' || coalesce(p.quantity, 0) || ' out'
        from (
            select r.shipment_id, n.line_id, sum(n.quantity - n.received) as announced
            from goods_return_line n join goods_return r on r.id = n.return_id
            where r.state in ('requested', 'authorised') and not n.closed group by r.shipment_id, n.line_id
        ) n join shipment h on h.id = n.shipment_id
        left join (
            select shipment_id, line_id, sum(quantity) as quantity from portion
            where stage in ('shipped', 'delivered') group by shipment_id, line_id
        ) p on p.shipment_id = n.shipment_id and p.line_id = n.line_id
        where n.announced > coalesce(p.quantity, 0)""",
    "a return is closed when nothing of it is to come": """
        select r.number || ': ' || r.state from goods_return r
        where r.state in ('authorised', 'closed') and (r.state = 'closed') = exists (
            select from goods_return_line n where n.return_id = r.id and not n.closed and n.received < n.quantity)""",
    "what a return was credited with is a credit note of its order": """
        select r.number || ': ' || i.number from return_credit x join goods_return r on r.id = x.return_id
        join invoice i on i.id = x.invoice_id where i.kind <> 'credit_note' or i.order_id <> r.order_id""",
    "an account's feed has no gaps": """
        select f.account || ': last is ' || f.sequence || ', ' || count(e.id) || ' events'
        from account_feed f left join event e on e.account = f.account
        group by f.account, f.sequence
        having count(e.id) <> f.sequence or count(distinct e.sequence) <> f.sequence
            or coalesce(max(e.sequence), 0) <> f.sequence""",
    "no event is hidden by a transaction number of another cluster": """
        select 'event ' || e.id from event e cross join feed_base b
        where e.txid > (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + b.number)::text::xid8
        order by e.txid desc limit 10""",
    "what is written next has its part": """
        select table_name || ': room for ' || room || ' rows more' from (
            select i.inhparent::regclass::text as table_name,
                max(substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''?([0-9]+)')::bigint)
                    - coalesce(pg_sequence_last_value(
                        pg_get_serial_sequence(i.inhparent::regclass::text, 'id')::regclass), 0) as room
            from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
            where p.relkind = 'p' group by i.inhparent
        ) parts where room < 1000000""",
}


async def broken_laws(pool: Pool) -> list[str]:
    """A sentence for everything that breaks a law; nothing when all hold. All laws look at one instant."""
    found: list[str] = []
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        for law, query in (LAWS | checking_bills.LAWS).items():
            rows = await conn.fetch(f"select * from ({query}) broken limit 20", timeout=300)
            found += [f"{law}: {row[0]}" for row in rows]
        broken = await audit.broken(cast("Connection", conn))
        found += [f"no entry of the audit chain was changed: {said}" for said in broken]
    return found


async def broken_chain(pool: Pool, account: str | None = None) -> tuple[list[str], tuple[int, int]]:
    """What is not as it was written in the audit chain of the account, or of all; and how many entries in how many
    chains were looked at."""
    async with pool.acquire() as acquired, acquired.transaction(isolation="repeatable_read", readonly=True):
        return await chain_in(cast("Connection", acquired), account)


async def chain_in(conn: Connection, account: str | None = None) -> tuple[list[str], tuple[int, int]]:
    """The same within a transaction that looks at one instant."""
    return await audit.broken(conn, account), await audit.count(conn, account)
