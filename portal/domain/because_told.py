"""What is known of a portion when its sentence is made, and what all of its clauses share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.words import Words, amount, grammatical_number


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


class Clauses:
    """Parts of sentences about a portion. They carry no full stop: they get it when they are put together."""

    def __init__(self, told: Told, words: Words) -> None:
        self.told = told
        self.words = words
        self.n = grammatical_number(told.quantity)
        self.gettext = words.gettext
        self.ngettext = words.ngettext

    def dates(self) -> str:
        ships_on, arrives_on = self.told.ships_on, self.told.arrives_on
        if ships_on is None or arrives_on is None:
            return self.gettext("no date yet")

        if self.fact("weekly"):
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
        dates = self.say(pattern, ships=self.words.day(ships_on), arrives=self.words.day(arrives_on))
        if not (requested := self.fact("requested")):
            return dates
        timed = self.say(self.gettext("timed for %(day)s as you asked"), day=self.day(requested["on"]))
        return f"{dates}, {timed}"

    def say(self, pattern: str, **values: object) -> str:
        return pattern % {
            "count": amount(self.told.quantity, self.told.unit, self.words),
            "location": self.told.location_name or self.gettext("our warehouse"),
            "city": self.told.city or self.gettext("your site"),
            **values,
        }

    def fact(self, name: str) -> Mapping[str, str | int | bool | None]:
        return next((fact for fact in self.told.because if fact["fact"] == name), {})

    def day(self, iso: object) -> str:
        return self.words.day(date.fromisoformat(str(iso)))


def stop(clause: str) -> str:
    """End a sentence; a day may already have brought the full stop ("am 30. Nov.")."""
    return clause if clause.endswith(".") else f"{clause}."
