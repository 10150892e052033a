"""What the API tells: documents made from what was read. Money and quantities are strings."""

from collections.abc import Sequence
from decimal import Decimal

from portal.domain import money
from portal.domain.because import Words, sentence
from portal.domain.orders import Order, Portion, Substitution
from portal.domain.telling import told
from portal.views.told import (
    Json,
    day,
    hold,
    instant,
    invoice_of_order,
    line,
    maybe,
    order,
    portion,
    shipment,
    substitution,
    summary,
)

# An order is told in the same words by the API and by what is pushed to other systems.
__all__ = [
    "Json",
    "day",
    "foreseen",
    "hold",
    "instant",
    "invoice_of_order",
    "line",
    "master_data",
    "maybe",
    "order",
    "portion",
    "shipment",
    "substitution",
    "summary",
]


def master_data(document: Json) -> Json:
    """A document of master data with its money in its currency's digits; a price has all of its own."""
    currency = str(document.get("currency"))
    if document.get("credit_limit") is not None:
        document["credit_limit"] = money.text(Decimal(document["credit_limit"]), currency)
    for agreed in document.get("prices", ()):
        agreed["amount"] = money.price(Decimal(agreed["amount"]), currency)
    for tariff in document.get("freight_tariffs", ()):
        _priced(tariff)
    for name in ("list_price", "limit_per_order", "limit_per_period"):
        if (sum_of := document.get(name)) is not None:
            sum_of["amount"] = money.price(Decimal(sum_of["amount"]), sum_of["currency"])
    return document


def _priced(tariff: Json) -> None:
    for name, written in (("per_shipment", money.text), ("per_kg", money.price), ("free_from", money.text)):
        if tariff[name] is not None:
            tariff[name] = written(Decimal(tariff[name]), tariff["currency"])


def foreseen(whole: Order, value: Substitution, portions: Sequence[Portion], words: Words) -> Json:
    """An offer that stands, with the portions that its line would have if it were accepted now."""
    sentences = [sentence(told(whole, value, item, {}), words) for item in portions]
    shown = [portion(item, said) for item, said in zip(portions, sentences, strict=True)]
    return substitution(value, whole.currency) | {"foreseen": shown}
