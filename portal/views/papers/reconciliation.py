"""How the invoices of an order add up to the order: those before, this one, and what is still to come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from portal.domain.invoices import Before, Document
from portal.filters import Tongue
from portal.views.papers.figures import figure, isolated
from portal.views.papers.papers import plain_day
from portal.views.papers.voices import Voice

ZERO = Decimal(0)
# Of more than so many documents before it, those in the middle stand together in one row.
MOST_BEFORE = 8
# So many amounts stand beside each other.
MOST_BESIDE = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is empty for a document, `now` for this one, `sum` and `total` for what they come to."""

    name: Markup
    day: str
    amount: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """`is_short`: its entries stand beside each other."""

    heading: Markup
    entries: Sequence[Entry]
    is_short: bool


def reconciliation(document: Document, voice: Voice) -> Reconciliation | None:
    """None where one invoice is the whole order: there is nothing to reconcile."""
    order = document.order
    if document.kind == "invoice" and not document.preceding and order.billed_after == order.total:
        return None
    entries = list(_entries(document, voice))
    return Reconciliation(
        heading=voice.both(lambda tongue: tongue.gettext("Order {number}").format(number=order.number)),
        entries=entries,
        is_short=len(entries) <= MOST_BESIDE,
    )


def _entries(document: Document, voice: Voice) -> Iterator[Entry]:
    _ = voice
    order, tongue = document.order, voice.tongue

    def written(amount: Decimal) -> str:
        return figure(amount, document.currency, tongue)

    yield from _before(document, voice)
    this = _("This credit note") if document.kind == "credit_note" else _("This invoice")
    sign = -1 if document.kind == "credit_note" else 1
    yield Entry(this, plain_day(document.issued_on, tongue), written(sign * document.total), "now")
    yield Entry(_("Invoiced so far"), "", written(order.billed_after), "sum")
    if order.to_bill:
        yield Entry(_("Still to invoice"), "", written(order.to_bill))
    if gone := order.total - order.billed_after - order.to_bill:
        yield Entry(_("Cancelled or credited, will not be invoiced"), "", written(gone))
    yield Entry(_("Order as placed, with VAT"), "", written(order.total), "whole")


def _before(document: Document, voice: Voice) -> Iterator[Entry]:
    tongue, preceding = voice.tongue, document.preceding
    shown = list(preceding)
    if len(preceding) > MOST_BEFORE:
        middle, shown = preceding[: 1 - MOST_BEFORE], list(preceding[1 - MOST_BEFORE :])
        yield Entry(
            voice.both(lambda tongue: _from_to(middle, tongue)),
            "",
            figure(sum((_signed(one) for one in middle), ZERO), document.currency, tongue),
        )
    for one in shown:
        yield Entry(
            isolated(one.number),
            plain_day(one.issued_on, tongue),
            figure(_signed(one), document.currency, tongue),
        )


def _from_to(middle: Sequence[Before], tongue: Tongue) -> str:
    return tongue.gettext("{n} documents, {first} to {last}").format(
        n=tongue.number(len(middle)), first=middle[0].number, last=middle[-1].number
    )


def _signed(one: Before) -> Decimal:
    return -one.total if one.kind == "credit_note" else one.total
