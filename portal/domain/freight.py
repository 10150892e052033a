"""What the buyer pays for the way of the goods: agreed at checkout, for the shipments that are planned then."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portal.domain import money
from portal.domain.money import ZERO


@dataclass(frozen=True, slots=True)
class Tariff:
    """What one shipment from a location in one mode costs: a base, and so much per kilogram.

    Goods worth `free_from` or more, net, travel free.
    """

    location: str
    mode: str
    currency: str
    per_shipment: Decimal
    per_kg: Decimal = ZERO
    free_from: Decimal | None = None


class Tariffs:
    """All that a supplier charges for freight in one currency. Where nothing is said, nothing is charged."""

    def __init__(self, tariffs: Iterable[Tariff], currency: str) -> None:
        self.currency = currency
        self._known = {(one.location, one.mode): one for one in tariffs if one.currency == currency}

    def find(self, location: str | None, mode: str) -> Tariff | None:
        """The tariff that holds for goods from there, if there is one."""
        return self._known.get((location, mode)) if location is not None else None

    def cost(self, location: str | None, mode: str, goods: Decimal, weight_kg: Decimal) -> Decimal:
        """Of one shipment with goods of that net value and weight."""
        tariff = self.find(location, mode)
        if tariff is None or (tariff.free_from is not None and goods >= tariff.free_from):
            return money.rounded(ZERO, self.currency)
        return money.rounded(tariff.per_shipment + tariff.per_kg * weight_kg, self.currency)
