"""What an order's billing needs, read in one trip, and an invoice or credit note written in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.drawing_up import Drawn
from portal.domain.invoices import Document
from portal.domain.standing import Billing

_decoder = msgspec.json.Decoder(Billing)

READ = """
select json_build_object(
    'id', o.id, 'number', o.number, 'state', s.state, 'currency', o.currency, 'placed_at', o.placed_at,
    'goods', o.goods::text, 'discount', o.discount::text, 'freight', o.freight::text, 'tax', o.tax::text,
    'total', o.total::text, 'freight_policy', o.freight_policy, 'billed_elsewhere', o.billed_elsewhere,
    'delivery_preference', o.delivery_preference, 'purchase_order_number', o.purchase_order_number,
    'cost_centre', o.cost_centre,
    'account', json_build_object('number', a.number, 'name', a.name, 'invoice_terms', a.invoice_terms,
        'payment_terms_days', a.payment_terms_days, 'tax_status', a.tax_status, 'credit_source', a.credit_source,
        'language', a.document_language, 'consolidation', a.consolidation, 'legal_name', a.legal_name,
        'tax_id', a.tax_id, 'registration', a.registration, 'billing_address', a.billing_address,
        'electronic_address', a.electronic_address, 'buyer_reference', a.buyer_reference,
        'contract_number', a.contract_number),
    'ship_to', (
        select json_build_object('name', t.name, 'address', json_build_object('lines', t.lines, 'city', t.city,
            'country', t.country, 'postal_code', t.postal_code, 'region', t.region))
        from ship_to t where t.account = o.account and t.code = o.ship_to),
    'supplier', (
        select json_build_object('time_zone', u.time_zone, 'country', u.country, 'facts', u.facts) from supplier u),
    'lines', (
        select json_agg(json_build_object('id', l.id, 'line', l.line, 'sku', l.sku, 'name', l.name, 'unit', l.unit,
            'quantity', l.quantity::text, 'unit_price', l.unit_price::text, 'category', l.tax_category,
            'rate', l.tax_rate::text, 'pool', l.pool, 'need_by', l.need_by, 'buyer_sku', c.code,
            'invoiced', coalesce(b.invoiced, 0)::text, 'waived', coalesce(b.waived, 0)::text) order by l.line)
        from order_line l left join line_billing b on b.line_id = l.id
        left join lateral (
            select w.code from own_sku w where w.sku = l.sku and w.account = any(a.path)
            order by array_position(a.path, w.account) desc, w.code limit 1) c on true
        where l.order_id = o.id),
    'portions', (
        select json_agg(json_build_array(g.line_id, g.stage, g.status, g.shipment_id, g.ships_on, g.arrives_on,
            g.quantity::text) order by g.line_id, g.shipment_id, g.ships_on, g.arrives_on, g.status)
        from (select p.line_id, p.stage, p.status, p.shipment_id, p.ships_on, p.arrives_on, sum(p.quantity) as quantity
            from portion p where p.order_id = o.id
            group by p.line_id, p.stage, p.status, p.shipment_id, p.ships_on, p.arrives_on) g),
    'shipments', (
        select json_agg(json_build_object('id', h.id, 'number', h.number, 'state', h.state, 'mode', h.mode,
            'shipped_on', (h.shipped_at at time zone c.time_zone)::date,
            'delivered_on', (h.delivered_at at time zone c.time_zone)::date, 'carrier', h.carrier,
            'freight', h.freight::text,
            'tracking', (select json_agg(k.tracking_number order by k.id) from package k
                where k.shipment_id = h.id and k.tracking_number is not null),
            'lines', (select json_agg(json_build_array(x.line_id, x.quantity::text)) from shipment_line x
                where x.shipment_id = h.id and o.freight_policy = 'actual')) order by h.id)
        from shipment h join location c on c.code = h.location where h.order_id = o.id),
    'holds', (
        select json_agg(json_build_object('reason', d.reason, 'lines', d.lines) order by d.id)
        from hold d where d.order_id = o.id and d.released_at is null),
    'documents', (
        select json_agg(json_build_object('id', i.id, 'number', i.number, 'kind', i.kind, 'basis', i.basis,
            'nth', i.nth, 'issued_on', i.issued_on, 'total', i.total::text, 'corrects', i.corrects,
            'lines', coalesce((select json_agg(json_build_object('position', n.position, 'line_id', n.line_id,
                    'quantity', n.quantity::text, 'net', n.net::text, 'shipment_id', n.shipment_id,
                    'corrects_position', n.corrects_position, 'waives', n.waives) order by n.position)
                from invoice_line n where n.invoice_id = i.id), '[]'),
            'taxes', (select json_agg(json_build_object('category', x.category, 'discount', x.discount::text,
                    'freight', x.freight::text, 'base', x.base::text, 'amount', x.amount::text))
                from invoice_tax x where x.invoice_id = i.id)) order by i.id)
        from invoice i where i.order_id = o.id)
)::text
from orders o join order_status s on s.order_id = o.id join account a on a.number = o.account
where o.id = $1
"""


async def read(conn: Connection, order_id: int) -> Billing:
    """The order with its terms, parties, goods and documents. Whoever bills by it has locked its row."""
    return _decoder.decode(await conn.fetchval(READ, order_id))


@dataclass(frozen=True, slots=True)
class New:
    """A document, ready to be written. `codes` are the VAT categories by the product's, `prices` are by line id;
    `lines_billed` is how much of each line stands invoiced and waived with it."""

    document: Document
    drawn: Drawn
    order_id: int
    codes: Mapping[str, str]
    prices: Mapping[int, Decimal]
    lines_billed: Mapping[int, tuple[Decimal, Decimal]]
    # When the terms bill: ordered, shipped, delivered.
    moment: str


# The series is locked here and until commit: what follows may lock nothing but what closing the books locks.
INSERT = """
with given as (
    insert into number_series (series, last) values ($1, 1)
    on conflict (series) do update set last = number_series.last + 1
    returning $1 || '-' || to_char(last, 'FM999999000000') as number
), issued as (
    insert into invoice (number, kind, basis, order_id, account, nth, currency, issued_on, due_on, terms, corrects,
        reason, lines_net, allowances, charges, net, tax, rounding, total, facts, issued_by, issued_at)
    select g.number, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        jsonb_set($20::jsonb, '{number}', to_jsonb(g.number)), $21, $22
    from given g
    returning id, number
), written as (
    insert into invoice_line (invoice_id, position, order_id, account, line_id, shipment_id, quantity, unit_price, net,
        corrects_position, waives)
    select i.id, l.position, $4, $5, l.line_id, l.shipment_id, l.quantity, l.unit_price, l.net, l.corrects_position,
        l.waives
    from issued i, unnest($23::int[], $24::bigint[], $25::bigint[], $26::numeric[], $27::numeric[], $28::numeric[],
        $29::int[], $30::boolean[])
        as l(position, line_id, shipment_id, quantity, unit_price, net, corrects_position, waives)
), taxed as (
    insert into invoice_tax (invoice_id, category, code, rate, lines_net, discount, freight, allowance, charge, base,
        amount)
    select i.id, t.*
    from issued i, unnest($31::text[], $32::text[], $33::numeric[], $34::numeric[], $35::numeric[], $36::numeric[],
        $37::numeric[], $38::numeric[], $39::numeric[], $40::numeric[]) as t
), standing as (
    insert into invoice_status (invoice_id, order_id, account, kind, total, due, due_on, updated_at)
    select id, $4, $5, $2, $19, case when $2 = 'invoice' then $19 else 0 end, $9, $22 from issued
), corrected as (
    update invoice_status set credited = credited + $19, due = due - $19, version = version + 1, updated_at = $22
    where invoice_id = $11
), waiting as (
    insert into invoice_document (invoice_id) select id from issued
), billed as (
    insert into line_billing (line_id, order_id, account, invoiced, waived, basis)
    select b.line_id, $4, $5, b.invoiced, b.waived, $44
    from unnest($41::bigint[], $42::numeric[], $43::numeric[]) as b(line_id, invoiced, waived)
    on conflict (line_id) do update set invoiced = excluded.invoiced, waived = excluded.waived,
        basis = case when 'ordered' in (line_billing.basis, excluded.basis) then 'ordered'
            when 'shipped' in (line_billing.basis, excluded.basis) then 'shipped' else 'delivered' end
)
select id, number, pg_notify('portal_documents', id::text) from issued
"""


async def insert(conn: Connection, new: New, by: str, now: datetime) -> tuple[int, str]:
    """Write a document with all that hangs on it; answers (id, number). Who makes its files is nudged at commit."""
    document, drawn, bill = new.document, new.drawn, new.drawn.bill
    series = f"{'INV' if document.kind == 'invoice' else 'CN'}-{document.issued_on.year}"
    row = await conn.fetchrow(
        INSERT, series, document.kind, drawn.basis, new.order_id, document.account, document.nth, document.currency,
        document.issued_on, document.due_on, document.terms, drawn.corrects.id if drawn.corrects else None,
        document.reason, bill.lines_net, bill.allowances, bill.charges, bill.net, bill.tax, bill.rounding, bill.total,
        document, by, now, *_line_columns(new), *_tax_columns(new), list(new.lines_billed),
        [invoiced for invoiced, _ in new.lines_billed.values()],
        [waived for _, waived in new.lines_billed.values()],
        new.moment,
    )  # fmt: skip
    assert row is not None
    return row["id"], row["number"]


def _line_columns(new: New) -> list[list[Any]]:
    positions = new.drawn.positions
    return [
        list(range(1, len(positions) + 1)),
        [one.line_id for one in positions],
        [one.slot for one in positions],
        [one.quantity for one in positions],
        [new.prices[one.line_id] for one in positions],
        [one.net for one in positions],
        [one.corrects for one in positions],
        [new.drawn.waives] * len(positions),
    ]


def _tax_columns(new: New) -> list[list[Any]]:
    parts = new.drawn.bill.parts
    names = ("rate", "lines_net", "discount", "freight", "allowance", "charge", "base", "amount")
    categories = [part.category for part in parts]
    codes = [new.codes[category] for category in categories]
    return [categories, codes, *([getattr(part, name) for part in parts] for name in names)]


async def order_of(conn: Connection, viewer: Viewer, number: str) -> str | None:
    """The number of the order that an invoice or credit note bills, within the viewer's scope."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """select o.number from invoice i join orders o on o.id = i.order_id
           where i.number = $1 and ($2::text[] is null or i.account = any($2))""",
        number,
        viewer.accounts,
    )


async def waive_less(conn: Connection, waived: Mapping[int, Decimal]) -> None:
    """Goods of these lines (by id) that were credited and stayed have come back by now."""
    await conn.execute(
        """update line_billing b set waived = w.waived from unnest($1::bigint[], $2::numeric[]) as w(line_id, waived)
           where b.line_id = w.line_id""",
        list(waived),
        list(waived.values()),
    )
