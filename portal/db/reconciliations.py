"""What an order reconciles from, read in one query."""

import msgspec

from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.reconciling import Reconciled, Reconciliation, Standing, reconcile

__all__ = ["Reconciled", "Reconciliation", "reconciliation"]

QUERY = """
select json_build_object(
    'order', o.number, 'account', o.account, 'version', s.version, 'currency', o.currency, 'terms', a.invoice_terms,
    'total', o.total::text, 'shipped', s.shipped_value::text, 'still_open', s.open_value::text,
    'billed_elsewhere', o.billed_elsewhere,
    'lines', (
        select json_agg(json_build_object('line', l.line, 'sku', l.sku, 'name', l.name, 'unit', l.unit,
            'quantity', l.quantity::text,
            'stages', (
                select json_object_agg(p.stage, p.quantity::text)
                from (select stage, sum(quantity) as quantity from portion where line_id = l.id group by stage) p),
            'invoiced', coalesce(b.invoiced, 0)::text, 'waived', coalesce(b.waived, 0)::text) order by l.line)
        from order_line l left join line_billing b on b.line_id = l.id where l.order_id = o.id),
    'billed', coalesce((
        select json_agg(json_build_object('number', i.number, 'kind', i.kind, 'basis', i.basis,
            'total', i.total::text, 'paid', w.paid::text,
            'corrects', (select n.number from invoice n where n.id = i.corrects),
            'lines', coalesce((
                select json_agg(json_build_object('line', l.line, 'category', l.tax_category,
                    'quantity', x.quantity::text, 'net', x.net::text) order by x.position)
                from invoice_line x join order_line l on l.id = x.line_id where x.invoice_id = i.id), '[]'),
            'gross', coalesce((
                select json_object_agg(x.category, (x.base + x.amount)::text)
                from invoice_tax x where x.invoice_id = i.id), '{}')) order by i.id)
        from invoice i join invoice_status w on w.invoice_id = i.id where i.order_id = o.id), '[]'),
    'held', coalesce((
        select json_agg(distinct l.line)
        from hold h join order_line l on l.order_id = h.order_id and (h.lines is null or l.line = any(h.lines))
        where h.order_id = o.id and h.reason = 'finance' and h.released_at is null), '[]')
)::text
from orders o join order_status s on s.order_id = o.id join account a on a.number = o.account
where o.number = $1 and ($2::text[] is null or o.account = any($2))
"""
_standing = msgspec.json.Decoder(Standing)


async def reconciliation(conn: Connection, viewer: Viewer, order: str) -> Reconciliation | None:
    """The order's figures and those of its lines; None when there is no such order within the viewer's scope."""
    raw = await conn.fetchval(QUERY, order, viewer.accounts)
    return reconcile(_standing.decode(raw)) if raw is not None else None
