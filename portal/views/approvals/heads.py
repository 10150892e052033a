"""Above the inbox: how things stand in a sentence, and its shelves with what is on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from markupsafe import Markup

from portal.domain.inbox import SHELVES, Counts
from portal.filters import Tongue
from portal.views.approvals.asked import Asked


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    word: str
    count: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Eyes:
    """In whose language, on which day, at which instant; `name` is the reader's."""

    tongue: Tongue
    today: date
    now: datetime
    name: str = ""


def truth(eyes: Eyes, counts: Counts, *, is_supplier: bool) -> Markup:
    """`3 requests wait for your decision, 1 of them ends within a day; 2 of yours wait for others.`"""
    tongue = eyes.tongue
    _ = tongue.gettext
    if is_supplier:
        said = tongue.ngettext(
            "{n} request of a customer is open", "{n} requests of customers are open", counts.others
        )
        return Markup("{}.").format(tongue.strong(said, n=tongue.number(counts.others)))
    mine = tongue.ngettext(
        "{n} request waits for your decision", "{n} requests wait for your decision", counts.mine
    )
    clauses = [
        tongue.strong(mine, n=tongue.number(counts.mine))
        if counts.mine
        else Markup("{}").format(_("Nothing waits for your decision"))
    ]
    if counts.soon:
        soon = tongue.ngettext("{n} of them ends within a day", "{n} of them end within a day", counts.soon)
        clauses.append(tongue.strong(soon, n=tongue.number(counts.soon)))
    if counts.asked:
        asked = tongue.ngettext(
            "{n} of yours waits for your answer", "{n} of yours wait for your answer", counts.asked
        )
        clauses.append(tongue.strong(asked, n=tongue.number(counts.asked)))
    if counts.requested - counts.asked:
        others = tongue.ngettext(
            "{n} of yours waits for others", "{n} of yours wait for others", counts.requested - counts.asked
        )
        clauses.append(tongue.strong(others, n=tongue.number(counts.requested - counts.asked)))
    return Markup("{}.").format(Markup("; ").join(clauses))


def tabs(eyes: Eyes, asked: Asked, counts: Counts, *, is_supplier: bool) -> list[Tab]:
    _ = eyes.tongue.gettext
    words = {
        "mine": (_("Wait for me"), counts.mine),
        "requested": (_("Asked by me"), counts.requested),
        "others": (_("Open") if is_supplier else _("Wait for others"), counts.others),
        "decided": (_("Decided"), None),
    }
    shelves = ("others", "decided") if is_supplier else SHELVES
    return [
        Tab(
            name,
            words[name][0],
            eyes.tongue.number(words[name][1] or 0) if words[name][1] is not None else "",
            replace(asked, shelf=name, after=None).href,
            name == asked.shelf,
        )
        for name in shelves
    ]


def total_of(eyes: Eyes, amounts: Sequence[tuple[Decimal, str]]) -> str:
    """Each currency by itself."""
    sums: dict[str, Decimal] = {}
    for amount, currency in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return " + ".join(eyes.tongue.money(sums[currency], currency) for currency in sorted(sums))
