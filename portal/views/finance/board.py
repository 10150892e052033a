"""Finance at a glance: what waits for a decision, what is not billed and why, who is late, what was paid too much."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.db.documents import Unfinished
from portal.db.invoice_list import Totals
from portal.domain.disputes import DisputeRow
from portal.domain.finance import Debtor, Run, Stopped, Surplus, UnbilledSum
from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.views.finance.words import LOOKS, rhythm, run_word, sums, why_word
from portal.views.insight.charts import Part
from portal.views.invoices.listing import age_bar, buckets
from portal.views.invoices.words import dispute_reason
from portal.views.order.statuses import Look


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the board is drawn from; of lists the first few, with how many there are."""

    sums: Sequence[UnbilledSum]
    holds: Sequence[Stopped]
    holds_in_all: int
    disputes: Sequence[DisputeRow]
    disputes_open: int
    disputes_waiting: int
    totals: Sequence[Totals]
    debtors: Sequence[Debtor]
    surpluses: Sequence[Surplus]
    runs: Sequence[Run]
    unfinished: Sequence[Unfinished]


@dataclass(frozen=True, slots=True)
class WhyRow:
    href: str
    look: Look
    word: str
    orders: str
    value: str
    since: str


@dataclass(frozen=True, slots=True)
class Age:
    word: str
    amount: str
    css: str


@dataclass(frozen=True, slots=True)
class Ages:
    """What is open in one currency, by how long it is due."""

    title: str
    bar: Sequence[Part]
    kinds: Sequence[Age]


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of a panel: where it leads, what it is about, and two figures."""

    href: str
    name: str
    note: str
    middle: str
    end: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    truth: str
    unbilled: str
    unbilled_rows: Sequence[WhyRow]
    holds: Sequence[Cell]
    holds_in_all: str
    disputes: Sequence[Cell]
    disputes_open: str
    disputes_waiting: str
    overdue: str
    open: str
    ages: Sequence[Ages]
    debtors: Sequence[Cell]
    surplus: str
    surpluses: Sequence[Cell]
    runs: Sequence[Cell]
    failed: Sequence[Unfinished]
    trying: int


def board(figures: Figures, tongue: Tongue, today: date, first: date) -> Board:
    """`first` is the first day whose run is still to come."""
    _ = tongue.gettext
    failed = [one for one in figures.unfinished if one.state == "failed"]
    overdue = [(one.currency, one.ageing.overdue) for one in figures.totals if one.ageing.overdue]
    return Board(
        truth=_truth(figures, len(failed), tongue),
        unbilled=sums(((one.currency, one.value) for one in figures.sums), tongue),
        unbilled_rows=[_why(one, tongue, today) for one in figures.sums],
        holds=[_hold(one, tongue, today) for one in figures.holds],
        holds_in_all=tongue.ngettext("{n} hold", "{n} holds", figures.holds_in_all).format(
            n=tongue.number(figures.holds_in_all)
        ),
        disputes=[_dispute(one, tongue, today) for one in figures.disputes],
        disputes_open=_("{n} open").format(n=tongue.number(figures.disputes_open)),
        disputes_waiting=tongue.ngettext(
            "{n} waits for us", "{n} wait for us", figures.disputes_waiting
        ).format(n=tongue.number(figures.disputes_waiting)),
        overdue=sums(overdue, tongue),
        open=sums(((one.currency, one.ageing.open) for one in figures.totals if one.ageing.open), tongue),
        ages=[
            _ages(one, tongue, several=len(figures.totals) > 1)
            for one in figures.totals
            if one.ageing.open > 0
        ],
        debtors=[_debtor(one, tongue, today) for one in figures.debtors],
        surplus=sums(((one.currency, one.surplus) for one in figures.totals if one.surplus), tongue),
        surpluses=[_surplus(one, tongue, today) for one in figures.surpluses],
        runs=[_run(one, tongue, today, first) for one in sorted(figures.runs, key=lambda run: run.on(first))],
        failed=failed,
        trying=len(figures.unfinished) - len(failed),
    )


def _truth(figures: Figures, failed: int, tongue: Tongue) -> str:
    """What needs somebody today, in one sentence."""
    ngettext = tongue.ngettext
    holds, paid = figures.holds_in_all, len(figures.surpluses)
    waiting = figures.disputes_waiting
    late = sum(one.orders for one in figures.sums if one.why == "now")
    counted = [
        (holds, ngettext("{n} hold waits for a decision", "{n} holds wait for a decision", holds)),
        (waiting, ngettext("{n} dispute waits for an answer", "{n} disputes wait for an answer", waiting)),
        (late, ngettext("{n} order should have been billed", "{n} orders should have been billed", late)),
        (paid, ngettext("{n} invoice was paid too much", "{n} invoices were paid too much", paid)),
        (failed, ngettext("{n} document was not made", "{n} documents were not made", failed)),
    ]
    said = [words.format(n=tongue.number(count)) for count, words in counted if count]
    if not said:
        return tongue.gettext("Nothing waits for a decision.")
    return ", ".join(said) + "."


def _why(one: UnbilledSum, tongue: Tongue, today: date) -> WhyRow:
    return WhyRow(
        href=f"/finance/unbilled?why={one.why}",
        look=LOOKS[one.why],
        word=why_word(one.why, tongue),
        orders=tongue.number(one.orders),
        value=tongue.money(one.value, one.currency),
        since=_age(tongue.on(one.since), tongue, today),
    )


def _age(since: date, tongue: Tongue, today: date) -> str:
    days = (today - since).days
    if days < 1:
        return tongue.gettext("today")
    return tongue.ngettext("{n} day", "{n} days", days).format(n=tongue.number(days))


def _hold(one: Stopped, tongue: Tongue, today: date) -> Cell:
    _ = tongue.gettext
    return Cell(
        f"/finance/holds#hold-{one.id}",
        one.order,
        one.account_name,
        tongue.money(one.value, one.currency) if one.value else _("nothing left yet"),
        _age(tongue.on(one.set_at), tongue, today),
    )


def _dispute(one: DisputeRow, tongue: Tongue, today: date) -> Cell:
    _ = tongue.gettext
    return Cell(
        f"/disputes/{one.number}",
        one.number,
        f"{one.account_name}: {dispute_reason(one.reason, tongue)}",
        tongue.money(one.worth, one.currency) if one.worth else "",
        _age(tongue.on(one.last_at), tongue, today) if one.waits_for_us else _("at the buyer"),
        bad=one.waits_for_us,
    )


def _ages(totals: Totals, tongue: Tongue, *, several: bool) -> Ages:
    found = buckets(totals.ageing, tongue)
    _ = tongue.gettext
    return Ages(
        _("Open in {currency}").format(currency=totals.currency) if several else _("What is open, by age"),
        age_bar(found),
        [Age(word, tongue.money(amount, totals.currency), css) for word, amount, css in found],
    )


def _debtor(one: Debtor, tongue: Tongue, today: date) -> Cell:
    invoices = tongue.ngettext("{n} invoice", "{n} invoices", one.invoices).format(
        n=tongue.number(one.invoices)
    )
    disputed = tongue.ngettext("{n} disputed", "{n} disputed", one.disputed).format(
        n=tongue.number(one.disputed)
    )
    return Cell(
        f"/invoices?show=overdue&account={one.account}",
        one.account_name,
        f"{invoices}, {disputed}" if one.disputed else invoices,
        tongue.money(one.overdue, one.currency),
        _age(one.since, tongue, today),
    )


def _surplus(one: Surplus, tongue: Tongue, today: date) -> Cell:
    _ = tongue.gettext
    owes: Decimal = one.open
    note = (
        _("{account} owes {amount} besides").format(
            account=one.account_name, amount=tongue.money(owes, one.currency)
        )
        if owes > ZERO
        else _("{account} owes nothing").format(account=one.account_name)
    )
    return Cell(
        f"/finance/invoices/{one.invoice}",
        one.invoice,
        note,
        tongue.money(one.amount, one.currency),
        _age(tongue.on(one.since), tongue, today),
    )


def _run(one: Run, tongue: Tongue, today: date, first: date) -> Cell:
    orders = tongue.ngettext("{n} order", "{n} orders", one.orders).format(n=tongue.number(one.orders))
    return Cell(
        f"/finance/unbilled?why=period&account={one.account}",
        one.account_name,
        f"{orders}, {rhythm(one.consolidation, tongue)}",
        tongue.money(one.value, one.currency),
        run_word(one.on(first), tongue, today),
    )
