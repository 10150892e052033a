"""The list of invoices: what was billed, for which goods, what is open, and how long it has been due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.db.invoice_list import Ageing, Listed, Totals
from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.views.insight.charts import Part
from portal.views.invoices.asked import SHELVES, Asked
from portal.views.invoices.words import State, kind_word, state_of

PER_PAGE = 50
# Shipments of one invoice that are named in its row.
NAMED = 2


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who reads: the language, the day, the accounts they may choose from."""

    tongue: Tongue
    today: date
    accounts: Sequence[tuple[str, str]]
    is_supplier: bool = False

    @property
    def shows_account(self) -> bool:
        return self.is_supplier or len(self.accounts) > 1


@dataclass(frozen=True, slots=True)
class Age:
    """A bucket of what is open: `css` draws its part of the bar."""

    word: str
    amount: str
    css: str


@dataclass(frozen=True, slots=True)
class Ages:
    """What is open in one currency."""

    currency: str
    title: str
    bar: Sequence[Part]
    kinds: Sequence[Age]


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    href: str
    kind: str
    is_credit: bool
    corrects: str
    order: str
    purchase_order: str
    account: str
    shipments: Sequence[str]
    more_shipments: str
    issued: Markup
    due: Markup
    away: str
    state: State
    is_disputed: bool
    total: str
    paid: str
    open: str
    is_surplus: bool


@dataclass(frozen=True, slots=True)
class Tab:
    id: str
    word: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """`sums` add up the list in words, one for each currency; `ages` is of everything that is open."""

    asked: Asked
    truth: Markup
    ages: Sequence[Ages]
    tabs: Sequence[Tab]
    rows: Sequence[Row]
    sums: Sequence[str]
    accounts: Sequence[tuple[str, str]]
    shows_account: bool
    following: str
    first: str
    empty: str


def listing(
    eyes: Eyes,
    asked: Asked,
    found: Sequence[Listed],
    before: int | None,
    totals: Sequence[Totals],
    shown: Sequence[Totals],
) -> Listing:
    """`totals` are of everything that the reader sees, `shown` of what the list shows on all its pages."""
    return Listing(
        asked=asked,
        truth=_truth(eyes, totals),
        ages=[_ages(eyes, one, several=len(totals) > 1) for one in totals if one.ageing.open > 0],
        tabs=_tabs(eyes, asked),
        rows=[row(eyes, one) for one in found],
        sums=[_sum(eyes, one) for one in shown],
        accounts=eyes.accounts if len(eyes.accounts) > 1 else (),
        shows_account=eyes.shows_account,
        following=replace(asked, before=before).href if before else "",
        first=asked.but().href if asked.before else "",
        empty=_empty(eyes, asked),
    )


def _truth(eyes: Eyes, totals: Sequence[Totals]) -> Markup:
    """`£2,129.40 is to pay, £964.49 of it overdue. £10.00 was paid too much.`"""
    tongue = eyes.tongue
    _ = tongue.gettext
    said: list[Markup] = []
    for one in totals:
        ageing = one.ageing
        if ageing.open > 0 and ageing.overdue > 0:
            said.append(
                tongue.strong(
                    _("{amount} is to pay, {overdue} of it is overdue."),
                    amount=tongue.money(ageing.open, one.currency),
                    overdue=tongue.money(ageing.overdue, one.currency),
                )
            )
        elif ageing.open > 0:
            said.append(
                tongue.strong(
                    _("{amount} is to pay, nothing is overdue."),
                    amount=tongue.money(ageing.open, one.currency),
                )
            )
        if one.surplus > 0:
            said.append(
                tongue.strong(
                    _("{amount} is in your favour.")
                    if not eyes.is_supplier
                    else _("{amount} was paid too much."),
                    amount=tongue.money(one.surplus, one.currency),
                )
            )
    if not any(one.ageing.open > 0 for one in totals):
        nothing = _("Nothing is to pay.") if totals else _("Nothing has been billed yet.")
        said.insert(0, tongue.strong(nothing))
    return Markup(" ").join(said)


def buckets(ageing: Ageing, tongue: Tongue) -> list[tuple[str, Decimal, str]]:
    """(word, amount, how it is drawn) from what is not due yet to what has been due the longest."""
    _ = tongue.gettext
    return [
        (_("Not due yet"), ageing.not_due, "0"),
        (_("1 to 30 days late"), ageing.to_30, "1"),
        (_("31 to 60 days late"), ageing.to_60, "2"),
        (_("61 to 90 days late"), ageing.to_90, "3"),
        (_("Over 90 days late"), ageing.over_90, "4"),
    ]


def _ages(eyes: Eyes, totals: Totals, *, several: bool) -> Ages:
    tongue = eyes.tongue
    found = buckets(totals.ageing, tongue)
    _ = tongue.gettext
    return Ages(
        currency=totals.currency,
        title=_("Open in {currency}").format(currency=totals.currency) if several else _("What is open"),
        bar=age_bar(found),
        kinds=[Age(word, tongue.money(amount, totals.currency), css) for word, amount, css in found],
    )


def age_bar(found: Sequence[tuple[str, Decimal, str]]) -> list[Part]:
    """The buckets one after the other, in percent of all that is open."""
    whole = sum((amount for _, amount, _ in found), ZERO)
    parts, x = [], ZERO
    for _, amount, css in found:
        if amount > 0:
            width = amount * 100 / whole
            parts.append(Part(f"{x:.2f}%", f"{width:.2f}%", css))
            x += width
    return parts


def _tabs(eyes: Eyes, asked: Asked) -> list[Tab]:
    _ = eyes.tongue.gettext
    words = {
        "": _("All"),
        "unpaid": _("To pay"),
        "overdue": _("Overdue"),
        "paid": _("Paid"),
        "credit_notes": _("Credit notes"),
        "surplus": _("In your favour") if not eyes.is_supplier else _("Paid too much"),
        "disputed": _("Disputed"),
    }
    return [
        Tab(f"tab-{one or 'all'}", words[one], asked.but(shelf=one).href, one == asked.shelf)
        for one in SHELVES
    ]


def row(eyes: Eyes, one: Listed) -> Row:
    tongue, today = eyes.tongue, eyes.today
    _ = tongue.gettext
    others = len(one.shipments) - NAMED
    return Row(
        number=one.number,
        href=f"/invoices/{one.number}",
        kind=kind_word(one.kind, tongue),
        is_credit=one.kind == "credit_note",
        corrects=one.corrects or "",
        order=one.order,
        purchase_order=one.purchase_order_number or "",
        account=f"{one.account_name} ({one.account})",
        shipments=one.shipments[:NAMED],
        more_shipments=tongue.ngettext("and {n} more", "and {n} more", others).format(n=tongue.number(others))
        if others > 0
        else "",
        issued=tongue.day_html(one.issued_on, today),
        due=tongue.day_html(one.due_on, today) if one.due_on else Markup(""),
        away=tongue.away(one.due_on, today) if one.due_on and one.due > 0 else "",
        state=state_of(one, tongue, today),
        is_disputed=bool(one.open_disputes),
        total=signed(one.total, one.currency, tongue, is_credit=one.kind == "credit_note"),
        paid=tongue.money(one.paid, one.currency) if one.paid else "",
        open=tongue.money(abs(one.due), one.currency) if one.due else "",
        is_surplus=one.due < 0,
    )


def signed(amount: Decimal, currency: str, tongue: Tongue, *, is_credit: bool) -> str:
    """A credit note's amount is positive on its paper, and takes away in a list."""
    return tongue.money(-amount if is_credit and amount else amount, currency)


def _sum(eyes: Eyes, one: Totals) -> str:
    """`12 invoices and 1 credit note over £4,200.00, £964.49 of it open.`"""
    tongue = eyes.tongue
    _ = tongue.gettext
    counted = []
    if one.invoices:
        said = tongue.ngettext("{n} invoice over {amount}", "{n} invoices over {amount}", one.invoices)
        counted.append(
            said.format(n=tongue.number(one.invoices), amount=tongue.money(one.invoiced, one.currency))
        )
    if one.credit_notes:
        said = tongue.ngettext("{n} credit note", "{n} credit notes", one.credit_notes)
        counted.append(said.format(n=tongue.number(one.credit_notes)))
    if one.ageing.open > 0:
        counted.append(_("{amount} open").format(amount=tongue.money(one.ageing.open, one.currency)))
    return ", ".join(counted)


def _empty(eyes: Eyes, asked: Asked) -> str:
    _ = eyes.tongue.gettext
    if asked.is_narrowed:
        return _("No invoice fits. Try the beginning of a number, or look at all of them.")
    return {
        "": _(
            "Nothing has been billed yet. When goods leave, their invoice stands here, with what it bills."
        ),
        "unpaid": _("Nothing is to pay."),
        "overdue": _("Nothing is overdue."),
        "paid": _("No invoice has been paid yet."),
        "credit_notes": _(
            "There is no credit note. One is issued when goods come back, or were billed wrongly."
        ),
        "surplus": _("Nothing was paid beyond what was due."),
        "disputed": _(
            "No invoice is disputed. Where one bills what did not arrive, open it and say so there."
        ),
    }[asked.shelf]


def table(found: Sequence[Listed], eyes: Eyes) -> Iterator[list[str]]:
    """For a spreadsheet: plain figures, a credit note's taken away, so that columns add up."""
    tongue = eyes.tongue
    _ = tongue.gettext
    yield [
        _("Number"), _("Kind"), _("Corrects"), _("Order"), _("PO"), _("Account"), _("Shipments"), _("Issued"),
        _("Due"), _("State"), _("Currency"), _("Net"), _("VAT"), _("Total"), _("Paid"), _("Credited"), _("Open"),
    ]  # fmt: skip
    for one in found:
        sign = -1 if one.kind == "credit_note" else 1
        state = state_of(one, tongue, eyes.today)
        yield [
            one.number, kind_word(one.kind, tongue), one.corrects or "", one.order, one.purchase_order_number or "",
            one.account, " ".join(one.shipments), str(one.issued_on), str(one.due_on or ""), state.word, one.currency,
            f"{sign * one.net:f}", f"{sign * one.tax:f}", f"{sign * one.total:f}", f"{one.paid:f}",
            f"{one.credited:f}", f"{one.due:f}",
        ]  # fmt: skip
