"""Saved lists: kept from a cart or typed, shared or not, ordered from; and an order that is ordered again."""

import re

from tests.cart.conftest import LEAH, PAUL, Shop
from tests.cart.reading import plain
from tests.routes import cast
from tests.routes.cast import Guest


def send(guest: Guest, path: str, **form: object) -> tuple[int, str, str]:
    """(status, words, where it led) of a form that is sent once."""
    page = guest.client.get("/lists").text
    number = re.findall(r'name="form" value="([^"]+)"', page)[0]
    said = {name.replace("_", "-"): str(value) for name, value in form.items()}
    data = {"_csrf": guest.token("/lists"), "form": number} | said
    answer = guest.client.post(path, data=data)
    if answer.status_code == 303:
        where = answer.headers["location"]
        return 303, plain(guest.client.get(where).text), where
    return answer.status_code, plain(answer.text), ""


def test_what_is_in_the_cart_is_kept_as_a_list_and_ordered_from(shop: Shop) -> None:
    basket = shop.basket().add("BOLT 100\nHOSE 12.5\nBLOT 3")
    _, said, where = send(basket.guest, "/lists", name="Every month", **{"from": "cart"})
    assert "Every month" in said
    assert "Only you see it." in said
    basket.empty()
    status, said, where = send(basket.guest, f"{where}/lines", qty_1="50", qty_2="0")
    assert status == 303
    assert where.startswith("/new-order")
    assert "1 line was added." in said
    rows = basket.look().rows
    assert list(rows) == ["BOLT"], (
        "a line with nought is left out, and what could not be ordered was not kept"
    )
    assert rows["BOLT"].fields["qty"] == "50"


def test_a_list_is_typed_with_the_buyers_own_words(shop: Shop) -> None:
    petra = cast.at_home(shop.portal, cast.PETRA)
    _, said, where = send(petra, "/lists", name="Typed", lines="N-100 7\nPIPE 12 2")
    assert "BOLT" in said
    status, said, _ = send(petra, "/lists", name="Wrong", lines="N-100 7\nBLOT 2")
    assert status == 422
    assert "1 of 2 lines were not understood: BLOT 2." in said
    status, said, _ = send(petra, "/lists", name="Typed")
    assert status == 409
    assert "You have a list 'Typed' already." in said
    status, _said, _ = send(petra, "/lists", name=" ")
    assert status == 422
    send(petra, f"{where}/deletion")


def test_a_shared_list_is_used_by_all_who_order_and_changed_by_its_owner_and_administrators(
    shop: Shop,
) -> None:
    petra, paul = (cast.at_home(shop.portal, email) for email in (cast.PETRA, PAUL))
    _, _, where = send(petra, "/lists", name="For all", lines="BOLT 5\nNUT 3", shared="1")
    _, _, private = send(petra, "/lists", name="Mine", lines="BOLT 5")
    page = plain(paul.client.get("/lists").text)
    assert "For all" in page
    assert "Mine" not in page
    assert paul.client.get(private).status_code == 404
    _, said, _ = send(paul, where, name="For everybody", qty_1="6", qty_2="0", lines="HOSE 2")
    assert "For everybody" in said
    assert "The list was changed." in said
    assert "Petra keeps it" in said, "whether it is shared says its owner alone"
    found = re.findall(r'name="qty-\d+" id="qty-\d+" value="([^"]+)"', paul.client.get(where).text)
    assert found == ["6", "2"]
    send(petra, f"{where}/deletion")
    assert petra.client.get(where).status_code == 404
    send(petra, f"{private}/deletion")


def test_a_colleague_without_that_right_only_orders_from_it(shop: Shop) -> None:
    paul, petra = (cast.at_home(shop.portal, email) for email in (PAUL, cast.PETRA))
    _, _, where = send(paul, "/lists", name="Paul's", lines="BOLT 5", shared="1")
    assert "Change the list" not in petra.client.get(where).text
    assert send(petra, where, name="Mine now", qty_1="1")[0] == 403
    assert send(petra, f"{where}/deletion")[0] == 403
    assert send(petra, f"{where}/lines", qty_1="5")[0] == 303
    for email in (cast.RITA, LEAH):
        assert cast.at_home(shop.portal, email).client.get(where).status_code == 404
    send(paul, f"{where}/deletion")


def test_deleting_twice_is_deleting_once(shop: Shop) -> None:
    petra = cast.at_home(shop.portal, cast.PETRA)
    _, _, where = send(petra, "/lists", name="Short-lived", lines="BOLT 5")
    data = {"_csrf": petra.token("/lists"), "form": "the-same"}
    for _ in range(2):
        assert petra.client.post(f"{where}/deletion", data=data).status_code == 303


def test_an_order_is_ordered_again_at_todays_prices(shop: Shop) -> None:
    shop.usual_prices()
    order = shop.world.order("NORDWIND", [("BOLT", 10), ("NUT", 4)], ship_to="LEEDS")
    shop.world.told(order, "cancellations", {"lines": [{"line": 2, "quantity": "4"}], "reason": "no need"})
    shop.prices(("BOLT", "1.10", 0))
    basket = shop.basket()
    page = basket.guest.client.get(f"/new-order/from/{order['number']}")
    words = plain(page.text)
    assert "£1.10 agreement PA-1, until 31 Dec £1.00 then" in words
    ticked = re.findall(r'name="(take-\d+)" value="1" checked', page.text)
    assert ticked == ["take-1"], "what was cancelled is not ticked"
    basket.answer = page
    basket.post(f"/new-order/from/{order['number']}", **{"take-1": "1", "qty-1": "12", "qty-2": "4"})
    assert basket.told == "1 line was added."
    assert basket.rows["BOLT"].fields["qty"] == "12"
    shop.usual_prices()


def test_an_order_again_says_what_it_cannot_read(shop: Shop) -> None:
    order = shop.world.order("NORDWIND", [("BOLT", 10)], ship_to="LEEDS")
    path = f"/new-order/from/{order['number']}"
    basket = shop.basket().look()
    basket.post(path, **{"take-1": "1", "qty-1": "many"})
    assert "Some quantities cannot be read." in basket.said
    assert 'value="many"' in basket.markup
    basket.post(path, **{"qty-1": "10"})
    assert "Tick at least one line." in basket.said
    stranger = cast.at_home(shop.portal, cast.RITA)
    assert stranger.client.get(path).status_code == 404
