"""Things to see to or to know, each a row: an offer, a hold, what is late, due, has just left, or has no day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from markupsafe import Markup

from portal.domain.arrivals import TROUBLE
from portal.domain.silence import promise, sentence
from portal.domain.today import Due, Offer, Quiet, Shipped, StandingHold, Undated, Unlikely
from portal.filters import Tongue
from portal.views.arrivals.asked import AskedArrivals
from portal.views.arrivals.listing import line_href
from portal.views.order.certainty import IN_TROUBLE, SHOWN, kind_word
from portal.views.order.rows import is_web
from portal.views.order.statuses import LOOKS, Look, hold_word, shipment_state, word_in
from portal.views.sites import SiteNames

OFFERED = Look("ready", "swap")


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose day: language, day, sites, since when, and what they may do. `account` stands in links of staff."""

    tongue: Tongue
    today: date
    names: SiteNames
    since: datetime
    # Whose offers they may answer; None: everybody's.
    answers_for: Collection[str] | None = None
    account: str = ""

    def lines(self, count: int) -> str:
        return self.tongue.ngettext("{n} line", "{n} lines", count).format(n=self.tongue.number(count))

    def arrivals(self, **asked: object) -> str:
        """The address of the arrivals, so filtered."""
        return AskedArrivals(account=self.account).but(**asked).href


@dataclass(frozen=True, slots=True)
class Link:
    """What to do, or a number without a page of its own where there is no address."""

    text: str
    href: str = ""
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One thing: what it is, which order, what to do about it, and since when."""

    look: Look
    text: Markup
    note: str
    order: str
    order_href: str
    link: Link | None = None
    when: str = ""
    instant: str = ""


@dataclass(frozen=True, slots=True)
class Some:
    """Items, and how many others there are with the way to them; `of` counts them all where that is known."""

    items: Sequence[Item]
    more: str = ""
    more_href: str = ""
    of: int = 0


class Counted(Protocol):
    """A row that says how many such rows there are."""

    @property
    def of(self) -> int: ...


def some(
    eyes: Eyes,
    items: Sequence[Item],
    found: Sequence[Counted],
    more_href: str,
) -> Some:
    others = found[0].of - len(found) if found else 0
    if others <= 0:
        return Some(items)
    said = eyes.tongue.ngettext("{n} more", "{n} more", others).format(n=eyes.tongue.number(others))
    return Some(items, said, more_href)


def _order(number: str, purchase_order: str | None, eyes: Eyes) -> str:
    po = eyes.tongue.gettext("PO {number}").format(number=purchase_order) if purchase_order else ""
    return f"{number}, {po}" if po else number


def offer_item(eyes: Eyes, offer: Offer) -> Item:
    tongue = eyes.tongue
    _ = tongue.gettext
    return Item(
        look=OFFERED,
        text=tongue.strong(
            _("We offer {other} in place of {ordered}"),
            other=f"{tongue.quantity(offer.substitute_quantity, offer.substitute_unit)} {offer.substitute}",
            ordered=f"{tongue.quantity(offer.quantity, offer.unit)} {offer.sku}",
        ),
        note=offer.substitute_name,
        order=_order(offer.order, offer.purchase_order, eyes),
        order_href=line_href(offer.order, offer.line, offer.order_lines),
        link=Link(
            _("Answer")
            if eyes.answers_for is None or offer.account in eyes.answers_for
            else _("Look at the offer"),
            f"/orders/{offer.order}/offers/{offer.id}",
        ),
        when=tongue.moment(offer.offered_at, eyes.today),
        instant=offer.offered_at.isoformat(timespec="minutes"),
    )


def hold_item(eyes: Eyes, hold: StandingHold) -> Item:
    tongue = eyes.tongue
    count = len(hold.lines or ("the whole order",))
    what = {
        "approval": tongue.ngettext(
            "{what} waits to be approved by your company", "{what} wait to be approved by your company", count
        ),
        "address": tongue.ngettext(
            "{what} waits until you confirm where it shall go",
            "{what} wait until you confirm where they shall go",
            count,
        ),
        "credit": tongue.ngettext(
            "{what} waits for open invoices to be paid, or for another limit",
            "{what} wait for open invoices to be paid, or for another limit",
            count,
        ),
    }[hold.reason]
    return Item(
        look=LOOKS["held"],
        text=tongue.strong(what, what=_which(eyes, hold.lines)),
        note=hold.note or "",
        order=_order(hold.order, hold.purchase_order, eyes),
        order_href=f"/orders/{hold.order}#holds",
        link=Link(tongue.gettext("What is held"), f"/orders/{hold.order}?status=held#lines"),
        when=tongue.moment(hold.set_at, eyes.today),
        instant=hold.set_at.isoformat(timespec="minutes"),
    )


def _which(eyes: Eyes, lines: Sequence[int] | None) -> str:
    if not lines:
        return eyes.tongue.gettext("The whole order")
    if len(lines) == 1:
        return eyes.tongue.gettext("Line {n}").format(n=lines[0])
    return eyes.lines(len(lines))


def unlikely_item(eyes: Eyes, found: Unlikely) -> Item:
    """A day that was asked for will probably be missed."""
    tongue = eyes.tongue
    _ = tongue.gettext
    said = tongue.ngettext(
        "{lines} will probably miss the day it is needed by, {day}",
        "{lines} will probably miss the day they are needed by, {day}",
        found.lines,
    )
    arrives = (
        _("the last arrives on {day}").format(day=tongue.day(found.arrives_on, eyes.today))
        if found.arrives_on
        else _("no date yet")
    )
    return Item(
        look=LOOKS["awaiting_supplier"],
        text=tongue.strong(said, lines=eyes.lines(found.lines), day=tongue.day(found.need_by, eyes.today)),
        note=arrives,
        order=_order(found.order, found.purchase_order, eyes),
        order_href=f"/orders/{found.order}",
        link=Link(_("Its lines"), f"/orders/{found.order}#lines"),
    )


def quiet_item(eyes: Eyes, quiet: Quiet) -> Item:
    """Nothing was heard of it: when the next news comes."""
    words = eyes.tongue.words(eyes.today)
    return Item(
        look=LOOKS["backordered"],
        text=Markup("<b>{}</b>").format(sentence(quiet.data, words)),
        note=promise(quiet.data, words),
        order=_order(quiet.order, quiet.purchase_order, eyes),
        order_href=f"/orders/{quiet.order}",
        when=eyes.tongue.moment(quiet.at, eyes.today),
        instant=quiet.at.isoformat(timespec="minutes"),
    )


def late_item(eyes: Eyes, due: Due) -> Item:
    tongue = eyes.tongue
    _ = tongue.gettext
    day, away = tongue.day(due.day, eyes.today), tongue.away(due.day, eyes.today)
    trouble = due.shipment_state in TROUBLE
    if trouble:
        said = tongue.strong(
            "{state}: {lines}",
            state=shipment_state(str(due.shipment_state), tongue),
            lines=eyes.lines(due.lines),
        )
    else:
        said = tongue.strong(_("{lines} should have arrived {day}"), lines=eyes.lines(due.lines), day=day)
    return Item(
        look=IN_TROUBLE,
        text=said,
        note=", ".join(
            filter(
                None,
                (eyes.names.of(due), due.carrier, _("expected {day}").format(day=day) if trouble else away),
            )
        ),
        order=_order(due.order, due.purchase_order, eyes),
        order_href=f"/orders/{due.order}#{due.shipment}" if due.shipment else f"/orders/{due.order}",
        link=_tracking(due.tracking_number, due.tracking_url, due.shipment),
    )


def _tracking(number: str | None, url: str | None, shipment: str | None) -> Link | None:
    """The carrier's page where it is known; else the number to ask about."""
    if number and is_web(url):
        return Link(number, str(url), is_outside=True)
    said = number or shipment
    return Link(said) if said else None


def undated_item(eyes: Eyes, undated: Undated) -> Item:
    tongue = eyes.tongue
    _ = tongue.gettext
    statuses = [word_in(undated.state, status, tongue) for status in undated.statuses]
    held = [_("held {why}").format(why=hold_word(reason, tongue)) for reason in undated.holds]
    said = []
    if undated.undated:
        said.append(
            tongue.ngettext("{lines} has no date yet", "{lines} have no date yet", undated.undated).format(
                lines=eyes.lines(undated.undated)
            )
        )
    if undated.held:
        said.append(
            tongue.ngettext("{lines} is held", "{lines} are held", undated.held).format(
                lines=eyes.lines(undated.held)
            )
        )
    is_held = not undated.undated
    look = LOOKS["held"] if is_held else LOOKS["backordered"]
    return Item(
        look=look,
        text=Markup("<b>{}</b>").format(", ".join(said)),
        note=", ".join([*statuses, *held]),
        order=_order(undated.order, undated.purchase_order, eyes),
        order_href=f"/orders/{undated.order}?view=arrival#{'g-held' if is_held else 'g-undated'}",
    )


def shipped_item(eyes: Eyes, shipped: Shipped) -> Item:
    tongue = eyes.tongue
    _ = tongue.gettext
    state = "delivered" if shipped.state == "delivered" else "shipped"
    rest = [shipped.city, shipped.carrier]
    if shipped.state not in {"shipped", "in_transit"}:
        rest.append(shipment_state(shipped.state, tongue))
    elif shipped.expected_on:
        rest.append(_("arrives {day}").format(day=tongue.day(shipped.expected_on, eyes.today)))
    return Item(
        look=LOOKS[state],
        text=tongue.strong(
            _("{lines} left {place}"), lines=eyes.lines(shipped.lines), place=shipped.location
        ),
        note=", ".join(filter(None, rest)),
        order=_order(shipped.order, shipped.purchase_order, eyes),
        order_href=f"/orders/{shipped.order}#{shipped.shipment}",
        link=_tracking(shipped.tracking_number, shipped.tracking_url, shipped.shipment),
        when=tongue.moment(shipped.at, eyes.today),
        instant=shipped.at.isoformat(timespec="minutes"),
    )


def due_item(eyes: Eyes, due: Due) -> Item:
    tongue, look = eyes.tongue, SHOWN[due.kind]
    out = due.shipment_state == "out_for_delivery"
    state = shipment_state("out_for_delivery", tongue) if out else kind_word(due.kind, tongue)
    where = eyes.names.of(due) if eyes.names.are_several else ""
    return Item(
        look=look,
        text=Markup("<b>{}</b>").format(eyes.lines(due.lines)),
        note=", ".join(filter(None, (where, state, due.carrier))),
        order=_order(due.order, due.purchase_order, eyes),
        order_href=f"/orders/{due.order}?view=arrival#g-on-{due.day:%Y%m%d}",
        link=_tracking(due.tracking_number, due.tracking_url, due.shipment),
    )
