"""The ledger as a table and as a file: what changed, what brought it about, and what was owed after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.db.ledger import Entry
from portal.domain import money
from portal.domain.words import N_
from portal.filters import Tongue

OTHER = N_("Something else changed")
BECAUSE: Mapping[str, str] = {
    "opening": N_("Brought forward"),
    "order.placed": N_("Order placed"),
    "order.approved": N_("Order approved"),
    "order.rejected": N_("Order rejected"),
    "order.changed": N_("Order changed"),
    "hold.set": N_("Hold set"),
    "hold.released": N_("Released from a credit hold"),
    "line.cancelled": N_("Quantity cancelled"),
    "substitution.accepted": N_("Another product accepted"),
    "shipment.shipped": N_("Shipped"),
    "shipment.cancelled": N_("Shipment called off"),
    "return.received": N_("Return received"),
    "invoice.issued": N_("Invoice issued"),
    "credit_note.issued": N_("Credit note issued"),
    "payment.received": N_("Payment received"),
    "payment.refunded": N_("Surplus paid back"),
    "payment.transferred": N_("Surplus moved to another invoice"),
    "dispute.settled": N_("Dispute settled"),
    "erp.figures": N_("New figures from the ERP"),
    "account.changed": N_("Another system keeps the account's figures from here on"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is read; amounts that are nothing are empty."""

    at: str
    instant: str
    because: str
    order: str
    still_open: str
    shipped: str
    invoiced: str
    balance: str


def rows(entries: Sequence[Entry], currency: str, tongue: Tongue, today: date) -> list[Row]:
    """In the order of the entries."""
    return [
        Row(
            tongue.moment(entry.at, today),
            entry.at.isoformat(timespec="minutes"),
            because(entry.because, tongue),
            entry.order or "",
            _signed(entry.change.open_orders, currency, tongue),
            _signed(entry.change.shipped_not_invoiced, currency, tongue),
            _signed(entry.change.invoiced_unpaid, currency, tongue),
            tongue.money(entry.balance, currency),
        )
        for entry in entries
    ]


def because(code: str, tongue: Tongue) -> str:
    """The word for what brought an entry about."""
    return tongue.gettext(BECAUSE.get(code, OTHER))


def _signed(amount: Decimal, currency: str, tongue: Tongue) -> str:
    if not amount:
        return ""
    return f"+{tongue.money(amount, currency)}" if amount > 0 else tongue.money(amount, currency)


def heads(tongue: Tongue) -> list[str]:
    """The first row of the file."""
    _ = tongue.gettext
    return [
        _("When"), _("What"), _("Order"), _("Currency"), _("Open orders"), _("Shipped, not invoiced"),
        _("Invoiced, not paid"), _("Owed after it"),
    ]  # fmt: skip


def cells(entry: Entry, currency: str, tongue: Tongue) -> list[str]:
    """A row of the file: amounts as a spreadsheet reads them."""
    change = entry.change
    amounts = (change.open_orders, change.shipped_not_invoiced, change.invoiced_unpaid, entry.balance)
    return [
        tongue.local(entry.at).isoformat(sep=" ", timespec="seconds"),
        because(entry.because, tongue),
        entry.order or "",
        currency,
        *(money.text(amount, currency) for amount in amounts),
    ]


def table(entries: Sequence[Entry], currency: str, tongue: Tongue) -> Iterator[list[str]]:
    """The whole file."""
    yield heads(tongue)
    for entry in entries:
        yield cells(entry, currency, tongue)
