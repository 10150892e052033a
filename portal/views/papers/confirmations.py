"""An order confirmation: what was ordered, what it costs, and of each part when it comes, as promised on that day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.domain import money as exact
from portal.domain.invoices import Party, Seller
from portal.domain.orders import Line, Order, Portion
from portal.filters import Tongue
from portal.views.order.figures import preference
from portal.views.order.statuses import word
from portal.views.papers.business import BusinessLetter, brand, fact, postal, sender
from portal.views.papers.figures import figure, isolated, money, percent, price_figure
from portal.views.papers.papers import (
    Margins,
    address,
    css_text,
    day_of,
    foot_of,
    instant,
    instructions,
    page_of_pages,
    plain_day,
)
from portal.views.papers.progress import Step
from portal.views.papers.voices import Voice

ZERO = Decimal(0)
# Stages whose days are still to come.
OPEN = frozenset({"waiting", "allocated", "picking", "packed"})
GONE = frozenset({"cancelled", "returned"})


@dataclass(frozen=True, slots=True)
class Promise:
    """A part of a line: how much, what it is doing, on which day it is there."""

    quantity: str
    status: Markup
    day: str


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    sku: Markup
    name: Markup
    needed: Markup
    quantity: str
    unit: str
    promises: Sequence[Promise]
    price: str
    tax: str
    net: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationPaper(BusinessLetter):
    """`as_of` says of which moment the days are: they move, and the order's page has those of now."""

    stamp: Markup
    amount: str
    note: Markup
    steps: Sequence[Step]
    instructions: str
    currency: str
    rows: Sequence[Row]
    lines_together: Markup
    sums: Sequence[tuple[Markup, str, str]]
    as_of: Markup
    order_href: str


def confirmation_paper(
    order: Order, seller: Seller, buyer: Party, tongue: Tongue, also: Tongue | None = None
) -> ConfirmationPaper:
    _ = voice = Voice(tongue, also)
    title = tongue.gettext("Order confirmation {number}").format(number=order.number)
    return ConfirmationPaper(
        title=title,
        created=instant(order.placed_at),
        changed=instant(order.updated_at),
        brand=brand(seller),
        is_void=order.state == "cancelled",
        say=voice,
        margins=_margins(order, seller, title, tongue),
        sender=sender(seller, voice),
        kind=_("Order confirmation"),
        number=order.number,
        chip=voice.both(lambda tongue: _chip(order, tongue)),
        stamp=_("This order was cancelled. Nothing of it will be delivered.")
        if order.state == "cancelled"
        else Markup(),
        address=postal(buyer, tongue),
        facts=list(_facts(order, buyer, voice)),
        deliver_to=address(order.ship_to, order.account_name, tongue),
        instructions=instructions(order),
        amount=money(order.total, order.currency, tongue),
        note=voice.both(lambda tongue: _terms(order, tongue)),
        steps=_steps(order, voice),
        currency=order.currency,
        rows=[_row(line, order.currency, voice) for line in order.lines],
        lines_together=voice.both(lambda tongue: _count(len(order.lines), tongue)),
        sums=list(_sums(order, voice)),
        as_of=voice.both(lambda tongue: _as_of(order, tongue)),
        order_href=f"{seller.base_url}/orders/{order.number}" if seller.base_url else "",
    )


def _margins(order: Order, seller: Seller, title: str, tongue: Tongue) -> Margins:
    foot = [order.number, order.purchase_order_number, order.account]
    return Margins(
        top_left=css_text(seller.party.name),
        top_right=css_text(f"{title} · {day_of(tongue.on(order.updated_at), tongue)}"),
        bottom_left=css_text(foot_of(*foot)),
        bottom_right=page_of_pages(tongue),
    )


def _count(lines: int, tongue: Tongue) -> str:
    return tongue.ngettext("{n} line", "{n} lines", lines).format(n=tongue.number(lines))


def _chip(order: Order, tongue: Tongue) -> str:
    """How much of it has a day: the first question of whoever opens it."""
    _ = tongue.gettext
    if order.state == "cancelled":
        return _("Cancelled")
    dated = sum(
        all(p.arrives_on for p in line.portions if p.stage in OPEN) for line in order.lines if line.to_come
    )
    waiting = sum(1 for line in order.lines if line.to_come)
    if not waiting:
        return _("Everything has been shipped")
    if dated == waiting:
        return _("Everything that is still to come has a day")
    return _("{n} of {all} lines that are still to come have a day").format(n=dated, all=waiting)


def _facts(order: Order, buyer: Party, voice: Voice) -> Sequence[tuple[Markup, Markup]]:
    _, tongue = voice, voice.tongue
    wanted = day_of(order.requested_on, tongue) if order.requested_on else None
    told = (
        fact(_("Ordered"), day_of(tongue.on(order.placed_at), tongue)),
        fact(_("Your PO"), order.purchase_order_number),
        fact(_("Account no."), order.account),
        fact(_("Ordered by"), order.placed_by),
        fact(_("Cost centre"), order.cost_centre),
        fact(_("Wanted for"), wanted),
        fact(_("Delivery"), preference(order.delivery_preference, tongue)),
        fact(_("Your VAT ID"), buyer.vat_id),
    )
    return [one for one in told if one]


def _terms(order: Order, tongue: Tongue) -> str:
    days = order.payment_terms_days
    if not days:
        return tongue.gettext("payable at once")
    return tongue.ngettext("{n} day net from the invoice", "{n} days net from the invoice", days).format(
        n=days
    )


def _steps(order: Order, voice: Voice) -> list[Step]:
    """The day it was ordered, the next and the last part that has one, and how much has none."""
    _, tongue = voice, voice.tongue
    told = [Step("past", _("Ordered"), plain_day(tongue.on(order.placed_at), tongue), "")]
    if order.shipments:
        gone = [one for one in order.shipments if one.state != "cancelled"]
        if gone:
            last = max(one.shipped_at for one in gone)
            count = tongue.ngettext("{n} shipment", "{n} shipments", len(gone)).format(n=len(gone))
            told.append(Step("now", _("Shipped"), plain_day(tongue.on(last), tongue), count))
    open_parts = [(line, p) for line in order.lines for p in line.portions if p.stage in OPEN]
    # What is under way arrives before what has not left yet.
    coming = [
        *open_parts,
        *((line, p) for line in order.lines for p in line.portions if p.stage == "shipped"),
    ]
    days = sorted({p.arrives_on for _line, p in coming if p.arrives_on})
    for name, day in ((_("Next arrival"), days[0]), (_("Last arrival"), days[-1])) if days else ():
        lines = len({line.line for line, p in coming if p.arrives_on == day})
        told.append(Step("to-come", name, plain_day(day, tongue), _count(lines, tongue)))
        if days[0] == days[-1]:
            break
    if undated := len({line.line for line, p in open_parts if p.arrives_on is None}):
        told.append(Step("to-come", _("No date yet"), _count(undated, tongue), ""))
    return told


def _row(line: Line, currency: str, voice: Voice) -> Row:
    tongue, need_by = voice.tongue, line.need_by
    return Row(
        line=line.line,
        sku=isolated(line.sku),
        name=isolated(line.name),
        needed=voice.both(lambda tongue: _needed(need_by, tongue)) if need_by else Markup(),
        quantity=tongue.number(line.quantity),
        unit=tongue.unit(line.unit, line.quantity),
        promises=[_promise(portion, voice) for portion in line.portions],
        price=price_figure(line.unit_price, currency, tongue),
        tax=percent(line.tax_rate, tongue),
        net=figure(exact.rounded(line.unit_price * line.quantity, currency), currency, tongue),
    )


def _needed(day: date, tongue: Tongue) -> str:
    return tongue.gettext("needed by {day}").format(day=day_of(day, tongue))


def _promise(portion: Portion, voice: Voice) -> Promise:
    return Promise(
        quantity=voice.tongue.number(portion.quantity),
        status=voice.both(lambda tongue: word(portion.status, tongue)),
        day=_day(portion, voice.tongue),
    )


def _day(portion: Portion, tongue: Tongue) -> str:
    if portion.stage in GONE:
        return ""
    return plain_day(portion.arrives_on, tongue) if portion.arrives_on else tongue.gettext("no date yet")


def _sums(order: Order, voice: Voice) -> Iterator[tuple[Markup, str, str]]:
    _, currency, tongue = voice, order.currency, voice.tongue

    def written(amount: Decimal) -> str:
        return figure(amount, currency, tongue)

    yield _("Goods"), written(order.goods), ""
    if order.discount:
        yield _("Discount"), written(-order.discount), ""
    if order.freight:
        yield _("Freight"), written(order.freight), ""
    if order.discount or order.freight:
        yield _("Net"), written(order.goods - order.discount + order.freight), "net"
    yield _("VAT amount"), written(order.tax), ""
    yield _("Total with VAT"), money(order.total, currency, tongue), "total"


def _as_of(order: Order, tongue: Tongue) -> str:
    return tongue.gettext("The days are those of {day}, {clock}.").format(
        day=day_of(tongue.on(order.updated_at), tongue), clock=tongue.clock(order.updated_at)
    )
