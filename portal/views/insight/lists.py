"""What a figure was counted from, as a list that adds up to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from portal.db.insight_lists import BackorderedLine, DeliveredLine, DispatchedOrder
from portal.domain.insight import OFF
from portal.filters import Tongue
from portal.views.insight.asked import PER_PAGE, Asked, Chosen
from portal.views.insight.names import length, off_name, outcome_name, took_name


@dataclass(frozen=True, slots=True)
class Cell:
    """`label` names it where a phone shows no head of the table."""

    label: str
    text: str | Markup
    is_number: bool = False
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list: `rows` begin with the number of an order."""

    title: str
    count: str
    heads: Sequence[tuple[str, bool]]
    rows: Sequence[tuple[str, Sequence[Cell]]]
    back: str
    following: str | None
    preceding: str | None
    place: str


class Lists:
    """Lists of one page in one language."""

    def __init__(self, asked: Asked, chosen: Chosen, tongue: Tongue, today: date) -> None:
        self.asked = asked
        self.chosen = chosen
        self.tongue = tongue
        self.today = today

    def dispatches(self, found: Sequence[DispatchedOrder], of: int) -> Listed:
        _, n = self.tongue.gettext, self.tongue.number
        rows = [
            (
                one.order,
                [
                    self._account(one.account),
                    Cell(_("Ordered"), self.tongue.stamp(one.placed_at, self.today)),
                    Cell(_("First dispatch"), self.tongue.stamp(one.shipped_at, self.today)),
                    Cell(_("Took"), length(one.took, self.tongue), is_number=True),
                    Cell(_("Shipment"), one.shipment),
                    Cell(_("From"), one.location),
                    Cell(_("Still to come then"), self._left(one), is_number=True),
                ],
            )
            for one in found
        ]
        count = self.tongue.ngettext("{n} order", "{n} orders", of).format(n=n(of))
        return self._listed(self._dispatches_title(), count, rows, of)

    def _left(self, one: DispatchedOrder) -> str:
        if one.leaves:
            return self.tongue.number(one.leaves)
        _ = self.tongue.gettext
        return _("what a cancelled shipment held") if one.is_partial else _("nothing")

    def _dispatches_title(self) -> str:
        _ = self.tongue.gettext
        if self.chosen.days:
            took = took_name(self.chosen.days, self.tongue)
            return _("First dispatches that took {time}").format(time=took)
        return {
            "parts": _("Orders dispatched in parts"),
            "whole": _("Orders dispatched in one go"),
        }.get(self.chosen.outcome, _("First dispatches"))

    def backorders(self, found: Sequence[BackorderedLine], of: int) -> Listed:
        _, n = self.tongue.gettext, self.tongue.number
        rows = [
            (
                one.order,
                [
                    self._account(one.account),
                    Cell(_("Line"), str(one.line), is_number=True),
                    Cell("SKU", one.sku),
                    Cell(_("Without stock"), n(one.quantity), is_number=True),
                    Cell(_("Since"), self._day(one.since)),
                    Cell(_("Target"), self._day(one.due)),
                    Cell(_("What became of it"), self._became(one)),
                ],
            )
            for one in found
        ]
        title = _("Backorders")
        if self.chosen.outcome:
            became = outcome_name(self.chosen.outcome, self.tongue)
            title = _("Backorders: {outcome}").format(outcome=became)
        count = self.tongue.ngettext("{n} line", "{n} lines", of).format(n=n(of))
        return self._listed(title, count, rows, of)

    def _became(self, one: BackorderedLine) -> str:
        _ = self.tongue.gettext
        if one.settled_on is None:
            return _("still waiting")
        day = self.tongue.day(one.settled_on, self.today)
        said = _("cancelled {day}") if one.was_cancelled else _("filled {day}")
        return said.format(day=day)

    def deliveries(self, found: Sequence[DeliveredLine], of: int) -> Listed:
        _, n = self.tongue.gettext, self.tongue.number
        rows = [
            (
                one.order,
                [
                    self._account(one.account),
                    Cell(_("Line"), str(one.line), is_number=True),
                    Cell("SKU", one.sku),
                    Cell(_("Quantity"), n(one.quantity), is_number=True),
                    Cell(_("Shipment"), one.shipment),
                    Cell(_("Promised"), self._day(one.promised) if one.promised else _("nothing")),
                    Cell(_("Delivered"), self._day(one.delivered_on)),
                    Cell(_("Off by"), "" if one.off is None else self._off(one.off)),
                ],
            )
            for one in found
        ]
        count = self.tongue.ngettext("{n} line", "{n} lines", of).format(n=n(of))
        return self._listed(self._deliveries_title(), count, rows, of)

    def _deliveries_title(self) -> str:
        _ = self.tongue.gettext
        is_first = self.chosen.promise == "first"
        if self.chosen.outcome == "none":
            return _("Deliveries without a promised day")
        if self.chosen.days:
            words = (
                _("Deliveries against the first promise: {when}")
                if is_first
                else _("Deliveries against the last promise: {when}")
            )
            return words.format(when=off_name(self.chosen.days, self.tongue))
        titles = {
            ("kept", True): _("First promises kept"),
            ("kept", False): _("Last promises kept"),
            ("broken", True): _("First promises broken"),
            ("broken", False): _("Last promises broken"),
        }
        otherwise = (
            _("Deliveries against the first promise")
            if is_first
            else _("Deliveries against the last promise")
        )
        return titles.get((self.chosen.outcome, is_first), otherwise)

    def _off(self, off: int) -> str:
        """So many days early, on the day, or so many late."""
        if off < 0:
            words = self.tongue.ngettext("{n} day early", "{n} days early", -off)
            return words.format(n=self.tongue.number(-off))
        if off == 0:
            return off_name(OFF[1], self.tongue)
        words = self.tongue.ngettext("{n} day late", "{n} days late", off)
        return words.format(n=self.tongue.number(off))

    def _account(self, account: str) -> Cell:
        """Leads to the same list of this account only."""
        href = self._href(1, account=account) if account != self.asked.account else None
        return Cell(self.tongue.gettext("Account"), account, href=href)

    def _day(self, day: date) -> Markup:
        return self.tongue.day_html(day, self.today)

    def _listed(self, title: str, count: str, rows: Sequence[tuple[str, Sequence[Cell]]], of: int) -> Listed:
        last = max(1, -(-of // PER_PAGE))
        page = self.chosen.page
        place = self.tongue.gettext("Page {n} of {of}").format(
            n=self.tongue.number(page), of=self.tongue.number(last)
        )
        return Listed(
            title,
            count,
            [(cell.label, cell.is_number) for cell in rows[0][1]] if rows else [],
            rows,
            self.asked.href(),
            self._href(page + 1) if page < last else None,
            self._href(page - 1) if page > 1 else None,
            place if last > 1 else "",
        )

    def _href(self, page: int, **more: str) -> str:
        numbered = {"page": str(page)} if page > 1 else {}
        return self.asked.href(self.chosen.figure, {**self.chosen.pairs, **numbered, **more})
