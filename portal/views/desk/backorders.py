"""The back-order list as an address: what was asked for, how to ask for the rest, and its rows for a spreadsheet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from portal.db.backorders import ONLIES, SORTS, BackorderFilter
from portal.domain.desk import REASONS, Waiting
from portal.domain.quantities import text
from portal.filters import Tongue
from portal.views.desk.words import document, reason_word

PATH = "/desk/backorders"
# More than any line is worth.
MOST = Decimal(10) ** 18


def _worth(raw: str) -> Decimal:
    value = Decimal(raw)
    if not value.is_finite() or abs(value) > MOST:
        raise ValueError(raw)
    return value


# Of what a page is sorted by, whether it is such a value.
READ: Mapping[str, Callable[[str], object]] = {
    "age": datetime.fromisoformat,
    "value": _worth,
    "date": date.fromisoformat,
}
LONGEST = 80


def wanted(query: Mapping[str, str]) -> BackorderFilter:
    """Unknown values are left out, not refused."""
    sort = _one_of(query.get("sort", ""), SORTS) or SORTS[0]
    return BackorderFilter(
        q=_typed(query.get("q", "")),
        reason=_one_of(query.get("reason", ""), REASONS),
        account=_typed(query.get("account", "")),
        sku=_typed(query.get("sku", "")),
        only=_one_of(query.get("only", ""), ONLIES),
        sort=sort,
        after=_after(query.get("after", ""), sort),
    )


def _typed(raw: str) -> str:
    return raw.replace("\x00", "").strip()[:LONGEST]


def _one_of(raw: str, words: Sequence[str]) -> str:
    return raw if raw in words else ""


def _after(raw: str, sort: str) -> tuple[str, int] | None:
    """Where the last page ended: what it was sorted by, and an id. Nothing, when that is no such value."""
    key, _, last = raw.rpartition("~")
    try:
        READ[sort](key)
        return (key, int(last)) if len(last) < 18 else None
    except (ValueError, InvalidOperation):
        return None


def address(asked: BackorderFilter, path: str = PATH) -> str:
    """Where these filters stand in the address."""
    said = {
        "q": asked.q,
        "reason": asked.reason,
        "account": asked.account,
        "sku": asked.sku,
        "only": asked.only,
        "sort": asked.sort if asked.sort != SORTS[0] else "",
        "after": f"{asked.after[0]}~{asked.after[1]}" if asked.after else "",
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{path}?{query}" if query else path


def sorts(asked: BackorderFilter, tongue: Tongue) -> list[tuple[str, str, str, bool]]:
    """(name, address, word, whether it is chosen) of each way to sort."""
    _ = tongue.gettext
    words = {"age": _("Oldest first"), "value": _("Dearest first"), "date": _("Next to arrive first")}
    return [
        (sort, address(replace(asked, sort=sort, after=None)), words[sort], sort == asked.sort)
        for sort in SORTS
    ]


def only_words(tongue: Tongue) -> dict[str, str]:
    _ = tongue.gettext
    return {
        "late": _("Past the first promise"),
        "undated": _("Without a date"),
        "overdue": _("Supply is overdue"),
        "offered": _("A substitute is offered"),
        "held": _("Held as well"),
    }


def age(placed_at: datetime, today: date, tongue: Tongue) -> int:
    """Days since it was ordered, where the supplier is."""
    return (today - tongue.on(placed_at)).days


def sheet(rows: Sequence[Waiting], tongue: Tongue, today: date) -> Iterator[list[str]]:
    """The rows for a spreadsheet, with a head."""
    _ = tongue.gettext
    yield [
        _("Order"), _("Line"), "SKU", _("Item"), _("Unit"), _("Quantity"), _("Account"), _("Name"), _("Reason"),
        _("Place in the queue"), _("Ordered"), _("Days"), _("Value"), _("Currency"), _("Next supply"), _("Due"),
        _("Confirmed"), _("Ships"), _("Arrives"), _("First promise"),
    ]  # fmt: skip
    for one in rows:
        supply = one.supply
        yield [
            one.order, str(one.line), one.sku, one.name, one.unit, text(one.quantity), one.account,
            one.account_name, reason_word(one.reason, tongue), str(one.place or ""),
            tongue.on(one.placed_at).isoformat(), str(age(one.placed_at, today, tongue)), f"{one.value:.2f}",
            one.currency, document(supply.kind, supply.reference, tongue) if supply else "",
            supply.expected_on.isoformat() if supply else "", _yes(supply.confirmed, tongue) if supply else "",
            str(one.ships_on or ""), str(one.arrives_on or ""), str(one.first_arrives_on or ""),
        ]  # fmt: skip


def _yes(said: bool, tongue: Tongue) -> str:
    return tongue.gettext("yes") if said else tongue.gettext("no")
