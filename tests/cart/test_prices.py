"""Where a price comes from, until when it holds, and what happens when it moves between cart and order."""

from tests.cart.conftest import Shop


def test_a_break_holds_from_its_quantity_on_and_is_told_before(shop: Shop) -> None:
    shop.usual_prices()
    basket = shop.basket().add("BOLT 99")
    row = basket.rows["BOLT"].text
    assert "1 more: £0.90 each" in row
    assert "from 1: £1.00 from 100: £0.90" in row
    basket.save({"qty BOLT": "100"})
    assert "£90.00" in basket.rows["BOLT"].text


def test_a_price_that_moved_is_shown_old_and_new_until_it_is_agreed_to(shop: Shop) -> None:
    shop.usual_prices()
    basket = shop.basket().add("BOLT 10\nNUT 4")
    shop.prices(("BOLT", "1.10", 0))
    basket.look()
    assert "was £1.00 now £1.10" in basket.rows["BOLT"].text
    assert basket.truth == "2 lines for £13.00 before tax; 1 price has changed."
    shown = basket.rows["BOLT"].position
    basket.save({"qty BOLT": "20"})
    assert "was £1.00 now £1.10" in basket.rows["BOLT"].text, "another quantity is no agreement"
    basket.post("/new-order/prices", **{f"now-{shown}": "1.1"})
    assert basket.told == "You agreed to 1 new price."
    assert "was" not in basket.rows["BOLT"].text
    shop.usual_prices()


def test_a_price_that_has_moved_again_is_not_agreed_to(shop: Shop) -> None:
    shop.usual_prices()
    basket = shop.basket().add("BOLT 10")
    shop.prices(("BOLT", "1.20", 0))
    shown = basket.look().rows["BOLT"].position
    shop.prices(("BOLT", "1.30", 0))
    basket.post("/new-order/prices", **{f"now-{shown}": "1.2"})
    assert "changed again" in basket.told
    assert "was £1.00 now £1.30" in basket.rows["BOLT"].text
    shop.usual_prices()


def test_an_agreement_that_has_ended_falls_back_to_the_list_and_says_so(shop: Shop) -> None:
    shop.prices(("BOLT", "0.80", 0), valid_to="2026-11-18")
    basket = shop.basket().add("BOLT 10")
    assert "£0.80 agreement PA-1, until 18 Nov" in basket.rows["BOLT"].text
    shop.prices(("BOLT", "0.80", 0), valid_to="2026-11-17")
    assert "was £0.80 now £1.00 list price" in basket.look().rows["BOLT"].text
    shop.usual_prices()


def test_the_cart_prices_as_placing_does(shop: Shop) -> None:
    """The same line is placed through the API at the price that the cart shows."""
    shop.usual_prices()
    basket = shop.basket().add("BOLT 99\nBOLT 100 2026-12-01\nHOSE 12.5")
    order = shop.world.order("NORDWIND", [("BOLT", 99), ("BOLT", 100), ("HOSE", "12.5")], ship_to="LEEDS")
    goods = order["totals"]["goods"]
    assert f"£{goods}" in basket.truth
    assert [line["price_source"] for line in order["lines"]] == ["agreement:PA-1", "agreement:PA-1", "list"]


def test_what_is_on_the_shelf_is_counted_over_the_lines_of_the_cart(shop: Shop) -> None:
    shop.world.stock("MAIN", "HOSE", "92.5")  # 12.5 of it are promised
    basket = shop.basket().add("HOSE 60\nHOSE 30 2026-12-01\nSERVICE 1\nPUMP 1")
    assert "20 of 30 on the shelf" in basket.said
    assert "Always available" in basket.rows["SERVICE"].text
    assert "Not on the shelf usually 10 working days" in basket.rows["PUMP"].text
