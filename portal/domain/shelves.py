"""Stock of one SKU while a plan gives it away: free at its locations, or ring-fenced for agreements."""

from collections.abc import Mapping
from decimal import Decimal

from portal.domain.calendars import Place
from portal.domain.quantities import ZERO
from portal.domain.supply import Demand, Supply

# How much was taken, by location and by the agreement it was drawn on (None: free stock).
Taken = dict[tuple[str, str | None], Decimal]


class Shelves:
    """What is left on the shelves. An empty shelf or a full agreement has no entry and costs nothing."""

    def __init__(self, supply: Supply, places: Mapping[str, Place]) -> None:
        self.places = places
        self.location = {one.agreement: one.location for one in supply.reserves}
        self.fenced = {one.agreement: one.quantity for one in supply.reserves}
        self.open = {one.agreement: one.open for one in supply.reserves if one.open > 0}
        self.free: dict[str, Decimal] = {}
        for shelf in supply.shelves:
            if shelf.free > 0:
                self.free[shelf.location] = self.free.get(shelf.location, ZERO) + shelf.free

    def fill_agreements(self) -> None:
        """Ring-fence free stock for agreements that are still open, in the order in which they were given."""
        for agreement, missing in list(self.open.items()):
            filled = self.take_free(self.location[agreement], missing)
            if filled:
                self.fenced[agreement] += filled
                self.close(agreement, filled)

    def close(self, agreement: str, quantity: Decimal) -> None:
        """So much less may still be ring-fenced for the agreement."""
        _subtract(self.open, agreement, quantity)

    def take_free(self, location: str, wanted: Decimal) -> Decimal:
        """Take up to `wanted` of the free stock at a location; returns how much it was."""
        quantity = min(wanted, self.free.get(location, ZERO))
        if quantity > 0:
            _subtract(self.free, location, quantity)
        return quantity

    def take(self, one: Demand, wanted: Decimal) -> Taken:
        """Take up to `wanted` for a demand: all from one location if one can, else from as few as can."""
        usable = self._usable(one)
        if not usable:
            return {}

        taken: Taken = {}
        location = self._covering(one, usable, wanted)
        if location is not None:
            self._take_at(one, location, wanted, taken)
            return taken

        for location in sorted(usable, key=lambda code: (self.is_abroad(one, code), -usable[code], code)):
            wanted -= self._take_at(one, location, wanted, taken)
            if not wanted:
                break
        return taken

    def is_abroad(self, one: Demand, location: str) -> bool:
        """Whether a location comes second for a demand that wants the ship-to's country first."""
        return one.own_country_first and self.places[location].country != one.destination.country

    def held(self) -> dict[str, Decimal]:
        """All that agreements ring-fence, by location."""
        held: dict[str, Decimal] = {}
        for agreement, quantity in self.fenced.items():
            if quantity > 0:
                held[self.location[agreement]] = held.get(self.location[agreement], ZERO) + quantity
        return held

    def _usable(self, one: Demand) -> dict[str, Decimal]:
        own = [agreement for agreement in dict.fromkeys(one.agreements) if self.fenced.get(agreement)]
        if not own and one.only is None:
            return self.free

        usable = dict(self.free)
        for agreement in own:
            location = self.location[agreement]
            usable[location] = usable.get(location, ZERO) + self.fenced[agreement]
        return {code: quantity for code, quantity in usable.items() if one.may_come_from(code)}

    def _covering(self, one: Demand, usable: Mapping[str, Decimal], wanted: Decimal) -> str | None:
        for location in one.locations:
            if usable.get(location, ZERO) >= wanted:
                return location

        covering = [location for location, quantity in usable.items() if quantity >= wanted]
        return min(covering, key=lambda code: (self.is_abroad(one, code), code), default=None)

    def _take_at(self, one: Demand, location: str, wanted: Decimal, taken: Taken) -> Decimal:
        """Draw on the demand's agreements first; what they do not hold comes from free stock."""
        rest = wanted
        for agreement in one.agreements:
            drawn = min(rest, self.fenced.get(agreement, ZERO))
            if drawn > 0 and self.location[agreement] == location:
                self.fenced[agreement] -= drawn
                taken[location, agreement] = drawn
                rest -= drawn

        free = self.take_free(location, rest)
        if free > 0:
            taken[location, None] = free
        return wanted - rest + free


def _subtract(quantities: dict[str, Decimal], key: str, quantity: Decimal) -> None:
    rest = quantities[key] - quantity
    if rest:
        quantities[key] = rest
    else:
        del quantities[key]
