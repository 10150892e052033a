"""The promise engine on situations that one can check by hand."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from time import process_time

import pytest

from portal.domain.calendars import Destination
from portal.domain.promising import Supply
from tests.domain.situations import (
    BREMEN,
    MAIN,
    NORTH,
    TODAY,
    Situation,
    brings,
    facts,
    guarantees,
    november,
    on_shelf,
    told,
    wants,
)

TWO = {"MAIN": MAIN, "NORTH": NORTH}


def test_stock_on_the_shelf_is_allocated_and_ships_after_handling() -> None:
    (piece,) = Situation(Supply([on_shelf(500)]), [wants(1, 370)]).plan.pieces[1]

    assert (piece.stage, piece.status, piece.location, piece.agreement) == (
        "allocated",
        "allocated",
        "MAIN",
        None,
    )
    assert (piece.ships_on, piece.arrives_on) == (november(19), november(23))
    assert piece.because == (
        {"fact": "on_shelf", "location": "MAIN", "quantity": "370"},
        {"fact": "handling", "days": 1},
        {"fact": "transit", "days": 3, "mode": "parcel"},
        {"fact": "closed_days", "days": 1},
    )


def test_with_90_ahead_an_inbound_of_80_is_not_your_date_but_the_next_one_is() -> None:
    supply = Supply(inbound=[brings("4711", 80, november(19)), brings("4712", 200, november(25))])

    plan = Situation(supply, [wants(1, 90), wants(2, 20)]).plan

    assert told(plan.pieces[1]) == [
        ("80", "awaiting_supplier", november(23), november(26)),
        ("10", "awaiting_supplier", november(27), november(30)),
    ]
    (mine,) = plan.pieces[2]
    assert (mine.inbound, mine.ships_on, mine.arrives_on) == (4712, november(27), november(30))
    assert mine.because == (
        {"fact": "queue_ahead", "quantity": "90"},
        {
            "fact": "inbound",
            "kind": "purchase_order",
            "reference": "4712",
            "line": 1,
            "supplier": "Acme",
            "quantity": "200",
            "expected_on": "2026-11-25",
            "confirmed": True,
        },
        {"fact": "receiving", "days": 1},
        {"fact": "handling", "days": 1},
        {"fact": "transit", "days": 3, "mode": "parcel"},
    )


def test_of_400_expected_240_arrive_and_160_stay_visible_with_a_new_date() -> None:
    before = Situation(Supply(inbound=[brings("4711", 400, november(20))]), [wants(1, 400)])
    assert told(before.plan.pieces[1]) == [("400", "awaiting_supplier", november(24), november(27))]

    received = Supply(
        [on_shelf(240)],
        inbound=[brings("4711", 160, november(30), for_line=1)],
        earmarks={(1, "MAIN"): Decimal(240)},
    )
    assert told(Situation(received, [wants(1, 400)]).plan.pieces[1]) == [
        ("240", "allocated", november(19), november(23)),
        ("160", "awaiting_supplier", date(2026, 12, 2), date(2026, 12, 7)),
    ]


def test_of_200_on_the_shelf_with_180_under_agreement_an_order_for_50_gets_20() -> None:
    supply = Supply([on_shelf(20)], [guarantees("DISTRIBUTOR", 180)])

    plan = Situation(supply, [wants(1, 50)]).plan

    assert [(str(piece.quantity), piece.status) for piece in plan.pieces[1]] == [
        ("20", "allocated"),
        ("30", "reserved_elsewhere"),
    ]
    assert plan.pieces[1][1].because == ({"fact": "stock_reserved", "location": "MAIN", "quantity": "180"},)
    assert plan.pieces[1][1].ships_on is None
    assert plan.reserves == {"DISTRIBUTOR": Decimal(180)}


def test_the_holder_of_the_agreement_draws_on_it_and_takes_free_stock_for_the_rest() -> None:
    supply = Supply([on_shelf(20)], [guarantees("DISTRIBUTOR", 180)])

    plan = Situation(supply, [wants(1, 190, agreements=("DISTRIBUTOR",))]).plan

    drawn, shared = plan.pieces[1]
    assert (drawn.quantity, drawn.agreement, shared.quantity, shared.agreement) == (
        180,
        "DISTRIBUTOR",
        10,
        None,
    )
    assert (drawn.ships_on, drawn.arrives_on) == (shared.ships_on, shared.arrives_on)
    assert plan.reserves == {"DISTRIBUTOR": Decimal(0)}


def test_backordered_items_arrive_in_two_supplier_deliveries() -> None:
    supply = Supply(inbound=[brings("2", 50, november(30)), brings("1", 30, november(23))])

    assert told(Situation(supply, [wants(1, 80)]).plan.pieces[1]) == [
        ("30", "awaiting_supplier", november(25), november(30)),
        ("50", "awaiting_supplier", date(2026, 12, 2), date(2026, 12, 7)),
    ]


def test_a_slip_moves_only_what_depends_on_it() -> None:
    demand = [wants(1, 100), wants(2, 100), wants(3, 50)]
    on_time = Supply(inbound=[brings("1", 100, november(20)), brings("2", 150, november(23))])
    slipped = Supply(inbound=[brings("1", 100, november(20)), brings("2", 150, november(27))])

    before, after = Situation(on_time, demand).plan, Situation(slipped, demand).plan

    assert after.pieces[1] == before.pieces[1]
    assert told(before.pieces[2]) == [("100", "awaiting_supplier", november(25), november(30))]
    assert told(after.pieces[2]) == [("100", "awaiting_supplier", date(2026, 12, 1), date(2026, 12, 4))]
    assert told(after.pieces[3]) == [("50", "awaiting_supplier", date(2026, 12, 1), date(2026, 12, 4))]


def test_80_short_on_receipt_and_40_in_inspection_reach_the_end_of_the_queue() -> None:
    inspection = brings("7", 40, november(24), kind="inspection", supplier=None)
    supply = Supply([on_shelf(130)], inbound=[inspection])

    plan = Situation(supply, [wants(1, 100), wants(2, 150)]).plan

    assert told(plan.pieces[1]) == [("100", "allocated", november(19), november(23))]
    assert told(plan.pieces[2]) == [
        ("30", "allocated", november(19), november(23)),
        ("40", "awaiting_inspection", november(26), november(30)),
        ("80", "backordered", None, None),
    ]
    assert facts(plan.pieces[2][2]) == []


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("purchase_order", "awaiting_supplier"),
        ("transfer", "awaiting_transfer"),
        ("production", "awaiting_production"),
        ("inspection", "awaiting_inspection"),
    ],
)
def test_every_kind_of_inbound_has_its_own_status(kind: str, status: str) -> None:
    supply = Supply(inbound=[brings("1", 5, november(25), kind=kind)])

    assert Situation(supply, [wants(1, 5)]).plan.pieces[1][0].status == status


def test_inbound_takes_its_turn_by_the_day_it_can_be_used_and_not_by_the_day_it_comes() -> None:
    places = {"MAIN": MAIN, "NORTH": replace(NORTH, receiving_days=5)}
    slow, quick = brings("1", 10, november(20), location="NORTH"), brings("2", 10, november(23))

    plan = Situation(Supply(inbound=[slow, quick]), [wants(1, 10), wants(2, 10)], places).plan

    assert [plan.pieces[line][0].inbound for line in (1, 2)] == [2, 1]


def test_inbound_of_the_same_day_takes_its_turn_by_kind_reference_and_line() -> None:
    day = november(23)
    lines = [
        brings("3", 1, day, kind="transfer"),
        brings("2", 1, day, id=20, line=2),
        brings("2", 1, day, id=10, line=1),
        brings("1", 1, day),
        brings("9", 1, day, kind="inspection"),
    ]

    plan = Situation(Supply(inbound=lines), [wants(line, 1) for line in range(1, 6)]).plan

    assert [plan.pieces[line][0].inbound for line in range(1, 6)] == [9, 1, 10, 20, 3]


def test_an_inbound_without_a_supplier_names_none() -> None:
    supply = Supply(inbound=[brings("1", 5, november(25), kind="production", supplier=None, confirmed=False)])

    assert Situation(supply, [wants(1, 5)]).plan.pieces[1][0].because[0] == {
        "fact": "inbound",
        "kind": "production",
        "reference": "1",
        "line": 1,
        "quantity": "5",
        "expected_on": "2026-11-25",
        "confirmed": False,
    }


def test_an_overdue_inbound_keeps_its_pegs_without_a_date() -> None:
    supply = Supply(inbound=[brings("1", 10, november(17)), brings("2", 10, november(25))])

    plan = Situation(supply, [wants(1, 10), wants(2, 10)]).plan

    (overdue,) = plan.pieces[1]
    assert (overdue.status, overdue.inbound, overdue.ships_on) == ("awaiting_supplier", 1, None)
    assert facts(overdue) == ["inbound", "overdue"]
    assert overdue.because[-1] == {"fact": "overdue", "reference": "1", "expected_on": "2026-11-17"}
    assert plan.pieces[2][0].ships_on == november(27)


def test_an_inbound_that_is_due_today_is_not_overdue() -> None:
    supply = Supply(inbound=[brings("1", 10, TODAY)])

    assert Situation(supply, [wants(1, 10)]).plan.pieces[1][0].ships_on == november(20)


def test_what_was_bought_for_a_line_is_not_for_those_ahead_of_it() -> None:
    supply = Supply(inbound=[brings("1", 30, november(25), for_line=2)])

    plan = Situation(supply, [wants(1, 50), wants(2, 20)]).plan

    assert [(piece.quantity, piece.status) for piece in plan.pieces[1]] == [
        (10, "awaiting_supplier"),
        (40, "backordered"),
    ]
    assert [(piece.quantity, piece.status) for piece in plan.pieces[2]] == [(20, "awaiting_supplier")]


def test_what_was_bought_for_a_line_that_waits_no_more_is_for_the_queue() -> None:
    supply = Supply(inbound=[brings("1", 30, november(25), for_line=99)])

    assert Situation(supply, [wants(1, 30)]).plan.pieces[1][0].status == "awaiting_supplier"


def test_new_stock_fills_agreements_before_the_queue() -> None:
    supply = Supply([on_shelf(100)], [guarantees("P", 0, still=60), guarantees("Q", 0, still=60)])

    plan = Situation(supply, [wants(1, 10), wants(2, 10, agreements=("P",))]).plan

    assert plan.pieces[1][0].status == "reserved_elsewhere"
    assert plan.pieces[2][0].agreement == "P"
    assert plan.reserves == {"P": Decimal(50), "Q": Decimal(40)}


def test_an_inbound_fills_agreements_before_the_queue_and_for_their_holders_first() -> None:
    supply = Supply(reserves=[guarantees("P", 0, still=60)], inbound=[brings("1", 100, november(25))])

    plan = Situation(supply, [wants(1, 50), wants(2, 20, agreements=("P",))]).plan

    # Of the 60 of the agreement its holder waits for 20; the other 40 are kept and reach nobody in the queue.
    assert [(piece.quantity, piece.status) for piece in plan.pieces[2]] == [(20, "awaiting_supplier")]
    assert [(piece.quantity, piece.status) for piece in plan.pieces[1]] == [
        (40, "awaiting_supplier"),
        (10, "backordered"),
    ]
    assert plan.reserves == {"P": Decimal(0)}


def test_an_agreement_that_one_inbound_fills_leaves_the_next_to_the_queue() -> None:
    supply = Supply(
        reserves=[guarantees("P", 0, still=60)],
        inbound=[brings("1", 40, november(23)), brings("2", 50, november(25))],
    )

    plan = Situation(supply, [wants(1, 50), wants(2, 10, agreements=("P",))]).plan

    assert [(piece.inbound, piece.quantity) for piece in plan.pieces[2]] == [(1, 10)]
    assert [(piece.inbound, piece.quantity) for piece in plan.pieces[1]] == [(2, 30), (None, 20)]


def test_an_agreement_elsewhere_has_no_claim_on_an_inbound() -> None:
    supply = Supply(
        reserves=[guarantees("P", 0, still=60, location="NORTH")], inbound=[brings("1", 50, november(25))]
    )

    assert Situation(supply, [wants(1, 50)], TWO).plan.pieces[1][0].status == "awaiting_supplier"


def test_a_line_that_fits_in_one_location_comes_from_one() -> None:
    supply = Supply([on_shelf(30), on_shelf(40, "NORTH")])

    assert [piece.location for piece in Situation(supply, [wants(1, 35)], TWO).plan.pieces[1]] == ["NORTH"]


def test_stock_of_ones_agreement_counts_towards_a_location_that_can_ship_all() -> None:
    supply = Supply([on_shelf(35), on_shelf(10, "NORTH")], [guarantees("P", 30, location="NORTH")])

    pieces = Situation(supply, [wants(1, 40, agreements=("P",))], TWO).plan.pieces[1]

    assert [(piece.location, piece.agreement, piece.quantity) for piece in pieces] == [
        ("NORTH", "P", 30),
        ("NORTH", None, 10),
    ]


def test_a_shelf_that_was_counted_short_of_what_is_taken_gives_nothing() -> None:
    supply = Supply([on_shelf(-5), on_shelf(20, "NORTH")])

    assert [
        (piece.location, piece.quantity) for piece in Situation(supply, [wants(1, 25)], TWO).plan.pieces[1]
    ] == [
        ("NORTH", 20),
        (None, 5),
    ]


def test_between_locations_that_can_both_ship_all_the_code_decides() -> None:
    supply = Supply([on_shelf(40, "NORTH"), on_shelf(40)])

    assert [piece.location for piece in Situation(supply, [wants(1, 35)], TWO).plan.pieces[1]] == ["MAIN"]


def test_the_location_of_the_whole_order_is_preferred_where_it_covers_the_line() -> None:
    supply = Supply([on_shelf(40), on_shelf(35, "NORTH")])
    fits, too_big = wants(1, 35, locations=("NORTH",)), wants(2, 38, locations=("NORTH",))

    plan = Situation(supply, [fits, too_big], TWO).plan

    assert [piece.location for piece in plan.pieces[1]] == ["NORTH"]
    assert [piece.location for piece in plan.pieces[2]] == ["MAIN"]


def test_a_line_that_fits_nowhere_takes_the_largest_stock_first() -> None:
    supply = Supply([on_shelf(10), on_shelf(40, "NORTH")])

    assert [
        (piece.location, piece.quantity) for piece in Situation(supply, [wants(1, 45)], TWO).plan.pieces[1]
    ] == [
        ("NORTH", 40),
        ("MAIN", 5),
    ]


def test_stock_in_the_country_of_the_ship_to_comes_first_if_the_account_says_so() -> None:
    places = {"BREMEN": BREMEN, "MAIN": MAIN}
    supply = Supply([on_shelf(40, "BREMEN"), on_shelf(30)])

    def locations(quantity: int, own: bool) -> list[str | None]:
        demand = [wants(1, quantity, own_country_first=own)]
        return [piece.location for piece in Situation(supply, demand, places).plan.pieces[1]]

    assert locations(30, own=False) == ["BREMEN"]
    assert locations(30, own=True) == ["MAIN"]
    assert locations(60, own=False) == ["BREMEN", "MAIN"]
    assert locations(60, own=True) == ["MAIN", "BREMEN"]


def test_stock_that_was_received_for_a_line_goes_to_it_before_those_ahead() -> None:
    supply = Supply([on_shelf(30)], earmarks={(2, "MAIN"): Decimal(25)})

    plan = Situation(supply, [wants(1, 20), wants(2, 25)]).plan

    assert [(piece.quantity, piece.status) for piece in plan.pieces[1]] == [
        (5, "allocated"),
        (15, "backordered"),
    ]
    assert [(piece.quantity, piece.status) for piece in plan.pieces[2]] == [(25, "allocated")]


def test_received_stock_and_stock_from_the_same_shelf_are_one_piece() -> None:
    supply = Supply([on_shelf(30)], earmarks={(1, "MAIN"): Decimal(10), (99, "MAIN"): Decimal(5)})

    assert [piece.quantity for piece in Situation(supply, [wants(1, 25)]).plan.pieces[1]] == [25]


def test_a_higher_priority_is_served_before_an_earlier_order() -> None:
    supply = Supply([on_shelf(10)])

    plan = Situation(supply, [wants(1, 10), wants(2, 10, rank=(-5, 2, 1))]).plan

    assert plan.pieces[1][0].status == "backordered"
    assert plan.pieces[2][0].status == "allocated"


def test_the_lead_time_gives_a_date_where_no_supply_does() -> None:
    (piece,) = Situation(Supply(lead_time_days=5), [wants(1, 40)]).plan.pieces[1]

    assert (piece.status, piece.ships_on, piece.arrives_on) == ("backordered", november(25), november(30))
    assert facts(piece) == ["lead_time", "transit", "closed_days"]


def test_the_lead_time_counts_from_the_day_the_line_began_to_wait() -> None:
    since = wants(1, 40, waiting_since=november(13))

    assert Situation(Supply(lead_time_days=5), [since]).plan.pieces[1][0].ships_on == november(20)


def test_a_lead_time_that_has_passed_gives_no_date() -> None:
    long_ago = wants(1, 40, waiting_since=november(2))

    (piece,) = Situation(Supply(lead_time_days=5), [long_ago]).plan.pieces[1]

    assert (piece.ships_on, piece.arrives_on) == (None, None)
    assert piece.because == ({"fact": "lead_time", "days": 5},)


def test_the_lead_time_is_that_of_the_location_of_first_choice() -> None:
    places = {"BREMEN": replace(BREMEN, working_days=frozenset({0, 1})), "MAIN": MAIN}

    def ships_on(own: bool) -> date | None:
        situation = Situation(Supply(lead_time_days=5), [wants(1, 4, own_country_first=own)], places)
        return situation.plan.pieces[1][0].ships_on

    assert ships_on(own=True) == november(25)
    assert ships_on(own=False) == date(2026, 12, 8)


def test_without_any_location_there_is_no_date_either() -> None:
    (piece,) = Situation(Supply(lead_time_days=5), [wants(1, 40)], places={}).plan.pieces[1]

    assert (piece.status, piece.ships_on) == ("backordered", None)


def test_whoever_stands_behind_is_told_how_much_is_ahead_after_stock_was_given() -> None:
    plan = Situation(Supply([on_shelf(30)]), [wants(1, 50), wants(2, "2.5"), wants(3, 1)]).plan

    assert [plan.pieces[line][-1].because for line in (1, 2, 3)] == [
        (),
        ({"fact": "queue_ahead", "quantity": "20"},),
        ({"fact": "queue_ahead", "quantity": "22.5"},),
    ]


def test_reserved_stock_is_named_location_by_location_the_largest_first() -> None:
    supply = Supply(reserves=[guarantees("P", 10), guarantees("Q", 30, location="NORTH"), guarantees("R", 5)])

    plan = Situation(supply, [wants(1, 35), wants(2, 20)], TWO).plan

    assert [
        (piece.location, piece.quantity, piece.status) for piece in (*plan.pieces[1], *plan.pieces[2])
    ] == [
        ("NORTH", 30, "reserved_elsewhere"),
        ("MAIN", 5, "reserved_elsewhere"),
        ("MAIN", 10, "reserved_elsewhere"),
        (None, 10, "backordered"),
    ]
    assert plan.pieces[1][1].because == ({"fact": "stock_reserved", "location": "MAIN", "quantity": "15"},)


def test_an_order_line_cannot_stand_in_the_queue_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        _ = Situation(Supply(), [wants(1, 5), wants(1, 5)]).plan


def test_ten_thousand_waiting_lines_are_planned(capsys: pytest.CaptureFixture[str]) -> None:
    cities = [Destination(f"City {i}", "GB") for i in range(40)]
    demand = [wants(i, i % 50 + 1, destination=cities[i % 40]) for i in range(10_000)]
    inbound = [brings(str(i), 100, TODAY + timedelta(days=i % 60)) for i in range(2_000)]
    situation = Situation(Supply([on_shelf(1_000)], [guarantees("P", 100, still=50)], inbound), demand)

    started = process_time()
    plan = situation.plan
    took = process_time() - started

    with capsys.disabled():
        print(f"\n10,000 waiting lines and 2,000 inbound lines of one SKU: {took * 1000:.0f} ms of CPU")
    pegged = [
        piece.quantity for pieces in plan.pieces.values() for piece in pieces if piece.inbound is not None
    ]
    assert sum(pegged) == 200_000
    assert plan.pieces[9_999][0].status == "backordered"
