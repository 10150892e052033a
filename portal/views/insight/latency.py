"""How long other systems waited to be told: from the commit to the first attempt."""

from collections.abc import Mapping

from portal.db.insight_groups import Key, Latency
from portal.views.insight.charts import OPEN, WELL, Column, Count, Figure
from portal.views.insight.groups import Groups, reach
from portal.views.insight.names import milliseconds


class Latencies(Groups):
    """By span of the period or by account. Spans without a message are left out: messages are not kept for long."""

    def drawn(self, every: Latency | None, found: Mapping[Key, Latency]) -> Figure:
        _ = self.tongue.gettext
        most = max((one.high for one in found.values()), default=0)
        keys = [key for key in self.sorted(found, lambda key: found[key].messages) if key in found]
        rows = [
            self.row(
                self.group(key),
                [reach(found[key].median, found[key].high, most)],
                [
                    self.count(found[key].messages),
                    self._milliseconds(found[key].median),
                    self._milliseconds(found[key].high),
                ],
            )
            for key in keys
        ]
        columns = [
            Column(_("Messages"), _("messages")),
            Column(_("Median"), _("median"), WELL, plain=_("Median, ms")),
            Column(_("95th percentile"), _("95th percentile"), OPEN, plain=_("95th percentile, ms")),
        ]
        caption = _("From the commit to the first attempt")
        return self.figure("latency", caption, columns, rows, self.latency_times(every), is_empty=not found)

    def _milliseconds(self, took: int) -> Count:
        return Count(milliseconds(took, self.tongue), plain=str(took))
