"""Moves around another product: offered, accepted, declined, withdrawn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from portal.db import detail
from portal.db.work import Work
from portal.domain.orders import Order, Portion, Substitution
from portal.operations import substituting
from portal.operations.foreseeing import foresee
from portal.operations.substituting import Instead
from tests.operations.moves import Draw, Move, one_of, part_of
from tests.operations.supplier import EVERYBODY, SKUS, SUPPLIER, Sight, share


def offer(sight: Sight, draw: Draw) -> Move | None:
    able = [(order, line) for order in sight.orders for line in order.lines if line.replaceable]
    found = one_of(draw, able)
    if found is None:
        return None
    order, line = found
    sku = draw(st.sampled_from(SKUS))
    wanted = Instead(
        line.line,
        part_of(draw, line.sku, line.replaceable),
        sku,
        share(sku, draw(st.integers(1, 20))),
        draw(st.none() | st.sampled_from((Decimal(0), Decimal("1.115"), Decimal(9)))),
    )
    return Move(
        f"offer {order.number} {wanted}",
        lambda work: substituting.offer(work, EVERYBODY, SUPPLIER, order.number, wanted),
    )


def accept(sight: Sight, draw: Draw) -> Move | None:
    found = _one(sight, draw)
    if found is None:
        return None
    order, offered = found
    return Move(
        f"accept {order.number} {offered}",
        lambda work: substituting.accept(work, EVERYBODY, SUPPLIER, order.number, offered.id, None),
    )


def accept_as_foreseen(sight: Sight, draw: Draw) -> Move | None:
    """While nobody else does anything, exactly that becomes of it which was foreseen."""
    found = _one(sight, draw)
    if found is None:
        return None
    order, offered = found

    async def do(work: Work) -> None:
        seen = (await foresee(work.pool, order, [offered]))[offered.id]
        line = await substituting.accept(
            work, EVERYBODY, SUPPLIER, order.number, offered.id, None, substituting.Shown(seen.arrives_on)
        )
        await work.close_books()
        after = await detail.detail(work.conn, EVERYBODY, order.number)
        assert after is not None
        came = next(one for one in after.lines if one.line == line).portions
        if order.delivery_preference == "complete_only":
            # What the line sets free may serve another line of the order, and the whole is there the earlier.
            assert (came[0].arrives_on or date.max) <= (seen.portions[0].arrives_on or date.max)
            came, seen = _undated(came), replace(seen, portions=_undated(seen.portions))
        assert _told(came) == _told(seen.portions), f"{came} came, {seen} was foreseen"

    return Move(f"accept {order.number} {offered} as foreseen", do)


def _undated(portions: Sequence[Portion]) -> list[Portion]:
    return [replace(portion, ships_on=None, arrives_on=None) for portion in portions]


def _told(portions: Sequence[Portion]) -> Counter[Any]:
    told: Counter[Any] = Counter()
    for one in portions:
        told[one.status, one.held_from, one.location, one.ships_on, one.arrives_on] += one.quantity
    return told


def decline(sight: Sight, draw: Draw) -> Move | None:
    found = _one(sight, draw)
    if found is None:
        return None
    end = draw(st.sampled_from((substituting.decline, substituting.withdraw)))
    order, offered = found
    return Move(
        f"{end.__name__} {order.number} {offered}",
        lambda work: end(work, EVERYBODY, order.number, offered.id, None),
    )


def _one(sight: Sight, draw: Draw) -> tuple[Order, Substitution] | None:
    """Mostly one that stands; sometimes one that was answered, which is refused."""
    every = [(order, offer) for order in sight.orders for offer in order.substitutions]
    standing = [one for one in every if one[1].is_standing]
    found: tuple[Order, Substitution] | None = one_of(
        draw, standing if standing and draw(st.integers(0, 4)) else every
    )
    return found
