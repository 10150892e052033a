"""Supply that is made up: the same for the same demand, like real deliveries, and never nonsense."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.calendars import Place
from portal.importing import deliveries, supplying

PLACE = Place(code="MAIN", name="Leicester", country="GB", today=date(2026, 11, 18))
DEMAND = st.dictionaries(
    st.from_regex(r"[0-9]{5}[A-Z]?", fullmatch=True), st.integers(1, 10_000).map(Decimal), max_size=50
)


@given(DEMAND)
def test_the_same_demand_meets_the_same_supply(demand: dict[str, Decimal]) -> None:
    pattern = deliveries.read()
    backwards = dict(reversed(list(demand.items())))
    first, second = supplying.make(demand, pattern, PLACE), supplying.make(backwards, pattern, PLACE)
    assert first.on_hand == second.on_hand
    assert sorted(first.on_order, key=repr) == sorted(second.on_order, key=repr)
    assert (first.lead_times, first.kept) == (second.lead_times, second.kept)


@given(DEMAND)
def test_what_came_is_part_of_what_was_ordered_in_whole_pieces(demand: dict[str, Decimal]) -> None:
    made = supplying.make(demand, deliveries.read(), PLACE)
    for line in made.on_order:
        assert 0 <= line.received + line.rejected <= line.quantity
        assert line.quantity == line.quantity.to_integral_value() > 0
        assert PLACE.is_open(line.expected_on)
    assert all(quantity > 0 for quantity in made.on_hand.values())
    assert all(quantity <= made.on_hand[key] for key, quantity in made.kept.items())


def test_about_six_products_in_ten_are_there_in_full() -> None:
    demand = {f"{number:05}": Decimal(100) for number in range(2000)}
    made = supplying.make(demand, deliveries.read(), PLACE)
    there: dict[str, Decimal] = {}
    for (sku, _), quantity in made.on_hand.items():
        there[sku] = there.get(sku, Decimal(0)) + quantity
    full = sum(1 for sku, wanted in demand.items() if there.get(sku, 0) >= wanted)
    assert 0.5 < full / len(demand) < 0.65
    assert any(line.expected_on < PLACE.today for line in made.on_order), "some deliveries are late"
    assert any(line.received and line.received < line.quantity for line in made.on_order), "some came short"
    assert any(line.rejected for line in made.on_order), "some were rejected"
    assert made.lead_times
    assert made.kept
