"""How one order comes out of the database: a single statement that answers JSON, and the shape of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from portal.domain.orders import (
    CarrierEvent,
    GoodsReturn,
    Invoice,
    Package,
    Place,
    ShipmentLine,
    ShipTo,
    Substitution,
)

QUERY = """
select json_build_object(
    'id', o.id, 'number', o.number, 'account', o.account, 'account_name', a.name, 'state', s.state,
    'version', s.version, 'currency', o.currency, 'placed_at', o.placed_at, 'updated_at', s.updated_at,
    'delivery_preference', o.delivery_preference, 'payment_terms_days', a.payment_terms_days,
    'invoice_terms', a.invoice_terms, 'goods', o.goods::text, 'discount', o.discount::text,
    'freight', o.freight::text, 'tax', o.tax::text, 'total', o.total::text, 'shipped_value', s.shipped_value::text,
    'open_value', s.open_value::text, 'purchase_order_number', o.purchase_order_number, 'placed_by', o.placed_by,
    'requested_on', o.requested_on, 'cost_centre', o.cost_centre, 'instructions', o.instructions,
    'origin', o.origin, 'external_id', o.external_id, 'billed_elsewhere', o.billed_elsewhere,
    'complete_ships_on', s.complete_ships_on, 'complete_arrives_on', s.complete_arrives_on,
    'first_complete_ships_on', s.first_complete_ships_on, 'first_complete_arrives_on', s.first_complete_arrives_on,
    'ship_to', (
        select json_build_object('code', t.code, 'name', t.name, 'lines', t.lines, 'city', t.city,
            'country', t.country, 'postal_code', t.postal_code, 'region', t.region, 'instructions', t.instructions)
        from ship_to t where t.account = o.account and t.code = o.ship_to),
    'lines', (
        select json_agg(json_build_object('id', l.id, 'line', l.line, 'sku', l.sku, 'name', l.name, 'unit', l.unit,
            'quantity', l.quantity::text, 'unit_price', l.unit_price::text, 'price_source', l.price_source,
            'version', l.version, 'tax_category', l.tax_category, 'tax_rate', l.tax_rate::text,
            'need_by', l.need_by, 'invoiced', coalesce(b.invoiced, 0)::text, 'waived', coalesce(b.waived, 0)::text)
            order by l.line)
        from order_line l left join line_billing b on b.line_id = l.id where l.order_id = o.id),
    'portions', (
        select json_agg(json_build_object('line_id', p.line_id, 'quantity', p.quantity::text, 'status', p.status,
            'stage', p.stage, 'because', p.because, 'location', p.location, 'ships_on', p.ships_on,
            'arrives_on', p.arrives_on, 'first_ships_on', p.first_ships_on, 'first_arrives_on', p.first_arrives_on,
            'shipment_id', p.shipment_id, 'inbound_line_id', p.inbound_line_id) order by p.id)
        from portion p where p.order_id = o.id),
    'supplies', (
        select json_object_agg(i.id, json_build_object('kind', n.kind, 'reference', n.reference, 'line', i.line,
            'expected_on', i.expected_on, 'confirmed', n.confirmed, 'supplier', n.supplier))
        from inbound_line i join inbound n on n.id = i.inbound_id
        where i.id in (select p.inbound_line_id from portion p where p.order_id = o.id)),
    'holds', (
        select json_agg(json_build_object('id', h.id, 'reason', h.reason, 'note', h.note, 'lines', h.lines,
            'set_at', h.set_at, 'set_by', h.set_by) order by h.id)
        from hold h where h.order_id = o.id and h.released_at is null),
    'substitutions', (
        select json_agg(json_build_object('id', u.id::text, 'line', l.line, 'quantity', u.quantity::text, 'sku', u.sku,
            'name', coalesce(n.name, i.name), 'unit', i.unit, 'mode', i.mode,
            'substitute_quantity', u.substitute_quantity::text, 'unit_price', u.unit_price::text, 'state', u.state,
            'offered_at', u.offered_at, 'offered_by', u.offered_by, 'note', u.note, 'settled_at', u.settled_at,
            'settled_by', u.settled_by, 'settled_note', u.settled_note, 'new_line', n.line) order by u.id)
        from substitution u join order_line l on l.id = u.line_id join product i on i.sku = u.sku
        left join order_line n on n.id = u.new_line_id
        where u.order_id = o.id),
    'moves', (
        select json_agg(json_build_object('line_id', c.line_id, 'quantity', c.quantity::text, 'version', c.version,
            'at', c.at, 'cause', c.cause, 'old_ships_on', c.old_ships_on, 'old_arrives_on', c.old_arrives_on,
            'new_ships_on', c.new_ships_on, 'new_arrives_on', c.new_arrives_on) order by c.id)
        from promise_change c where c.order_id = o.id),
    'shipments', (
        select json_agg(json_build_object('id', h.id, 'number', h.number, 'location', h.location, 'mode', h.mode,
            'state', h.state, 'shipped_at', h.shipped_at, 'version', h.version, 'carrier', h.carrier,
            'service', h.service, 'expected_on', h.expected_on, 'delivered_at', h.delivered_at,
            'cancelled_at', h.cancelled_at, 'freight', h.freight::text,
            'lines', (select json_agg(json_build_object('line', l.line, 'quantity', x.quantity::text) order by l.line)
                from shipment_line x join order_line l on l.id = x.line_id where x.shipment_id = h.id),
            'packages', (select json_agg(json_build_object('tracking_number', k.tracking_number,
                'tracking_url', k.tracking_url, 'weight_kg', k.weight_kg::text) order by k.id)
                from package k where k.shipment_id = h.id),
            'events', (select json_agg(json_build_object('state', e.state, 'at', e.at, 'note', e.note,
                'tracking_number', e.tracking_number) order by e.at, e.id)
                from carrier_event e where e.shipment_id = h.id)) order by h.id)
        from shipment h where h.order_id = o.id),
    'invoices', (
        select json_agg(json_build_object('number', i.number, 'kind', i.kind, 'issued_on', i.issued_on,
            'due_on', i.due_on, 'total', i.total::text, 'paid', w.paid::text, 'credited', w.credited::text,
            'due', w.due::text, 'open_disputes', w.disputes,
            'files', coalesce((select d.state from invoice_document d where d.invoice_id = i.id), 'waiting'),
            'corrects', (select c.number from invoice c where c.id = i.corrects),
            'shipments', array(select h.number from shipment h where h.id in (
                select x.shipment_id from invoice_line x where x.invoice_id = i.id) order by h.id)) order by i.id)
        from invoice i join invoice_status w on w.invoice_id = i.id where i.order_id = o.id),
    'returns', (
        select json_agg(json_build_object('number', r.number, 'state', r.state, 'asked_at', r.asked_at,
            'shipment', (select h.number from shipment h where h.id = r.shipment_id),
            'lines', (select json_agg(json_build_object('line', l.line, 'quantity', n.quantity::text,
                'received', n.received::text, 'reason', n.reason, 'closed', n.closed) order by l.line)
                from goods_return_line n join order_line l on l.id = n.line_id where n.return_id = r.id),
            'credit_notes', array(select i.number from return_credit x join invoice i on i.id = x.invoice_id
                where x.return_id = r.id order by i.id)) order by r.id)
        from goods_return r where r.order_id = o.id),
    'locations', (
        select json_object_agg(c.code, json_build_object('name', c.name, 'city', c.city, 'country', c.country,
            'time_zone', c.time_zone)) from location c)
)::text
from orders o join order_status s on s.order_id = o.id join account a on a.number = o.account
where o.number = $1 and ($2::text[] is null or o.account = any($2))
"""


class LineRow(msgspec.Struct):
    id: int
    line: int
    sku: str
    name: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    price_source: str
    version: int
    tax_category: str
    tax_rate: Decimal
    need_by: date | None
    invoiced: Decimal
    waived: Decimal


class PortionRow(msgspec.Struct):
    line_id: int
    quantity: Decimal
    status: str
    stage: str
    because: list[dict[str, Any]]
    location: str | None
    ships_on: date | None
    arrives_on: date | None
    first_ships_on: date | None
    first_arrives_on: date | None
    shipment_id: int | None
    inbound_line_id: int | None


class SupplyRow(msgspec.Struct):
    kind: str
    reference: str
    line: int
    expected_on: date
    confirmed: bool
    supplier: str | None


class HoldRow(msgspec.Struct):
    id: int
    reason: str
    note: str | None
    lines: list[int] | None
    set_at: datetime
    set_by: str


class MoveRow(msgspec.Struct):
    line_id: int
    quantity: Decimal
    version: int
    at: datetime
    cause: dict[str, Any]
    old_ships_on: date | None
    old_arrives_on: date | None
    new_ships_on: date | None
    new_arrives_on: date | None


class ShipmentRow(msgspec.Struct):
    id: int
    number: str
    location: str
    mode: str
    state: str
    shipped_at: datetime
    version: int
    carrier: str | None
    service: str | None
    expected_on: date | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    freight: Decimal | None
    lines: list[ShipmentLine] | None
    packages: list[Package] | None
    events: list[CarrierEvent] | None


class OrderRow(msgspec.Struct):
    id: int
    number: str
    account: str
    account_name: str
    state: str
    version: int
    currency: str
    placed_at: datetime
    updated_at: datetime
    delivery_preference: str
    payment_terms_days: int
    invoice_terms: str
    goods: Decimal
    discount: Decimal
    freight: Decimal
    tax: Decimal
    total: Decimal
    shipped_value: Decimal
    open_value: Decimal
    purchase_order_number: str | None
    placed_by: str | None
    requested_on: date | None
    cost_centre: str | None
    instructions: str | None
    origin: str | None
    external_id: str | None
    billed_elsewhere: bool
    complete_ships_on: date | None
    complete_arrives_on: date | None
    first_complete_ships_on: date | None
    first_complete_arrives_on: date | None
    ship_to: ShipTo
    lines: list[LineRow]
    portions: list[PortionRow]
    supplies: dict[int, SupplyRow] | None
    holds: list[HoldRow] | None
    substitutions: list[Substitution] | None
    moves: list[MoveRow] | None
    shipments: list[ShipmentRow] | None
    invoices: list[Invoice] | None
    returns: list[GoodsReturn] | None
    locations: dict[str, Place] | None
