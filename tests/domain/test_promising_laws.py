"""The laws of the promise engine, tried on random situations."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.promising import Demand, Piece, Plan, plan
from portal.domain.quantities import total
from tests.domain.situations import Situation, situations

law = settings(deadline=None, max_examples=100)
NEVER = 10_000


def shared(piece: Piece) -> bool:
    return piece.stage == "allocated" and piece.agreement is None


def waits(pieces: Iterable[Piece]) -> bool:
    return any(piece.stage == "waiting" for piece in pieces)


def drawn(planned: Plan) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for pieces in planned.pieces.values():
        for piece in pieces:
            if piece.agreement is not None:
                sums[piece.agreement] += piece.quantity
    return sums


def free_left(situation: Situation, planned: Plan) -> dict[str, Decimal]:
    """What nobody holds at each location once the plan is carried out."""
    left: dict[str, Decimal] = defaultdict(Decimal)
    for shelf in situation.supply.shelves:
        left[shelf.location] += shelf.free
    for pieces in planned.pieces.values():
        for piece in pieces:
            if shared(piece):
                left[str(piece.location)] -= piece.quantity
    for reserve in situation.supply.reserves:
        left[reserve.location] -= filled(reserve.agreement, situation, planned)
    return left


def filled(agreement: str, situation: Situation, planned: Plan) -> Decimal:
    """How much free stock was newly ring-fenced for an agreement."""
    before = next(one.quantity for one in situation.supply.reserves if one.agreement == agreement)
    return planned.reserves[agreement] + drawn(planned)[agreement] - before


@law
@given(situations(picky=True))
def test_every_demand_is_cut_into_pieces_that_add_up_to_it(situation: Situation) -> None:
    planned = situation.plan

    assert set(planned.pieces) == {one.line for one in situation.demand}
    for one in situation.demand:
        assert total(piece.quantity for piece in planned.pieces[one.line]) == one.quantity
        assert all(piece.quantity > 0 for piece in planned.pieces[one.line])


@law
@given(situations(picky=True))
def test_no_two_pieces_of_a_line_share_stock_agreement_and_inbound(situation: Situation) -> None:
    for pieces in situation.plan.pieces.values():
        fates = [(piece.status, piece.location, piece.agreement, piece.inbound) for piece in pieces]
        assert len(set(fates)) == len(fates)


@law
@given(situations(picky=True))
def test_no_inbound_line_is_promised_beyond_what_it_brings(situation: Situation) -> None:
    pegged: dict[int, Decimal] = defaultdict(Decimal)
    for pieces in situation.plan.pieces.values():
        for piece in pieces:
            if piece.inbound is not None:
                pegged[piece.inbound] += piece.quantity

    brought = {inbound.id: inbound.quantity for inbound in situation.supply.inbound}
    assert all(quantity <= brought[inbound] for inbound, quantity in pegged.items())


@law
@given(situations(picky=True))
def test_stock_is_never_given_twice(situation: Situation) -> None:
    planned = situation.plan

    assert all(left >= 0 for left in free_left(situation, planned).values())


@law
@given(situations(picky=True))
def test_an_agreement_holds_at_least_nothing_and_fills_at_most_what_is_open(situation: Situation) -> None:
    planned = situation.plan

    for reserve in situation.supply.reserves:
        assert planned.reserves[reserve.agreement] >= 0
        assert 0 <= filled(reserve.agreement, situation, planned) <= reserve.open


@law
@given(situations(picky=True))
def test_nobody_draws_on_an_agreement_of_somebody_else(situation: Situation) -> None:
    planned = situation.plan
    located = {reserve.agreement: reserve.location for reserve in situation.supply.reserves}

    for one in situation.demand:
        for piece in planned.pieces[one.line]:
            if piece.agreement is not None:
                assert piece.agreement in one.agreements
                assert piece.location == located[piece.agreement]


@law
@given(situations(bought=False, picky=True))
def test_who_is_served_from_one_location_gets_nothing_from_another(situation: Situation) -> None:
    planned = situation.plan
    where = {inbound.id: inbound.location for inbound in situation.supply.inbound}

    for one in situation.demand:
        for piece in planned.pieces[one.line]:
            if one.only and (piece.stage == "allocated" or piece.inbound is not None):
                assert piece.location == one.only
                assert piece.inbound is None or where[piece.inbound] == one.only


@law
@given(situations(bought=False, picky=True))
def test_nobody_waits_while_there_is_stock_that_they_may_use(situation: Situation) -> None:
    planned = situation.plan

    for one in situation.demand:
        if waits(planned.pieces[one.line]):
            left = free_left(situation, planned)
            assert not any(quantity for code, quantity in left.items() if one.may_come_from(code))


@law
@given(situations())
def test_nobody_waits_while_there_is_stock_to_use(situation: Situation) -> None:
    planned = situation.plan

    for one in situation.demand:
        if waits(planned.pieces[one.line]):
            assert not any(free_left(situation, planned).values())
            assert not any(planned.reserves.get(agreement) for agreement in one.agreements)


@law
@given(situations(bought=False))
def test_nobody_gets_stock_that_somebody_ahead_waits_for(situation: Situation) -> None:
    """Free stock: nobody ahead waits at all. Stock of an agreement: nobody ahead waits who may draw on it."""
    planned = situation.plan
    for i, one in enumerate(situation.queue):
        ahead_waiting = [other for other in situation.queue[:i] if waits(planned.pieces[other.line])]
        for piece in planned.pieces[one.line]:
            if shared(piece):
                assert not ahead_waiting
            elif piece.stage == "allocated":
                assert not any(piece.agreement in other.agreements for other in ahead_waiting)


@law
@given(situations())
def test_whoever_is_ahead_with_the_same_rights_is_served_first(situation: Situation) -> None:
    """Turns of supply: stock 0, inbound lines 1, 2, 3 in the order of use, nothing at all last.

    Someone behind takes an earlier turn only by a right of their own: an agreement that the one ahead may not
    draw on, or goods that were bought for exactly their line.
    """
    planned = situation.plan
    turns = situation.turns()
    bought_for = {inbound.for_line for inbound in situation.supply.inbound}
    bought_for |= {line for line, _ in situation.supply.earmarks}

    def served(one: Demand) -> list[int]:
        pieces = planned.pieces[one.line]
        return [
            0 if piece.stage == "allocated" else NEVER if piece.inbound is None else turns[piece.inbound]
            for piece in pieces
        ]

    for i, behind in enumerate(situation.queue):
        for ahead in situation.queue[:i]:
            if behind.line not in bought_for and set(behind.agreements) <= set(ahead.agreements):
                assert max(served(ahead)) <= min(served(behind))


@law
@given(situations())
def test_reserved_stock_is_named_to_the_first_in_the_queue_up_to_what_others_hold(
    situation: Situation,
) -> None:
    planned = situation.plan
    held = total(planned.reserves.values())
    unserved = [
        [piece for piece in planned.pieces[one.line] if piece.stage == "waiting" and piece.inbound is None]
        for one in situation.queue
    ]
    statuses = [piece.status for pieces in unserved for piece in pieces]
    named = total(
        piece.quantity for pieces in unserved for piece in pieces if piece.status == "reserved_elsewhere"
    )

    assert named == min(held, total(piece.quantity for pieces in unserved for piece in pieces))
    assert statuses == sorted(statuses, key=["reserved_elsewhere", "backordered"].index)


@law
@given(situations(), st.randoms(use_true_random=False))
def test_the_plan_is_the_same_whatever_the_order_of_the_rows(
    situation: Situation, shuffle: random.Random
) -> None:
    def shuffled(rows: Iterable[Any]) -> list[Any]:
        mixed = list(rows)
        shuffle.shuffle(mixed)
        return mixed

    supply = replace(
        situation.supply,
        shelves=shuffled(situation.supply.shelves),
        inbound=shuffled(situation.supply.inbound),
        earmarks=dict(shuffled(situation.supply.earmarks.items())),
    )

    mixed = plan(supply, shuffled(situation.demand), dict(shuffled(situation.places.items())))

    assert mixed == situation.plan
