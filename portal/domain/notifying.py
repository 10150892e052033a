"""What people can hear about, which events it comes from, and who hears of it unless they chose otherwise."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from portal.domain import mails
from portal.domain.words import N_

AT_ONCE, DIGEST, NEVER = HOWS = ("at_once", "digest", "never")
OWN, ACCOUNT = WHOSE = ("own", "account")


@dataclass(frozen=True, slots=True, order=True)
class Choice:
    """How somebody hears of a kind, and of whose orders: their own, or the whole account's."""

    how: str
    whose: str = OWN

    @property
    def is_silent(self) -> bool:
        return self.how == NEVER


SILENCE: Final = Choice(NEVER)


@dataclass(frozen=True, slots=True)
class Kind:
    """`title` and `hint` are texts to translate: what it is called, and what exactly is told. `defaults` are by role;
    a role that is not named hears nothing."""

    name: str
    group: str
    title: str
    hint: str
    defaults: Mapping[str, Choice] = field(default_factory=dict)


GROUPS: Final[Mapping[str, str]] = {
    "orders": N_("Orders and dates"),
    "deliveries": N_("Deliveries"),
    "approvals": N_("Approvals"),
    "money": N_("Invoices and money"),
}

_BUYER_AT_ONCE: Final = {"buyer": Choice(AT_ONCE)}
_BUYER_DAILY: Final = {"buyer": Choice(DIGEST)}
_APPROVALS: Final = {role: Choice(AT_ONCE) for role in ("buyer", "approver", "finance", "account_admin")}
_MONEY: Final = {"buyer": Choice(DIGEST), "finance": Choice(AT_ONCE, ACCOUNT)}

_ALL: Final = (
    Kind(
        "order_placed",
        "orders",
        N_("Order placed"),
        N_("An order was placed or changed: what ships when, and what waits."),
        _BUYER_AT_ONCE,
    ),
    Kind(
        "allocated",
        "orders",
        N_("Stock set aside"),
        N_("Goods of an order are set aside for it when it is placed or lifted from a hold."),
        _BUYER_DAILY,
    ),
    Kind(
        "promise_set",
        "orders",
        N_("Date promised"),
        N_("Something that had no date has one."),
        _BUYER_DAILY,
    ),
    Kind(
        "promise_moved",
        "orders",
        N_("Date moved"),
        N_("A promised date changed: the old one, the new one, and why."),
        _BUYER_AT_ONCE,
    ),
    Kind(
        "backorder_ready",
        "orders",
        N_("Backorder ready"),
        N_("What an order waited for is here."),
        _BUYER_DAILY,
    ),
    Kind(
        "line_cancelled",
        "orders",
        N_("Line cancelled"),
        N_("Something of an order will not come: what, and why."),
        _BUYER_AT_ONCE,
    ),
    Kind(
        "substitution_offered",
        "orders",
        N_("Replacement offered"),
        N_("We offer another product for one that waits, and what becomes of the offer."),
        _BUYER_AT_ONCE,
    ),
    Kind(
        "hold",
        "orders",
        N_("Hold"),
        N_("An order or a part of it is held, or a hold is lifted: why, and who can lift it."),
        _BUYER_AT_ONCE,
    ),
    Kind(
        "still_waiting",
        "orders",
        N_("Still waiting"),
        N_("Nothing was heard of an order for a while: when the next news is expected."),
        _BUYER_AT_ONCE,
    ),
    Kind(
        "shipped",
        "deliveries",
        N_("Shipped"),
        N_("Goods left us: what, with whom, and when they arrive."),
        _BUYER_AT_ONCE,
    ),
    Kind(
        "out_for_delivery",
        "deliveries",
        N_("Out for delivery"),
        N_("The carrier brings a shipment today."),
        _BUYER_DAILY,
    ),
    Kind("delivered", "deliveries", N_("Delivered"), N_("A shipment has arrived."), _BUYER_AT_ONCE),
    Kind(
        "delivery_failed",
        "deliveries",
        N_("Delivery failed"),
        N_("The carrier could not deliver, or brings the goods back to us."),
        _BUYER_AT_ONCE,
    ),
    Kind(
        "return_received",
        "deliveries",
        N_("Returns"),
        N_("What becomes of a return: authorised, refused, arrived, settled."),
        _BUYER_DAILY,
    ),
    Kind(
        "approval_needed",
        "approvals",
        N_("Approval needed"),
        N_("You are asked to decide, or no longer need to."),
        _APPROVALS,
    ),
    Kind(
        "approval_decided",
        "approvals",
        N_("Approval decided"),
        N_("What became of an order that needed approval, and questions about it."),
        _APPROVALS,
    ),
    Kind(
        "approval_expiring",
        "approvals",
        N_("Approval about to expire"),
        N_("A request that waits for you ends soon."),
        _APPROVALS,
    ),
    Kind(
        "invoice_issued",
        "money",
        N_("Invoice issued"),
        N_("What was billed, and when it is due."),
        _MONEY,
    ),
    Kind(
        "payment_received",
        "money",
        N_("Payment received"),
        N_("Money that came in, went back, or was moved to another invoice."),
        _MONEY,
    ),
    Kind(
        "credit_note",
        "money",
        N_("Credit notes and disputes"),
        N_("A credit note was issued, or a dispute was answered or settled."),
        _MONEY,
    ),
)
KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _ALL}


def default(kind: str, roles: Iterable[str]) -> Choice:
    """What somebody with these roles hears without having chosen: of several roles the one that tells soonest, and of
    those the one that tells most."""
    found = [choice for role in roles if (choice := KINDS[kind].defaults.get(role))]
    return min(found, key=lambda one: (HOWS.index(one.how), -WHOSE.index(one.whose)), default=SILENCE)


_KIND_OF: Final[Mapping[str, str]] = {
    "order.placed": "order_placed",
    "order.changed": "order_placed",
    "order.planned": "promise_set",
    "order.approval_requested": "approval_needed",
    "order.approved": "approval_decided",
    "order.rejected": "approval_decided",
    "order.change_rejected": "approval_decided",
    "order.still_waiting": "still_waiting",
    "shipment.shipped": "shipped",
    # Who was told that it left is told that it did not.
    "shipment.cancelled": "shipped",
    "shipment.delivered": "delivered",
    "line.cancelled": "line_cancelled",
    "substitution.offered": "substitution_offered",
    "substitution.accepted": "substitution_offered",
    "substitution.declined": "substitution_offered",
    "substitution.withdrawn": "substitution_offered",
    "hold.set": "hold",
    "hold.released": "hold",
    "invoice.issued": "invoice_issued",
    "payment.received": "payment_received",
    "payment.refunded": "payment_received",
    "payment.transferred": "payment_received",
    "credit_note.issued": "credit_note",
    "dispute.answered": "credit_note",
    "dispute.settled": "credit_note",
    "return.requested": "return_received",
    "return.authorised": "return_received",
    "return.refused": "return_received",
    "return.cancelled": "return_received",
    "return.received": "return_received",
    "return.closed": "return_received",
}
_CARRIER: Final[Mapping[object, str]] = {
    "out_for_delivery": "out_for_delivery",
    "exception": "delivery_failed",
    "returned_to_sender": "delivery_failed",
}
# Stock that an order gets for these reasons is not what it waited for.
_AT_FIRST: Final = frozenset({"order_placed", "hold_released"})


def kind_of(type_: str, data: Mapping[str, Any]) -> str | None:
    """The kind of news that an event is; None for one that nobody is mailed about."""
    by_data = _BY_DATA.get(type_)
    return by_data(data) if by_data else _KIND_OF.get(type_)


def _allocated(data: Mapping[str, Any]) -> str:
    return "allocated" if _cause(data) in _AT_FIRST else "backorder_ready"


def _promise(data: Mapping[str, Any]) -> str:
    """A line that had a date and has another is news of its own, whatever else became known with it."""
    moved = any((line.get("old") or {}).get("arrives_on") for line in data.get("lines") or ())
    return "promise_moved" if moved else "promise_set"


def _carried(data: Mapping[str, Any]) -> str | None:
    return _CARRIER.get(data.get("carrier_state"))


def _cause(data: Mapping[str, Any]) -> object:
    return (data.get("cause") or {}).get("what")


_BY_DATA: Final[Mapping[str, Callable[[Mapping[str, Any]], str | None]]] = {
    "portion.allocated": _allocated,
    "promise.changed": _promise,
    "shipment.updated": _carried,
}
# Every event type that may be news; the rest is passed over without being read.
TYPES: Final = frozenset(_KIND_OF) | frozenset(_BY_DATA)
# What people do by hand, and so know of already; all else that carries their name came of it.
ACTS: Final = frozenset(
    {
        "order.placed", "order.changed", "order.approval_requested", "order.approved", "order.rejected",
        "order.change_rejected", "line.cancelled", "substitution.accepted", "substitution.declined", "return.requested",
        "return.cancelled", "dispute.answered", "dispute.settled",
    }
)  # fmt: skip
# What an order gets in the moment in which it is placed or changed is told with that.
FOLLOWS: Final = frozenset({"portion.allocated", "promise.changed"})

_KIND_OF_MAIL: Final[Mapping[str, str]] = {
    **dict.fromkeys(mails.ABOUT_REQUESTS, "approval_decided"),
    **dict.fromkeys(
        (mails.ASKED, mails.REMINDED, mails.ESCALATED, mails.ANSWERED, mails.WITHDRAWN), "approval_needed"
    ),
    mails.EXPIRING: "approval_expiring",
}


def kind_of_mail(mail: str) -> str:
    """The kind of news that a mail about a request for approval is."""
    return _KIND_OF_MAIL[mail]
