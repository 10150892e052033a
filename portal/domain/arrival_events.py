"""Arrivals as a calendar holds them: what comes of one order on one day to one place is one entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from portal.domain.arrivals import Arrival, together


@dataclass(frozen=True, slots=True)
class ArrivalEvent:
    """All that arrives of an order on a day; `rows` are never empty, and stand in the order's own order."""

    day: date
    rows: Sequence[Arrival]

    @property
    def first(self) -> Arrival:
        return self.rows[0]

    @property
    def lines(self) -> int:
        """How many lines of the order; one that comes in two parts is one."""
        return len({row.line_id for row in self.rows})

    @property
    def uid(self) -> str:
        """The same for as long as there is something to come on that day. A day that moves is another entry."""
        return f"{self.first.order}-{self.first.account}-{self.first.site}-{self.day:%Y%m%d}"

    @property
    def is_in_trouble(self) -> bool:
        return any(row.is_in_trouble for row in self.rows)

    def is_late(self, today: date) -> bool:
        """It should be there, and nobody has said that it is."""
        return self.day < today

    def is_sure(self, today: date) -> bool:
        """Whether the day can be relied on: it left, it is ours, or its supply is confirmed."""
        return not (
            self.is_late(today) or self.is_in_trouble or any(row.kind == "unsure" for row in self.rows)
        )


def events_of(rows: Sequence[Arrival]) -> list[ArrivalEvent]:
    """Of rows in any order, by day; what has no day has no place in a calendar."""
    dated = [row for row in together(rows) if row.day is not None]
    in_order = sorted(dated, key=lambda row: (*_place(row), row.line, row.kind, row.shipment or ""))
    return [ArrivalEvent(inside[0], list(found)) for inside, found in groupby(in_order, key=_place)]


def _place(row: Arrival) -> tuple[date, str, str, int]:
    return row.day or date.max, row.account, row.site, row.order_id
