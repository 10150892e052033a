"""From the cart to the order, through the pages and without script: what was shown is what is ordered, and once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.ordering.checkout import Buyer, open_shop, text
from tests.portals import Portal
from tests.scenarios.driver import Json, World

LEEDS = "LEEDS"


@pytest.fixture(scope="module")
def world(start_portal: Callable[..., Portal]) -> World:
    return open_shop(start_portal())


@pytest.fixture
def buyer(world: World) -> Buyer:
    return Buyer(world.portal)


def orders(world: World) -> list[Json]:
    return list(world.get("orders", account=world.code("NORDWIND"), limit=200)["items"])


def test_the_review_says_what_comes_when_and_what_it_costs_and_the_order_is_that(
    world: World, buyer: Buyer
) -> None:
    buyer.cart("BOLT 10", "BEAM 2")
    page = text(buyer.look())

    assert "2 lines for £195.00" in page
    assert "As available" in page
    assert "Complete only" in page
    assert "10 stand ready at Leicester" in page

    order = buyer.placed(buyer.press(purchase_order_number="PO-1", instructions="Gate 4", cost_centre=""))

    assert order["state"] == "open"
    assert order["purchase_order_number"] == "PO-1"
    # 100.00 of goods; a parcel of 5 kg, and 60 kg by freight.
    assert order["totals"]["freight"] == "62.50"
    assert order["totals"]["total"] == "195.00"


def test_what_the_page_promises_the_order_promises(world: World, buyer: Buyer) -> None:
    quote = world.post("quotes", world.order_body("NORDWIND", {"BOLT": 3, "NUT": 4}))
    order = buyer.order("BOLT 3", "NUT 4")

    assert [line["portions"] for line in quote["lines"]] == [
        [
            {name: value for name, value in portion.items() if name != "first_promise"}
            for portion in line["portions"]
        ]
        for line in order["lines"]
    ]
    assert quote["totals"]["total"] == order["totals"]["total"]
    assert quote["state"] == order["state"]


def test_a_double_click_places_one_order(world: World, buyer: Buyer) -> None:
    buyer.cart("BOLT 1")
    buyer.look()
    form = buyer.form(do="place")
    before = len(orders(world))
    others = [Buyer(world.portal), Buyer(world.portal), Buyer(world.portal)]
    for other in others:
        other.client.cookies = buyer.client.cookies

    with ThreadPoolExecutor(4) as at_once:
        answers = list(at_once.map(lambda one: one.send(form), [buyer, *others]))

    assert [answer.status_code for answer in answers] == [303] * 4
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(orders(world)) == before + 1


def test_back_and_again_leads_to_the_same_order(world: World, buyer: Buyer) -> None:
    buyer.cart("BOLT 1")
    buyer.look()
    form = buyer.form(do="place")
    first = buyer.send(form)
    before = len(orders(world))

    assert buyer.send(form).headers["location"] == first.headers["location"]
    # With something else in it, it is told that the cart was ordered.
    other = buyer.send({**form, "purchase_order_number": "ANOTHER"})
    assert other.status_code == 409
    assert "This cart was ordered already" in text(other.text)
    assert len(orders(world)) == before


def test_a_second_window_on_the_same_cart_is_told_that_it_was_ordered(world: World, buyer: Buyer) -> None:
    buyer.cart("BOLT 1")
    buyer.look()
    other = Buyer(world.portal)
    other.look()
    buyer.placed(buyer.press())
    before = len(orders(world))

    answer = other.press()

    assert answer.status_code == 409
    assert "ordered already" in text(answer.text)
    assert len(orders(world)) == before


def test_a_cart_that_was_changed_meanwhile_is_shown_before_it_is_ordered(world: World, buyer: Buyer) -> None:
    buyer.cart("BOLT 1")
    buyer.look()
    Buyer(world.portal).post("/new-order/lines", {"lines": "NUT 2"})
    before = len(orders(world))

    answer = buyer.press()

    assert answer.status_code == 409
    assert "The cart was changed in the meantime" in text(answer.text)
    assert "NUT" in answer.text
    assert len(orders(world)) == before
    assert len(buyer.placed(buyer.press())["lines"]) == 2


def test_a_price_that_moved_is_shown_beside_the_old_one_and_must_be_agreed_to(
    world: World, buyer: Buyer
) -> None:
    buyer.cart("NUT 1")
    world.product("NUT", price="1.10", weight_kg="0.5")
    try:
        page = buyer.look()
        assert "I agree to the new price" in text(page)
        assert "was £1.00 now £1.10" in text(page)

        refused = buyer.press()
        assert refused.status_code == 422
        assert "Agree to the new prices" in text(refused.text)

        order = buyer.placed(buyer.press(agree="1"))
        assert order["lines"][0]["unit_price"] == "1.10"
    finally:
        world.product("NUT", price="1.00", weight_kg="0.5")


def test_nobody_is_billed_another_price_than_the_one_on_the_page(world: World, buyer: Buyer) -> None:
    buyer.cart("NUT 1")
    buyer.look()
    before = len(orders(world))
    world.product("NUT", price="9.00", weight_kg="0.5")
    try:
        refused = buyer.press()
        assert refused.status_code == 409
        assert "A price has changed while you were looking" in text(refused.text)
        assert "£9.00" in refused.text
        assert len(orders(world)) == before
        # Ticked for the price of before, it is not taken for the price of now.
        assert buyer.press().status_code == 422
        assert buyer.placed(buyer.press(agree="1"))["lines"][0]["unit_price"] == "9.00"
    finally:
        world.product("NUT", price="1.00", weight_kg="0.5")


def test_a_purchase_order_number_that_was_used_needs_a_reason(world: World, buyer: Buyer) -> None:
    first = buyer.order("BOLT 1", purchase_order_number="TWICE")
    buyer.cart("BOLT 2")
    buyer.look()

    refused = buyer.press(purchase_order_number="twice")

    assert refused.status_code == 422
    assert first["number"] in refused.text
    assert "Say why, or change the number" in text(refused.text)
    again = buyer.placed(buyer.press(purchase_order_number="twice", repeated_because="a second delivery"))
    assert again["number"] != first["number"]


def test_two_carts_with_one_number_at_the_same_instant_do_not_both_pass(world: World, buyer: Buyer) -> None:
    people = f"accounts/{world.code('NORDWIND')}/users"
    world.put(
        f"{people}/paul@nordwind.example",
        {"name": "Paul", "roles": ["buyer"], "password": "a long password for everybody"},
    )
    both = [buyer, Buyer(world.portal, "paul@nordwind.example")]
    for one in both:
        one.cart("BOLT 1")
        one.look()

    with ThreadPoolExecutor(2) as at_once:
        answers = list(at_once.map(lambda one: one.press(purchase_order_number="RACE"), both))

    assert sorted(answer.status_code for answer in answers) == [303, 422]


def test_whoever_would_get_it_later_than_shown_is_asked_first(world: World, buyer: Buyer) -> None:
    world.inbound("purchase_order", "4711", "MAIN", [(1, "BEAM", 50, "2026-12-02")], supplier="Acme")
    free = int(world.level("MAIN", "BEAM")["free"])
    buyer.cart(f"BEAM {free}")
    buyer.look()
    world.account("RIVAL")
    world.order("RIVAL", {"BEAM": free})
    before = len(orders(world))

    refused = buyer.press()

    assert refused.status_code == 409
    assert "Somebody else was quicker" in text(refused.text)
    assert "when you looked" in text(refused.text)
    assert len(orders(world)) == before
    order = buyer.placed(buyer.press())
    assert order["lines"][0]["portions"][0]["status"] == "awaiting_supplier"


def test_another_way_of_delivering_is_looked_at_before_it_is_ordered(world: World, buyer: Buyer) -> None:
    buyer.cart("BOLT 5")
    buyer.look()
    before = len(orders(world))

    answer = buyer.press(delivery_preference="complete_only")

    assert answer.headers["location"].startswith("/new-order/review")
    assert len(orders(world)) == before
    assert "Nothing was ordered yet" in text(buyer.look(changed="1"))
    assert buyer.placed(buyer.press())["number"]


def test_lines_that_need_a_look_stay_in_the_cart(world: World, buyer: Buyer) -> None:
    order = buyer.order("BOLT 2", "NOSUCH 5")

    assert [line["sku"] for line in order["lines"]] == ["BOLT"]
    assert "NOSUCH" in buyer.client.get("/new-order").text
    assert "it cannot be ordered yet" in text(buyer.look())


def test_a_day_that_will_probably_be_missed_is_warned_of(world: World, buyer: Buyer) -> None:
    buyer.cart("BOLT 5 2026-11-20", "BOLT 7 2026-12-24")
    page = text(buyer.look())

    assert "1 line will probably miss the day you need it by" in page
    assert "Needed by Fri 20 Nov: the last of it arrives 3 days later, on Mon 23 Nov." in page
    order = buyer.placed(buyer.press())
    assert [line["need_by"] for line in order["lines"]] == ["2026-11-20", "2026-12-24"]


@pytest.mark.parametrize("day", ["2026-11-01", "yesterday", "9999-01-01"])
def test_a_day_that_cannot_be_is_said_beside_the_line(world: World, buyer: Buyer, day: str) -> None:
    buyer.cart("BOLT 5")
    buyer.look()
    before = len(orders(world))

    refused = buyer.press(**{"need-1": day})

    assert refused.status_code == 422
    assert day in refused.text
    assert len(orders(world)) == before


def test_an_order_beyond_the_credit_limit_is_said_to_wait_and_waits(world: World, buyer: Buyer) -> None:
    buyer.cart("BOLT 100")
    world.account("NORDWIND", credit_limit="1.00")
    try:
        page = text(buyer.look())
        assert "Place it on hold" in page
        assert "exceed the limit of £1.00" in page
        assert buyer.placed(buyer.press())["state"] == "held"
    finally:
        world.account("NORDWIND")


def test_who_must_agree_is_shown_before_and_asked_after(world: World, buyer: Buyer) -> None:
    number = world.code("NORDWIND")
    rule = {
        "name": "Large orders",
        "when": {"total_above": {"amount": "50", "currency": "GBP"}},
        "steps": [{"approvers": "approver", "need": "any"}],
    }
    world.put(f"accounts/{number}/approval-policy", {"rules": [rule]})
    try:
        buyer.cart("BOLT 100")
        page = text(buyer.look())
        assert "Send it for approval" in page
        assert "Klaus" in page
        assert "is above £50.00" in page
        assert "an order of at most £50.00" in page
        order = buyer.placed(buyer.press())
        assert order["state"] == "pending_approval"
        buyer.cart("BOLT 1")
        assert "Place the order" in text(buyer.look())
    finally:
        world.put(f"accounts/{number}/approval-policy", {"rules": []})


def test_an_empty_cart_has_nothing_to_review(world: World, buyer: Buyer) -> None:
    buyer.post("/new-order/emptying", {})

    assert "There is nothing to review" in text(buyer.look())


def test_what_cannot_be_had_at_all_is_said_before_the_button(world: World, buyer: Buyer) -> None:
    world.product("SCARCE", price="1.00", backorders="deny")
    world.stock("MAIN", "SCARCE", 5)
    buyer.cart("SCARCE 5")
    world.order("NORDWIND", {"SCARCE": 3})

    assert buyer.client.get("/new-order/review").status_code in (200, 422)
    assert (
        "SCARCE" in buyer.client.get("/new-order/review").text
        or "cart" in buyer.client.get("/new-order/review").text
    )


def test_a_review_that_was_sealed_for_somebody_else_orders_nothing(world: World, buyer: Buyer) -> None:
    buyer.cart("BOLT 3")
    buyer.look()
    before = len(orders(world))
    form = buyer.form(do="place")

    answer = buyer.send({**form, "shown": form["shown"][:-4] + "AAAA"})

    assert answer.headers["location"].startswith("/new-order/review")
    assert len(orders(world)) == before


def test_what_is_settled_for_a_destination_holds_from_the_next_order_on(world: World, buyer: Buyer) -> None:
    settings = "/settings/delivery"
    form = {
        "account": world.code("NORDWIND"),
        "code": LEEDS,
        "delivery_preference": "weekly",
        "instructions": "Ring 07",
    }
    try:
        assert "Kept for" in text(buyer.client.get(buyer.post(settings, form).headers["location"]).text)
        buyer.cart("BOLT 2")
        page = buyer.look()
        assert "Ring 07" in page
        assert buyer.form()["delivery_preference"] == "weekly"
        assert buyer.placed(buyer.press())["lines"][0]["portions"][0]["ships_on"] == "2026-11-20"
    finally:
        buyer.post(settings, {**form, "delivery_preference": "", "instructions": ""})


def test_a_strangers_account_is_no_ones_review(world: World, buyer: Buyer) -> None:
    world.account("RIVAL")

    assert buyer.client.get("/new-order/review", params={"account": "RIVAL"}).status_code == 404
    assert buyer.client.get("/settings/delivery", params={"account": "RIVAL"}).status_code == 404


def test_every_law_holds_on_what_was_left(world: World) -> None:
    world.portal.check()
