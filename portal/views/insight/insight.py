"""The supplier's figures as they are read: each with the counts behind it, and the way to what was counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.domain.insight import KEPT, OFF, OUTCOMES, TOOK, Period, last_days
from portal.filters import Tongue
from portal.views.insight.asked import Asked
from portal.views.insight.charts import NOT_WELL, OPEN, WELL, Column, Figure, Row, bar
from portal.views.insight.headlines import Counted, Headlines
from portal.views.insight.names import off_name, outcome_name, span_name, took_name

# Periods that one click leads to.
SHORTCUTS = (30, 90, 365)
KINDS = {"in_time": WELL, "late": NOT_WELL, "missed": NOT_WELL}


@dataclass(frozen=True, slots=True)
class Shortcut:
    name: str
    href: str
    is_chosen: bool


class Drawn(Headlines):
    """The figures of one page in one language: how what was counted is spread."""

    def __init__(self, asked: Asked, counted: Counted, tongue: Tongue, today: date) -> None:
        super().__init__(asked, tongue, today)
        self.counted = counted

    @property
    def fulfilment(self) -> Figure:
        """Orders that left in one go, and in parts, by week, month or year of their first dispatch."""
        _, found = self.tongue.gettext, self.counted.dispatches
        spans = list(self.asked.period.spans())
        sums = [self._of_span(span) for span in spans]
        most = max((whole + partial for whole, partial in sums), default=0)
        rows = [
            Row(
                span_name(span, self.asked.period, self.tongue, self.today),
                [bar([(whole, WELL), (partial, NOT_WELL)], most)],
                [
                    self.count(whole, "dispatches", {"outcome": "whole"}, period=span),
                    self.count(partial, "dispatches", {"outcome": "parts"}, period=span, of=whole + partial),
                ],
                self.days(span),
            )
            for span, (whole, partial) in zip(spans, sums, strict=True)
        ]
        return Figure(
            "partial",
            [self.partial_rate(found.partial, found.total)],
            _("First dispatches by when they were"),
            _("When"),
            [_("From"), _("Until")],
            [
                Column(_("In one go"), _("in one go"), WELL),
                Column(_("In parts"), _("in parts"), NOT_WELL, True),
            ],
            rows,
            self.csv("partial"),
            is_empty=not found.total,
        )

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
        rows = [
            Row(
                name := took_name(days, self.tongue),
                [bar([(count, WELL)], max(counts))],
                [
                    self.count(count, "dispatches", {"days": days.code}),
                    self.count(so_far, of=found.total),
                ],
                [name],
            )
            for days, count, so_far in zip(TOOK, counts, until, strict=True)
        ]
        return Figure(
            "dispatch",
            self.dispatch_times(found.median, found.ninetieth, found.total),
            _("Orders by how long it took"),
            _("Took"),
            [_("Took")],
            [Column(_("Orders"), _("orders")), Column(_("Gone by then"), _("gone by then"), has_share=True)],
            rows,
            self.csv("dispatch"),
            is_empty=not found.total,
        )

    @property
    def backorders(self) -> Figure:
        """What became of lines that had no stock."""
        _, found = self.tongue.gettext, self.counted.backorders
        counts = [found.get(outcome, 0) for outcome in OUTCOMES]
        rows = [
            Row(
                name := outcome_name(outcome, self.tongue),
                [bar([(count, KINDS.get(outcome, OPEN))], max(counts))],
                [self.count(count, "backorders", {"outcome": outcome})],
                [name],
            )
            for outcome, count in zip(OUTCOMES, counts, strict=True)
        ]
        return Figure(
            "filled",
            [self.filled_rate(found)],
            _("Backorders by what became of them"),
            _("What became of it"),
            [_("What became of it")],
            [Column(_("Lines"), _("lines"))],
            rows,
            self.csv("filled"),
            is_empty=not any(counts),
        )

    @property
    def promises(self) -> Figure:
        """Deliveries against the day that was promised first, and last."""
        _ = self.tongue.gettext
        both = {"first": self.counted.deliveries.first, "last": self.counted.deliveries.last}
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
            name = _("no day was promised")
            rows.append(
                self._promise_row(name, without, max(most, *without.values()), OPEN, {"outcome": "none"})
            )
        return Figure(
            "promises",
            self.promise_rates(*((KEPT.of(counts), counts.total()) for counts in dated.values())),
            _("Lines delivered, by how far from the promised day"),
            _("Arrived"),
            [_("Arrived")],
            [
                Column(_("First promise"), _("first promise")),
                Column(_("Last promise"), _("last promise")),
            ],
            rows,
            self.csv("promises"),
            is_empty=not both["first"].total(),
            is_pair=True,
        )

    def _promise_row(
        self, name: str, counts: Mapping[str, int], most: int, kind: str, more: Mapping[str, str]
    ) -> Row:
        return Row(
            name,
            [bar([(count, kind)], most) for count in counts.values()],
            [
                self.count(count, "deliveries", {"promise": promise, **more})
                for promise, count in counts.items()
            ],
            [name],
        )


def views(asked: Asked, tongue: Tongue) -> list[Shortcut]:
    """The figures as they are spread, and broken down in each way."""
    _ = tongue.gettext
    names = {
        "": _("All together"),
        "period": _("By time"),
        "account": _("By account"),
        "location": _("By location"),
        "supplier": _("By supplier"),
    }
    return [Shortcut(name, asked.broken_down(by).href(), by == asked.by) for by, name in names.items()]


def shortcuts(asked: Asked, first: date | None, tongue: Tongue, today: date) -> list[Shortcut]:
    """Periods up to today, and all there is since the first order."""
    made = [(days, last_days(today, days)) for days in SHORTCUTS]
    found = [
        Shortcut(
            tongue.ngettext("Last {n} day", "Last {n} days", days).format(n=days),
            asked.href(period=period),
            period == asked.period,
        )
        for days, period in made
    ]
    if first is not None:
        period = Period(min(first, today), today)
        name = tongue.gettext("Since the first order")
        found.append(Shortcut(name, asked.href(period=period), period == asked.period))
    return found


def _dated(counts: Counter[int | None]) -> Counter[int]:
    return Counter({days: count for days, count in counts.items() if days is not None})
