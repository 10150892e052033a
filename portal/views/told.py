"""An order as other systems are told it, by the API and by what is pushed. Money and quantities are strings."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.domain import money
from portal.domain.because import Words, sentence
from portal.domain.orders import Hold, Invoice, Line, Order, Portion, Shipment, Substitution
from portal.domain.quantities import ZERO, text
from portal.domain.telling import told

Json = dict[str, Any]


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the second or as exact as it was said."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def maybe(quantity: Decimal | None) -> str | None:
    return text(quantity) if quantity is not None else None


def order(value: Order, words: Words) -> Json:
    """The order as `GET /orders/{number}` answers it."""
    shipments = {shipment.number: shipment for shipment in value.shipments}
    currency = value.currency
    return {
        "number": value.number,
        "account": value.account,
        "purchase_order_number": value.purchase_order_number,
        "cost_centre": value.cost_centre,
        "instructions": value.instructions,
        "state": value.state,
        "version": value.version,
        "placed_at": instant(value.placed_at),
        "placed_by": value.placed_by,
        "requested_on": day(value.requested_on),
        "delivery_preference": value.delivery_preference,
        "ship_to": value.ship_to.code,
        "currency": currency,
        "origin": value.origin,
        "external_id": value.external_id,
        "updated_at": instant(value.updated_at),
        "totals": {
            "goods": money.text(value.goods, currency),
            "discount": money.text(value.discount, currency),
            "freight": money.text(value.freight, currency),
            "tax": money.text(value.tax, currency),
            "total": money.text(value.total, currency),
            "shipped": money.text(value.shipped_value, currency),
            "to_come": money.text(value.open_value, currency),
            "invoiced": money.text(value.invoiced_value, currency),
            "credited": money.text(value.credited_value, currency),
            "paid": money.text(value.paid_value, currency),
            "due": money.text(value.due_value, currency),
            "outstanding": money.text(value.outstanding_value, currency),
        },
        "summary": summary(value),
        "lines": [line(value, item, shipments, words) for item in value.lines],
        "holds": [hold(item) for item in value.holds],
        "shipments": [shipment(item, value.currency) for item in value.shipments],
        "substitutions": [substitution(item, currency) for item in value.substitutions],
        "invoices": [invoice_of_order(item, currency) for item in value.invoices],
    }


def invoice_of_order(value: Invoice, currency: str) -> Json:
    """A document of an order, in brief."""
    return {
        "number": value.number,
        "kind": value.kind,
        "issued_on": day(value.issued_on),
        "due_on": day(value.due_on),
        "total": money.text(value.total, currency),
        "paid": money.text(value.paid, currency),
        "credited": money.text(value.credited, currency),
        "due": money.text(value.due, currency),
        "shipments": list(value.shipments),
        "corrects": value.corrects,
    }


def summary(value: Order) -> Json:
    """Quantities where one unit allows to add them up, lines otherwise. Never and still to come stay apart."""
    lines = {"lines": len(value.lines), "lines_complete": sum(item.is_complete for item in value.lines)}
    if value.unit is None:
        return lines
    figures = ("quantity", "shipped", "delivered", "to_come", "never")
    sums = {name: sum((getattr(item, name) for item in value.lines), ZERO) for name in figures}
    return {
        ("ordered" if name == "quantity" else name): text(amount) for name, amount in sums.items()
    } | lines


def line(whole: Order, value: Line, shipments: Mapping[str, Shipment], words: Words) -> Json:
    return {
        "line": value.line,
        "sku": value.sku,
        "name": value.name,
        "unit": value.unit,
        "quantity": text(value.quantity),
        "unit_price": money.price(value.unit_price, whole.currency),
        "price_source": value.price_source,
        "need_by": day(value.need_by),
        "shipped": text(value.shipped),
        "delivered": text(value.delivered),
        "invoiced": text(value.invoiced),
        "cancelled": text(value.never),
        "returned": text(value.of("returned")),
        "to_come": text(value.to_come),
        "portions": [
            portion(item, sentence(told(whole, value, item, shipments), words)) for item in value.portions
        ],
    }


def portion(value: Portion, words: str) -> Json:
    """A portion; what does not apply to it is left out."""
    shown: Json = {
        "quantity": text(value.quantity),
        "status": value.status,
        "location": value.location,
        "ships_on": day(value.ships_on),
        "arrives_on": day(value.arrives_on),
        "because": list(value.because),
        "sentence": words,
    }
    if value.first_arrives_on is not None or value.first_ships_on is not None:
        shown["first_promise"] = {
            "ships_on": day(value.first_ships_on),
            "arrives_on": day(value.first_arrives_on),
        }
    if value.supply is not None:
        shown["supply"] = {
            "kind": value.supply.kind,
            "reference": value.supply.reference,
            "line": value.supply.line,
            "expected_on": day(value.supply.expected_on),
            "confirmed": value.supply.confirmed,
            "supplier": value.supply.supplier,
        }
    if value.shipment is not None:
        shown["shipment"] = value.shipment
    if value.status == "held":
        shown["hold"] = list(value.holds)
        shown["held_from"] = value.held_from
    return shown


def hold(value: Hold) -> Json:
    return {
        "id": value.id,
        "reason": value.reason,
        "note": value.note,
        "lines": list(value.lines) if value.lines is not None else None,
        "set_at": instant(value.set_at),
        "set_by": value.set_by,
        "lifted_by": value.lifted_by,
    }


def substitution(value: Substitution, currency: str) -> Json:
    """Another product that is or was offered in place of a part of a line."""
    return {
        "id": value.id,
        "line": value.line,
        "quantity": text(value.quantity),
        "sku": value.sku,
        "name": value.name,
        "unit": value.unit,
        "substitute_quantity": text(value.substitute_quantity),
        "unit_price": money.price(value.unit_price, currency),
        "note": value.note,
        "state": value.state,
        "offered_at": instant(value.offered_at),
        "offered_by": value.offered_by,
        "settled_at": instant(value.settled_at),
        "settled_by": value.settled_by,
        "settled_note": value.settled_note,
        "new_line": value.new_line,
    }


def shipment(value: Shipment, currency: str, order_number: str | None = None) -> Json:
    shown: Json = {
        "number": value.number,
        "location": value.location,
        "mode": value.mode,
        "carrier": value.carrier,
        "service": value.service,
        "state": value.state,
        "shipped_at": instant(value.shipped_at),
        "expected_on": day(value.expected_on),
        "delivered_at": instant(value.delivered_at),
        "cancelled_at": instant(value.cancelled_at),
        "packages": [
            {
                "tracking_number": package.tracking_number,
                "tracking_url": package.tracking_url,
                "weight_kg": maybe(package.weight_kg),
            }
            for package in value.packages
        ],
        "freight": money.text(value.freight, currency) if value.freight is not None else None,
        "lines": [{"line": part.line, "quantity": text(part.quantity)} for part in value.lines],
        "events": [
            {"state": event.state, "at": instant(event.at), "note": event.note}
            | ({"tracking_number": event.tracking_number} if event.tracking_number else {})
            for event in value.events
        ],
    }
    if order_number is not None:
        shown["order"] = order_number
    return shown
