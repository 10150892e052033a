"""The supplier's figures as they are read: each with the counts behind it, and the way to what was counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from babel.dates import format_skeleton
from babel.numbers import format_percent

from portal.db.insight import Deliveries, Dispatches
from portal.domain.insight import (
    DAY,
    DAYS_BY_MONTH,
    DAYS_BY_WEEK,
    JUDGED,
    KEPT,
    OFF,
    OUTCOMES,
    TOOK,
    Days,
    Period,
    last_days,
    percent,
)
from portal.filters import Tongue
from portal.views.insight.asked import NOTHING, Asked

# Periods that one click leads to.
SHORTCUTS = (30, 90, 365)
# How a part of a bar is drawn: what is well is solid, what is not is hatched, what is not judged is dotted.
WELL, NOT_WELL, OPEN = "well", "ill", "open"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar, as attributes of an SVG rect."""

    x: str
    width: str
    kind: str


@dataclass(frozen=True, slots=True)
class Count:
    """A count, the way to what was counted, and its share of the whole."""

    number: str
    href: str | None = None
    share: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a chart: its name, one bar or several, and the counts that they draw."""

    name: str
    bars: Sequence[Sequence[Part]]
    counts: Sequence[Count]


@dataclass(frozen=True, slots=True)
class Headline:
    """The figure itself, what it is a figure of, and the counts that it comes from. None: nothing to count."""

    name: str
    figure: str | None
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the figures: `code` names it in addresses."""

    code: str
    headlines: Sequence[Headline]
    rows: Sequence[Row]
    total: Count


@dataclass(frozen=True, slots=True)
class Counted:
    """All that was counted."""

    dispatches: Dispatches
    backorders: Mapping[str, int]
    deliveries: Deliveries


@dataclass(frozen=True, slots=True)
class Shortcut:
    name: str
    href: str
    is_chosen: bool


class Drawn:
    """The figures of one page in one language."""

    def __init__(self, asked: Asked, counted: Counted, tongue: Tongue, today: date) -> None:
        self.asked = asked
        self.counted = counted
        self.tongue = tongue
        self.today = today

    @property
    def fulfilment(self) -> Figure:
        """Orders that left in one go, and in parts, by week, month or year of their first dispatch."""
        _, found = self.tongue.gettext, self.counted.dispatches
        spans = list(self.asked.period.spans())
        sums = [self._of_span(span) for span in spans]
        most = max((whole + partial for whole, partial in sums), default=0)
        rate = self._headline(
            _("dispatched in parts"),
            found.partial,
            found.total,
            self.tongue.ngettext("{part} of {n} order", "{part} of {n} orders", found.total),
        )
        rows = [
            Row(
                span_name(span, self.asked.period, self.tongue, self.today),
                [bar([(whole, WELL), (partial, NOT_WELL)], most)],
                [
                    self._count(whole, "dispatches", {"outcome": "whole"}, period=span),
                    self._count(partial, "dispatches", {"outcome": "parts"}, period=span, of=whole + partial),
                ],
            )
            for span, (whole, partial) in zip(spans, sums, strict=True)
        ]
        return Figure("dispatches", [rate], rows, self._count(found.total, "dispatches"))

    def _of_span(self, span: Period) -> tuple[int, int]:
        by_day = self.counted.dispatches.by_day
        days = [by_day[day] for day in by_day if span.first <= day <= span.last]
        return sum(whole for whole, _ in days), sum(partial for _, partial in days)

    @property
    def dispatch_time(self) -> Figure:
        """How long it took from the order to its first dispatch."""
        _, found = self.tongue.gettext, self.counted.dispatches
        counts = [days.of(found.took) for days in TOOK]
        until = [sum(counts[: place + 1]) for place in range(len(counts))]
        orders = self.tongue.ngettext("{n} order", "{n} orders", found.total)
        of = orders.format(n=self.tongue.number(found.total))
        rows = [
            Row(
                took_name(days, self.tongue),
                [bar([(count, WELL)], max(counts))],
                [
                    self._count(count, "dispatches", {"days": days.code}),
                    Count(self.tongue.number(so_far), share=self._percent(so_far, found.total)),
                ],
            )
            for days, count, so_far in zip(TOOK, counts, until, strict=True)
        ]
        return Figure(
            "dispatches",
            [
                Headline(_("median"), self._length(found.median), of),
                Headline(_("90th percentile"), self._length(found.ninetieth), of),
            ],
            rows,
            self._count(found.total, "dispatches"),
        )

    @property
    def backorders(self) -> Figure:
        """What became of lines that had no stock."""
        found = self.counted.backorders
        counts = [found.get(outcome, 0) for outcome in OUTCOMES]
        judged = sum(found.get(outcome, 0) for outcome in JUDGED)
        rate = self._headline(
            self.tongue.ngettext("filled within {n} day", "filled within {n} days", self.asked.target).format(
                n=self.asked.target
            ),
            found.get("in_time", 0),
            judged,
            self.tongue.ngettext(
                "{part} of {n} line that is filled or whose time is up",
                "{part} of {n} lines that are filled or whose time is up",
                judged,
            ),
        )
        kinds = {"in_time": WELL, "late": NOT_WELL, "missed": NOT_WELL}
        rows = [
            Row(
                outcome_name(outcome, self.tongue),
                [bar([(count, kinds.get(outcome, OPEN))], max(counts))],
                [self._count(count, "backorders", {"outcome": outcome})],
            )
            for outcome, count in zip(OUTCOMES, counts, strict=True)
        ]
        return Figure("backorders", [rate], rows, self._count(sum(counts), "backorders"))

    @property
    def promises(self) -> Figure:
        """Deliveries against the day that was promised first, and last."""
        _ = self.tongue.gettext
        both = {"first": self.counted.deliveries.first, "last": self.counted.deliveries.last}
        names = {"first": _("first promise kept"), "last": _("last promise kept")}
        dated = {name: _dated(counts) for name, counts in both.items()}
        most = max((days.of(counts) for counts in dated.values() for days in OFF), default=0)
        rows = [
            self._promise_row(
                off_name(days, self.tongue),
                {name: days.of(counts) for name, counts in dated.items()},
                most,
                WELL if days.most is not None and days.most <= 0 else NOT_WELL,
                more={"days": days.code},
            )
            for days in OFF
        ]
        without = {name: counts[None] for name, counts in both.items()}
        if any(without.values()):
            rows.append(
                self._promise_row(
                    _("no day was promised"), without, max(most, *without.values()), OPEN, {"outcome": "none"}
                )
            )
        headlines = [
            self._headline(
                names[name],
                KEPT.of(counts),
                sum(counts.values()),
                self.tongue.ngettext(
                    "{part} of {n} line delivered", "{part} of {n} lines delivered", sum(counts.values())
                ),
            )
            for name, counts in dated.items()
        ]
        return Figure("deliveries", headlines, rows, self._count(sum(both["first"].values()), "deliveries"))

    def _promise_row(
        self, name: str, counts: Mapping[str, int], most: int, kind: str, more: Mapping[str, str]
    ) -> Row:
        return Row(
            name,
            [bar([(count, kind)], most) for count in counts.values()],
            [
                self._count(count, "deliveries", {"promise": promise, **more})
                for promise, count in counts.items()
            ],
        )

    def _count(
        self,
        number: int,
        figure: str,
        more: Mapping[str, str] = NOTHING,
        *,
        period: Period | None = None,
        of: int | None = None,
    ) -> Count:
        """A count leads to what was counted, unless that is nothing."""
        href = self.asked.href(figure, more, period=period) if number else None
        return Count(self.tongue.number(number), href, "" if of is None else self._percent(number, of))

    def _headline(self, name: str, part: int, whole: int, words: str) -> Headline:
        if not whole:
            return Headline(name, None)
        counts = words.format(part=self.tongue.number(part), n=self.tongue.number(whole))
        return Headline(name, self._percent(part, whole), counts)

    def _length(self, took: timedelta | None) -> str | None:
        return None if took is None else length(took, self.tongue)

    def _percent(self, part: int, whole: int) -> str:
        share = percent(part, whole)
        if share is None:
            return ""
        # All and none are exact; everything between is told with its one decimal.
        return format_percent(share / 100, "#,##0%" if part in (0, whole) else "#,##0.0%", self.tongue.name)

    @property
    def shortcuts(self) -> list[Shortcut]:
        """Periods up to today."""
        made = [(days, last_days(self.today, days)) for days in SHORTCUTS]
        return [
            Shortcut(
                self.tongue.ngettext("Last {n} day", "Last {n} days", days).format(n=days),
                self.asked.href(period=period),
                period == self.asked.period,
            )
            for days, period in made
        ]

    def since(self, first: date) -> Shortcut:
        """All there is."""
        period = Period(min(first, self.today), self.today)
        name = self.tongue.gettext("Since the first order")
        return Shortcut(name, self.asked.href(period=period), period == self.asked.period)


def _dated(counts: Counter[int | None]) -> Counter[int]:
    return Counter({days: count for days, count in counts.items() if days is not None})


def bar(parts: Sequence[tuple[int, str]], most: int) -> list[Part]:
    """Parts one after the other; `most` would fill all the width."""
    drawn, at = [], 0
    for number, kind in parts:
        if number:
            drawn.append(Part(_width(at, most), _width(number, most), kind))
        at += number
    return drawn


def _width(number: int, most: int) -> str:
    return f"{Decimal(100 * number) / most:.2f}%"


def span_name(span: Period, whole: Period, tongue: Tongue, today: date) -> str:
    """A week by its days, a month or a year by its name."""
    if whole.days > DAYS_BY_MONTH:
        return str(span.first.year)
    if whole.days > DAYS_BY_WEEK:
        return format_skeleton("yMMM", span.first, locale=tongue.name)
    return period_name(span, tongue, today)


def period_name(period: Period, tongue: Tongue, today: date) -> str:
    """From the first day to the last."""
    if period.first == period.last:
        return tongue.day_month(period.first, today)
    return f"{tongue.day_month(period.first, today)} – {tongue.day_month(period.last, today)}"


def took_name(days: Days, tongue: Tongue) -> str:
    """Whole days that it took, as a range: under a day, 1 to 2 days."""
    _ = tongue.gettext
    least = days.least or 0
    if days.most is None:
        return _("{n} days and more").format(n=least)
    if least == 0:
        return _("under 1 day")
    return _("{least} to {most} days").format(least=least, most=days.most + 1)


def off_name(days: Days, tongue: Tongue) -> str:
    """How far from the day that was promised."""
    _ = tongue.gettext
    if days.least is None:
        return _("before the day")
    if days.least == 0:
        return _("on the day")
    if days.most is None:
        return _("{n} days late and more").format(n=days.least)
    if days.most == days.least:
        return tongue.ngettext("{n} day late", "{n} days late", days.least).format(n=days.least)
    return _("{least} to {most} days late").format(least=days.least, most=days.most)


def outcome_name(outcome: str, tongue: Tongue) -> str:
    """What became of a backorder."""
    _ = tongue.gettext
    return {
        "in_time": _("filled in time"),
        "late": _("filled too late"),
        "missed": _("not filled in time"),
        "waiting": _("waiting, time is not up"),
        "cancelled": _("cancelled before time was up"),
    }[outcome]


def length(took: timedelta, tongue: Tongue) -> str:
    """In days and hours, or in hours and minutes: 1 day 4 h."""
    days, rest = divmod(took, DAY)
    hours, rest = divmod(rest, timedelta(hours=1))
    if days:
        words = tongue.ngettext("{n} day {hours} h", "{n} days {hours} h", days)
        return words.format(n=tongue.number(days), hours=hours)
    return tongue.gettext("{hours} h {minutes} min").format(hours=hours, minutes=rest // timedelta(minutes=1))
