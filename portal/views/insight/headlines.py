"""What charts of every kind share: the figures themselves, and how a count is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.db.insight import Deliveries, Dispatches
from portal.db.insight_groups import Latency
from portal.domain.insight import JUDGED, Period
from portal.filters import Tongue
from portal.views.insight.asked import NOTHING, Asked
from portal.views.insight.charts import Count, Headline, plain_percent
from portal.views.insight.names import length, milliseconds, share_name


@dataclass(frozen=True, slots=True)
class Counted:
    """All that was counted."""

    dispatches: Dispatches
    backorders: Mapping[str, int]
    deliveries: Deliveries


class Headlines:
    """In one language, of what was asked for."""

    def __init__(self, asked: Asked, tongue: Tongue, today: date) -> None:
        self.asked = asked
        self.tongue = tongue
        self.today = today

    def partial_rate(self, partial: int, total: int) -> Headline:
        return self._rate(
            self.tongue.gettext("dispatched in parts"),
            partial,
            total,
            self.tongue.ngettext("{part} of {n} order", "{part} of {n} orders", total),
        )

    def dispatch_times(
        self, median: timedelta | None, ninetieth: timedelta | None, total: int
    ) -> Sequence[Headline]:
        _ = self.tongue.gettext
        of = self.tongue.ngettext("{n} order", "{n} orders", total).format(n=self.tongue.number(total))
        return [
            Headline(_("median"), self.length(median), of),
            Headline(_("90th percentile"), self.length(ninetieth), of),
        ]

    def filled_rate(self, outcomes: Mapping[str, int]) -> Headline:
        judged = sum(outcomes.get(outcome, 0) for outcome in JUDGED)
        target = self.asked.target
        return self._rate(
            self.tongue.ngettext("filled within {n} day", "filled within {n} days", target).format(n=target),
            outcomes.get("in_time", 0),
            judged,
            self.tongue.ngettext(
                "{part} of {n} line that is filled or whose time is up",
                "{part} of {n} lines that are filled or whose time is up",
                judged,
            ),
        )

    def promise_rates(self, first: tuple[int, int], last: tuple[int, int]) -> Sequence[Headline]:
        """Each as (kept, lines with such a promise)."""
        _ = self.tongue.gettext
        return [
            self._rate(
                name,
                kept,
                whole,
                self.tongue.ngettext("{part} of {n} line delivered", "{part} of {n} lines delivered", whole),
            )
            for name, (kept, whole) in ((_("first promise kept"), first), (_("last promise kept"), last))
        ]

    def latency_times(self, told: Latency | None) -> Sequence[Headline]:
        _ = self.tongue.gettext
        n = told.messages if told else 0
        of = self.tongue.ngettext("{n} message", "{n} messages", n).format(n=self.tongue.number(n))
        return [
            Headline(_("median"), milliseconds(told.median, self.tongue) if told else None, of),
            Headline(_("95th percentile"), milliseconds(told.high, self.tongue) if told else None, of),
        ]

    def _rate(self, name: str, part: int, whole: int, words: str) -> Headline:
        if not whole:
            return Headline(name, None)
        counts = words.format(part=self.tongue.number(part), n=self.tongue.number(whole))
        return Headline(name, share_name(part, whole, self.tongue), counts)

    def length(self, took: timedelta | None) -> str | None:
        return None if took is None else length(took, self.tongue)

    def count(
        self,
        number: int,
        listed: str = "",
        more: Mapping[str, str] = NOTHING,
        *,
        of: int | None = None,
        period: Period | None = None,
        **scope: str,
    ) -> Count:
        """A count leads to what was counted, if that is listed and anything."""
        href = self.asked.narrowed(**scope).href(listed, more, period=period) if number and listed else None
        return Count(
            self.tongue.number(number),
            href,
            "" if of is None else share_name(number, of, self.tongue),
            str(number),
            "" if of is None else plain_percent(number, of),
        )

    def csv(self, code: str) -> str:
        return self.asked.href(f"{code}/figures.csv")

    def days(self, span: Period) -> Sequence[str]:
        return span.first.isoformat(), span.last.isoformat()
