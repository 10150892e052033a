"""Quotes through the API: what an order would come to. Nothing is written but the answer to an Idempotency-Key."""

from decimal import Decimal
from typing import Any

from litestar import Request, Response, Router, post
from litestar.di import NamedDependency

from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.because import english, sentence
from portal.domain.credit_words import document as credit_document
from portal.domain.money import Totals
from portal.domain.orders import Portion
from portal.domain.quantities import text
from portal.domain.quotes import PlannedShipment, Quote, QuotedLine, Way, is_late
from portal.domain.refusals import Refused
from portal.domain.telling import foretold
from portal.domain.words import Words
from portal.operations import quoting
from portal.operations.placing import Supplier, Wanted
from portal.routes.api import bodies, shapes
from portal.routes.api.commands import Answer, command
from portal.routes.api.orders import wanted_lines
from portal.routes.heard import hear

ApiRequest = Request[Any, Any, Any]
Json = dict[str, Any]


@post("/quotes", status_code=200)
async def quote(
    request: ApiRequest,
    data: bodies.PostQuote,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    supplier: NamedDependency[Supplier],
) -> Response[bytes]:
    """What an order would come to if it were placed now: its prices, a promise for each part of each line, shipments
    with their freight in every way of delivering it, whether credit covers it, and who would have to agree.

    Refused as `POST /orders` would refuse it. Nothing is reserved: others may order meanwhile.
    """
    wanted = _wanted(data)
    heard = await hear(request.app.state, data.account) if viewer.sees(data.account) else None
    # Before the command's own transaction: the plan looks at one instant, in a snapshot of its own.
    outcome: Quote | Refused
    try:
        outcome = await quoting.quote(work.pool, viewer, supplier, wanted, heard)
    except Refused as refusal:
        outcome = refusal

    async def do() -> Answer:
        if isinstance(outcome, Refused):
            raise outcome
        return Answer(200, document(outcome))

    return await command(request, work, viewer, do)


def _wanted(data: bodies.PostQuote) -> Wanted:
    bodies.within_reach(data.requested_on, "/requested_on")
    return Wanted(
        account=data.account,
        lines=wanted_lines(data.lines),
        ship_to=data.ship_to,
        requested_on=data.requested_on,
        delivery_preference=data.delivery_preference,
        discount=bodies.quantity(data.discount, "/discount"),
        cost_centre=data.cost_centre,
    )


def document(quote: Quote) -> Json:
    """A quote as JSON; its figures are those of the delivery that was asked for."""
    words, way = english(quote.asked_at.date()), quote.chosen
    return {
        "account": quote.account,
        "ship_to": quote.ship_to,
        "currency": quote.currency,
        "asked_at": shapes.instant(quote.asked_at),
        "state": quote.state,
        "delivery_preference": quote.preference,
        "totals": _totals(way.totals, quote.currency),
        "first_on": shapes.day(way.first_on),
        "complete_on": shapes.day(way.complete_on),
        "lines": [_line(quote, line, words) for line in quote.lines],
        "shipments": [_shipment(one, quote.currency) for one in way.shipments],
        "ways": [_way(one, quote.currency) for one in quote.ways.values()],
        "credit": credit_document(quote.credit),
        "approval": quote.chain.told() if quote.chain is not None else None,
    }


def _totals(totals: Totals, currency: str) -> Json:
    named: dict[str, Decimal] = {
        "goods": totals.goods,
        "discount": totals.discount,
        "freight": totals.freight,
        "tax": totals.tax,
        "total": totals.total,
    }
    return {name: money.text(amount, currency) for name, amount in named.items()}


def _line(quote: Quote, line: QuotedLine, words: Words) -> Json:
    portions = quote.chosen.portions[line.line]
    return {
        "line": line.line,
        "sku": line.sku,
        "name": line.name,
        "unit": line.unit,
        "quantity": text(line.quantity),
        "unit_price": money.price(line.unit_price, quote.currency),
        "price_source": line.price_source,
        "price_until": shapes.day(line.price_until),
        "net": money.text(line.net, quote.currency),
        "need_by": shapes.day(line.need_by),
        "is_unlikely": is_late(line.need_by, quote.chosen.arrives_on(line.line)),
        "portions": [_portion(quote, line, portion, words) for portion in portions],
    }


def _portion(quote: Quote, line: QuotedLine, portion: Portion, words: Words) -> Json:
    told = foretold(line, portion, quote.chosen, quote.city, quote.locations)
    return shapes.portion(portion, sentence(told, words))


def _shipment(one: PlannedShipment, currency: str) -> Json:
    return {
        "location": one.location,
        "mode": one.mode,
        "ships_on": shapes.day(one.ships_on),
        "arrives_on": shapes.day(one.arrives_on),
        "goods": money.text(one.goods, currency),
        "weight_kg": text(one.weight_kg),
        "is_weighed": one.is_weighed,
        "freight": money.text(one.freight, currency),
        "lines": [{"line": part.line, "quantity": text(part.quantity)} for part in one.lines],
    }


def _way(way: Way, currency: str) -> Json:
    return {
        "delivery_preference": way.preference,
        "first_on": shapes.day(way.first_on),
        "complete_on": shapes.day(way.complete_on),
        "undated": list(way.undated),
        "shipments": len(way.shipments),
        "freight": money.text(way.freight, currency),
        "total": money.text(way.totals.total, currency),
    }


router = Router(path="", tags=["Orders"], route_handlers=[quote])
