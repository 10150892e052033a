"""What changed between two versions of an order, in words: the one polite announcement of a live page."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from portal.domain.orders import LEFT, Line, Order, Portion, Substitution
from portal.domain.words import Words

# More than this many lines at once are told as a number.
SPOKEN = 3


def news(before: Order, after: Order, words: Words) -> str:
    """One or two short sentences; empty when nothing a reader would care about has changed."""
    offers = _settled(before, after)
    answered = " ".join(_offer(offer, words) for offer in offers)
    # What an accepted offer took off its line is told with the offer.
    told = {offer.line for offer in offers if offer.state == "accepted"}
    known = {line.line: line for line in before.lines}
    changes = [
        (line, said)
        for line in after.lines
        if line.line not in told and (said := _line(known.get(line.line), line, words))
    ]
    _ = words.gettext
    money = _money(before, after, words)
    if not changes:
        return " ".join(filter(None, (answered, money))) or _state(before, after, words)
    if len(changes) <= SPOKEN:
        changed = " ".join(
            _("Line {n}: {changes}.").format(n=line.line, changes=said) for line, said in changes
        )
    else:
        changed = _("{n} lines changed: {changes}.").format(
            n=len(changes), changes=_summed([s for _, s in changes], words)
        )
    return " ".join(filter(None, (answered, changed, money)))


def _money(before: Order, after: Order, words: Words) -> str:
    """What was billed, credited or paid since, and what somebody says is wrong with it."""
    _, known = words.gettext, {one.number: one for one in before.invoices}
    said = []
    for one in after.invoices:
        was = known.get(one.number)
        if was is None:
            issued = (
                _("Credit note {number} issued.")
                if one.kind == "credit_note"
                else _("Invoice {number} issued.")
            )
            said.append(issued.format(number=one.number))
        elif one.paid > was.paid:
            said.append(_("Payment for {number} received.").format(number=one.number))
        elif one.paid < was.paid:
            said.append(
                _("A part of what was paid for {number} was paid back or moved.").format(number=one.number)
            )
        elif one.open_disputes > was.open_disputes:
            said.append(_("{number} is disputed.").format(number=one.number))
        elif one.open_disputes < was.open_disputes:
            said.append(_("The dispute of {number} is settled.").format(number=one.number))
    if len(said) > SPOKEN:
        return words.ngettext("{n} invoice changed.", "{n} invoices changed.", len(said)).format(n=len(said))
    return " ".join(said)


def _settled(before: Order, after: Order) -> list[Substitution]:
    """Offers that were made or answered since."""
    known = {offer.id: offer.state for offer in before.substitutions}
    return [offer for offer in after.substitutions if known.get(offer.id) != offer.state]


def _offer(offer: Substitution, words: Words) -> str:
    _ = words.gettext
    return {
        "offered": _("We offer {sku} instead of {n} of line {line}."),
        "accepted": _("Accepted: {sku} instead of {n} of line {line}."),
        "declined": _("The offer of {sku} for line {line} was declined."),
        "withdrawn": _("The offer of {sku} for line {line} was withdrawn."),
    }[offer.state].format(sku=offer.sku, n=words.quantity(offer.quantity), line=offer.line)


def _state(before: Order, after: Order, words: Words) -> str:
    if before.state != after.state and after.state == "closed":
        return words.gettext("The order is closed: nothing of it is still to come.")
    if before.state != after.state:
        return words.gettext("The order's state changed.")
    if said := _returns(before, after, words):
        return said
    if [s.state for s in before.shipments] != [s.state for s in after.shipments]:
        return words.gettext("A shipment moved on.")
    return ""


def _returns(before: Order, after: Order, words: Words) -> str:
    """What became of a return, where nothing has come yet: then its lines tell it."""
    _, known = words.gettext, {one.number: one.state for one in before.returns}
    for one in after.returns:
        if known.get(one.number) != one.state:
            return {
                "requested": _("Return {number} was asked for."),
                "authorised": _("Return {number} was authorised."),
                "refused": _("Return {number} was refused."),
                "cancelled": _("Return {number} was called off."),
                "closed": _("Return {number} is settled."),
            }[one.state].format(number=one.number)
    return ""


def _line(before: Line | None, after: Line, words: Words) -> str:
    """`120 shipped, arrive 20 Nov`; of a new line where all of it stands."""
    if before == after:
        return ""
    old, new = _by_status(before), _by_status(after)
    said = [
        _gained(status, quantity - old[status], _arrival(after, status), words)
        for status, quantity in new.items()
        if quantity > old[status]
    ]
    if said or before is None:
        return ", ".join(said)
    return _moved(before, after, words)


def _gained(status: str, quantity: Decimal, arrives_on: date | None, words: Words) -> str:
    _ = words.gettext
    phrase = {
        "returned": _("{n} came back"),
        "delivered": _("{n} delivered"),
        "shipped": _("{n} shipped"),
        "packed": _("{n} packed"),
        "picking": _("{n} being picked"),
        "allocated": _("{n} ready to ship"),
        "held": _("{n} held"),
        "awaiting_inspection": _("{n} wait for inspection"),
        "awaiting_transfer": _("{n} wait for a transfer"),
        "awaiting_production": _("{n} wait for production"),
        "awaiting_supplier": _("{n} wait for our supplier"),
        "reserved_elsewhere": _("{n} reserved for another agreement"),
        "backordered": _("{n} backordered"),
        "waiting": _("{n} being planned"),
        "cancelled": _("{n} cancelled"),
    }[status].format(n=words.quantity(quantity))
    if arrives_on and status not in {"delivered", "returned", "cancelled", "held"}:
        return _("{change}, arriving {day}").format(change=phrase, day=words.day(arrives_on))
    return phrase


def _moved(before: Line, after: Line, words: Words) -> str:
    old, new = _last_arrival(before), _last_arrival(after)
    _ = words.gettext
    if old == new:
        return ""
    if new is None:
        return _("no date any more")
    if old is None:
        return _("arrives {day}").format(day=words.day(new))
    return _("now arrives {new}, was {old}").format(new=words.day(new), old=words.day(old))


def _summed(said: Sequence[str], words: Words) -> str:
    """`4 shipped` said of each of 11 lines: say it once with how many lines it concerns."""
    kinds = Counter(said)
    if len(kinds) == 1:
        return said[0]
    return words.gettext("dates or quantities moved")


def _by_status(line: Line | None) -> defaultdict[str, Decimal]:
    counted: defaultdict[str, Decimal] = defaultdict(Decimal)
    for portion in line.portions if line else ():
        counted[portion.status] += portion.quantity
    return counted


def _arrival(line: Line, status: str) -> date | None:
    days = [p.arrives_on for p in line.portions if p.status == status and p.arrives_on]
    return max(days, default=None)


def _last_arrival(line: Line) -> date | None:
    """The day the last of it comes; none while a part has no date."""
    coming: list[Portion] = [p for p in line.portions if p.status not in LEFT and p.status != "cancelled"]
    if any(p.arrives_on is None for p in coming):
        return None
    return max((p.arrives_on for p in coming if p.arrives_on), default=None)
