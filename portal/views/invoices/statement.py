"""A statement of account as a page and as a file: what was billed and paid between two days, and what is open then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from markupsafe import Markup

from portal.db.invoice_list import Ageing
from portal.domain import money
from portal.domain.statements import Entry, OpenItem, Statement
from portal.filters import Tongue
from portal.views.arrivals.calendar import span
from portal.views.invoices.listing import Age, Ages, age_bar, buckets
from portal.views.invoices.words import credit_reason, kind_word, payment_word

PATH = "/invoices/statement"
FIRST_YEAR, LAST_YEAR = 1970, 2199
DAY = timedelta(days=1)
# A longer one is for the file.
MOST_ON_PAGE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """From the first day to the last. `typed` is what stands in the form, `problems` what is wrong with it."""

    first: date
    last: date
    account: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def href(self, path: str = PATH) -> str:
        """The same days, on another page or as a file."""
        said = {"account": self.account, "from": str(self.first), "to": str(self.last)}
        return f"{path}?{urlencode(said)}"


@dataclass(frozen=True, slots=True)
class Row:
    on: Markup
    what: str
    number: str
    href: str
    note: str
    order: str
    purchase_order: str
    due: str
    billed: str
    paid: str
    balance: str


@dataclass(frozen=True, slots=True)
class Open:
    number: str
    order: str
    purchase_order: str
    issued: Markup
    due_on: Markup
    away: str
    is_late: bool
    total: str
    due: str
    is_surplus: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days that is asked for often."""

    word: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    asked: Asked
    title: str
    days: str
    truth: Markup
    opening: str
    closing: str
    opening_day: str
    closing_day: str
    rows: Sequence[Row]
    left_out: str
    periods: Sequence[Period]
    ages: Ages | None
    open_items: Sequence[Open]


def asked(query: Mapping[str, str], account: str, today: date, tongue: Tongue) -> Asked:
    """Without days it is from the first of the last month to today."""
    _ = tongue.gettext
    typed = {name: query.get(name, "").replace("\x00", "").strip()[:20] for name in ("from", "to")}
    days = {name: _day(text) for name, text in typed.items()}
    problems = {
        name: _("This is not a day: write it as 2026-11-18.")
        for name, day in days.items()
        if typed[name] and day is None
    }
    last = days["to"] or today
    first = days["from"] or _month_before(last)
    if last < first and not problems:
        problems["from"] = _("The period ends before it begins.")
    shown = {"from": str(first), "to": str(last)}
    return Asked(first, last, account, {name: typed[name] or shown[name] for name in shown}, problems)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _month_before(day: date) -> date:
    return (day.replace(day=1) - DAY).replace(day=1)


def periods(wanted: Asked, today: date, tongue: Tongue) -> list[Period]:
    """What people ask for: this month, the last one, this quarter, this year, and all there is."""
    _ = tongue.gettext
    month = today.replace(day=1)
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    spans = [
        (_("This month"), month, today),
        (_("Last month"), _month_before(today), month - DAY),
        (_("This quarter"), quarter, today),
        (_("This year"), date(today.year, 1, 1), today),
        (_("Last year"), date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    ]
    return [
        Period(
            word, replace(wanted, first=first, last=last).href(), (first, last) == (wanted.first, wanted.last)
        )
        for word, first, last in spans
    ]


def drawn(wanted: Asked, statement: Statement, tongue: Tongue, today: date) -> Drawn:
    _ = tongue.gettext
    shown = statement.entries[-MOST_ON_PAGE:]
    left = len(statement.entries) - len(shown)
    return Drawn(
        asked=wanted,
        title=f"{statement.name} ({statement.account})",
        days=span(statement.first, statement.last, tongue),
        truth=_truth(statement, tongue, today),
        opening=tongue.money(statement.opening, statement.currency),
        closing=tongue.money(statement.closing, statement.currency),
        opening_day=tongue.day(statement.first, today),
        closing_day=tongue.day(statement.last, today),
        rows=[_row(one, statement.currency, tongue, today) for one in shown],
        left_out=tongue.ngettext(
            "{n} earlier entry is in the files.", "{n} earlier entries are in the files.", left
        ).format(n=tongue.number(left))
        if left
        else "",
        periods=periods(wanted, today, tongue),
        ages=_ages(statement, tongue),
        open_items=[_open(one, statement, tongue, today) for one in statement.open_items],
    )


def _truth(statement: Statement, tongue: Tongue, today: date) -> Markup:
    """What was owed at the end."""
    _ = tongue.gettext
    day = tongue.day(statement.last, today)
    amount = tongue.money(abs(statement.closing), statement.currency)
    if statement.closing > 0:
        return tongue.strong(_("{amount} was open at the end of {day}."), amount=amount, day=day)
    if statement.closing < 0:
        return tongue.strong(
            _("{amount} was in the account's favour at the end of {day}."), amount=amount, day=day
        )
    return tongue.strong(_("Nothing was open at the end of {day}."), day=day)


def what(entry: Entry, tongue: Tongue) -> str:
    """The word for what changed the balance."""
    if entry.kind in ("invoice", "credit_note"):
        return kind_word(entry.kind, tongue)
    return payment_word(entry.kind, tongue)


def note(entry: Entry, tongue: Tongue) -> str:
    """What a payment was for, or which invoice a credit note corrects and why."""
    _ = tongue.gettext
    if entry.kind == "credit_note":
        reason = credit_reason(entry.reference, tongue)
        corrects = _("corrects {number}").format(number=entry.corrects) if entry.corrects else ""
        return ", ".join(filter(None, (corrects, reason)))
    return entry.reference or ""


def _row(entry: Entry, currency: str, tongue: Tongue, today: date) -> Row:
    amount = tongue.money(abs(entry.amount), currency)
    return Row(
        on=tongue.day_html(entry.on, today),
        what=what(entry, tongue),
        number=entry.number,
        href=f"/invoices/{entry.number}",
        note=note(entry, tongue),
        order=entry.order,
        purchase_order=entry.purchase_order_number or "",
        due=tongue.day(entry.due_on, today) if entry.due_on else "",
        billed=amount if entry.amount > 0 else "",
        paid=amount if entry.amount < 0 else "",
        balance=tongue.money(entry.balance, currency),
    )


def _ages(statement: Statement, tongue: Tongue) -> Ages | None:
    ages = Ageing(*statement.ages)
    if not ages.open:
        return None
    found = buckets(ages, tongue)
    kinds = [Age(word, tongue.money(amount, statement.currency), css) for word, amount, css in found]
    if statement.surplus:
        # So that what stands here comes to the balance.
        amount = tongue.money(-statement.surplus, statement.currency)
        kinds.append(Age(tongue.gettext("Paid too much"), amount, "surplus"))
    return Ages(
        statement.currency,
        tongue.gettext("What was open"),
        age_bar(found),
        kinds,
    )


def _open(item: OpenItem, statement: Statement, tongue: Tongue, today: date) -> Open:
    return Open(
        number=item.number,
        order=item.order,
        purchase_order=item.purchase_order_number or "",
        issued=tongue.day_html(item.issued_on, today),
        due_on=tongue.day_html(item.due_on, today),
        away=_late(item, statement.last, tongue),
        is_late=item.due > 0 and item.due_on < statement.last,
        total=tongue.money(item.total, statement.currency),
        due=tongue.money(item.due, statement.currency),
        is_surplus=item.due < 0,
    )


def _late(item: OpenItem, last: date, tongue: Tongue) -> str:
    """How long it had been due on the last day."""
    days = (last - item.due_on).days
    if item.due <= 0 or days <= 0:
        return ""
    return tongue.ngettext("{n} day late", "{n} days late", days).format(n=tongue.number(days))


def table(statement: Statement, tongue: Tongue) -> Iterator[list[str]]:
    """For a spreadsheet: from what was open before to what was open after, as plain figures."""
    _ = tongue.gettext
    yield [
        _("Date"), _("What"), _("Number"), _("Corrects"), _("Order"), _("PO"), _("Due"), _("Reference"), _("Currency"),
        _("Amount"), _("Balance"),
    ]  # fmt: skip
    currency = statement.currency
    yield [
        str(statement.first), _("Brought forward"), "", "", "", "", "", "", currency, "",
        money.text(statement.opening, currency),
    ]  # fmt: skip
    for entry in statement.entries:
        yield [
            str(entry.on), what(entry, tongue), entry.number, entry.corrects or "", entry.order,
            entry.purchase_order_number or "", str(entry.due_on or ""), _reference(entry, tongue), currency,
            money.text(entry.amount, currency), money.text(entry.balance, currency),
        ]  # fmt: skip
    yield [
        str(statement.last), _("Open at the end"), "", "", "", "", "", "", currency, "",
        money.text(statement.closing, currency),
    ]  # fmt: skip


def _reference(entry: Entry, tongue: Tongue) -> str:
    return credit_reason(entry.reference, tongue) if entry.kind == "credit_note" else entry.reference or ""
