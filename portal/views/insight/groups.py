"""The supplier's figures broken down: a row for each span of the period, account, location or supplier."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.db.insight_groups import Dispatched, Key, Promised
from portal.domain.insight import KEPT, Period
from portal.filters import Tongue
from portal.views.insight.asked import Asked
from portal.views.insight.charts import (
    NOT_WELL,
    OPEN,
    WELL,
    Column,
    Count,
    Figure,
    Headline,
    Part,
    Row,
    bar,
)
from portal.views.insight.headlines import Counted, Headlines
from portal.views.insight.names import group_of, nobody, span_name

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Broken:
    """The figures by group."""

    dispatches: Mapping[Key, Dispatched]
    backorders: Mapping[Key, Counter[str]]
    deliveries: Mapping[Key, Promised]


@dataclass(frozen=True, slots=True)
class Group:
    """A row: its name, the same for a machine, where it leads, and what narrows a list to it."""

    name: str
    keys: Sequence[str]
    href: str | None
    period: Period | None
    scope: Mapping[str, str] | None


class Groups(Headlines):
    """What rows are, and in which order they stand."""

    def __init__(self, asked: Asked, tongue: Tongue, today: date, names: Mapping[str, str]) -> None:
        super().__init__(asked, tongue, today)
        self.names = names
        self.spans = list(asked.period.spans())

    @property
    def keys(self) -> Sequence[str]:
        _ = self.tongue.gettext
        if self.asked.by == "period":
            return _("From"), _("Until")
        if self.asked.by == "supplier":
            return (_("Supplier"),)
        return group_of(self.asked.by, self.tongue), _("Name")

    def sorted(self, found: Iterable[Key], size: Callable[[Key], int]) -> list[Key]:
        """All spans, also empty ones; otherwise the biggest first, and what belongs to nobody last."""
        if self.asked.by == "period":
            return list(range(1, len(self.spans) + 1))
        return sorted(found, key=lambda key: (key is None, -size(key), str(key)))

    def group(self, key: Key) -> Group:
        if isinstance(key, int):
            span = self.spans[key - 1]
            name = span_name(span, self.asked.period, self.tongue, self.today)
            href = self.asked.broken_down("").href(period=span)
            return Group(name, self.days(span), href, span, {})
        width = len(self.keys)
        if key is None:
            return Group(name := nobody(self.asked.by, self.tongue), [name, ""][:width], None, None, None)
        scope = {self.asked.by: key}
        known = self.names.get(key, "")
        href = self.asked.narrowed(**scope).broken_down("").href()
        return Group(f"{key} {known}".strip(), [key, known][:width], href, None, scope)

    def of(
        self, group: Group, number: int, listed: str, more: Mapping[str, str], of: int | None = None
    ) -> Count:
        """A count leads to a list where the list can be narrowed to the group."""
        if group.scope is None:
            return self.count(number, of=of)
        return self.count(number, listed, more, of=of, period=group.period, **group.scope)

    def row(self, group: Group, bars: Sequence[Sequence[Part]], counts: Sequence[Count]) -> Row:
        return Row(group.name, bars, counts, group.keys, group.href, is_rest=group.scope is None)

    def figure(
        self,
        code: str,
        caption: str,
        columns: Sequence[Column],
        rows: Sequence[Row],
        headlines: Sequence[Headline],
        *,
        is_empty: bool,
        is_pair: bool = False,
    ) -> Figure:
        return Figure(
            code, headlines, caption, group_of(self.asked.by, self.tongue), self.keys, columns, rows,
            self.csv(code), is_empty=is_empty, is_pair=is_pair,
        )  # fmt: skip


class Grouped(Groups):
    """The figures of one page, broken down."""

    def __init__(
        self,
        asked: Asked,
        whole: Counted,
        broken: Broken,
        names: Mapping[str, str],
        tongue: Tongue,
        today: date,
    ) -> None:
        super().__init__(asked, tongue, today, names)
        self.whole = whole
        self.broken = broken

    @property
    def fulfilment(self) -> Figure:
        _, found = self.tongue.gettext, self.broken.dispatches
        none = Dispatched(0, 0, timedelta(), timedelta())
        size = {key: one.whole + one.partial for key, one in found.items()}
        most = _most(size)
        rows = []
        for key in self.sorted(found, lambda key: size[key]):
            group, one = self.group(key), found.get(key, none)
            rows.append(
                self.row(
                    group,
                    [_fit([(one.whole, WELL), (one.partial, NOT_WELL)], most)],
                    [
                        self.of(group, one.whole, "dispatches", {"outcome": "whole"}),
                        self.of(
                            group, one.partial, "dispatches", {"outcome": "parts"}, of=one.whole + one.partial
                        ),
                    ],
                )
            )
        columns = [
            Column(_("In one go"), _("in one go"), WELL),
            Column(_("In parts"), _("in parts"), NOT_WELL, has_share=True),
        ]
        rate = self.partial_rate(self.whole.dispatches.partial, self.whole.dispatches.total)
        return self.figure("partial", _("First dispatches"), columns, rows, [rate], is_empty=not found)

    @property
    def dispatch_time(self) -> Figure:
        _, found = self.tongue.gettext, self.broken.dispatches
        most = _most({key: one.ninetieth // MINUTE for key, one in found.items()})
        rows = []
        for key in self.sorted(found, lambda key: found[key].whole + found[key].partial):
            group, one = self.group(key), found.get(key)
            orders = one.whole + one.partial if one else 0
            rows.append(
                self.row(
                    group,
                    [reach(one.median // MINUTE, one.ninetieth // MINUTE, most) if one else []],
                    [
                        self.of(group, orders, "dispatches", {}),
                        self._length_count(one.median if one else None),
                        self._length_count(one.ninetieth if one else None),
                    ],
                )
            )
        columns = [
            Column(_("Orders"), _("orders")),
            Column(_("Median"), _("median"), WELL, plain=_("Median, hours")),
            Column(_("90th percentile"), _("90th percentile"), OPEN, plain=_("90th percentile, hours")),
        ]
        whole = self.whole.dispatches
        times = self.dispatch_times(whole.median, whole.ninetieth, whole.total)
        return self.figure("dispatch", _("How long it took"), columns, rows, times, is_empty=not found)

    def _length_count(self, took: timedelta | None) -> Count:
        if took is None:
            return Count("")
        # For a machine in hours.
        return Count(self.length(took) or "", plain=f"{took / timedelta(hours=1):.2f}")

    @property
    def backorders(self) -> Figure:
        _, found = self.tongue.gettext, self.broken.backorders
        most = _most({key: counts.total() for key, counts in found.items()})
        rows = []
        for key in self.sorted(found, lambda key: found[key].total()):
            group, counts = self.group(key), found.get(key, Counter[str]())
            well, ill = counts["in_time"], counts["late"] + counts["missed"]
            still = counts["waiting"] + counts["cancelled"]
            rows.append(
                self.row(
                    group,
                    [_fit([(well, WELL), (ill, NOT_WELL), (still, OPEN)], most)],
                    [
                        self.of(group, well, "backorders", {"outcome": "in_time"}, of=well + ill),
                        self.count(ill),
                        self.count(still),
                    ],
                )
            )
        columns = [
            Column(_("In time"), _("in time"), WELL, has_share=True),
            Column(_("Too late or not yet"), _("too late or not yet"), NOT_WELL),
            Column(_("Not judged"), _("not judged"), OPEN),
        ]
        rate = self.filled_rate(self.whole.backorders)
        return self.figure("filled", _("Backorders"), columns, rows, [rate], is_empty=not found)

    @property
    def promises(self) -> Figure:
        _, found = self.tongue.gettext, self.broken.deliveries
        rows = []
        for key in self.sorted(found, lambda key: max(found[key].first_of, found[key].last_of)):
            group, one = self.group(key), found.get(key, Promised(0, 0, 0, 0))
            both = {"first": (one.first_kept, one.first_of), "last": (one.last_kept, one.last_of)}
            rows.append(
                self.row(
                    group,
                    [bar([(kept, WELL), (of - kept, NOT_WELL)], of) for kept, of in both.values()],
                    [
                        self.of(group, kept, "deliveries", {"promise": name, "outcome": "kept"}, of=of)
                        for name, (kept, of) in both.items()
                    ],
                )
            )
        columns = [
            Column(_("First promise kept"), _("first promise kept"), has_share=True),
            Column(_("Last promise kept"), _("last promise kept"), has_share=True),
        ]
        counted = self.whole.deliveries
        rates = self.promise_rates(
            *(
                (
                    KEPT.of({days: n for days, n in counts.items() if days is not None}),
                    counts.total() - counts[None],
                )
                for counts in (counted.first, counted.last)
            )
        )
        return self.figure(
            "promises", _("Lines delivered"), columns, rows, rates, is_empty=not found, is_pair=True
        )


def reach(median: int, high: int, most: int) -> Sequence[Part]:
    """A bar to the median, and from there to the high percentile."""
    return _fit([(median, WELL), (max(high - median, 0), OPEN)], most)


def _most(sizes: Mapping[Key, int]) -> int:
    """The longest bar. What belongs to no group is not compared with groups: it would make them all look small."""
    return max(
        (size for key, size in sizes.items() if key is not None), default=max(sizes.values(), default=0)
    )


def _fit(parts: Sequence[tuple[int, str]], most: int) -> Sequence[Part]:
    """Nothing is drawn that is longer than the chart is wide."""
    return bar(parts, most) if 0 < sum(size for size, _ in parts) <= most else []
