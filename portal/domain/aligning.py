"""Promises outlive the portions they were given to: carrying them over when a line is cut anew."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
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
Part = tuple[Decimal, P | None]


def align(old: Sequence[P], new: Sequence[Piece]) -> list[tuple[Decimal, P | None, Piece]]:
    """Tell for each new piece, in parts, what it was promised as: (quantity, old or None, new).

    Both sides are laid end to end by arrival, no date last, and cut wherever either of them is cut. New
    quantity beyond the old has no earlier promise; old quantity beyond the new is gone and left out. Among pieces
    that arrive together the earliest first promise goes first, so that aligning once more changes nothing.
    """
    before: list[Part[P]] = [(one.quantity, one) for one in sorted(old, key=_arrival) if one.quantity > 0]
    before.reverse()
    aligned: list[tuple[Decimal, P | None, Piece]] = []
    for _, together in groupby(sorted(new, key=_arrival), key=_arrival):
        pieces = list(together)
        parts = _cut(before, sum((piece.quantity for piece in pieces), ZERO))
        if len(parts) > 1:
            parts.sort(key=lambda part: _first(part[1], pieces[0]))
        parts.reverse()
        for piece in pieces:
            aligned += [(quantity, one, piece) for quantity, one in _cut(parts, piece.quantity)]
    return aligned


def _cut(reel: list[Part[P]], quantity: Decimal) -> list[Part[P]]:
    """Take so much off the end of the reel, cutting the last part; what is not there was never promised."""
    parts: list[Part[P]] = []
    while quantity > 0:
        there, one = reel.pop() if reel else (quantity, None)
        part = min(quantity, there)
        quantity -= part
        parts.append((part, one))
        if part < there:
            reel.append((there - part, one))
    return parts


def _arrival(one: Promised | Piece) -> tuple[date, date]:
    return one.arrives_on or date.max, one.ships_on or date.max


def _first(one: Promised | None, piece: Piece) -> tuple[date, date]:
    """The first promise as it stands after this: what had none gets the date of the piece."""
    if one is None or one.first_arrives_on is None:
        return _arrival(piece)
    return one.first_arrives_on, one.first_ships_on or date.max
