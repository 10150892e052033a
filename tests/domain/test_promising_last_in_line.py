"""Whoever comes last changes nobody's plan, and all that matters of the others is how much they want together.

Placing an order behind a long queue rests on this: the queue is then added up, not planned anew.
"""

from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.domain.promising import Demand, Supply, in_front, plan
from portal.domain.quantities import total
from tests.domain.situations import Situation, situations

law = settings(deadline=None, max_examples=200)
LATEST = 1000


def still_waiting(situation: Situation) -> tuple[Supply, list[Demand]]:
    """What is left of a situation once its plan is carried out, without anything that agreements set apart."""
    supply = replace(situation.supply, reserves=(), earmarks={})
    demand = [replace(one, agreements=()) for one in situation.demand]
    pieces = plan(supply, demand, situation.places).pieces
    waits = {one.line: total(p.quantity for p in pieces[one.line] if p.stage == "waiting") for one in demand}
    taken = {
        shelf.location: total(
            p.quantity
            for mine in pieces.values()
            for p in mine
            if p.stage == "allocated" and p.location == shelf.location
        )
        for shelf in supply.shelves
    }
    shelves = [replace(shelf, free=shelf.free - taken[shelf.location]) for shelf in supply.shelves]
    left = [replace(one, quantity=waits[one.line]) for one in demand if waits[one.line]]
    return replace(supply, shelves=shelves), left


@st.composite
def newcomers(draw: st.DrawFn) -> list[Demand]:
    """One order with a line or two of the product, later than everybody."""
    other = draw(situations())
    assume(other.demand)
    one = replace(other.demand[0], agreements=(), locations=())
    return [
        replace(one, line=LATEST + n, rank=(0, LATEST, n), quantity=Decimal(draw(st.integers(1, 80))) / 4)
        for n in range(draw(st.integers(1, 2)))
    ]


@law
@given(situations(), newcomers())
def test_those_before_may_be_added_up_when_the_last_is_planned(
    situation: Situation, mine: list[Demand]
) -> None:
    supply, others = still_waiting(situation)
    assume(others)
    assert all(shelf.free == 0 for shelf in supply.shelves)
    together = plan(supply, [*others, *mine], situation.places)
    alone = plan(supply, others, situation.places)
    short = plan(supply, [*mine, in_front(mine[0], total(one.quantity for one in others))], situation.places)

    for one in mine:
        assert short.pieces[one.line] == together.pieces[one.line]
    for one in others:
        assert together.pieces[one.line] == alone.pieces[one.line]
