"""What a portion without stock waits for."""

from collections.abc import Mapping
from decimal import Decimal

from portal.domain.because_told import Clauses
from portal.domain.reasons import because
from portal.domain.words import amount, grammatical_number


class Awaiting(Clauses):
    """Of a portion that waits for goods, for its turn, or for a contract's reserve."""

    def awaiting(self) -> str:
        inbound = self.fact("inbound")
        supplier = inbound.get("supplier")
        match self.told.status:
            case "awaiting_supplier" if supplier:
                pattern = self.ngettext(
                    "%(count)s waits for supplier order %(reference)s from %(supplier)s",
                    "%(count)s wait for supplier order %(reference)s from %(supplier)s",
                    self.n,
                )
            case "awaiting_supplier":
                pattern = self.ngettext(
                    "%(count)s waits for supplier order %(reference)s",
                    "%(count)s wait for supplier order %(reference)s",
                    self.n,
                )
            case "awaiting_transfer":
                pattern = self.ngettext(
                    "%(count)s waits for transfer %(reference)s to %(location)s",
                    "%(count)s wait for transfer %(reference)s to %(location)s",
                    self.n,
                )
            case "awaiting_production":
                pattern = self.ngettext(
                    "%(count)s waits for production order %(reference)s",
                    "%(count)s wait for production order %(reference)s",
                    self.n,
                )
            case _:
                pattern = self.ngettext(
                    "%(count)s waits for inspection %(reference)s at %(location)s",
                    "%(count)s wait for inspection %(reference)s at %(location)s",
                    self.n,
                )
        waits = self.say(pattern, reference=inbound.get("reference", ""), supplier=supplier)
        return f"{waits}, {self._expected(inbound)}{self._moved()}"

    def _expected(self, inbound: Mapping[str, str | int | bool | None]) -> str:
        if self.fact("overdue"):
            pattern = self.gettext("which was expected on %(day)s and is overdue")
        elif inbound.get("confirmed"):
            pattern = self.gettext("confirmed for %(day)s")
        elif self.told.status == "awaiting_supplier":
            pattern = self.gettext("expected on %(day)s but not confirmed")
        else:
            pattern = self.gettext("expected on %(day)s")
        return self.say(pattern, day=self.day(inbound["expected_on"]))

    def _moved(self) -> str:
        """Staff gave it another place in the queue."""
        moved = self.fact("moved_in_queue")
        if not moved:
            return ""
        if moved["to"] == "ahead":
            pattern = self.ngettext(
                "it was moved ahead in the queue %(why)s",
                "they were moved ahead in the queue %(why)s",
                self.n,
            )
        else:
            pattern = self.ngettext(
                "it was moved back in the queue %(why)s", "they were moved back in the queue %(why)s", self.n
            )
        return "; " + self.say(pattern, why=because(moved["reason"], self.gettext))

    def reserved(self) -> str:
        held = Decimal(str(self.fact("stock_reserved")["quantity"]))
        waits = self.say(self.ngettext("%(count)s waits", "%(count)s wait", self.n))
        reserved = self.ngettext(
            "%(held)s stands at %(location)s but is reserved for a contract",
            "%(held)s stand at %(location)s but are reserved for a contract",
            grammatical_number(held),
        )
        return f"{waits}: {self.say(reserved, held=amount(held, self.told.unit, self.words))}"

    def queued(self) -> str:
        queued = self.say(self.ngettext("%(count)s is backordered", "%(count)s are backordered", self.n))
        place = self.gettext("next in the queue")
        if ahead := self.fact("queue_ahead"):
            quantity = amount(Decimal(str(ahead["quantity"])), self.told.unit, self.words)
            place = self.say(self.gettext("with %(ahead)s ahead of you in the queue"), ahead=quantity)
        return f"{queued}, {place}{self._moved()}"

    def by_lead_time(self) -> str:
        if not (lead_time := self.fact("lead_time")):
            uncovered = self.ngettext("no supply covers it yet", "no supply covers them yet", self.n)
            return f"{uncovered}; {self.dates()}"

        days = int(str(lead_time["days"]))
        if self.told.ships_on is None:
            passed = self.ngettext(
                "the usual lead time of %(days)s working day has passed",
                "the usual lead time of %(days)s working days has passed",
                days,
            )
            return f"{self.say(passed, days=days)}; {self.dates()}"

        usual = self.ngettext(
            "with the usual lead time of %(days)s working day %(dates)s",
            "with the usual lead time of %(days)s working days %(dates)s",
            days,
        )
        return self.say(usual, days=days, dates=self.dates())
