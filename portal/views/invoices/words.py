"""The trade's words for invoices, and how each state looks: a word and an icon beside every colour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from portal.domain.words import N_
from portal.filters import Tongue
from portal.views.order.statuses import Look

LOOKS: Mapping[str, Look] = {
    "open": Look("inbound", "supplier"),
    "overdue": Look("held", "held"),
    "paid": Look("delivered", "tick"),
    "credited": Look("never", "returned"),
    "surplus": Look("ready", "swap"),
    "disputed": Look("reserved", "unsure"),
}


class Standing(Protocol):
    """An invoice or credit note, as far as its state is concerned."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def due(self) -> Decimal: ...
    @property
    def due_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class State:
    """How an invoice stands: what the label says, and the quieter word beside it."""

    look: Look
    word: str
    note: str = ""


def state_of(invoice: Standing, tongue: Tongue, today: date) -> State:
    """`Overdue, 12 days`; of a paid one whether more came than was due."""
    _ = tongue.gettext
    if invoice.kind == "credit_note":
        if invoice.state == "open":
            return State(LOOKS["surplus"], _("In your favour"))
        return State(LOOKS["paid"], _("Settled"))
    look = LOOKS[invoice.state]
    word = state_word(invoice.state, tongue)
    if invoice.due < 0:
        return State(LOOKS["surplus"], word, _("more than due"))
    if invoice.due_on is None or invoice.due <= 0:
        return State(look, word)
    days = (today - invoice.due_on).days
    if days > 0:
        return State(look, word, tongue.ngettext("{n} day", "{n} days", days).format(n=tongue.number(days)))
    return State(look, word)


@lru_cache(maxsize=64)
def state_word(state: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "open": _("To pay"),
        "overdue": _("Overdue"),
        "paid": _("Paid"),
        "credited": _("Credited"),
    }[state]


@lru_cache(maxsize=64)
def kind_word(kind: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return _("Credit note") if kind == "credit_note" else _("Invoice")


@lru_cache(maxsize=64)
def terms_word(terms: str, tongue: Tongue) -> str:
    """When an account is billed."""
    _ = tongue.gettext
    return {
        "on_shipment": _("when goods leave, by shipment"),
        "on_delivery": _("when goods arrive, by delivery"),
        "consolidated": _("one invoice for many shipments"),
        "on_order": _("when ordered, before delivery"),
    }.get(terms, terms)


@lru_cache(maxsize=64)
def payment_word(kind: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "payment": _("Payment"),
        "refund": _("Paid back"),
        "transfer": _("Moved"),
    }.get(kind, kind)


@lru_cache(maxsize=64)
def dispute_state(state: str, tongue: Tongue) -> State:
    """How a case about an invoice stands."""
    _ = tongue.gettext
    return {
        "open": State(LOOKS["disputed"], _("Being looked into")),
        "credited": State(LOOKS["paid"], _("Credited")),
        "rejected": State(LOOKS["credited"], _("Rejected")),
        "withdrawn": State(LOOKS["credited"], _("Withdrawn")),
    }[state]


@lru_cache(maxsize=64)
def dispute_reason(reason: str, tongue: Tongue) -> str:
    """What a buyer says is wrong with an invoice."""
    _ = tongue.gettext
    return {
        "not_received": _("not received"),
        "damaged": _("damaged"),
        "wrong_goods": _("other goods than ordered"),
        "wrong_price": _("another price than agreed"),
        "other": _("something else"),
    }.get(reason, reason)


# Why the portal itself issued a credit note; what a person wrote stays as it was written.
REASONS = {
    "shipment_cancelled": N_("the shipment was called off"),
    "returned": N_("goods came back"),
    "line_cancelled": N_("a part of the order was cancelled"),
}


def credit_reason(reason: str | None, tongue: Tongue) -> str:
    """Why an invoice was corrected."""
    if not reason:
        return ""
    return tongue.gettext(REASONS[reason]) if reason in REASONS else reason


@lru_cache(maxsize=256)
def rate_word(rate: Decimal, tongue: Tongue) -> str:
    """ "20 %", as the language writes it."""
    return tongue.gettext("{rate} %").format(rate=tongue.number(rate))
