"""What can be told to another system: each type of event with its word, in groups."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from portal.domain.words import N_
from portal.filters import Tongue

GROUPS: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
    (
        N_("Orders"),
        (
            ("order.placed", N_("placed")),
            ("order.planned", N_("planned")),
            ("order.changed", N_("changed")),
            ("order.change_rejected", N_("change rejected")),
            ("order.still_waiting", N_("still waiting, no news for long")),
            ("order.closed", N_("complete")),
            ("line.cancelled", N_("line cancelled")),
            ("hold.set", N_("hold set")),
            ("hold.released", N_("hold lifted")),
        ),
    ),
    (
        N_("Promises and stock"),
        (
            ("promise.changed", N_("a date was promised or moved")),
            ("portion.allocated", N_("stock allocated")),
            ("portion.released", N_("stock taken back")),
            ("queue.changed", N_("place in the queue changed")),
            ("substitution.offered", N_("substitute offered")),
            ("substitution.accepted", N_("substitute accepted")),
            ("substitution.declined", N_("substitute declined")),
            ("substitution.withdrawn", N_("offer withdrawn")),
        ),
    ),
    (
        N_("Warehouse and shipments"),
        (
            ("lines.picking", N_("being picked")),
            ("lines.packed", N_("packed")),
            ("lines.short_picked", N_("short in picking")),
            ("shipment.shipped", N_("shipped")),
            ("shipment.updated", N_("news from the carrier")),
            ("shipment.delivered", N_("delivered")),
            ("shipment.cancelled", N_("shipment cancelled")),
        ),
    ),
    (
        N_("Approvals"),
        (
            ("order.approval_requested", N_("approval requested")),
            ("order.approval_asked", N_("question asked")),
            ("order.approval_answered", N_("question answered")),
            ("order.approval_given", N_("one of several approved")),
            ("order.approved", N_("approved")),
            ("order.rejected", N_("rejected")),
        ),
    ),
    (
        N_("Invoices and payments"),
        (
            ("invoice.issued", N_("invoice issued")),
            ("credit_note.issued", N_("credit note issued")),
            ("payment.received", N_("payment received")),
            ("payment.refunded", N_("surplus paid back")),
            ("payment.transferred", N_("surplus moved")),
            ("invoice.disputed", N_("invoice disputed")),
            ("dispute.answered", N_("dispute answered")),
            ("dispute.settled", N_("dispute settled")),
        ),
    ),
    (
        N_("Returns"),
        (
            ("return.requested", N_("return requested")),
            ("return.authorised", N_("return authorised")),
            ("return.refused", N_("return refused")),
            ("return.cancelled", N_("return called off")),
            ("return.received", N_("goods came back")),
            ("return.closed", N_("return complete")),
        ),
    ),
)
WORDS = {kind: word for _, listed in GROUPS for kind, word in listed}
# So many are named; of more their number is told.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Choice:
    type: str
    word: str
    is_chosen: bool


def choices(chosen: Collection[str], tongue: Tongue) -> list[tuple[str, list[Choice]]]:
    """(group, its types), for a form."""
    _ = tongue.gettext
    return [
        (_(group), [Choice(kind, _(word), kind in chosen) for kind, word in listed])
        for group, listed in GROUPS
    ]


def said(types: Sequence[str] | None, tongue: Tongue) -> str:
    """What an endpoint hears of, in a few words."""
    _ = tongue.gettext
    if types is None:
        return _("All events")
    if len(types) > NAMED:
        return tongue.ngettext("{n} type of event", "{n} types of events", len(types)).format(
            n=tongue.number(len(types))
        )
    return ", ".join(types)
