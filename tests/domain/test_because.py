"""Every portion is told in one sentence, in the words that a buyer reads."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.because import LIFTED_BY, Told, english, sentence
from portal.domain.promising import Inbound, Supply
from tests.domain.situations import LEEDS, TODAY, Situation, november, situations, wants

ENGLISH = english(TODAY)
AHEAD = {"fact": "queue_ahead", "quantity": "20"}
DATES: dict[str, Any] = {"ships_on": november(27), "arrives_on": november(30)}
PASSED = " passed; no date yet."
UNREPORTED = " and are not reported as delivered."


def order(**more: str | bool) -> dict[str, Any]:
    return {"fact": "inbound", "reference": "4711", "expected_on": "2026-11-25", "confirmed": True} | more


def hold(reason: str) -> dict[str, Any]:
    return {"fact": "hold", "reason": reason, "lifted_by": LIFTED_BY[reason]}


def says(status: str, quantity: str | int = 180, unit: str = "C62", **more: Any) -> str:
    fields = {"location_name": "Main", "city": "Leeds"} | more
    return sentence(Told(Decimal(quantity), unit, status, **fields), ENGLISH)


def test_a_portion_that_waits_for_a_supplier() -> None:
    because = [AHEAD, order(supplier="Acme")]

    assert says("awaiting_supplier", because=because, **DATES) == (
        "180 wait for supplier order 4711 from Acme, confirmed for 25 Nov;"
        " they ship on 27 Nov and reach Leeds on 30 Nov."
    )


def test_a_single_piece_that_waits_for_a_supplier() -> None:
    assert says("awaiting_supplier", 1, because=[order(supplier="Acme")], **DATES) == (
        "1 waits for supplier order 4711 from Acme, confirmed for 25 Nov;"
        " it ships on 27 Nov and reaches Leeds on 30 Nov."
    )


def test_a_supplier_order_that_is_not_confirmed() -> None:
    assert says("awaiting_supplier", because=[order(confirmed=False)], **DATES) == (
        "180 wait for supplier order 4711, expected on 25 Nov but not confirmed;"
        " they ship on 27 Nov and reach Leeds on 30 Nov."
    )


def test_a_supplier_order_that_is_overdue() -> None:
    because = [order(supplier="Acme"), {"fact": "overdue", "reference": "4711", "expected_on": "2026-11-25"}]

    assert says("awaiting_supplier", because=because) == (
        "180 wait for supplier order 4711 from Acme, which was expected on 25 Nov and is overdue; no date yet."
    )


@pytest.mark.parametrize(
    ("status", "waits"),
    [
        ("awaiting_transfer", "600.5 kg wait for transfer 4711 to Main, expected on 25 Nov"),
        ("awaiting_production", "600.5 kg wait for production order 4711, expected on 25 Nov"),
        ("awaiting_inspection", "600.5 kg wait for inspection 4711 at Main, expected on 25 Nov"),
    ],
)
def test_portions_that_wait_for_the_suppliers_own_people(status: str, waits: str) -> None:
    assert says(status, "600.50", "KGM", because=[order(confirmed=False)], **DATES) == (
        f"{waits}; they ship on 27 Nov and reach Leeds on 30 Nov."
    )


@pytest.mark.parametrize(
    ("status", "stands"),
    [
        ("allocated", "370 stand ready at Main"),
        ("picking", "370 are being picked at Main"),
        ("packed", "370 are packed at Main"),
    ],
)
def test_portions_that_are_here(status: str, stands: str) -> None:
    assert says(status, 370, **DATES) == f"{stands}; they ship on 27 Nov and reach Leeds on 30 Nov."


def test_a_portion_that_waits_for_the_rest_of_its_order() -> None:
    assert says("allocated", 1, waits_for_rest=True, **DATES) == (
        "1 stands ready at Main; it ships on 27 Nov and reaches Leeds on 30 Nov."
        " The order ships complete, so it waits for the rest."
    )


def test_a_portion_that_was_asked_for_later() -> None:
    because = [{"fact": "requested", "on": "2026-11-30"}]

    assert says("allocated", because=because, **DATES) == (
        "180 stand ready at Main; they ship on 27 Nov and reach Leeds on 30 Nov, timed for 30 Nov as you asked."
    )


def test_a_portion_that_ships_weekly() -> None:
    assert says("allocated", because=[{"fact": "weekly", "day": "fri"}], **DATES) == (
        "180 stand ready at Main; they ship with your weekly delivery on 27 Nov and reach Leeds on 30 Nov."
    )


def test_stock_that_is_reserved_for_a_contract() -> None:
    because: list[dict[str, Any]] = [{"fact": "stock_reserved", "location": "MAIN", "quantity": "180"}]

    assert says("reserved_elsewhere", 50, because=because) == (
        "50 wait: 180 stand at Main but are reserved for a contract; no date yet."
    )
    assert says("reserved_elsewhere", 1, because=[because[0] | {"quantity": "1"}]) == (
        "1 waits: 1 stands at Main but is reserved for a contract; no date yet."
    )


@pytest.mark.parametrize(
    ("because", "said"),
    [
        ([], "40 are backordered, next in the queue; no supply covers them yet; no date yet."),
        (
            [{"fact": "queue_ahead", "quantity": "120"}],
            "40 are backordered, with 120 ahead of you in the queue; no supply covers them yet; no date yet.",
        ),
        (
            [{"fact": "queue_ahead", "quantity": "120"}, {"fact": "lead_time", "days": 17}],
            "40 are backordered, with 120 ahead of you in the queue; the usual lead time of 17 working days has"
            + PASSED,
        ),
        (
            [{"fact": "lead_time", "days": 1}],
            "40 are backordered, next in the queue; the usual lead time of 1 working day has" + PASSED,
        ),
    ],
)
def test_backordered_portions_without_a_date(because: list[dict[str, Any]], said: str) -> None:
    assert says("backordered", 40, because=because) == said


def test_a_backordered_portion_with_the_date_of_its_lead_time() -> None:
    assert says("backordered", 40, because=[{"fact": "lead_time", "days": 17}], **DATES) == (
        "40 are backordered, next in the queue;"
        " with the usual lead time of 17 working days they ship on 27 Nov and reach Leeds on 30 Nov."
    )


def test_a_portion_that_is_not_planned_yet() -> None:
    assert says("waiting", 1) == "1 waits to be planned; no date yet."


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("credit", "5 are held because of the credit limit; our finance team can lift the hold."),
        ("finance", "5 are held for a finance decision; our finance team can lift the hold."),
        ("quality", "5 are held for a quality check; our operations team can lift the hold."),
        ("approval", "5 are held for an approval; your approver can lift the hold."),
        ("address", "5 are held because of the delivery address; your account manager can lift the hold."),
        ("manual", "5 are held by our staff; our operations team can lift the hold."),
    ],
)
def test_a_held_portion_tells_why_and_who_can_lift_it(reason: str, said: str) -> None:
    assert says("held", 5, held_from="allocated", because=[hold(reason)]) == (
        f"{said} They keep their stock at Main; no date until the hold is lifted."
    )


def test_a_held_portion_that_waits_keeps_its_place() -> None:
    assert says("held", 1, held_from="awaiting_supplier", because=[order(), hold("finance")]) == (
        "1 is held for a finance decision; our finance team can lift the hold."
        " It keeps its place in the queue; no date until the hold is lifted."
    )


def test_several_holds_must_all_be_lifted() -> None:
    because = [hold("credit"), hold("finance"), hold("quality")]

    assert says("held", 5, held_from="packed", because=because).startswith(
        "5 are held because of the credit limit, for a finance decision and for a quality check;"
        " all 3 holds must be lifted, by our finance team and our operations team."
    )


def test_a_hold_of_unknown_kind_is_still_told() -> None:
    because = [{"fact": "hold", "reason": "moon", "lifted_by": "stars"}]

    assert says("held", 5, held_from="waiting", because=because).startswith(
        "5 are held for another reason; our staff can lift the hold."
    )
    assert says("held", 5, held_from="waiting").startswith(
        "5 are held for another reason. They keep their place"
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "370 left Main on 12 Nov with DHL (SH-31); they are expected in Leeds on 23 Nov."),
        (
            {"arrives_on": november(17)},
            "370 left Main on 12 Nov with DHL (SH-31); they were expected in Leeds on 17 Nov" + UNREPORTED,
        ),
        (
            {"carrier": None, "shipment": None},
            "370 left Main on 12 Nov; they are expected in Leeds on 23 Nov.",
        ),
        ({"shipped_on": None}, "370 have left Main with DHL (SH-31); they are expected in Leeds on 23 Nov."),
        ({"arrives_on": None}, "370 left Main on 12 Nov with DHL (SH-31); no arrival date yet."),
        (
            {"shipment_state": "out_for_delivery"},
            "370 left Main on 12 Nov with DHL (SH-31); they are out for delivery.",
        ),
        (
            {"shipment_state": "exception"},
            "370 left Main on 12 Nov with DHL (SH-31); the carrier reports a problem on the way.",
        ),
        (
            {"shipment_state": "returned_to_sender"},
            "370 left Main on 12 Nov with DHL (SH-31); the carrier is bringing them back.",
        ),
    ],
)
def test_portions_that_have_left(more: dict[str, Any], said: str) -> None:
    fields: dict[str, Any] = {
        "shipped_on": november(12),
        "arrives_on": november(23),
        "carrier": "DHL",
        "shipment": "SH-31",
        "shipment_state": "in_transit",
    }
    assert says("shipped", 370, **(fields | more)) == said


def test_portions_that_are_settled() -> None:
    assert says("delivered", 802, delivered_on=november(12)) == "802 were delivered in Leeds on 12 Nov."
    assert says("delivered", 1) == "1 was delivered in Leeds."
    assert says("returned", 2, returned_on=november(14)) == "2 came back on 14 Nov."
    assert says("returned", 2) == "2 came back."
    assert says("cancelled", 2, cancelled_on=november(14)) == "2 were cancelled on 14 Nov and will not come."
    assert says("cancelled", 1) == "1 was cancelled and will not come."


def test_unknown_names_are_told_in_general() -> None:
    assert says("allocated", location_name=None, city=None, **DATES) == (
        "180 stand ready at our warehouse; they ship on 27 Nov and reach your site on 30 Nov."
    )


def test_another_year_is_told_and_thousands_are_set_apart() -> None:
    dates = {"ships_on": date(2026, 12, 31), "arrives_on": date(2027, 1, 4)}

    assert says("allocated", 12000, **dates) == (
        "12,000 stand ready at Main; they ship on 31 Dec and reach Leeds on 4 Jan 2027."
    )


@given(situations())
def test_every_piece_of_every_plan_can_be_told(situation: Situation) -> None:
    for pieces in situation.plan.pieces.values():
        for piece in pieces:
            told = sentence(
                Told(
                    piece.quantity,
                    "KGM",
                    piece.status,
                    location_name=piece.location,
                    city=LEEDS.name,
                    ships_on=piece.ships_on,
                    arrives_on=piece.arrives_on,
                    because=piece.because,
                ),
                ENGLISH,
            )
            assert told.endswith(".")
            assert ("no date yet" in told) == (piece.ships_on is None)


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_from_outside_are_told_as_they_are(reference: str, supplier: str) -> None:
    inbound = Inbound(1, "purchase_order", reference, 1, supplier, True, "MAIN", Decimal(5), november(25))
    (piece,) = Situation(Supply(inbound=[inbound]), [wants(1, 5)]).plan.pieces[1]

    assert f"supplier order {reference} from {supplier}, confirmed" in says(
        piece.status, 5, because=piece.because, ships_on=piece.ships_on, arrives_on=piece.arrives_on
    )
