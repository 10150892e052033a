"""What happened. Everything that is told to anybody is made from these records."""

from dataclasses import dataclass, field
from typing import Any

TYPES = (
    "order.placed",
    # Its first plan, when placing could not make it.
    "order.planned",
    "order.approval_requested",
    # Somebody who is asked wants to know something, and what they were told.
    "order.approval_asked",
    "order.approval_answered",
    # One of several has agreed.
    "order.approval_given",
    "order.approved",
    "order.rejected",
    # More, or something else, was ordered afterwards.
    "order.changed",
    # What was to be added to an order that is placed is not.
    "order.change_rejected",
    "order.closed",
    "portion.allocated",
    "portion.released",
    "promise.changed",
    "queue.changed",
    "lines.picking",
    "lines.packed",
    "lines.short_picked",
    "shipment.shipped",
    "shipment.updated",
    "shipment.delivered",
    "shipment.cancelled",
    "line.cancelled",
    "substitution.offered",
    "substitution.accepted",
    "substitution.declined",
    "substitution.withdrawn",
    "hold.set",
    "hold.released",
    # Nothing was heard of it for longer than its account waits: when the next news is expected.
    "order.still_waiting",
    "invoice.issued",
    "credit_note.issued",
    "payment.received",
    # Of a surplus: money that went back, and money that settles another invoice.
    "payment.refunded",
    "payment.transferred",
    # The buyer says that something was billed wrongly, what was said about it, and how it ended.
    "invoice.disputed",
    "dispute.answered",
    "dispute.settled",
    "return.requested",
    "return.authorised",
    "return.refused",
    "return.cancelled",
    "return.received",
    # Nothing more of it will come.
    "return.closed",
)


@dataclass(frozen=True, slots=True)
class Event:
    """Past tense, about one order of one account. `data` is JSON as the feed tells it."""

    type: str
    account: str
    order_id: int
    order: str
    data: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"no such event type: {self.type}")
