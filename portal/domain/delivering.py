"""From what the engine gives each line to a way of delivering the whole order: its shipments and their freight."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain import money
from portal.domain.alike import alike_as_one, furthest_first
from portal.domain.freight import Tariffs
from portal.domain.money import Priced
from portal.domain.orders import Portion, ShipmentLine, Supply
from portal.domain.quantities import ZERO
from portal.domain.quotes import PlannedShipment, QuotedLine, Way, last
from portal.domain.supply import Inbound, Piece

Pieces = Mapping[int, Sequence[Piece]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the freight of an order goes by. `fallback` is the location whose tariff holds where nobody knows yet."""

    tariffs: Tariffs
    discount: Decimal
    fallback: str | None
    # What was agreed already is not counted anew.
    freight: Decimal | None = None


def way(
    preference: str,
    lines: Sequence[QuotedLine],
    pieces: Pieces,
    inbound: Iterable[Inbound],
    terms: Terms,
) -> Way:
    """Deliver the order this way. `pieces` are by line number."""
    whole = _whole(pieces) if preference == "complete_only" else None
    supplies = {one.id: _supply(one) for one in inbound}
    portions = {line.line: _read(pieces[line.line], whole, supplies) for line in lines}
    shipments = _shipments(lines, portions, terms)
    freight = terms.freight
    if freight is None:
        freight = sum((shipment.freight for shipment in shipments), ZERO)
    priced = [Priced(line.quantity, line.unit_price, line.tax_category, line.tax_rate) for line in lines]
    arrivals = {line: last(one.arrives_on for one in mine) for line, mine in portions.items()}
    known = [one.arrives_on for mine in portions.values() for one in mine if one.arrives_on]
    return Way(
        preference,
        portions,
        shipments,
        money.totals(priced, terms.discount, freight, terms.tariffs.currency),
        min(known, default=None),
        last(arrivals.values()),
        [line for line, day in arrivals.items() if day is None],
    )


Promise = tuple[date | None, date | None]


def _whole(pieces: Pieces) -> Promise:
    """The one day of an order that ships complete."""
    every = [piece for mine in pieces.values() for piece in mine]
    return last(piece.ships_on for piece in every), last(piece.arrives_on for piece in every)


def _read(pieces: Sequence[Piece], whole: Promise | None, supplies: Mapping[int, Supply]) -> list[Portion]:
    """As the order will read: what differs only in the agreement that it draws on is told as one."""
    told = [_portion(piece, whole, supplies) for piece in pieces]
    return told if len(told) == 1 else sorted(alike_as_one(told), key=furthest_first)


def _portion(piece: Piece, whole: Promise | None, supplies: Mapping[int, Supply]) -> Portion:
    ships_on, arrives_on = whole or (piece.ships_on, piece.arrives_on)
    return Portion(
        quantity=piece.quantity,
        status=piece.status,
        stage=piece.stage,
        because=piece.because,
        location=piece.location,
        ships_on=ships_on,
        arrives_on=arrives_on,
        supply=supplies.get(piece.inbound) if piece.inbound is not None else None,
    )


def _supply(one: Inbound) -> Supply:
    return Supply(one.kind, one.reference, one.line, one.expected_on, one.confirmed, one.supplier)


Key = tuple[str | None, str, date | None]


def _shipments(
    lines: Sequence[QuotedLine], portions: Mapping[int, Sequence[Portion]], terms: Terms
) -> list[PlannedShipment]:
    """What leaves one location on one day in one mode leaves together; what has no day comes last."""
    gathered: dict[Key, list[tuple[QuotedLine, Portion]]] = defaultdict(list)
    for line in lines:
        for portion in portions[line.line]:
            # Stock that is reserved for somebody else is no place from which this will come.
            known = portion.location if portion.status != "reserved_elsewhere" else None
            gathered[known, line.mode, portion.ships_on].append((line, portion))
    planned = [_shipment(key, parts, terms) for key, parts in gathered.items()]
    planned.sort(
        key=lambda one: (one.ships_on is None, one.ships_on or date.min, one.location or "", one.mode)
    )
    return planned


def _shipment(key: Key, parts: Sequence[tuple[QuotedLine, Portion]], terms: Terms) -> PlannedShipment:
    location, mode, ships_on = key
    currency = terms.tariffs.currency
    quantities: dict[int, Decimal] = defaultdict(Decimal)
    for line, portion in parts:
        quantities[line.line] += portion.quantity
    goods = sum((line.unit_price * portion.quantity for line, portion in parts), ZERO)
    weight = sum(((line.weight_kg or ZERO) * portion.quantity for line, portion in parts), ZERO)
    costed_at = location or terms.fallback
    return PlannedShipment(
        location,
        mode,
        ships_on,
        last(portion.arrives_on for _, portion in parts),
        [ShipmentLine(line, quantity) for line, quantity in quantities.items()],
        money.rounded(goods, currency),
        weight,
        all(line.weight_kg is not None for line, _ in parts),
        terms.tariffs.cost(costed_at, mode, goods, weight),
        costed_at,
    )
