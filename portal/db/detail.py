"""One order as people and systems read it, loaded in one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.because import LIFTED_BY
from portal.domain.orders import (
    STATUSES,
    CarrierEvent,
    Hold,
    Line,
    Moved,
    Order,
    Package,
    Place,
    Portion,
    Shipment,
    ShipmentLine,
    ShipTo,
    Supply,
)
from portal.domain.portions import OPEN, OURS

QUERY = """
select json_build_object(
    'id', o.id, 'number', o.number, 'account', o.account, 'account_name', a.name, 'state', s.state,
    'version', s.version, 'currency', o.currency, 'placed_at', o.placed_at, 'updated_at', s.updated_at,
    'delivery_preference', o.delivery_preference, 'payment_terms_days', a.payment_terms_days,
    'invoice_terms', a.invoice_terms, 'goods', o.goods::text, 'discount', o.discount::text,
    'freight', o.freight::text, 'tax', o.tax::text, 'total', o.total::text, 'shipped_value', s.shipped_value::text,
    'open_value', s.open_value::text, 'purchase_order_number', o.purchase_order_number, 'placed_by', o.placed_by,
    'requested_on', o.requested_on, 'origin', o.origin, 'external_id', o.external_id,
    'complete_ships_on', s.complete_ships_on, 'complete_arrives_on', s.complete_arrives_on,
    'first_complete_ships_on', s.first_complete_ships_on, 'first_complete_arrives_on', s.first_complete_arrives_on,
    'ship_to', (
        select json_build_object('code', t.code, 'name', t.name, 'lines', t.lines, 'city', t.city,
            'country', t.country, 'postal_code', t.postal_code, 'region', t.region, 'instructions', t.instructions)
        from ship_to t where t.account = o.account and t.code = o.ship_to),
    'lines', (
        select json_agg(json_build_object('id', l.id, 'line', l.line, 'sku', l.sku, 'name', l.name, 'unit', l.unit,
            'quantity', l.quantity::text, 'unit_price', l.unit_price::text, 'price_source', l.price_source,
            'version', l.version, 'tax_category', l.tax_category, 'tax_rate', l.tax_rate::text) order by l.line)
        from order_line l where l.order_id = o.id),
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
    'locations', (
        select json_object_agg(c.code, json_build_object('name', c.name, 'city', c.city, 'country', c.country,
            'time_zone', c.time_zone)) from location c)
)::text
from orders o join order_status s on s.order_id = o.id join account a on a.number = o.account
where o.number = $1 and ($2::text[] is null or o.account = any($2))
"""


class _Line(msgspec.Struct):
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


class _Portion(msgspec.Struct):
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


class _Supply(msgspec.Struct):
    kind: str
    reference: str
    line: int
    expected_on: date
    confirmed: bool
    supplier: str | None


class _Hold(msgspec.Struct):
    id: int
    reason: str
    note: str | None
    lines: list[int] | None
    set_at: datetime
    set_by: str


class _Move(msgspec.Struct):
    line_id: int
    quantity: Decimal
    version: int
    at: datetime
    cause: dict[str, Any]
    old_ships_on: date | None
    old_arrives_on: date | None
    new_ships_on: date | None
    new_arrives_on: date | None


class _Shipment(msgspec.Struct):
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


class _Order(msgspec.Struct):
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
    origin: str | None
    external_id: str | None
    complete_ships_on: date | None
    complete_arrives_on: date | None
    first_complete_ships_on: date | None
    first_complete_arrives_on: date | None
    ship_to: ShipTo
    lines: list[_Line]
    portions: list[_Portion]
    supplies: dict[int, _Supply] | None
    holds: list[_Hold] | None
    moves: list[_Move] | None
    shipments: list[_Shipment] | None
    locations: dict[str, Place] | None


_decoder = msgspec.json.Decoder(_Order)


async def detail(conn: Connection, viewer: Viewer, number: str) -> Order | None:
    """The order as it stands, or None when there is none within the viewer's scope."""
    raw = await conn.fetchval(QUERY, number, viewer.accounts)
    return _order(_decoder.decode(raw)) if raw is not None else None


@dataclass(frozen=True, slots=True)
class _Around:
    """What decides how the portions of an order read."""

    order: _Order
    holds: Sequence[Hold]
    shipments: Mapping[int, str]


def _order(raw: _Order) -> Order:
    holds = [
        Hold(str(h.id), h.reason, h.set_at, h.set_by, LIFTED_BY.get(h.reason, "operations"), h.note, h.lines)
        for h in raw.holds or ()
    ]
    around = _Around(raw, holds, {s.id: s.number for s in raw.shipments or ()})
    portions: dict[int, list[_Portion]] = {line.id: [] for line in raw.lines}
    for portion in raw.portions:
        portions[portion.line_id].append(portion)
    moves: dict[int, list[Moved]] = {line.id: [] for line in raw.lines}
    for move in raw.moves or ():
        moves[move.line_id].append(
            Moved(
                move.quantity, move.version, move.at, move.cause, move.old_ships_on, move.old_arrives_on,
                move.new_ships_on, move.new_arrives_on,
            )
        )  # fmt: skip
    return Order(
        id=raw.id,
        number=raw.number,
        account=raw.account,
        account_name=raw.account_name,
        state=raw.state,
        version=raw.version,
        currency=raw.currency,
        placed_at=raw.placed_at,
        updated_at=raw.updated_at,
        delivery_preference=raw.delivery_preference,
        ship_to=raw.ship_to,
        payment_terms_days=raw.payment_terms_days,
        invoice_terms=raw.invoice_terms,
        goods=raw.goods,
        discount=raw.discount,
        freight=raw.freight,
        tax=raw.tax,
        total=raw.total,
        shipped_value=raw.shipped_value,
        open_value=raw.open_value,
        lines=[_line(around, line, portions[line.id], moves[line.id]) for line in raw.lines],
        holds=holds,
        shipments=[_shipment(shipment) for shipment in raw.shipments or ()],
        locations=raw.locations or {},
        purchase_order_number=raw.purchase_order_number,
        placed_by=raw.placed_by,
        requested_on=raw.requested_on,
        origin=raw.origin,
        external_id=raw.external_id,
        complete_ships_on=raw.complete_ships_on,
        complete_arrives_on=raw.complete_arrives_on,
    )


def _line(around: _Around, raw: _Line, portions: Sequence[_Portion], moves: Sequence[Moved]) -> Line:
    stopped = [hold for hold in around.holds if hold.lines is None or raw.line in hold.lines]
    told = alike_as_one(_portion(around, portion, stopped) for portion in portions)
    return Line(
        line=raw.line,
        sku=raw.sku,
        name=raw.name,
        unit=raw.unit,
        quantity=raw.quantity,
        unit_price=raw.unit_price,
        price_source=raw.price_source,
        version=raw.version,
        tax_category=raw.tax_category,
        tax_rate=raw.tax_rate,
        portions=sorted(told, key=furthest_first),
        moves=moves,
    )


def _portion(around: _Around, raw: _Portion, stopped: Sequence[Hold]) -> Portion:
    order = around.order
    supply = (order.supplies or {}).get(raw.inbound_line_id) if raw.inbound_line_id else None
    portion = Portion(
        quantity=raw.quantity,
        status=raw.status,
        stage=raw.stage,
        because=raw.because,
        location=raw.location,
        ships_on=raw.ships_on,
        arrives_on=raw.arrives_on,
        first_ships_on=raw.first_ships_on,
        first_arrives_on=raw.first_arrives_on,
        supply=Supply(
            supply.kind, supply.reference, supply.line, supply.expected_on, supply.confirmed, supply.supplier
        )
        if supply
        else None,
        shipment=around.shipments.get(raw.shipment_id) if raw.shipment_id else None,
    )
    if raw.stage == "cancelled":  # nothing is promised of it any more
        return replace(portion, first_ships_on=None, first_arrives_on=None)
    if raw.stage not in OPEN:
        return portion
    if stopped:
        facts = [{"fact": "hold", "reason": hold.reason, "lifted_by": hold.lifted_by} for hold in stopped]
        return replace(
            portion,
            status="held",
            held_from=raw.status,
            holds=[hold.id for hold in stopped],
            because=[*facts, *raw.because],
            ships_on=None,
            arrives_on=None,
        )
    if order.delivery_preference == "complete_only":
        # It ships when the last of it can: one date for the whole order, or none while any part has none.
        return replace(
            portion,
            ships_on=order.complete_ships_on,
            arrives_on=order.complete_arrives_on,
            first_ships_on=order.first_complete_ships_on,
            first_arrives_on=order.first_complete_arrives_on,
        )
    return portion


def alike_as_one(portions: Any) -> list[Portion]:
    """Portions that read the same are told as one."""
    told: list[Portion] = []
    for portion in portions:
        for index, other in enumerate(told):
            if _same(other, portion):
                told[index] = _together(other, portion)
                break
        else:
            told.append(portion)
    return told


def _same(one: Portion, other: Portion) -> bool:
    return _fate(one) == _fate(other)


def _fate(portion: Portion) -> Portion:
    """What a reader can tell it by. Stock that was given at different times is the same stock by now."""
    because = () if portion.stage in OURS else portion.because
    return replace(portion, quantity=Decimal(0), because=because)


def _together(one: Portion, other: Portion) -> Portion:
    quantity = one.quantity + other.quantity
    because = [
        {**fact, "quantity": format(quantity.normalize(), "f")} if fact["fact"] == "on_shelf" else fact
        for fact in max(one.because, other.because, key=len)
    ]
    return replace(one, quantity=quantity, because=because)


def furthest_first(portion: Portion) -> tuple[int, date, date]:
    """The order in which a line's portions are told: furthest first, then by date."""
    return (STATUSES.index(portion.status), portion.arrives_on or date.max, portion.ships_on or date.max)


def _shipment(raw: _Shipment) -> Shipment:
    return Shipment(
        number=raw.number,
        location=raw.location,
        mode=raw.mode,
        state=raw.state,
        shipped_at=raw.shipped_at,
        version=raw.version,
        lines=raw.lines or (),
        packages=raw.packages or (),
        events=raw.events or (),
        carrier=raw.carrier,
        service=raw.service,
        expected_on=raw.expected_on,
        delivered_at=raw.delivered_at,
        cancelled_at=raw.cancelled_at,
        freight=raw.freight,
    )
