"""Rule 20: a lead time gives a date when nothing else does, and only then."""

from tests.scenarios.claims import expect, facts, first_promised, holds_with, portion, says
from tests.scenarios.driver import World
from tests.scenarios.laws import laws_hold


def test_a_lead_time_gives_a_date_until_a_supply_does(story: World) -> None:
    story.location("MAIN")
    story.account("BUYER")
    story.product("BELT", lead_time_days=17)
    story.product("CHAIN")
    order = story.order("BUYER", {"BELT": 40, "CHAIN": 5})
    # A lead time runs until goods leave, receiving and handling are in it. The 17th working day from Wed 18:
    # 19 and 20, three weeks of five until Fri 11. On the road until Sun 13.
    expect(order, 1, [(40, "backordered", "11 Dec", "14 Dec")])
    holds_with(portion(order, 1), "lead_time", days=17)
    says(order, 1, "backordered", 40, "11 Dec", "14 Dec")
    expect(order, 2, [(5, "backordered", None, None)])
    assert "lead_time" not in facts(portion(order, 2))

    story.inbound("purchase_order", "4711", "MAIN", [(1, "BELT", 30, "2026-11-23")], supplier="Acme")
    now = story.read(order)
    expect(now, 1, [(30, "awaiting_supplier", "25 Nov", "27 Nov"), (10, "backordered", "11 Dec", "14 Dec")])
    first_promised(now, 1, "awaiting_supplier", "11 Dec", "14 Dec")
    laws_hold(story)


def test_what_is_not_counted_is_there_after_its_lead_time(story: World) -> None:
    story.location("MAIN")
    story.account("BUYER")
    story.product("ADVICE", managed=False, lead_time_days=2)
    order = story.order("BUYER", {"ADVICE": 3})
    # Two working days from Wed 18: Fri 20, on the road until Sun 22.
    expect(order, 1, [(3, "allocated", "20 Nov", "23 Nov")])
    assert portion(order, 1)["location"] == "MAIN"
    assert story.erp.get("stock/MAIN/ADVICE").status_code == 404
    laws_hold(story)
