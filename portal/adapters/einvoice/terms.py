"""What EN 16931 makes of a document: its business terms, before they are written in one syntax or the other.

Also what stands in the way: where the standard cannot be met, no XML is better than one that is refused.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

import msgspec

from portal.adapters.einvoice import codes
from portal.adapters.einvoice.xml import plain
from portal.domain import money
from portal.domain.invoices import Adjustment, Before, Despatch, Document, Line, Party, Tax
from portal.domain.money import THREE_DIGITS

Profile = Literal["en16931", "extended", "none"]

INVOICE, CREDIT_NOTE = "380", "381"
SLACK = Decimal("0.02")
ONE, PIECE = Decimal(1), "C62"
# UNTDID 4461: a transfer, and one within the single euro payments area.
TRANSFER, SEPA_TRANSFER = "30", "58"
# UNTDID 5189 of allowances and 7161 of charges.
REASONS = {
    ("discount", False): ("95", "Discount"),
    ("freight", False): (None, "Freight"),
    ("rounding", False): (None, "Rounding"),
    ("discount", True): (None, "Discount"),
    ("freight", True): ("FC", "Freight"),
    ("rounding", True): (None, "Rounding"),
}
# Why the portal itself corrects an invoice; what a person wrote stays as it was written.
WORDS = {
    "shipment_cancelled": "The shipment was cancelled.",
    "returned": "Goods came back.",
    "cancelled": "A part of the order was cancelled.",
}
VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,}")
GREECE = "EL"


@dataclass(frozen=True, slots=True)
class Billed:
    """A line as it is written: `despatch` is its own shipment where the document is about several."""

    line: Line
    despatch: Despatch | None

    @property
    def facts(self) -> Iterator[tuple[str, str]]:
        """BG-32: how the order line stands, so that a machine can reconcile too. None of a line that has no goods."""
        if not self.line.sku:
            return
        for name, quantity in (
            ("Ordered", self.line.ordered),
            ("Shipped", self.line.shipped),
            ("Previously invoiced", self.line.previously_invoiced),
            ("Outstanding", self.line.outstanding),
        ):
            yield name, plain(quantity)


@dataclass(frozen=True)
class Terms:
    """A document as EN 16931 reads it."""

    document: Document

    @property
    def is_credit_note(self) -> bool:
        return self.document.kind == "credit_note"

    @property
    def type_code(self) -> str:
        """BT-3. A partial invoice is an invoice: 326 is for two German parties only."""
        return CREDIT_NOTE if self.is_credit_note else INVOICE

    @property
    def profile(self) -> Profile:
        """One despatch reference is all that EN 16931 has: several shipments need references by line."""
        if self.lacks:
            return "none"
        return "extended" if self.document.is_consolidated else "en16931"

    @cached_property
    def lacks(self) -> list[str]:
        """Why no valid XML can be made, in sentences. Empty when it can."""
        return list(_lacks(self))

    @cached_property
    def is_for_an_amount(self) -> bool:
        """A credit note that no goods stand for: the standard wants a line all the same, and has one for each rate."""
        return not self.document.lines

    @cached_property
    def lines(self) -> Sequence[Billed]:
        document = self.document
        if self.is_for_an_amount:
            return [Billed(_amount(document, n, tax), None) for n, tax in enumerate(self.taxes, 1)]
        despatches = {shipment.number: shipment for shipment in document.shipments}
        several = len(despatches) > 1
        return [
            Billed(line, despatches.get(line.shipment or "") if several else None) for line in document.lines
        ]

    @property
    def lines_net(self) -> Decimal:
        return self.document.net if self.is_for_an_amount else self.document.lines_net

    @property
    def allowances(self) -> Sequence[Adjustment]:
        return () if self.is_for_an_amount else self.document.allowances

    @property
    def charges(self) -> Sequence[Adjustment]:
        return () if self.is_for_an_amount else self.document.charges

    @cached_property
    def taxes(self) -> Sequence[Tax]:
        """One group for each category and rate, as BG-23 wants it."""
        groups: dict[tuple[str, Decimal], Tax] = {}
        for tax in self.document.taxes:
            key = (tax.code, tax.rate)
            before = groups.get(key)
            groups[key] = tax if before is None else _together(before, tax)
        return list(groups.values())

    @property
    def is_out_of_scope(self) -> bool:
        """Nobody's VAT id may stand on it then (BR-O-02)."""
        return any(tax.code == "O" for tax in self.taxes)

    def vat_id(self, party: Party) -> str | None:
        """BT-31 and BT-48, with the country's letters; a number without them is its country's own."""
        if party.vat_id is None or self.is_out_of_scope:
            return None
        number = re.sub(r"[\s./-]", "", party.vat_id).upper()
        if not number[:2].isalpha():
            number = party.address.country + number
        is_countrys = codes.is_country(number[:2]) or number[:2] == GREECE
        return number if is_countrys and VAT_ID.fullmatch(number) else None

    def electronic_address(self, party: Party) -> tuple[str, str] | None:
        """(scheme, value) of BT-34 and BT-49, if it is of a scheme that the standard knows."""
        scheme, _, value = (party.electronic_address or "").partition(":")
        return (scheme, value) if value and codes.is_scheme(scheme) else None

    @property
    def is_peppol(self) -> bool:
        """Whether both can be reached there, by a number and not by e-mail, and no line was rounded by more than it
        lets pass (R120), as lines in yen may be."""
        reached = [
            self.electronic_address(party) for party in (self.document.seller.party, self.document.buyer)
        ]
        return all(address is not None and address[0].isdigit() for address in reached) and all(
            abs(billed.line.unit_price * billed.line.quantity / billed.line.price_per - billed.line.net)
            <= SLACK
            for billed in self.lines
        )

    @property
    def buyer_reference(self) -> str | None:
        """BT-10: without a word for it, the number of the buyer's own order. Among Germans something must stand there
        (DE-R-015): the customer's number, if there is nothing else."""
        document = self.document
        countries = {document.seller.party.address.country, document.buyer.address.country}
        among_germans = document.account if countries == {"DE"} else None
        return document.buyer_reference or document.order.purchase_order_number or among_germans

    @property
    def preceding(self) -> Sequence[Before]:
        """BG-3: what a credit note corrects; of an invoice, the order's documents so far."""
        return (self.document.corrects,) if self.document.corrects else self.document.preceding

    @property
    def despatch(self) -> Despatch | None:
        """BT-16, of one shipment."""
        return self.document.shipments[0] if len(self.document.shipments) == 1 else None

    @cached_property
    def delivered_on(self) -> date | None:
        """BT-72: when the last of it was supplied; a carrier's word where there is one."""
        return max((when(shipment) for shipment in self.document.shipments), default=None)

    @cached_property
    def period(self) -> tuple[date, date] | None:
        """BG-14. What is paid before it leaves for another member state needs one (BR-IC-11): until it has arrived."""
        document = self.document
        if document.period or self.delivered_on or not any(tax.code == "K" for tax in self.taxes):
            return document.period
        ends = [part.arrives_on for part in document.to_follow if part.arrives_on]
        return document.issued_on, max([document.issued_on, *ends])

    @property
    def means(self) -> str | None:
        """BT-81. Nobody pays a credit note to the supplier's bank."""
        if self.document.seller.bank is None or self.is_credit_note:
            return None
        return SEPA_TRANSFER if self.document.currency == "EUR" else TRANSFER

    @property
    def payment_terms(self) -> str | None:
        """BT-20: the day stands in BT-9; what has none says what happens instead (BR-CO-25)."""
        document = self.document
        if self.is_credit_note:
            return f"Set off against {document.corrects.number}." if document.corrects else "Set off."
        days = document.payment_terms_days
        return f"Net {days} days." if days else None

    @property
    def note(self) -> str:
        """BT-22: why there are several documents for one order, and how they add up."""
        document, order = self.document, self.document.order

        def said(amount: Decimal) -> str:
            return f"{money.text(amount, document.currency)} {document.currency}"

        what = "Credit note" if self.is_credit_note else "Invoice"
        reconciled = (
            f"{what} {document.nth} of order {order.number} over {said(order.total)}. "
            f"Billed before: {said(order.billed_before)}; billed with this: {said(order.billed_after)}; "
            f"still to bill: {said(order.to_bill)}."
        )
        return f"{self.reason} {reconciled}" if self.reason else reconciled

    @property
    def reason(self) -> str:
        """Why an invoice is corrected."""
        said = (self.document.reason or "").strip()
        return WORDS.get(said, said)

    def reason_of(self, adjustment: Adjustment, *, is_charge: bool) -> tuple[str | None, str]:
        """(code, words) of an allowance or a charge: BT-97/98, BT-104/105."""
        return REASONS[adjustment.reason, is_charge]


def when(shipment: Despatch) -> date:
    return shipment.delivered_on or shipment.shipped_on


def _together(one: Tax, other: Tax) -> Tax:
    return msgspec.structs.replace(one, base=one.base + other.base, amount=one.amount + other.amount)


def _amount(document: Document, position: int, tax: Tax) -> Line:
    """A line that stands for an amount alone."""
    nothing = Decimal(0)
    return Line(
        position=position,
        line=0,
        sku="",
        name=WORDS.get(document.reason or "", document.reason) or "Credit",
        unit=PIECE,
        quantity=ONE,
        ordered=nothing,
        shipped=nothing,
        previously_invoiced=nothing,
        outstanding=nothing,
        unit_price=tax.base,
        net=tax.base,
        category="",
        tax_code=tax.code,
        tax_rate=tax.rate,
    )


def _lacks(terms: Terms) -> Iterator[str]:
    document = terms.document
    if document.currency in THREE_DIGITS:
        yield f"EN 16931 knows two decimals, {document.currency} has three."
    if not codes.is_currency(document.currency):
        yield f"{document.currency} is not a currency of ISO 4217."
    if not terms.taxes:
        yield "Nothing is billed."
    for party, whose in ((document.seller.party, "supplier"), (document.buyer, "customer")):
        if not (party.name.strip() and codes.is_country(party.address.country)):
            yield f"The {whose}'s name or country is not known."
    if not codes.is_country(document.deliver_to.address.country):
        yield "The country where the goods go is not known."
    yield from _lacks_of_vat(terms)


def _lacks_of_vat(terms: Terms) -> Iterator[str]:
    """BR-S-02, BR-AE-02, BR-IC-02, BR-O-11 and their likes."""
    seller, buyer = terms.document.seller.party, terms.document.buyer
    codes = {tax.code for tax in terms.taxes}
    if "O" in codes and codes != {"O"}:
        yield "What is not subject to VAT must stand on a document of its own."
    if "O" not in codes and terms.vat_id(seller) is None:
        yield "The supplier has no VAT id."
    if "O" in codes and seller.registration is None:
        yield "The supplier has neither VAT id nor registration."
    if "K" in codes and terms.vat_id(buyer) is None:
        yield "The customer's VAT id is not known: it is needed for a supply within the European Union."
    if "AE" in codes and terms.vat_id(buyer) is None and buyer.registration is None:
        yield "The customer's VAT id is not known: it is needed where the customer owes the tax."
