"""An invoice or a credit note as the paper shows it: everything written out, in one language or in two."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from portal.domain.invoices import Document
from portal.domain.vat import REASONS
from portal.filters import Tongue
from portal.views.invoices.words import credit_reason
from portal.views.papers.business import BusinessLetter, brand, fact, postal, sender
from portal.views.papers.figures import figure, money, percent
from portal.views.papers.following import Followers, followers
from portal.views.papers.invoice_lines import Group, Shape, Widths, groups, shape, widths
from portal.views.papers.papers import (
    Margins,
    css_text,
    day_of,
    days_from_to,
    foot_of,
    page_of_pages,
    plain_day,
)
from portal.views.papers.payment import Payment, due_sentence, payment
from portal.views.papers.progress import Progress, progress
from portal.views.papers.rates import ADJUSTED, Rates, adjusted, rates
from portal.views.papers.reconciliation import Reconciliation, reconciliation
from portal.views.papers.voices import Voice


@dataclass(frozen=True, slots=True)
class Sum:
    """A row of the totals."""

    name: Markup
    amount: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaper(BusinessLetter):
    """`shape` says which columns the lines are worth, as `invoice_lines.shape` finds."""

    shape: Shape
    currency: str
    band_name: Markup
    band_amount: str
    band_note: Markup
    progress: Progress
    reason: Markup
    here: Markup
    to_follow_name: Markup
    groups: Sequence[Group]
    widths: Widths
    lines_together: Markup
    sums: Sequence[Sum]
    rates: Rates | None
    notes: Sequence[Markup]
    payment: Payment
    reconciliation: Reconciliation | None
    to_follow: Followers
    order_href: str
    # What stands before a subtotal at the foot of a page and at the head of the next, for the style sheet.
    carried: Markup
    brought: Markup


def invoice_paper(document: Document, tongue: Tongue, also: Tongue | None = None) -> InvoicePaper:
    """The paper in `tongue`; where the account reads two languages (`business.spoken`), `also` stands beside it."""
    _ = voice = Voice(tongue, also)
    colour, currency = brand(document.seller), document.currency
    is_credit = document.kind == "credit_note"
    title, told = _title(document, tongue), groups(document, voice)
    stamp = f"{document.issued_on.isoformat()}T00:00:00Z"
    return InvoicePaper(
        title=title,
        created=stamp,
        changed=stamp,
        brand=colour,
        say=voice,
        margins=_margins(document, title, tongue),
        sender=sender(document.seller, voice),
        kind=_("Credit note") if is_credit else _("Invoice"),
        number=document.number,
        chip=voice.both(lambda tongue: _chip(document, tongue)),
        address=_address(document, tongue),
        facts=list(_facts(document, voice)),
        shape=shape(document),
        currency=currency,
        band_name=_band_name(document, voice),
        band_amount=money(document.total if is_credit else document.due, currency, tongue),
        band_note=voice.both(lambda tongue: _band_note(document, tongue)),
        progress=progress(document, colour, voice),
        deliver_to=[] if is_credit else _deliver_to(document, tongue),
        reason=voice.both(lambda tongue: _reason(document, tongue)),
        here=_("This credit note") if is_credit else _("This invoice"),
        to_follow_name=_("Still to ship") if document.terms == "on_order" else _("To follow"),
        groups=told,
        widths=widths(told, money(document.total, currency, tongue)),
        lines_together=voice.both(
            lambda tongue: tongue.ngettext("{n} line", "{n} lines", len(document.lines)).format(
                n=tongue.number(len(document.lines))
            )
        ),
        sums=list(_sums(document, voice)),
        rates=rates(document, voice),
        notes=list(_notes(document, voice)),
        payment=payment(document, voice),
        reconciliation=reconciliation(document, voice),
        to_follow=followers(document.to_follow, voice),
        order_href=f"{document.seller.base_url}/orders/{document.order.number}"
        if document.seller.base_url
        else "",
        carried=css_text(tongue.gettext("Carried forward") + "  "),
        brought=css_text(tongue.gettext("Brought forward") + "  "),
    )


def _title(document: Document, tongue: Tongue) -> str:
    _ = tongue.gettext
    named = _("Credit note {number}") if document.kind == "credit_note" else _("Invoice {number}")
    return named.format(number=document.number)


def _margins(document: Document, title: str, tongue: Tongue) -> Margins:
    """From page 2 each page says whose it is and to what it belongs."""
    order = document.order
    foot = [order.number, order.purchase_order_number, document.account]
    return Margins(
        top_left=css_text(document.seller.party.name),
        top_right=css_text(f"{title} · {day_of(document.issued_on, tongue)}"),
        bottom_left=css_text(foot_of(*foot)),
        bottom_right=page_of_pages(tongue),
    )


def _chip(document: Document, tongue: Tongue) -> str:
    _, order = tongue.gettext, document.order
    if document.kind == "credit_note":
        if document.corrects is None:
            return _("Corrects order {order}").format(order=order.number)
        return _("Corrects invoice {number} of {day}").format(
            number=document.corrects.number, day=plain_day(document.corrects.issued_on, tongue)
        )
    if document.nth == 1 and not order.to_bill:
        return _("The whole of order {order}").format(order=order.number)
    if not order.to_bill:
        return _("Partial invoice {n}, the last of order {order}").format(n=document.nth, order=order.number)
    return _("Partial invoice {n} of order {order}").format(n=document.nth, order=order.number)


def _reason(document: Document, tongue: Tongue) -> str:
    """Where goods are credited; else it is what the line is for."""
    return "" if shape(document) == "amounts" else credit_reason(document.reason, tongue)


def _address(document: Document, tongue: Tongue) -> list[str]:
    """The company, then the person: letters reach the company when the person is not there any more."""
    name, *rest = postal(document.buyer, tongue)
    contact = document.buyer.contact
    return [name, contact, *rest] if contact and contact != name else [name, *rest]


def _facts(document: Document, voice: Voice) -> Sequence[tuple[Markup, Markup]]:
    """What is looked up, the most asked for first."""
    _ = voice
    order, tongue, due = document.order, voice.tongue, document.due_on
    is_credit = document.kind == "credit_note"
    told = (
        fact(
            _("Date") if is_credit else _("Invoice date"),
            day_of(document.issued_on, tongue),
        ),
        None if is_credit else fact(_("Payment due"), day_of(due, tongue) if due else None),
        fact(_("Your PO"), order.purchase_order_number),
        fact(_("Our order"), order.number),
        fact(_("Account no."), document.account),
        fact(_("Cost centre"), order.cost_centre),
        fact(_("Your reference"), document.buyer_reference),
        fact(_("Contract"), document.contract_number),
        fact(_("Your VAT ID"), document.buyer.vat_id),
        fact(_("Billing period"), _period(document, tongue)),
    )
    return [one for one in told if one]


def _period(document: Document, tongue: Tongue) -> str | None:
    if document.period is None:
        return None
    return days_from_to(*document.period, tongue)


def _band_name(document: Document, voice: Voice) -> Markup:
    _ = voice
    if document.kind == "credit_note":
        return _("Credited to you")
    return _("Amount due") if document.due > 0 else _("Paid")


def _band_note(document: Document, tongue: Tongue) -> str:
    if document.kind == "credit_note":
        return tongue.gettext("Nothing is to be paid")
    if document.due <= 0 or document.due_on is None:
        return tongue.gettext("Nothing is to be paid")
    return due_sentence(document, tongue, document.due_on)


def _deliver_to(document: Document, tongue: Tongue) -> list[str]:
    written = postal(document.deliver_to, tongue, by_name=True)
    return [] if written == postal(document.buyer, tongue) else written


def _sums(document: Document, voice: Voice) -> Iterator[Sum]:
    """From the lines to what is due: net = lines - allowances + charges; total = net + tax + rounding."""
    _, currency, tongue = voice, document.currency, voice.tongue

    def written(amount: Decimal) -> str:
        return figure(amount, currency, tongue)

    yield Sum(_("Amount") if shape(document) == "amounts" else _("Goods"), written(document.lines_net))
    for reason, amount in adjusted(document).items():
        yield Sum(voice.both(ADJUSTED[reason]), written(amount))
    if document.net != document.lines_net or len(document.taxes) > 1:
        yield Sum(_("Net"), written(document.net), kind="net")
    yield _tax(document, voice)
    if document.rounding:
        yield Sum(_("Rounding"), written(document.rounding))
    yield Sum(_("Total with VAT"), money(document.total, currency, tongue), kind="total")
    if document.prepaid:
        yield Sum(_("Paid before"), written(-document.prepaid))
        yield Sum(_("Amount due"), money(document.due, currency, tongue), kind="total")


def _tax(document: Document, voice: Voice) -> Sum:
    """Of several rates there is a table beside it."""
    amount = figure(document.tax, document.currency, voice.tongue)
    if len(document.taxes) != 1:
        return Sum(voice.both(lambda tongue: tongue.gettext("VAT, all rates")), amount)
    rate = percent(document.taxes[0].rate, voice.tongue)
    return Sum(voice.both(lambda tongue: tongue.gettext("VAT {rate}").format(rate=rate)), amount)


def _notes(document: Document, voice: Voice) -> Iterator[Markup]:
    """Why no tax is charged, in the words of the law."""
    for tax in document.taxes:
        if reason := tax.reason or REASONS.get(tax.code):
            yield voice.both(lambda tongue, reason=reason: tongue.gettext(reason))  # type: ignore[misc]
