"""The VAT of a document by rate, from the goods to the tax, so that each can be worked out again from its row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from portal.domain.invoices import Document, Tax
from portal.domain.quantities import total
from portal.filters import Tongue
from portal.views.papers.figures import figure, percent
from portal.views.papers.voices import Voice

ADJUSTED: Mapping[str, Callable[[Tongue], str]] = {
    "discount": lambda tongue: tongue.gettext("Discount"),
    "freight": lambda tongue: tongue.gettext("Freight"),
    "rounding": lambda tongue: tongue.gettext("Rounding of the parts"),
}


@dataclass(frozen=True, slots=True)
class Rate:
    name: str
    figures: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rates:
    """Columns are goods, what changes them, net, tax; the last row is their sum."""

    columns: Sequence[Markup]
    rows: Sequence[Rate]
    sums: Sequence[str]


def adjusted(document: Document, of: Tax | None = None) -> dict[str, Decimal]:
    """What allowances (below nothing) and charges come to by reason; `of` one rate, or of all."""
    sums: dict[str, Decimal] = {}
    for sign, adjustments in ((-1, document.allowances), (1, document.charges)):
        for one in adjustments:
            if of is None or (one.tax_code, one.tax_rate) == (of.code, of.rate):
                sums[one.reason] = sums.get(one.reason, Decimal(0)) + sign * one.amount
    return sums


def rates(document: Document, voice: Voice) -> Rates | None:
    """None where there is one rate: the totals say it all."""
    if len(document.taxes) < 2:
        return None
    _ = voice
    reasons = list(adjusted(document))
    rows = [_row(tax, reasons, document) for tax in document.taxes]
    together = [total(column) for column in zip(*rows, strict=True)]

    def written(amounts: Sequence[Decimal]) -> list[str]:
        return [figure(amount, document.currency, voice.tongue) for amount in amounts]

    return Rates(
        columns=[
            _("Goods"),
            *(voice.both(ADJUSTED[reason]) for reason in reasons),
            _("Net"),
            _("VAT amount"),
        ],
        rows=[
            Rate(percent(tax.rate, voice.tongue), written(row))
            for tax, row in zip(document.taxes, rows, strict=True)
        ],
        sums=written(together),
    )


def _row(tax: Tax, reasons: Sequence[str], document: Document) -> list[Decimal]:
    mine = adjusted(document, tax)
    key = (tax.code, tax.rate)
    goods = total(line.net for line in document.lines if (line.tax_code, line.tax_rate) == key)
    return [goods, *(mine.get(reason, Decimal(0)) for reason in reasons), tax.base, tax.amount]
