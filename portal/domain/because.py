"""One honest sentence for every portion, from its status, dates and facts. It never names others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.reasons import because
from portal.domain.words import Words, amount, english, grammatical_number

__all__ = ["LIFTED_BY", "Told", "Words", "english", "sentence"]

# Who can lift a hold that was set for this reason.
LIFTED_BY = {
    "credit": "finance",
    "finance": "finance",
    "quality": "operations",
    "approval": "approver",
    "address": "account_manager",
    "manual": "operations",
}
_OURS = frozenset({"allocated", "picking", "packed"})


@dataclass(frozen=True, slots=True)
class Told:
    """What is known about a portion when its sentence is made. Names are for people: "Main", "Leeds".

    `location_name` is where it stands, left, or will come in. `because` holds the facts of the plan and, for
    a held portion, the `hold` facts {reason, lifted_by}. `shipment_state` is that of the shipment it left on.
    `waits_for_rest`: the goods are here, but the order ships complete and is not. `waits_for_approval`: nobody has
    agreed to it yet.
    """

    quantity: Decimal
    unit: str
    status: str
    held_from: str | None = None
    location_name: str | None = None
    city: str | None = None
    ships_on: date | None = None
    arrives_on: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None
    returned_on: date | None = None
    cancelled_on: date | None = None
    carrier: str | None = None
    shipment: str | None = None
    shipment_state: str | None = None
    waits_for_rest: bool = False
    waits_for_approval: bool = False
    because: Sequence[Mapping[str, str | int | bool | None]] = ()


def sentence(told: Told, words: Words) -> str:
    """Say what happens with a portion and when, in the language of `words`."""
    return _Speaker(told, words).speak()


class _Speaker:
    """A portion about to be told. Clauses carry no full stop: they get it when they are put together."""

    def __init__(self, told: Told, words: Words) -> None:
        self.told = told
        self.words = words
        self.n = grammatical_number(told.quantity)
        self.gettext = words.gettext
        self.ngettext = words.ngettext

    def speak(self) -> str:
        match self.told.status:
            case "held":
                return _stop(self._held()) + " " + _stop(self._kept_while_held())
            case "allocated" | "picking" | "packed":
                return _stop(f"{self._at_hand()}; {self._dates()}") + self._waiting_for_rest()
            case "shipped":
                return _stop(f"{self._left()}; {self._on_the_road()}")
            case "delivered" | "returned" | "cancelled":
                return _stop(self._settled())
            case "backordered":
                return _stop(f"{self._queued()}; {self._by_lead_time()}")
            case "reserved_elsewhere":
                return _stop(f"{self._reserved()}; {self._dates()}")
            case "waiting" if self.told.waits_for_approval:
                unapproved = self.ngettext(
                    "%(count)s waits until the order is approved; nothing is set aside yet",
                    "%(count)s wait until the order is approved; nothing is set aside yet",
                    self.n,
                )
                return _stop(self._say(unapproved))
            case "waiting":
                unplanned = self.ngettext(
                    "%(count)s waits to be planned", "%(count)s wait to be planned", self.n
                )
                return _stop(f"{self._say(unplanned)}; {self._dates()}")
            case _:
                return _stop(f"{self._awaiting()}; {self._dates()}")

    def _held(self) -> str:
        holds = [fact for fact in self.told.because if fact["fact"] == "hold"]
        reasons = list(dict.fromkeys(self._reason(hold["reason"]) for hold in holds))
        lifters = list(dict.fromkeys(self._lifter(hold["lifted_by"]) for hold in holds))
        held = self.ngettext("%(count)s is held %(why)s", "%(count)s are held %(why)s", self.n)
        if not holds:
            return self._say(held, why=self._reason(None))

        lift = self.ngettext(
            "%(who)s can lift the hold", "all %(holds)s holds must be lifted, by %(who)s", len(holds)
        )
        return (
            self._say(held, why=self._list(reasons))
            + "; "
            + self._say(lift, who=self._list(lifters), holds=len(holds))
        )

    def _reason(self, reason: object) -> str:
        match reason:
            case "credit":
                return self.gettext("because of the credit limit")
            case "finance":
                return self.gettext("for a finance decision")
            case "quality":
                return self.gettext("for a quality check")
            case "approval":
                return self.gettext("for an approval")
            case "address":
                return self.gettext("because of the delivery address")
            case "manual":
                return self.gettext("by our staff")
        return self.gettext("for another reason")

    def _lifter(self, role: object) -> str:
        match role:
            case "finance":
                return self.gettext("our finance team")
            case "operations":
                return self.gettext("our operations team")
            case "account_manager":
                return self.gettext("your account manager")
            case "approver":
                return self.gettext("your approver")
        return self.gettext("our staff")

    def _list(self, parts: list[str]) -> str:
        *some, last = parts
        return (
            self._say(self.gettext("%(some)s and %(last)s"), some=", ".join(some), last=last)
            if some
            else last
        )

    def _kept_while_held(self) -> str:
        if self.told.held_from in _OURS:
            kept = self.ngettext(
                "It keeps its stock at %(location)s", "They keep their stock at %(location)s", self.n
            )
        else:
            kept = self.ngettext(
                "It keeps its place in the queue", "They keep their place in the queue", self.n
            )
        until = self._dates() if self.told.ships_on else self.gettext("no date until the hold is lifted")
        return f"{self._say(kept)}; {until}"

    def _at_hand(self) -> str:
        match self.told.status:
            case "picking":
                pattern = self.ngettext(
                    "%(count)s is being picked at %(location)s",
                    "%(count)s are being picked at %(location)s",
                    self.n,
                )
            case "packed":
                pattern = self.ngettext(
                    "%(count)s is packed at %(location)s", "%(count)s are packed at %(location)s", self.n
                )
            case _:
                pattern = self.ngettext(
                    "%(count)s stands ready at %(location)s", "%(count)s stand ready at %(location)s", self.n
                )
        return self._say(pattern)

    def _waiting_for_rest(self) -> str:
        if not self.told.waits_for_rest:
            return ""
        return " " + _stop(
            self.ngettext(
                "The order ships complete, so it waits for the rest",
                "The order ships complete, so they wait for the rest",
                self.n,
            )
        )

    def _left(self) -> str:
        told = self.told
        if told.shipped_on is None:
            left = self._say(
                self.ngettext("%(count)s has left %(location)s", "%(count)s have left %(location)s", self.n)
            )
        else:
            left = self._say(
                self.ngettext(
                    "%(count)s left %(location)s on %(day)s", "%(count)s left %(location)s on %(day)s", self.n
                ),
                day=self.words.day(told.shipped_on),
            )
        if told.carrier:
            left = self._say(self.gettext("%(left)s with %(carrier)s"), left=left, carrier=told.carrier)
        return f"{left} ({told.shipment})" if told.shipment else left

    def _on_the_road(self) -> str:
        match self.told.shipment_state:
            case "exception":
                return self.gettext("the carrier reports a problem on the way")
            case "returned_to_sender":
                return self.ngettext(
                    "the carrier is bringing it back", "the carrier is bringing them back", self.n
                )
            case "out_for_delivery":
                return self.ngettext("it is out for delivery", "they are out for delivery", self.n)

        expected = self.told.arrives_on
        if expected is None:
            return self.gettext("no arrival date yet")
        if expected >= self.words.today:
            pattern = self.ngettext(
                "it is expected in %(city)s on %(day)s", "they are expected in %(city)s on %(day)s", self.n
            )
        else:
            pattern = self.ngettext(
                "it was expected in %(city)s on %(day)s and is not reported as delivered",
                "they were expected in %(city)s on %(day)s and are not reported as delivered",
                self.n,
            )
        return self._say(pattern, day=self.words.day(expected))

    def _settled(self) -> str:
        told = self.told
        match told.status:
            case "delivered":
                day = told.delivered_on
                dated = self.ngettext(
                    "%(count)s was delivered in %(city)s on %(day)s",
                    "%(count)s were delivered in %(city)s on %(day)s",
                    self.n,
                )
                plain = self.ngettext(
                    "%(count)s was delivered in %(city)s", "%(count)s were delivered in %(city)s", self.n
                )
            case "returned":
                day = told.returned_on
                dated = self.ngettext(
                    "%(count)s came back on %(day)s", "%(count)s came back on %(day)s", self.n
                )
                plain = self.ngettext("%(count)s came back", "%(count)s came back", self.n)
            case _:
                day = told.cancelled_on
                dated = self.ngettext(
                    "%(count)s was cancelled on %(day)s and will not come",
                    "%(count)s were cancelled on %(day)s and will not come",
                    self.n,
                )
                plain = self.ngettext(
                    "%(count)s was cancelled and will not come",
                    "%(count)s were cancelled and will not come",
                    self.n,
                )
        return self._say(plain) if day is None else self._say(dated, day=self.words.day(day))

    def _awaiting(self) -> str:
        inbound = self._fact("inbound")
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
        waits = self._say(pattern, reference=inbound.get("reference", ""), supplier=supplier)
        return f"{waits}, {self._expected(inbound)}{self._moved()}"

    def _moved(self) -> str:
        """Staff gave it another place in the queue."""
        moved = self._fact("moved_in_queue")
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
        return "; " + self._say(pattern, why=because(moved["reason"], self.gettext))

    def _expected(self, inbound: Mapping[str, str | int | bool | None]) -> str:
        if self._fact("overdue"):
            pattern = self.gettext("which was expected on %(day)s and is overdue")
        elif inbound.get("confirmed"):
            pattern = self.gettext("confirmed for %(day)s")
        elif self.told.status == "awaiting_supplier":
            pattern = self.gettext("expected on %(day)s but not confirmed")
        else:
            pattern = self.gettext("expected on %(day)s")
        return self._say(pattern, day=self._day(inbound["expected_on"]))

    def _reserved(self) -> str:
        held = Decimal(str(self._fact("stock_reserved")["quantity"]))
        waits = self._say(self.ngettext("%(count)s waits", "%(count)s wait", self.n))
        reserved = self.ngettext(
            "%(held)s stands at %(location)s but is reserved for a contract",
            "%(held)s stand at %(location)s but are reserved for a contract",
            grammatical_number(held),
        )
        return f"{waits}: {self._say(reserved, held=amount(held, self.told.unit, self.words))}"

    def _queued(self) -> str:
        queued = self._say(self.ngettext("%(count)s is backordered", "%(count)s are backordered", self.n))
        place = self.gettext("next in the queue")
        if ahead := self._fact("queue_ahead"):
            quantity = amount(Decimal(str(ahead["quantity"])), self.told.unit, self.words)
            place = self._say(self.gettext("with %(ahead)s ahead of you in the queue"), ahead=quantity)
        return f"{queued}, {place}{self._moved()}"

    def _by_lead_time(self) -> str:
        if not (lead_time := self._fact("lead_time")):
            uncovered = self.ngettext("no supply covers it yet", "no supply covers them yet", self.n)
            return f"{uncovered}; {self._dates()}"

        days = int(str(lead_time["days"]))
        if self.told.ships_on is None:
            passed = self.ngettext(
                "the usual lead time of %(days)s working day has passed",
                "the usual lead time of %(days)s working days has passed",
                days,
            )
            return f"{self._say(passed, days=days)}; {self._dates()}"

        usual = self.ngettext(
            "with the usual lead time of %(days)s working day %(dates)s",
            "with the usual lead time of %(days)s working days %(dates)s",
            days,
        )
        return self._say(usual, days=days, dates=self._dates())

    def _dates(self) -> str:
        ships_on, arrives_on = self.told.ships_on, self.told.arrives_on
        if ships_on is None or arrives_on is None:
            return self.gettext("no date yet")

        if self._fact("weekly"):
            pattern = self.ngettext(
                "it ships with your weekly delivery on %(ships)s and reaches %(city)s on %(arrives)s",
                "they ship with your weekly delivery on %(ships)s and reach %(city)s on %(arrives)s",
                self.n,
            )
        else:
            pattern = self.ngettext(
                "it ships on %(ships)s and reaches %(city)s on %(arrives)s",
                "they ship on %(ships)s and reach %(city)s on %(arrives)s",
                self.n,
            )
        dates = self._say(pattern, ships=self.words.day(ships_on), arrives=self.words.day(arrives_on))
        if not (requested := self._fact("requested")):
            return dates
        timed = self._say(self.gettext("timed for %(day)s as you asked"), day=self._day(requested["on"]))
        return f"{dates}, {timed}"

    def _say(self, pattern: str, **values: object) -> str:
        return pattern % {
            "count": amount(self.told.quantity, self.told.unit, self.words),
            "location": self.told.location_name or self.gettext("our warehouse"),
            "city": self.told.city or self.gettext("your site"),
            **values,
        }

    def _fact(self, name: str) -> Mapping[str, str | int | bool | None]:
        return next((fact for fact in self.told.because if fact["fact"] == name), {})

    def _day(self, iso: object) -> str:
        return self.words.day(date.fromisoformat(str(iso)))


def _stop(clause: str) -> str:
    """End a sentence; a day may already have brought the full stop ("am 30. Nov.")."""
    return clause if clause.endswith(".") else f"{clause}."
