"""A statement of account: what was billed, credited and paid, with the balance after each, and what is open by age."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.domain.invoices import Party, Seller
from portal.domain.statements import AGES, Entry, OpenItem, Statement, age_of
from portal.filters import Tongue
from portal.views.papers.business import BusinessLetter, brand, fact, postal, sender
from portal.views.papers.figures import figure, isolated, money
from portal.views.papers.papers import Margins, css_text, days_from_to, page_of_pages, plain_day
from portal.views.papers.payment import bank_rows
from portal.views.papers.voices import Voice

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class EntryRow:
    day: str
    what: Markup
    number: Markup
    order: Markup
    purchase_order: Markup
    due: str
    billed: str
    paid: str
    balance: str
    brought: str


@dataclass(frozen=True, slots=True)
class OpenRow:
    number: Markup
    order: Markup
    purchase_order: Markup
    day: str
    due_on: str
    late: Markup
    is_late: bool
    total: str
    due: str


@dataclass(frozen=True, slots=True)
class Age:
    name: Markup
    amount: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPaper(BusinessLetter):
    currency: str
    balance_name: Markup
    balance: str
    balance_note: Markup
    ages: Sequence[Age]
    opening_day: str
    opening: str
    entries: Sequence[EntryRow]
    closing_day: str
    closing: str
    open_items: Sequence[OpenRow]
    bank: Sequence[tuple[Markup, Markup]]
    carried: Markup
    brought: Markup


def statement_paper(
    statement: Statement, seller: Seller, buyer: Party, tongue: Tongue, also: Tongue | None = None
) -> StatementPaper:
    _ = voice = Voice(tongue, also)
    currency, closing = statement.currency, statement.closing
    title = tongue.gettext("Statement of account {number}").format(number=statement.account)
    stamp = f"{statement.last.isoformat()}T00:00:00Z"
    return StatementPaper(
        title=f"{title}, {days_from_to(statement.first, statement.last, tongue)}",
        created=stamp,
        changed=stamp,
        brand=brand(seller),
        say=voice,
        margins=_margins(statement, seller, title, tongue),
        sender=sender(seller, voice),
        kind=_("Statement of account"),
        number=statement.account,
        chip=voice.both(lambda tongue: days_from_to(statement.first, statement.last, tongue)),
        address=postal(buyer, tongue),
        facts=list(_facts(statement, buyer, voice)),
        currency=currency,
        balance_name=_("In your favour") if closing < 0 else _("Open balance"),
        balance=money(abs(closing), currency, tongue),
        balance_note=voice.both(lambda tongue: _on(statement.last, tongue)),
        ages=list(_ages(statement, voice)),
        opening_day=plain_day(statement.first, tongue),
        opening=figure(statement.opening, currency, tongue),
        entries=list(_entries(statement, voice)),
        closing_day=plain_day(statement.last, tongue),
        closing=figure(closing, currency, tongue),
        open_items=[_open(item, statement, voice) for item in statement.open_items],
        bank=bank_rows(seller.bank, currency, statement.account, voice)
        if seller.bank and closing > 0
        else (),
        carried=css_text(tongue.gettext("Carried forward") + "  "),
        brought=css_text(tongue.gettext("Brought forward") + "  "),
    )


def _margins(statement: Statement, seller: Seller, title: str, tongue: Tongue) -> Margins:
    return Margins(
        top_left=css_text(seller.party.name),
        top_right=css_text(f"{title} · {days_from_to(statement.first, statement.last, tongue)}"),
        bottom_left=css_text(f"{statement.account} · {statement.name}"),
        bottom_right=page_of_pages(tongue),
    )


def _on(day: date, tongue: Tongue) -> str:
    return tongue.gettext("on {day}").format(day=plain_day(day, tongue))


def _facts(statement: Statement, buyer: Party, voice: Voice) -> Iterator[tuple[Markup, Markup]]:
    _, tongue, currency = voice, voice.tongue, statement.currency
    billed = statement.totals.get("invoice", ZERO)
    credited = -statement.totals.get("credit_note", ZERO)
    paid = -sum((statement.totals.get(kind, ZERO) for kind in ("payment", "refund", "transfer")), ZERO)
    told = (
        fact(_("Balance before"), money(statement.opening, currency, tongue)),
        fact(_("Invoiced"), money(billed, currency, tongue)),
        fact(_("Credited"), money(credited, currency, tongue)) if credited else None,
        fact(_("Paid"), money(paid, currency, tongue)),
        fact(_("Your VAT ID"), buyer.vat_id),
    )
    yield from (one for one in told if one)


def _ages(statement: Statement, voice: Voice) -> Iterator[Age]:
    """By how many days ago it was due; what nobody owes is left out but for the first."""
    _, currency, tongue = voice, statement.currency, voice.tongue
    for number, amount in enumerate(statement.ages):
        if not number:
            yield Age(_("Not due yet"), money(amount, currency, tongue), is_late=False)
        elif amount:
            name = voice.both(lambda tongue, number=number: _late(number, tongue))  # type: ignore[misc]
            yield Age(name, money(amount, currency, tongue), is_late=True)
    if statement.surplus:
        yield Age(_("In your favour"), money(-statement.surplus, currency, tongue), is_late=False)


def _late(bucket: int, tongue: Tongue) -> str:
    _ = tongue.gettext
    if bucket == len(AGES):
        return _("Over {n} days late").format(n=AGES[-1])
    return _("{first} to {last} days late").format(first=AGES[bucket - 1] + 1, last=AGES[bucket])


def _entries(statement: Statement, voice: Voice) -> Iterator[EntryRow]:
    currency, tongue, before = statement.currency, voice.tongue, statement.opening
    for entry in statement.entries:
        yield EntryRow(
            day=plain_day(entry.on, tongue),
            what=voice.both(lambda tongue, entry=entry: _what(entry, tongue)),  # type: ignore[misc]
            number=isolated(entry.number),
            order=isolated(entry.order),
            purchase_order=isolated(entry.purchase_order_number or ""),
            due=plain_day(entry.due_on, tongue) if entry.due_on and entry.kind == "invoice" else "",
            billed=figure(entry.amount, currency, tongue) if entry.amount > 0 else "",
            paid=figure(-entry.amount, currency, tongue) if entry.amount <= 0 else "",
            balance=figure(entry.balance, currency, tongue),
            brought=figure(before, currency, tongue),
        )
        before = entry.balance


def _what(entry: Entry, tongue: Tongue) -> str:
    _ = tongue.gettext
    named = {
        "invoice": _("Invoice"),
        "credit_note": _("Credit note"),
        "payment": _("Payment"),
        "refund": _("Refund"),
        "transfer": _("Moved"),
    }[entry.kind]
    return f"{named}, {entry.reference}" if entry.reference and entry.kind != "credit_note" else named


def _open(item: OpenItem, statement: Statement, voice: Voice) -> OpenRow:
    currency, tongue = statement.currency, voice.tongue
    days = (statement.last - item.due_on).days
    is_late = bool(age_of(item.due_on, statement.last)) and item.due > 0
    return OpenRow(
        number=isolated(item.number),
        order=isolated(item.order),
        purchase_order=isolated(item.purchase_order_number or ""),
        day=plain_day(item.issued_on, tongue),
        due_on=plain_day(item.due_on, tongue),
        late=voice.both(lambda tongue: _days_late(days, tongue)) if is_late else Markup(),
        is_late=is_late,
        total=figure(item.total, currency, tongue),
        due=figure(item.due, currency, tongue),
    )


def _days_late(days: int, tongue: Tongue) -> str:
    return tongue.ngettext("{n} day late", "{n} days late", days).format(n=tongue.number(days))
