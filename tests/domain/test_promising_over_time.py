"""The laws of the promise engine from one plan to the next."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.promising import Inbound, Piece, Plan, Shelf, Supply
from portal.domain.quantities import total
from tests.domain.situations import CODES, TODAY, Situation, quantities, situations

law = settings(deadline=None, max_examples=100)


def carried_out(situation: Situation, planned: Plan) -> Situation:
    """The situation once everything that was allocated is allocated, and nothing else has happened."""
    free: dict[str, Decimal] = defaultdict(Decimal)
    for shelf in situation.supply.shelves:
        free[shelf.location] += shelf.free
    reserves = []
    for reserve in situation.supply.reserves:
        drawn = total(
            piece.quantity
            for pieces in planned.pieces.values()
            for piece in pieces
            if piece.agreement == reserve.agreement
        )
        filled = planned.reserves[reserve.agreement] + drawn - reserve.quantity
        free[reserve.location] -= filled
        reserves.append(
            replace(reserve, quantity=planned.reserves[reserve.agreement], open=reserve.open - filled)
        )
    for pieces in planned.pieces.values():
        for piece in pieces:
            if piece.stage == "allocated" and piece.agreement is None:
                free[str(piece.location)] -= piece.quantity

    supply = replace(
        situation.supply,
        shelves=[Shelf(location, quantity) for location, quantity in free.items()],
        reserves=reserves,
        earmarks={},
    )
    waiting = {line: total(piece.quantity for piece in left) for line, left in still_waiting(planned).items()}
    demand = [replace(one, quantity=waiting[one.line]) for one in situation.demand if waiting[one.line]]
    return Situation(supply, demand, situation.places)


def still_waiting(planned: Plan) -> dict[int, tuple[Piece, ...]]:
    return {
        line: tuple(piece for piece in pieces if piece.stage == "waiting")
        for line, pieces in planned.pieces.items()
    }


@law
@given(situations())
def test_planning_again_after_the_plan_is_carried_out_changes_nothing(situation: Situation) -> None:
    planned = situation.plan
    again = carried_out(situation, planned).plan

    assert again.pieces == {line: pieces for line, pieces in still_waiting(planned).items() if pieces}
    assert again.reserves == planned.reserves


@st.composite
def improvements(draw: st.DrawFn, supply: Supply) -> Supply:
    """More stock, one more inbound line, a bigger one or an earlier one (but not before today)."""
    kind = draw(st.sampled_from(["stock", "inbound", "bigger", "earlier"]))
    more = draw(quantities)
    if kind == "stock":
        return replace(supply, shelves=[*supply.shelves, Shelf(draw(st.sampled_from(CODES)), more)])
    if kind == "inbound" or not supply.inbound:
        day = TODAY + timedelta(days=draw(st.integers(0, 25)))
        added = Inbound(99, "production", "9", 1, None, True, draw(st.sampled_from(CODES)), more, day)
        return replace(supply, inbound=[*supply.inbound, added])

    lines = list(supply.inbound)
    i = draw(st.integers(0, len(lines) - 1))
    if kind == "bigger":
        lines[i] = replace(lines[i], quantity=lines[i].quantity + more)
    else:
        earlier = lines[i].expected_on - timedelta(days=draw(st.integers(1, 25)))
        lines[i] = replace(lines[i], expected_on=max(TODAY, earlier))
    return replace(supply, inbound=lines)


def nobody_is_later(before: Plan, after: Plan) -> bool:
    return all(not_later(before.pieces[line], after.pieces[line]) for line in before.pieces)


def not_later(before: Sequence[Piece], after: Sequence[Piece]) -> bool:
    """By each day at least as much of the line has arrived as before."""
    days = {piece.arrives_on for piece in before if piece.arrives_on is not None}
    return all(arrived(after, day) >= arrived(before, day) for day in days)


def arrived(pieces: Sequence[Piece], day: date) -> Decimal:
    return total(
        piece.quantity for piece in pieces if piece.arrives_on is not None and piece.arrives_on <= day
    )


@law
@given(st.data())
def test_more_or_earlier_supply_makes_nobody_later(data: st.DataObject) -> None:
    """Where all locations work alike, no agreement interferes, nothing is overdue and no lead time stands in for
    supply: otherwise a nearer shelf may pass an order on to a farther one, and a real date replaces a usual one.
    """
    situation = data.draw(
        situations(most_agreements=0, overdue=False, lead_time=False, one_calendar=True), label="situation"
    )
    better = replace(situation, supply=data.draw(improvements(situation.supply), label="better"))

    assert nobody_is_later(situation.plan, better.plan)


@law
@given(st.data())
def test_more_or_earlier_supply_at_one_location_makes_nobody_later_even_with_agreements(
    data: st.DataObject,
) -> None:
    """One location, nothing bought for a line, each account drawing on one agreement at most."""
    situation = data.draw(
        situations(most_agreements=1, bought=False, overdue=False, lead_time=False, one_calendar=True),
        label="situation",
    )
    situation = in_one_place(situation)
    better = replace(situation, supply=data.draw(improvements(situation.supply), label="better"))

    assert nobody_is_later(situation.plan, in_one_place(better).plan)


def in_one_place(situation: Situation) -> Situation:
    supply = situation.supply
    return replace(
        situation,
        supply=replace(
            supply,
            shelves=[replace(one, location="A") for one in supply.shelves],
            reserves=[replace(one, location="A") for one in supply.reserves],
            inbound=[replace(one, location="A") for one in supply.inbound],
        ),
    )
