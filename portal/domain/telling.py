"""What the sentence of a portion is made from, gathered from the order around it."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo

from portal.domain.because import Told
from portal.domain.orders import Line, Order, Place, Portion, Shipment, Substitution
from portal.domain.quotes import QuotedLine, Way


def told(
    order: Order, line: Line | Substitution, portion: Portion, shipments: Mapping[str, Shipment]
) -> Told:
    """Everything that the sentence of this portion may speak of. `shipments` are the order's, by number."""
    place = order.locations.get(portion.location or "")
    shipment = shipments.get(portion.shipment or "")
    zone = ZoneInfo(place.time_zone) if place else ZoneInfo("UTC")
    return Told(
        quantity=portion.quantity,
        unit=line.unit,
        status=portion.status,
        held_from=portion.held_from,
        location_name=place.name if place else portion.location,
        city=order.ship_to.city,
        ships_on=portion.ships_on,
        arrives_on=portion.arrives_on,
        shipped_on=_day(shipment.shipped_at, zone) if shipment else None,
        delivered_on=_day(shipment.delivered_at, zone) if shipment else None,
        carrier=shipment.carrier if shipment else None,
        shipment=portion.shipment,
        shipment_state=shipment.state if shipment else None,
        returned_on=_returned_on(portion),
        waits_for_rest=waits_for_rest(order, portion),
        waits_for_approval=order.state == "pending_approval",
        because=portion.because,
    )


def foretold(line: QuotedLine, portion: Portion, way: Way, city: str, locations: Mapping[str, Place]) -> Told:
    """The same of a portion that nobody has ordered yet."""
    place = locations.get(portion.location or "")
    waits = way.preference == "complete_only" and portion.stage == "allocated"
    return Told(
        quantity=portion.quantity,
        unit=line.unit,
        status=portion.status,
        location_name=place.name if place else portion.location,
        city=city,
        ships_on=portion.ships_on,
        arrives_on=portion.arrives_on,
        waits_for_rest=waits and any(p.stage == "waiting" for mine in way.portions.values() for p in mine),
        because=portion.because,
    )


def waits_for_rest(order: Order, portion: Portion) -> bool:
    """Whether the goods are ours and stay only because the buyer wants everything in one delivery."""
    if order.delivery_preference != "complete_only" or portion.stage not in {
        "allocated",
        "picking",
        "packed",
    }:
        return False
    return any(p.stage == "waiting" for line in order.lines for p in line.portions)


def _returned_on(portion: Portion) -> date | None:
    """The day on which goods came back, which stands in their one fact."""
    days = (str(fact["on"]) for fact in portion.because if fact.get("fact") == "returned")
    return next((date.fromisoformat(day) for day in days), None)


def _day(instant: datetime | None, zone: tzinfo) -> date | None:
    return instant.astimezone(zone).date() if instant else None
