"""One order as people and systems read it, loaded in one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from portal.db.detail_rows import (
    QUERY,
    LineRow,
    OrderRow,
    PortionRow,
    ShipmentRow,
)
from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.domain.alike import alike_as_one, furthest_first
from portal.domain.because import LIFTED_BY
from portal.domain.orders import (
    Hold,
    Line,
    Moved,
    Order,
    Portion,
    Shipment,
    Supply,
)
from portal.domain.portions import OPEN

_decoder = msgspec.json.Decoder(OrderRow)


async def detail(conn: Connection, viewer: Viewer, number: str) -> Order | None:
    """The order as it stands, or None when there is none within the viewer's scope."""
    raw = await conn.fetchval(QUERY, number, viewer.accounts)
    return _order(_decoder.decode(raw)) if raw is not None else None


@dataclass(frozen=True, slots=True)
class _Around:
    """What decides how the portions of an order read."""

    order: OrderRow
    holds: Sequence[Hold]
    shipments: Mapping[int, str]


def _order(raw: OrderRow) -> Order:
    holds = [
        Hold(str(h.id), h.reason, h.set_at, h.set_by, LIFTED_BY.get(h.reason, "operations"), h.note, h.lines)
        for h in raw.holds or ()
    ]
    around = _Around(raw, holds, {s.id: s.number for s in raw.shipments or ()})
    portions: dict[int, list[PortionRow]] = {line.id: [] for line in raw.lines}
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
        substitutions=raw.substitutions or (),
        cost_centre=raw.cost_centre,
        instructions=raw.instructions,
        invoices=raw.invoices or (),
        returns=raw.returns or (),
        billed_elsewhere=raw.billed_elsewhere,
    )


def _line(around: _Around, raw: LineRow, portions: Sequence[PortionRow], moves: Sequence[Moved]) -> Line:
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
        need_by=raw.need_by,
        invoiced=raw.invoiced,
        waived=raw.waived,
    )


def _portion(around: _Around, raw: PortionRow, stopped: Sequence[Hold]) -> Portion:
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
        return portion.held(stopped)
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


def _shipment(raw: ShipmentRow) -> Shipment:
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
