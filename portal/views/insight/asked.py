"""What a page of figures was asked for: the address read, what is wrong with it, and addresses of others like it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from urllib.parse import urlencode

from portal.domain.insight import BY, DEFAULT_TARGET, OFF, OUTCOMES, TOOK, Days, Period, last_days
from portal.filters import Tongue

LONGEST_TARGET = 365
# Beyond these nobody has sold anything, and calendars come to an end.
FIRST_YEAR, LAST_YEAR = 1970, 2199
PER_PAGE = 50
LONGEST_NAME = 200
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Asked:
    """`typed` is what stands in the form, `problems` what is wrong with it, both by the names of its fields.

    `account`, `location` and `supplier` are what was typed until somebody has looked whether they exist. `by` is what
    the figures are broken down by, if they are.
    """

    period: Period
    account: str | None = None
    location: str | None = None
    supplier: str | None = None
    target: int = DEFAULT_TARGET
    by: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def href(
        self, figure: str = "", more: Mapping[str, str] = NOTHING, *, period: Period | None = None
    ) -> str:
        """The same figures, or the list behind one of them, for this period or another."""
        shown = period or self.period
        pairs = {"from": shown.first.isoformat(), "to": shown.last.isoformat()}
        if self.account:
            pairs["account"] = self.account
        if self.location:
            pairs["location"] = self.location
        if self.supplier:
            pairs["supplier"] = self.supplier
        if self.target != DEFAULT_TARGET:
            pairs["target"] = str(self.target)
        if self.by:
            pairs["by"] = self.by
        return f"/insight{f'/{figure}' if figure else ''}?{urlencode({**pairs, **more})}"

    def narrowed(self, **scope: str) -> "Asked":
        """Of this account, location or supplier only."""
        return replace(self, **scope) if scope else self  # type: ignore[arg-type]

    def broken_down(self, by: str) -> "Asked":
        return replace(self, by=by)

    def wrong(self, name: str, problem: str) -> "Asked":
        """With one more field that has to be mended."""
        return replace(self, problems={**self.problems, name: problem})


def asked(query: Mapping[str, str], today: date, tongue: Tongue) -> Asked:
    """Without a period it is the last 90 days; with its first day only, from there to today; with its last, 90 days."""
    _ = tongue.gettext
    names = ("from", "to", "account", "location", "supplier", "target")
    typed = {name: query.get(name, "").replace("\x00", "").strip()[:LONGEST_NAME] for name in names}
    problems: dict[str, str] = {}
    ends = {name: _day(typed[name]) for name in ("from", "to")}
    for name, day in ends.items():
        if typed[name] and day is None:
            problems[name] = _("This is not a day: write it as 2026-11-18.")
    period = _period(ends["from"], ends["to"], today)
    if period.days < 1:
        problems["from"] = _("The period ends before it begins.")
    target = _count(typed["target"], LONGEST_TARGET) if typed["target"] else DEFAULT_TARGET
    if target is None:
        problems["target"] = _("A number of days from 1 to {most}.").format(most=LONGEST_TARGET)
    shown = {"from": period.first.isoformat(), "to": period.last.isoformat(), "target": str(DEFAULT_TARGET)}
    return Asked(
        period,
        typed["account"] or None,
        typed["location"] or None,
        typed["supplier"] or None,
        target or DEFAULT_TARGET,
        by if (by := query.get("by", "")) in BY else "",
        {name: typed[name] or shown.get(name, "") for name in names},
        problems,
    )


def _period(first: date | None, last: date | None, today: date) -> Period:
    if first is not None and last is not None:
        return Period(first, last)
    if first is not None:
        return Period(first, max(first, today))
    return last_days(last or today)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _count(text: str, most: int) -> int | None:
    """A whole number from 1, in the digits of a keyboard."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return number if 1 <= (number := int(text)) <= most else None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which of those that a figure counts are listed. What is not known is left out, not refused."""

    figure: str
    # Dispatched orders: in parts or in one go. Backorders: what became of them. Deliveries: kept, broken, none.
    outcome: str = ""
    # Of the first promise, or of the last.
    promise: str = "first"
    days: Days | None = None
    page: int = 1

    @property
    def pairs(self) -> dict[str, str]:
        said = {"outcome": self.outcome, "days": self.days.code if self.days else ""}
        if self.figure == "deliveries":
            said["promise"] = self.promise
        return {name: value for name, value in said.items() if value}

    @property
    def offset(self) -> int:
        return (self.page - 1) * PER_PAGE


# Charts by the names that addresses have for them.
CHARTS = ("partial", "dispatch", "filled", "promises", "latency")
FIGURES: Mapping[str, tuple[tuple[str, ...], tuple[Days, ...]]] = {
    "dispatches": (("parts", "whole"), TOOK),
    "backorders": (OUTCOMES, ()),
    "deliveries": (("kept", "broken", "none"), OFF),
}


def chosen(figure: str, query: Mapping[str, str]) -> Chosen | None:
    """None when there is no such figure."""
    if figure not in FIGURES:
        return None
    outcomes, ranges = FIGURES[figure]
    outcome = query.get("outcome", "")
    return Chosen(
        figure,
        outcome if outcome in outcomes else "",
        "last" if query.get("promise") == "last" else "first",
        next((days for days in ranges if days.code == query.get("days")), None),
        _count(query.get("page", "1"), 10**6) or 1,
    )
