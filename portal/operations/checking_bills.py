"""The laws of invoices, credit notes and payments: each a query that finds what breaks it."""

LAWS = {
    "numbers of invoices and credit notes have no gap": """
        select coalesce(n.series, i.series) || ': ' || coalesce(n.last, 0) || ' given, ' || coalesce(i.count, 0)
            || ' issued, the last ' || coalesce(i.last, 0)
        from number_series n full join (
            select regexp_replace(number, '-[0-9]+$', '') as series, count(*) as count,
                max(substring(number from '[0-9]+$')::bigint) as last
            from invoice group by 1
        ) i on i.series = n.series
        where coalesce(n.last, 0) <> coalesce(i.count, 0) or coalesce(n.last, 0) <> coalesce(i.last, 0)""",
    "an order's invoices are counted without a gap": """
        select o.number || ': ' || count(*) || ' of ' || max(i.nth) || ' ' || i.kind from invoice i
        join orders o on o.id = i.order_id group by o.number, i.kind having count(*) <> max(i.nth)""",
    "an invoice adds up from its lines and rates": """
        select i.number || ': ' || i.total from invoice i
        cross join lateral (
            select coalesce(sum(net), 0) as net from invoice_line where invoice_id = i.id) l
        cross join lateral (
            select coalesce(sum(t.lines_net), 0) as lines_net, coalesce(sum(t.allowance), 0) as allowances,
                coalesce(sum(t.charge), 0) as charges, coalesce(sum(t.base), 0) as base,
                coalesce(sum(t.amount), 0) as tax
            from invoice_tax t where t.invoice_id = i.id) t
        where (i.lines_net, i.allowances, i.charges, i.net, i.tax)
                <> (t.lines_net, t.allowances, t.charges, t.base, t.tax)
            or (i.basis = 'quantities' and i.lines_net <> l.net)""",
    "what an invoice's paper says is what was booked": """
        select i.number from invoice i
        where (i.facts->>'number', i.facts->>'kind', (i.facts->>'total')::numeric, (i.facts->>'net')::numeric,
            (i.facts->>'tax')::numeric, coalesce((i.facts->>'rounding')::numeric, 0))
            <> (i.number, i.kind, i.total, i.net, i.tax, i.rounding)""",
    "how much of a line stands billed is what its documents say": """
        select o.number || ' line ' || l.line || ': ' || coalesce(b.invoiced, 0) || ' billed, ' || coalesce(d.net, 0)
            || ' in documents, ' || coalesce(b.waived, 0) || ' waived of ' || coalesce(d.waived, 0)
        from line_billing b full join (
            select n.line_id, sum(case i.kind when 'invoice' then n.quantity else -n.quantity end) as net,
                sum(n.quantity) filter (where n.waives) as waived
            from invoice_line n join invoice i on i.id = n.invoice_id group by n.line_id
        ) d on d.line_id = b.line_id
        join order_line l on l.id = coalesce(b.line_id, d.line_id) join orders o on o.id = l.order_id
        where coalesce(b.invoiced, 0) <> coalesce(d.net, 0) or coalesce(b.waived, 0) > coalesce(d.waived, 0)""",
    "no more of a line is billed than is billable": """
        select o.number || ' line ' || l.line || ': ' || b.invoiced || ' billed and ' || b.waived || ' waived of '
            || p.goods
        from line_billing b join order_line l on l.id = b.line_id join orders o on o.id = l.order_id
        cross join lateral (
            select coalesce(sum(p.quantity), 0) as goods from portion p where p.line_id = b.line_id
                and case b.basis when 'ordered' then p.stage not in ('cancelled', 'returned')
                    when 'shipped' then p.stage in ('shipped', 'delivered') else p.stage = 'delivered' end) p
        where b.invoiced + b.waived > p.goods""",
    "no more of an invoice is credited than it bills": """
        select i.number || ': position ' || n.position || ', ' || c.quantity || ' of ' || n.quantity
        from invoice_line n join invoice i on i.id = n.invoice_id
        join lateral (
            select sum(x.quantity) as quantity from invoice_line x join invoice k on k.id = x.invoice_id
            where k.corrects = i.id and x.corrects_position = n.position) c on c.quantity > n.quantity
        where i.kind = 'invoice'""",
    "what became of an invoice is what was paid and credited": """
        select i.number || ': ' || s.paid || ' and ' || s.credited || ' booked, ' || p.paid || ' and ' || c.credited
            || ' found'
        from invoice i join invoice_status s on s.invoice_id = i.id
        cross join lateral (
            select coalesce(sum(amount), 0) as paid from payment where invoice_id = i.id) p
        cross join lateral (
            select coalesce(sum(total), 0) as credited from invoice where corrects = i.id) c
        where (s.paid, s.credited, s.total, s.kind, s.account, s.order_id)
            <> (p.paid, c.credited, i.total, i.kind, i.account, i.order_id)""",
    "an order that was billed in whole and never credited comes to its total": """
        select o.number || ': ' || sum(i.total) || ' billed, ' || o.total || ' agreed' from orders o
        join invoice i on i.order_id = o.id
        where o.freight_policy <> 'actual'
            and not exists (select from invoice k where k.order_id = o.id and k.kind = 'credit_note')
            and not exists (select from order_line l left join line_billing b on b.line_id = l.id
                where l.order_id = o.id and coalesce(b.invoiced, 0) <> l.quantity)
        group by o.id having sum(i.total) <> o.total""",
    "what was billed elsewhere is not billed here, and owes nothing": """
        select o.number from orders o join order_status s on s.order_id = o.id where o.billed_elsewhere
            and (s.shipped_value <> 0 or exists (select from invoice i where i.order_id = o.id))""",
    "every invoice has its documents made or waiting": """
        select i.number from invoice i left join invoice_document d on d.invoice_id = i.id
        where d.invoice_id is null""",
}
