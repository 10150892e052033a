"""What is said of a dispute in more than a word: the truth at its head, and how its lines came to their buyer."""

from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.domain.disputes import Billed, Dispute, DisputedLine
from portal.filters import Tongue
from portal.views.invoices.words import dispute_reason
from portal.views.order.statuses import shipment_state


def truth(found: Dispute, tongue: Tongue, today: date, *, is_supplier: bool) -> Markup:
    """One sentence: what is disputed, and whose turn it is or how it ended."""
    return Markup(" ").join((_what(found, tongue), _how(found, tongue, today, is_supplier=is_supplier)))


def _what(found: Dispute, tongue: Tongue) -> Markup:
    _ = tongue.gettext
    reason = dispute_reason(found.reason, tongue)
    is_open, many = found.is_open, len(found.lines)
    if not many:
        said = (
            _("{who} disputes the invoice: {reason}.")
            if is_open
            else _("{who} disputed the invoice: {reason}.")
        )
        return tongue.strong(said, who=found.opener, reason=reason)
    if many == 1:
        [line] = found.lines
        return tongue.strong(
            _("{who} disputes {quantity} of line {line}: {reason}.")
            if is_open
            else _("{who} disputed {quantity} of line {line}: {reason}."),
            who=found.opener,
            quantity=tongue.quantity(line.quantity, line.unit),
            line=line.line,
            reason=reason,
        )
    counted = (
        tongue.ngettext("{who} disputes {n} line: {reason}.", "{who} disputes {n} lines: {reason}.", many)
        if is_open
        else tongue.ngettext(
            "{who} disputed {n} line: {reason}.", "{who} disputed {n} lines: {reason}.", many
        )
    )
    return tongue.strong(counted, who=found.opener, n=tongue.number(many), reason=reason)


def _how(found: Dispute, tongue: Tongue, today: date, *, is_supplier: bool) -> Markup:
    _ = tongue.gettext
    if found.settled_at is not None:
        ended = {
            "credited": _("Credited by {number}: {who}, {when}."),
            "rejected": _("Rejected by {who}, {when}."),
            "withdrawn": _("Withdrawn by {who}, {when}."),
        }[found.state]
        return tongue.strong(
            ended,
            who=found.settled_by or "",
            number=found.credit_note or "",
            when=tongue.moment(found.settled_at, today),
        )
    last = found.last
    if last is not None and last.is_suppliers:
        waits = (
            _("It has waited for the buyer since {when}.")
            if is_supplier
            else _("We have answered; it has waited for you since {when}.")
        )
        return tongue.strong(waits, when=tongue.moment(last.at, today))
    since = last.at if last is not None else found.opened_at
    waits = (
        _("It has waited for us since {when}.")
        if is_supplier
        else _("We have been looking into it since {when}.")
    )
    return tongue.strong(waits, when=tongue.moment(since, today))


def arrived(line: Billed | DisputedLine, tongue: Tongue, today: date) -> tuple[str, str]:
    """(what the carrier says has come, the quieter rest): what was billed is held against it."""
    _ = tongue.gettext
    if line.shipment is None:
        return _("not shipped yet"), ""
    state = shipment_state(line.shipment_state or "", tongue)
    if not line.delivered:
        return state, ""
    day = tongue.day(tongue.on(line.delivered_at), today) if line.delivered_at else ""
    return tongue.quantity(line.delivered, line.unit), day


def short(quantity: Decimal, delivered: Decimal, shipment: str | None) -> bool:
    """Whether less has come than was billed."""
    return shipment is not None and delivered < quantity
