"""Portions as they read: never two alike, and the furthest first."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from portal.domain.orders import STATUSES, Portion
from portal.domain.portions import OURS


def alike_as_one(portions: Iterable[Portion]) -> list[Portion]:
    """Portions that read the same are told as one."""
    told: list[Portion] = []
    for portion in portions:
        for index, other in enumerate(told):
            if _same(other, portion):
                told[index] = _together(other, portion)
                break
        else:
            told.append(portion)
    return told


def _same(one: Portion, other: Portion) -> bool:
    return _fate(one) == _fate(other)


def _fate(portion: Portion) -> Portion:
    """What a reader can tell it by. Stock that was given at different times is the same stock by now."""
    because = () if portion.stage in OURS else portion.because
    return replace(portion, quantity=Decimal(0), because=because)


def _together(one: Portion, other: Portion) -> Portion:
    quantity = one.quantity + other.quantity
    because = [
        {**fact, "quantity": format(quantity.normalize(), "f")} if fact["fact"] == "on_shelf" else fact
        for fact in max(one.because, other.because, key=len)
    ]
    return replace(one, quantity=quantity, because=because)


def furthest_first(portion: Portion) -> tuple[int, date, date]:
    """The order in which a line's portions are told: furthest first, then by date."""
    return (STATUSES.index(portion.status), portion.arrives_on or date.max, portion.ships_on or date.max)
