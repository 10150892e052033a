"""Promises outlive the portions they were given to: carrying them over when a line is cut anew."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from portal.domain.quantities import ZERO
from portal.domain.supply import Piece


class Promised(Protocol):
    """Something that was promised before."""

    @property
    def quantity(self) -> Decimal: ...
    @property
    def ships_on(self) -> date | None: ...
    @property
    def arrives_on(self) -> date | None: ...
    @property
    def first_ships_on(self) -> date | None: ...
    @property
    def first_arrives_on(self) -> date | None: ...


P = TypeVar("P", bound=Promised)


def align(old: Sequence[P], new: Sequence[Piece]) -> list[tuple[Decimal, P | None, Piece]]:
    """Tell for each new piece, in parts, what it was promised as: (quantity, old or None, new).

    Both sides are laid end to end by arrival, no date last, and cut wherever either of them is cut. New
    quantity beyond the old has no earlier promise; old quantity beyond the new is gone and left out.
    """
    before = iter(sorted((one for one in old if one.quantity > 0), key=_first_come))
    earlier, left = _next(before)
    aligned: list[tuple[Decimal, P | None, Piece]] = []
    for piece in sorted(new, key=_arrival):
        rest = piece.quantity
        while rest > 0:
            part = rest if earlier is None else min(rest, left)
            aligned.append((part, earlier, piece))
            rest -= part
            left -= part
            if earlier is not None and not left:
                earlier, left = _next(before)
    return aligned


def _next(promised: Iterator[P]) -> tuple[P | None, Decimal]:
    one = next(promised, None)
    return one, one.quantity if one is not None else ZERO


def _arrival(one: Promised | Piece) -> tuple[date, date]:
    return one.arrives_on or date.max, one.ships_on or date.max


def _first_come(one: Promised) -> tuple[date, date, date, date]:
    return *_arrival(one), one.first_arrives_on or date.max, one.first_ships_on or date.max
