"""Who decides for whom: delegations are followed from one person to the next, and loops end."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Delegation:
    """One that is in force: the orders of `account`, and of those below it, up to the cap."""

    id: int
    account: str
    from_person: int
    to_person: int
    from_on: date
    to_on: date
    cap: Decimal | None = None
    cap_currency: str | None = None

    def holds_for(self, path: Collection[str], total: Decimal, currency: str) -> bool:
        """Whether it covers an order of the account with this path; an amount in another currency is over any cap."""
        if self.account not in path:
            return False
        return self.cap is None or (currency == self.cap_currency and total <= self.cap)


def deputies(
    delegations: Iterable[Delegation], person: int, path: Collection[str], total: Decimal, currency: str
) -> dict[int, date]:
    """Everybody who may decide for the person on such an order, with the day until which: the nearest first.

    A delegate who has delegated in turn is followed; whoever comes back to somebody already met ends there.
    """
    holding: dict[int, list[Delegation]] = {}
    for delegation in delegations:
        if delegation.holds_for(path, total, currency):
            holding.setdefault(delegation.from_person, []).append(delegation)
    found: dict[int, date] = {}
    asked: list[tuple[int, date]] = [(person, date.max)]
    for someone, until in asked:
        for delegation in holding.get(someone, ()):
            deputy, last = delegation.to_person, min(until, delegation.to_on)
            if deputy != person and deputy not in found:
                found[deputy] = last
                asked.append((deputy, last))
    return found


def principals(
    delegations: Sequence[Delegation], person: int, path: Collection[str], total: Decimal, currency: str
) -> set[int]:
    """Everybody for whom the person may decide on such an order."""
    return {
        delegation.from_person
        for delegation in delegations
        if person in deputies(delegations, delegation.from_person, path, total, currency)
    }
