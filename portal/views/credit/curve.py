"""What frees up when: the weeks in which what is owed falls due, as a table and as the curve that it draws."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.db.ledger import Due, Terms
from portal.domain import money
from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.operations.owing import Owing

# So far the curve shows single weeks.
WEEKS = 12
WEEK = timedelta(days=7)
# The curve's own units: it is stretched to the space there is.
WIDTH, HEIGHT = 120, 40


@dataclass(frozen=True, slots=True)
class Step:
    """A week, or all that has no week; `owed` is what is left after it, `free` what may be ordered then."""

    name: str
    due: str
    owed: str
    free: str


@dataclass(frozen=True, slots=True)
class Curve:
    """`line` and `area` are paths of an SVG; `limit` is the height of the limit, where there is one."""

    explained: str
    steps: Sequence[Step]
    line: str
    area: str
    limit: str | None


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str
    amount: Decimal
    # What has no day does not go down on the curve.
    has_day: bool = True


def curve(owing: Owing, dues: Sequence[Due], terms: Terms, tongue: Tongue, today: date) -> Curve | None:
    """None where nothing is owed. Invoices are taken to be paid when they are due, and what is not invoiced yet to be
    invoiced as the account's terms have it."""
    if owing.exposure.total <= 0:
        return None
    slots = _slots(owing, dues, tongue, today)
    steps, heights, owed = [], [owing.exposure.total], owing.exposure.total
    for slot in slots:
        owed -= slot.amount
        steps.append(_step(slot, owed, owing, tongue))
        if slot.has_day:
            heights.append(owed)
    highest = max(owing.exposure.total, owing.seen.limit or ZERO)
    line = _path(heights, highest)
    limit = _y(owing.seen.limit, highest) if owing.seen.limit is not None else None
    return Curve(_explained(terms, tongue), steps, line, f"{line} V{HEIGHT} H0 Z", limit)


def _explained(terms: Terms, tongue: Tongue) -> str:
    """What the curve supposes."""
    _ = tongue.gettext
    if terms.terms == "on_order":
        return _(
            "If invoices are paid when they are due. What is ordered and not invoiced counts as invoiced today."
        )
    if terms.terms == "on_delivery":
        return _(
            "If invoices are issued when goods arrive and paid when they are due. Goods that have not arrived count "
            "from the day on which they will, by the plan of today."
        )
    if terms.terms == "consolidated" and terms.consolidation == "completion":
        return _(
            "If an order is invoiced when the last of it leaves, by the plan of today, and invoices are paid when they "
            "are due."
        )
    if terms.terms == "consolidated":
        return _(
            "If what leaves is invoiced together, on the day on which this account is billed, and paid when it is due. "
            "Goods that have not left count from the day on which they will, by the plan of today."
        )
    return _(
        "If invoices are issued when goods leave and paid when they are due. Goods that have not left count from the "
        "day on which they will, by the plan of today."
    )


def _slots(owing: Owing, dues: Sequence[Due], tongue: Tongue, today: date) -> list[_Slot]:
    _ = tongue.gettext
    monday = today - timedelta(days=today.weekday())
    weeks, undated = _by_week(owing, dues)
    slots = []
    if late := sum((amount for week, amount in weeks.items() if week < monday), ZERO):
        slots.append(_Slot(_("due before this week"), late))
    for number in range(WEEKS):
        week = monday + number * WEEK
        if (amount := weeks.get(week, ZERO)) or number in (0, WEEKS - 1):
            name = (
                _("this week") if not number else _("week of {day}").format(day=tongue.day_month(week, today))
            )
            slots.append(_Slot(name, amount))
    if later := sum((amount for week, amount in weeks.items() if week >= monday + WEEKS * WEEK), ZERO):
        slots.append(_Slot(_("later"), later))
    if undated:
        slots.append(_Slot(_("no date yet"), undated, has_day=False))
    rest = owing.exposure.total - sum(weeks.values(), ZERO) - undated
    if rest:
        theirs = _("the ERP's figures: no dates here")
        shared = _("other accounts and the ERP's figures: no dates here")
        slots.append(_Slot(shared if owing.is_shared else theirs, rest, has_day=False))
    return slots


def _by_week(owing: Owing, dues: Sequence[Due]) -> tuple[Mapping[date, Decimal], Decimal]:
    """What falls due by its Monday, and what has no day; together never more than is owed: what the ERP has invoiced
    already, and what was paid too much, is taken off the earliest, because that was first."""
    keyed = {str(number): due.invoiced + due.shipped + due.still_open for number, due in enumerate(dues)}
    total = sum(keyed.values(), ZERO)
    exact = money.spread(money.rounded(total, owing.currency), keyed, owing.currency) if total else keyed
    too_much = max(sum(exact.values(), ZERO) - owing.exposure.total, ZERO)
    weeks: dict[date, Decimal] = defaultdict(Decimal)
    undated = ZERO
    for number, due in enumerate(dues):
        amount = exact[str(number)]
        less = min(amount, too_much)
        amount, too_much = amount - less, too_much - less
        if due.on is None:
            undated += amount
        else:
            weeks[due.on - timedelta(days=due.on.weekday())] += amount
    return weeks, undated


def _step(slot: _Slot, owed: Decimal, owing: Owing, tongue: Tongue) -> Step:
    free = ""
    if owing.seen.limit is not None and slot.has_day:
        free = tongue.money(max(owing.seen.limit - owed, ZERO), owing.currency)
    return Step(
        slot.name,
        tongue.money(slot.amount, owing.currency),
        tongue.money(owed, owing.currency) if slot.has_day else "",
        free,
    )


def _path(heights: Sequence[Decimal], highest: Decimal) -> str:
    """Down in steps, one for each row of the table that has a day."""
    wide = Decimal(WIDTH) / len(heights)
    parts = [f"M0 {_y(heights[0], highest)}"]
    for number, height in enumerate(heights[1:], start=1):
        parts.append(f"H{wide * number:.2f} V{_y(height, highest)}")
    return " ".join([*parts, f"H{WIDTH}"])


def _y(amount: Decimal, highest: Decimal) -> str:
    return f"{HEIGHT - amount * HEIGHT / highest:.2f}"
