"""Changing a cart: quantities, days, taking out and putting back; in two windows at once nothing is lost."""

import re

from tests.cart.conftest import LEAH, PAUL, Shop
from tests.cart.reading import Basket
from tests.routes import cast


def test_quantities_and_days_are_changed_together(shop: Shop) -> None:
    basket = shop.basket().add("BOLT 10\nNUT 5")
    basket.save({"qty BOLT": "1,100", "need NUT": "2026-12-04"})
    assert basket.look().rows["BOLT"].fields["qty"] == "1100"
    assert basket.rows["NUT"].fields == basket.rows["NUT"].fields | {"qty": "5", "need": "2026-12-04"}


def test_more_of_the_same_is_added_up_unless_it_is_needed_on_another_day(shop: Shop) -> None:
    basket = shop.basket().add("BOLT 60\nBOLT 40").add("n-100 20\nBOLT 7 2026-12-01")
    assert "1 line was added. 1 more was of a product that was there already" in basket.told
    found = re.findall(r'name="qty-\d+" value="(\d+)"', basket.markup)
    assert found == ["120", "7"]
    assert "£0.90" in basket.said, "120 is beyond the break"


def test_a_quantity_that_cannot_be_read_stays_in_its_field_and_nothing_is_saved(shop: Shop) -> None:
    basket = shop.basket().add("BOLT 10\nNUT 5")
    basket.save({"qty BOLT": "lots", "qty NUT": "7"})
    assert basket.answer is not None
    assert basket.answer.status_code == 422
    assert basket.rows["BOLT"].fields["qty"] == "lots"
    assert "Write a quantity in digits" in basket.rows["BOLT"].text
    assert basket.rows["NUT"].fields["qty"] == "7", "what else was typed is still there"
    assert basket.look().rows["NUT"].fields["qty"] == "5"


def test_an_emptied_field_takes_nothing_out_and_nought_does(shop: Shop) -> None:
    basket = shop.basket().add("BOLT 10")
    basket.save({"qty BOLT": ""})
    assert "0 to take the line out" in basket.said
    basket.look().save({"qty BOLT": "0"})
    assert basket.told == "Taken out: BOLT."
    assert not basket.rows


def test_a_line_that_was_taken_out_can_be_put_back_where_it_was(shop: Shop) -> None:
    basket = shop.basket().add("BOLT 10 2026-12-01\nNUT 5\nHOSE 2")
    place = basket.rows["NUT"].position
    basket.save({"qty BOLT": "11"}, remove=place)
    assert basket.told == "Taken out: NUT."
    assert basket.rows["BOLT"].fields["qty"] == "11", "what was typed beside it is kept"
    undo = re.search(r'name="undo" value="([^"]+)"', basket.markup)
    assert undo is not None
    basket.post("/new-order/undo", undo=undo[1])
    assert basket.told == "1 line is back."
    assert list(basket.rows) == ["BOLT", "NUT", "HOSE"]


def test_everything_can_be_taken_out_and_put_back(shop: Shop) -> None:
    basket = shop.basket().add("BOLT 10\nBLOT 3")
    before = basket.form()
    basket.post("/new-order/emptying")
    assert not basket.rows
    undo = re.search(r'name="undo" value="([^"]+)"', basket.markup)
    assert undo is not None
    basket.post("/new-order/undo", undo=undo[1])
    assert basket.form() == before


def test_a_suggestion_is_taken_with_one_button(shop: Shop) -> None:
    basket = shop.basket().add("BLOT 10\nSCARCE 31")
    place = basket.rows["BLOT"].position
    basket.save(take=f"{place}|code|BOLT")
    assert basket.rows["BOLT"].fields["qty"] == "10"
    place = basket.rows["SCARCE"].position
    basket.save(take=f"{place}|qty|30")
    assert "More than is there" not in basket.said


def test_a_line_that_needs_a_look_can_be_typed_anew(shop: Shop) -> None:
    basket = shop.basket().add("BLOT 10\nNUT")
    basket.save({"code BLOT": "pipe 12", "qty NUT": "4"})
    assert basket.rows["HOSE"].fields["qty"] == "10"
    assert basket.rows["NUT"].fields["qty"] == "4"
    assert "need a look" not in basket.truth


def test_two_windows_change_different_lines_and_both_are_kept(shop: Shop) -> None:
    here = shop.basket().add("BOLT 10\nNUT 5")
    there = Basket(here.guest).look()
    here.save({"qty BOLT": "12"})
    there.save({"qty NUT": "6"})
    assert there.told == ""
    rows = here.look().rows
    assert (rows["BOLT"].fields["qty"], rows["NUT"].fields["qty"]) == ("12", "6")


def test_two_windows_change_the_same_line_and_the_second_is_told(shop: Shop) -> None:
    here = shop.basket().add("BOLT 10\nNUT 5")
    there = Basket(here.guest).look()
    here.save({"qty BOLT": "12"})
    there.save({"qty BOLT": "15", "qty NUT": "6"})
    assert "1 line was changed in another window meanwhile" in there.told
    assert "it is 12 now, and you typed 15" in there.rows["BOLT"].text
    assert there.rows["NUT"].fields["qty"] == "6", "the rest of the form is kept"
    there.save({"qty BOLT": "15"})
    assert here.look().rows["BOLT"].fields["qty"] == "15", "who has seen the other's figure decides"


def test_a_line_that_is_gone_in_another_window_can_be_added_again(shop: Shop) -> None:
    here = shop.basket().add("BOLT 10\nNUT 5")
    there = Basket(here.guest).look()
    here.save(remove=here.rows["BOLT"].position)
    there.save({"qty BOLT": "15"})
    assert "Add what was taken out there again" in there.said
    lost = re.search(r'name="lines" value="([^"]+)"', there.markup)
    assert lost is not None
    there.post("/new-order/lines", lines=lost[1])
    assert there.rows["BOLT"].fields["qty"] == "15"


def test_a_form_that_is_sent_twice_adds_once(shop: Shop) -> None:
    basket = shop.basket().look()
    number = re.search(r'name="form" value="([^"]+)"', basket.markup)
    assert number is not None
    for _ in range(2):
        basket.send("/new-order/lines", number[1], lines="BOLT 10")
    assert basket.look().rows["BOLT"].fields["qty"] == "10"
    basket.send("/new-order/lines", number[1], lines="BOLT 5")
    assert basket.look().rows["BOLT"].fields["qty"] == "15", "another text from an older page is another wish"


def test_each_person_has_a_cart_of_their_own_for_each_account(shop: Shop) -> None:
    petra, paul = shop.basket(), shop.basket(PAUL)
    below = shop.basket(account="NORDWIND-HULL")
    petra.add("BOLT 1")
    paul.add("BOLT 2")
    below.add("BOLT 3")
    counts = [basket.look().rows["BOLT"].fields["qty"] for basket in (petra, paul, below)]
    assert counts == ["1", "2", "3"]
    assert not shop.basket(LEAH).look().rows


def test_nobody_orders_for_an_account_that_is_not_theirs(shop: Shop) -> None:
    for email, account in ((LEAH, "NORDWIND"), (cast.RITA, "NORDWIND"), (cast.PETRA, "NOBODY")):
        guest = cast.at_home(shop.portal, email)
        assert guest.client.get("/new-order", params={"account": account}).status_code == 404
        form = {"_csrf": guest.token("/orders"), "form": "x", "account": account, "lines": "BOLT 1"}
        assert guest.client.post("/new-order/lines", data=form).status_code == 404


def test_readers_and_the_suppliers_people_have_no_cart(shop: Shop) -> None:
    for email in (cast.ROBIN, cast.DEV):
        assert cast.at_home(shop.portal, email).client.get("/new-order").status_code == 403


def test_two_thousand_lines_stay_usable(shop: Shop) -> None:
    days = (f"{2027 + n // 336}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}" for n in range(2000))
    basket = shop.basket().add("\n".join(f"BOLT 1 {day}" for day in days))
    assert basket.told == "2,000 lines were added."
    assert len(re.findall(r'name="qty-\d+"', basket.markup)) == 100
    assert "Lines 1 to 100 of 2,000" in basket.said
    assert len(basket.answer.content if basket.answer else b"") < 400_000
    assert "2,000 lines for £1,800.00 before tax" not in basket.truth, "breaks are counted by the line"
    basket.look(page=20)
    assert "Lines 1,901 to 2,000 of 2,000" in basket.said
