"""Finance holds that wait for a decision: what each stops, and what lifting it would bill."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.finance import Stopped, run_on
from portal.filters import Tongue
from portal.operations.unblocking import Ahead, Foreseen
from portal.views.desk.holds import listed
from portal.views.finance.words import run_word
from portal.views.invoices.words import terms_word


@dataclass(frozen=True, slots=True)
class Row:
    """`bills_more`: billing it for the asking comes to more than lifting alone."""

    id: int
    order: str
    account: str
    lines: str
    note: str
    since: str
    by: str
    stopped: str
    open: str
    terms: str
    lifted: str
    asked: str
    bills_more: bool


def row(one: Stopped, ahead: Ahead, tongue: Tongue, today: date, first: date) -> Row:
    """`first` is the first day whose run is still to come."""
    _ = tongue.gettext
    lines = _("the whole order")
    if one.lines:
        lines = tongue.ngettext("line {lines}", "lines {lines}", len(one.lines)).format(
            lines=listed(one.lines)
        )
    return Row(
        id=one.id,
        order=one.order,
        account=f"{one.account_name} ({one.account})",
        lines=lines,
        note=one.note or "",
        since=tongue.moment(one.set_at, today),
        by=one.set_by,
        stopped=tongue.money(one.value, one.currency) if one.value else "",
        open=tongue.money(one.open_value, one.currency) if one.open_value else "",
        terms=terms_word(one.terms, tongue),
        lifted=_lifted(one, ahead, tongue, today, first),
        asked=_bills(ahead.asked, one.currency, tongue),
        bills_more=ahead.asked.goods > ahead.lifted.goods,
    )


def _lifted(one: Stopped, ahead: Ahead, tongue: Tongue, today: date, first: date) -> str:
    """What happens when it is only lifted."""
    _ = tongue.gettext
    if ahead.lifted.lines:
        return _bills(ahead.lifted, one.currency, tongue)
    day = run_on(one.consolidation, one.weekly_day, first) if one.terms == "consolidated" else None
    if ahead.asked.lines and day is not None:
        return _("Bills it {when}").format(when=run_word(day, tongue, today))
    if one.open_value:
        return _("Bills nothing yet; what has not left may leave again")
    return _("Bills nothing yet")


def _bills(seen: Foreseen, currency: str, tongue: Tongue) -> str:
    if not seen.lines:
        return ""
    lines = tongue.ngettext("{n} line", "{n} lines", seen.lines).format(n=tongue.number(seen.lines))
    return tongue.ngettext(
        "Bills {lines} at once: goods for {amount}, on {n} invoice",
        "Bills {lines} at once: goods for {amount}, on {n} invoices",
        seen.invoices,
    ).format(lines=lines, amount=tongue.money(seen.goods, currency), n=tongue.number(seen.invoices))


def rows(found: Sequence[tuple[Stopped, Ahead]], tongue: Tongue, today: date, first: date) -> list[Row]:
    return [row(one, ahead, tongue, today, first) for one, ahead in found]
