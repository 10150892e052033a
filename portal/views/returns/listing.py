"""The list of returns: how things stand in a sentence, its shelves, and each return as a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from portal.db.return_list import ReturnRow
from portal.filters import Tongue
from portal.views.order.statuses import Look
from portal.views.returns.asked import AskedReturns
from portal.views.returns.words import LOOKS, reason_word, state_word


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    word: str
    count: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A return; `came` says how much of it has come."""

    number: str
    href: str
    look: Look
    state: str
    account: str
    order: str
    purchase_order: str
    shipment: str
    goods: str
    name: str
    came: str
    reasons: str
    when: str
    instant: str
    pictures: str
    credit_notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Listing:
    truth: Markup
    tabs: Sequence[Tab]
    rows: Sequence[Row]
    count: str
    first: str | None
    following: str | None


def listing(
    asked: AskedReturns,
    found: Sequence[ReturnRow],
    counts: Mapping[str, int],
    following: int | None,
    tongue: Tongue,
    today: date,
    *,
    for_supplier: bool,
) -> Listing:
    return Listing(
        truth=_truth(counts, tongue, for_supplier=for_supplier),
        tabs=_tabs(asked, counts, tongue),
        rows=[_row(one, tongue, today) for one in found],
        count=tongue.ngettext("{n} return on this page", "{n} returns on this page", len(found)).format(
            n=len(found)
        ),
        first=asked.href() if asked.before else None,
        following=asked.href(before=following) if following else None,
    )


def _truth(counts: Mapping[str, int], tongue: Tongue, *, for_supplier: bool) -> Markup:
    """`2 wait for our answer; 3 are on their way back.`"""
    _ = tongue.gettext
    waiting, expected = counts.get("requested", 0), counts.get("authorised", 0)
    clauses = []
    if waiting:
        said = (
            tongue.ngettext(
                "{n} return waits for your decision", "{n} returns wait for your decision", waiting
            )
            if for_supplier
            else tongue.ngettext(
                "{n} return waits for our answer", "{n} returns wait for our answer", waiting
            )
        )
        clauses.append(tongue.strong(said, n=tongue.number(waiting)))
    if expected:
        said = tongue.ngettext(
            "{n} return is expected back, in whole or in part",
            "{n} returns are expected back, in whole or in part",
            expected,
        )
        clauses.append(tongue.strong(said, n=tongue.number(expected)))
    if not clauses:
        return Markup("{}").format(
            _("No return waits for a decision, and none is expected.")
            if for_supplier
            else _("Nothing of yours is on its way back.")
        )
    return Markup("{}.").format(Markup("; ").join(clauses))


def _tabs(asked: AskedReturns, counts: Mapping[str, int], tongue: Tongue) -> list[Tab]:
    _ = tongue.gettext
    words = {
        "": _("All"),
        "requested": _("Asked for"),
        "expected": _("Expected back"),
        "settled": _("Settled"),
    }
    numbers = {"requested": counts.get("requested", 0), "expected": counts.get("authorised", 0)}
    return [
        Tab(
            name or "all",
            word,
            tongue.number(numbers[name]) if numbers.get(name) else "",
            asked.href(show=name),
            asked.show == name,
        )
        for name, word in words.items()
    ]


def _row(row: ReturnRow, tongue: Tongue, today: date) -> Row:
    _ = tongue.gettext
    others = row.lines - 1
    goods = row.sku if not others else ""
    if others:
        template = tongue.ngettext("{sku} and {n} other line", "{sku} and {n} other lines", others)
        goods = template.format(sku=row.sku, n=tongue.number(others))
    pictures = tongue.ngettext("{n} picture", "{n} pictures", row.pictures)
    return Row(
        number=row.number,
        href=f"/returns/{row.number}",
        look=LOOKS[row.state],
        state=state_word(row.state, tongue),
        account=row.account_name,
        order=row.order,
        purchase_order=row.purchase_order_number or "",
        shipment=row.shipment,
        goods=goods,
        name=row.name,
        came=_came(row, tongue),
        reasons="; ".join(reason_word(reason, tongue) for reason in row.reasons),
        when=tongue.moment(row.asked_at, today),
        instant=row.asked_at.isoformat(timespec="minutes"),
        pictures=pictures.format(n=tongue.number(row.pictures)) if row.pictures else "",
        credit_notes=row.credit_notes,
    )


def _came(row: ReturnRow, tongue: Tongue) -> str:
    """`2 of 3 pcs`; where units differ only whether anything has."""
    if row.unit is None:
        return tongue.gettext("in part") if row.received else "–"
    all_of_it = tongue.quantity(row.quantity, row.unit)
    return tongue.gettext("{some} of {all}").format(some=tongue.number(row.received), all=all_of_it)
