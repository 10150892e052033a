"""Orders made by hand: the 38-line order in its six situations, and what may be asked of a page besides."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from portal.domain.orders import (
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

TODAY = date(2026, 11, 18)
D = Decimal


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as `db.events.timeline` gives it."""

    type: str
    at: datetime
    version: int
    actor: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


LATE = Supply("purchase_order", "4711", 1, date(2026, 11, 25), confirmed=True, supplier="Veltrum Seals")
SLIPPED = Moved(
    D(160),
    6,
    at(18, 14, 12),
    "4711",
    old_ships_on=date(2026, 11, 23),
    old_arrives_on=date(2026, 11, 25),
    new_ships_on=date(2026, 11, 27),
    new_arrives_on=date(2026, 11, 30),
)
TRANSIT = {"fact": "transit", "days": 2, "mode": "parcel"}


def delivered(quantity: int) -> Portion:
    return Portion(
        D(quantity), "delivered", "delivered", location="LEI", ships_on=date(2026, 11, 12),
        arrives_on=date(2026, 11, 16), first_ships_on=date(2026, 11, 12), first_arrives_on=date(2026, 11, 16),
        shipment="SH-2026-000598",
    )  # fmt: skip


def shipped(quantity: int) -> Portion:
    return Portion(
        D(quantity), "shipped", "shipped", location="LEI", ships_on=date(2026, 11, 18),
        arrives_on=date(2026, 11, 20), first_ships_on=date(2026, 11, 18), first_arrives_on=date(2026, 11, 20),
        shipment="SH-2026-000631",
    )  # fmt: skip


def ours(quantity: int, stage: str = "allocated", location: str = "LEI") -> Portion:
    return Portion(
        D(quantity), stage, stage, ({"fact": "on_shelf", "location": location, "quantity": str(quantity)}, TRANSIT),
        location, date(2026, 11, 19), date(2026, 11, 23), date(2026, 11, 19), date(2026, 11, 23),
    )  # fmt: skip


def late(quantity: int) -> Portion:
    because = (
        {"fact": "queue_ahead", "quantity": "30"},
        {
            "fact": "inbound", "kind": "purchase_order", "reference": "4711", "line": 1, "supplier": "Veltrum Seals",
            "quantity": "736", "expected_on": "2026-11-25", "confirmed": True,
        },
        {"fact": "receiving", "days": 1},
        {"fact": "handling", "days": 1},
        TRANSIT,
    )  # fmt: skip
    return Portion(
        D(quantity), "awaiting_supplier", "waiting", because, "LEI", date(2026, 11, 27), date(2026, 11, 30),
        date(2026, 11, 23), date(2026, 11, 25), LATE,
    )  # fmt: skip


def held(quantity: int) -> Portion:
    because = (
        {"fact": "on_shelf", "location": "LEI", "quantity": str(quantity)},
        {"fact": "hold", "reason": "finance", "lifted_by": "finance"},
    )
    return Portion(D(quantity), "held", "allocated", because, "LEI", held_from="allocated", holds=("7",))


def reserved(quantity: int) -> Portion:
    because = ({"fact": "stock_reserved", "location": "LEI", "quantity": "180"},)
    return Portion(D(quantity), "reserved_elsewhere", "waiting", because, "LEI")


def backordered(quantity: int, ahead: int = 120, lead_time: int | None = None) -> Portion:
    because: tuple[dict[str, Any], ...] = ({"fact": "queue_ahead", "quantity": str(ahead)},)
    if lead_time is None:
        return Portion(D(quantity), "backordered", "waiting", because, "LEI")
    because += ({"fact": "lead_time", "days": lead_time},)
    days = date(2026, 12, 11), date(2026, 12, 14)
    return Portion(D(quantity), "backordered", "waiting", because, "LEI", *days, *days)


def cancelled(quantity: int) -> Portion:
    return Portion(D(quantity), "cancelled", "cancelled")


def line(number: int, sku: str, name: str, price: str, *portions: Portion, version: int = 3) -> Line:
    return Line(
        number, sku, name, "C62", sum((p.quantity for p in portions), D(0)), D(price), "agreement:PA-7", version,
        "standard", D(20), portions, tuple(_moves(portions)),
    )  # fmt: skip


def _moves(portions: tuple[Portion, ...]) -> list[Moved]:
    return [replace(SLIPPED, quantity=p.quantity) for p in portions if p.status == "awaiting_supplier"]


def lines() -> list[Line]:
    """Nine in stock, eleven late, four under contract, three by freight, six behind a backorder, five held."""
    told = [
        line(1, "BRG-6204-2RS", "Ball bearing 20 × 47 × 14", "6.85", delivered(40)),
        line(2, "BRG-6206-C3", "Ball bearing 30 × 62 × 16", "9.10", delivered(24)),
        line(3, "SCR-M8-40", "Hex screw M8 × 40, 8.8, zinc", "0.118", delivered(370), reserved(230)),
        line(4, "SCR-M10-50", "Hex screw M10 × 50, 8.8, zinc", "0.204", delivered(200)),
        line(5, "WSH-M8-HV", "Washer M8, 300 HV", "0.031", delivered(200)),
        line(6, "SEA-V40", "V-ring seal 40 mm, NBR", "1.35", delivered(120), shipped(120), late(160)),
        line(8, "CPL-GR28", "Jaw coupling size 28, steel", "38.90", shipped(10), cancelled(2)),
        line(11, "MOT-IE4-075", "Motor IE4 7.5 kW, B3, 1,465 rpm", "612.00", ours(4, "packed", "GRI")),
        line(12, "LUB-EP2-400", "Grease EP2, 400 g cartridge", "4.35", shipped(48)),
        line(16, "LIN-HG25", "Linear guide carriage size 25", "54.30", reserved(24)),
        line(17, "BLT-XPA-1250", "V-belt XPA 1250", "7.42", ours(20), backordered(40, 120, 17)),
        line(18, "BLT-XPA-1400", "V-belt XPA 1400", "8.05", backordered(30, 86)),
        line(19, "CLP-HD-60", "Hose clamp 40–60, W4", "0.92", shipped(88)),
        line(22, "LIN-R25-1200", "Linear rail 25, 1,200 mm", "88.00", reserved(6)),
        line(23, "GBX-H63-20", "Helical gearbox 63, i = 20", "438.00", ours(3, "packed", "GRI")),
        line(26, "CHN-10B-5", "Roller chain 10B-1, 5 m", "32.60", ours(12, "picking")),
        line(30, "FRM-PRF-45", "Profile 45 × 45, 3 m", "41.20", ours(2, "allocated", "GRI")),
        line(33, "FLT-HY-10", "Hydraulic filter element 10 µm", "18.75", ours(16)),
        line(35, "LIN-STP-25", "End stop for rail 25", "3.90", reserved(30)),
    ]
    told += [
        line(n, f"SEA-RS-{n + 28}", f"Shaft seal {n + 28} × 52 × 7, FKM", "4.62", late(60))
        for n in (7, 9, 10, 13, 14, 15, 20, 21, 27, 34)
    ]
    told += [
        line(n, f"PUL-SPA-{n}0", f"Pulley SPA {n}0", "12.40", backordered(8, 40, 17))
        for n in (24, 28, 31, 36)
    ]
    told += [
        line(n, f"SEN-M{n}", f"Inductive sensor M{n}, PNP", "21.40", held(40)) for n in (25, 29, 32, 37, 38)
    ]
    return sorted(told, key=lambda one: one.line)


ADDRESS = ShipTo(
    "LEEDS", "Goods in, gate 2", ("Goods in, gate 2", "14 Wharf Street"), "Leeds", "GB", "LS2 7EQ"
)
PLACES = {
    "LEI": Place("Leicester", "Leicester", "GB", "Europe/London"),
    "GRI": Place("Grimsby", "Grimsby", "GB", "Europe/London"),
}


def shipments(told: list[Line]) -> tuple[Shipment, ...]:
    def carried(number: str) -> tuple[ShipmentLine, ...]:
        return tuple(
            ShipmentLine(one.line, p.quantity) for one in told for p in one.portions if p.shipment == number
        )

    return (
        Shipment(
            "SH-2026-000598", "LEI", "parcel", "delivered", at(12, 16, 40), 3, carried("SH-2026-000598"),
            (Package("NP4471180265", "https://track.example/NP4471180265", D("19.6")),),
            (
                CarrierEvent("in_transit", at(13, 2, 15)),
                CarrierEvent("delivered", at(16, 9, 42), "Signed by Hartley, goods in"),
            ),
            "Northline Parcel", expected_on=date(2026, 11, 16), delivered_at=at(16, 9, 42),
        ),
        Shipment(
            "SH-2026-000631", "LEI", "parcel", "in_transit", at(18, 11, 5), 5, carried("SH-2026-000631"),
            (
                Package("NP4471193310", "https://track.example/NP4471193310", D("12.4")),
                Package("NP4471193328", "https://track.example/NP4471193328", D("8.1")),
            ),
            (CarrierEvent("in_transit", at(18, 13, 47)),),
            "Northline Parcel", expected_on=date(2026, 11, 20),
        ),
    )  # fmt: skip


HELD = Hold(
    "7", "finance", at(12, 14, 5), "finance@harrow.example", "finance",
    "May this order be invoiced in parts?", (25, 29, 32, 37, 38),
)  # fmt: skip


def order(told: list[Line] | None = None, **changes: Any) -> Order:
    told = lines() if told is None else told
    goods = sum((one.quantity * one.unit_price for one in told), D(0)).quantize(D("0.01"))
    tax = ((goods + D(180)) * D("0.2")).quantize(D("0.01"))
    made = Order(
        1, "SO-2026-000417", "NORDWIND", "Nordwind Maschinenbau", "open", 7, "GBP", at(10, 9, 15), at(18, 14, 31),
        "as_available", ADDRESS, 30, "on_shipment", goods, D(0), D(180), tax, goods + D(180) + tax, D(0), D(0),
        told, (HELD,), shipments(told), PLACES, "4500118236", "Petra Vogt", date(2026, 11, 25),
    )  # fmt: skip
    return replace(made, **changes)


def numbered(*lines: int, **more: Any) -> list[dict[str, Any]]:
    return [{"line": n, **more} for n in lines]


def events() -> list[Happened]:
    """What happened to it, version by version."""
    late_lines = [one.line for one in lines() if one.moves]
    moved = {"old": {"arrives_on": "2026-11-25"}, "new": {"arrives_on": "2026-11-30"}}
    cause = {"kind": "purchase_order", "reference": "4711"}
    held = [25, 29, 32, 37, 38]
    first = {"shipment": "SH-2026-000598", "location": "LEI", "lines": numbered(1, 2, 3, 4, 5, 6)}
    second = {"shipment": "SH-2026-000631", "location": "LEI", "lines": numbered(6, 8, 12, 19)}
    told: list[tuple[str, datetime, int, dict[str, Any]]] = [
        ("order.placed", at(10, 9, 15), 1, {"lines": 38, "currency": "GBP", "total": "22166.62"}),
        ("portion.allocated", at(10, 9, 15), 1, {"lines": numbered(1, location="LEI")}),
        (
            "line.cancelled",
            at(12, 11, 20),
            2,
            {"lines": numbered(8, quantity="2"), "reason": "one press less"},
        ),
        ("hold.set", at(12, 14, 5), 2, {"reason": "finance", "lines": held, "note": HELD.note}),
        ("shipment.shipped", at(12, 16, 40), 3, first),
        ("shipment.delivered", at(16, 9, 42), 4, {"shipment": "SH-2026-000598", "note": "Signed by Hartley"}),
        ("shipment.shipped", at(18, 11, 5), 5, second),
        ("promise.changed", at(18, 14, 12), 6, {"cause": cause, "lines": numbered(*late_lines, **moved)}),
        ("lines.picking", at(18, 14, 31), 7, {"location": "LEI", "lines": numbered(26, quantity="12")}),
    ]
    return [Happened(kind, when, version, data=data) for kind, when, version, data in told]


def long_order(count: int) -> Order:
    """An order of many lines, as in scenario 10."""
    base = lines()
    told = [replace(base[n % len(base)], line=n + 1, sku=f"SKU-{n + 1:05}") for n in range(count)]
    return order(told)
