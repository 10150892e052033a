"""The pages of returns, as a browser without script meets them: asked for, decided, received, told."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.desk.floor import employ, now
from tests.impersonation.looking import ask as sql
from tests.portals import Portal
from tests.returns.goods import Goods, photo
from tests.routes import cast
from tests.routes.cast import Guest
from tests.scenarios.driver import Json, World

NUMBER = re.compile(r"RMA-\d{4}-\d{6}")


@dataclass
class Shop:
    """Nordwind's people and ours, and a shipment of ten bolts and four hoses for each test."""

    portal: Portal
    world: World

    def goods(self) -> Goods:
        order = self.world.order("NORDWIND", [("BOLT", 10), ("HOSE", 4)], purchase_order_number="4500")
        parts = {"carrier": "Northline", "packages": [{"tracking_number": f"T-{order['number']}"}]}
        shipment = self.world.ship(order, "MAIN", {1: 10, 2: 4}, **parts)
        self.world.carrier(shipment, "delivered", "2026-11-18T12:00:00Z")
        return Goods(self.world, order, shipment, self.portal.erp)

    def person(self, email: str = cast.PETRA) -> Guest:
        return cast.at_home(self.portal, email)


@pytest.fixture(scope="module")
def shop(portal: Portal) -> Shop:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", price="3.00")
    world.product("HOSE", price="12.50", unit="MTR")
    world.stock("MAIN", "BOLT", 1000)
    world.stock("MAIN", "HOSE", 1000)
    world.account("NORDWIND", name="Nordwind Maschinenbau")
    world.account("VELTRO")
    for account, email, role in (
        ("NORDWIND", cast.PETRA, "buyer"),
        ("NORDWIND", cast.ROBIN, "reader"),
        ("VELTRO", cast.RITA, "account_admin"),
    ):
        person = {"name": email.split("@")[0].title(), "roles": [role], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)
    now(employ(portal.database_url))
    return Shop(portal, world)


def form_of(guest: Guest, path: str, **fields: object) -> dict[str, str]:
    """The hidden fields of the page's forms, and what is typed."""
    page = guest.client.get(path)
    assert page.status_code == 200, page.text
    hidden = {
        name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1]  # type: ignore[index]
        for name in ("_csrf", "form")
    }
    seen = dict(re.findall(r'name="(seen-\d+)" value="([^"]*)"', page.text))
    return hidden | seen | {name.replace("_", "-"): str(value) for name, value in fields.items()}


def ask(
    shop: Shop, goods: Goods, files: Any = None, email: str = cast.PETRA, **fields: Any
) -> httpx.Response:
    """Send the shipment's form as that person, with these files."""
    guest = shop.person(email)
    path = f"/shipments/{goods.shipment['number']}/return"
    sending = files if files is not None else {"none": (None, "")}
    return guest.client.post(path, data=form_of(guest, path, **fields), files=sending)


def asked(shop: Shop, goods: Goods, **fields: Any) -> str:
    """The number of a return that Petra asks for."""
    answer = ask(shop, goods, **(fields or {"quantity_1": 3, "reason_1": "damaged"}))
    assert answer.status_code == 303, answer.text
    found = NUMBER.search(answer.headers["location"])
    assert found
    return found[0]


def press(shop: Shop, number: str, noun: str, email: str = cast.DEV, **fields: object) -> httpx.Response:
    guest = shop.person(email)
    form = form_of(guest, f"/returns/{number}", **fields)
    return guest.client.post(f"/returns/{number}/{noun}", data=form)


def said(answer: httpx.Response) -> str:
    """The words of a page, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())


def read(shop: Shop, number: str) -> Json:
    return shop.world.get(f"returns/{number}")


def test_a_buyer_asks_from_the_shipments_card_with_pictures(shop: Shop) -> None:
    goods = shop.goods()
    order = shop.person().client.get(f"/orders/{goods.order['number']}")
    path = f"/shipments/{goods.shipment['number']}/return"
    assert f'href="{path}"' in order.text
    files = [
        ("pictures-1", ("crushed.jpg", photo(), "image/jpeg")),
        ("pictures-1", ("again.png", photo((30, 20), "PNG"), "image/png")),
        ("pictures-2", ("", b"", "application/octet-stream")),
    ]
    answer = ask(shop, goods, files, quantity_1=3, reason_1="damaged", note="The box is crushed.")
    assert answer.status_code == 303, answer.text
    rma = read(shop, answer.headers["location"].rpartition("/")[2])
    assert (rma["state"], rma["asked_by"], rma["note"]) == ("requested", cast.PETRA, "The box is crushed.")
    assert [(p["line"], p["media_type"]) for p in rma["pictures"]] == [(1, "image/jpeg")] * 2

    page = shop.person().client.get(answer.headers["location"])
    assert "3 pcs shall come back to Leicester" in said(page)
    assert f"Northline, T-{goods.order['number']}" in said(page)
    shown = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', page.text)
    assert [alt for _, alt in shown] == ["Picture 1: Line 1, BOLT", "Picture 2: Line 1, BOLT"]
    picture = shop.person().client.get(shown[0][0])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert "sandbox" in picture.headers["content-security-policy"]
    assert Image.open(io.BytesIO(picture.content)).format == "JPEG"
    assert shop.person(cast.RITA).client.get(shown[0][0]).status_code == 404


def test_what_somebody_announced_as_a_buyer_names_both(shop: Shop) -> None:
    number = shop.goods().ask({1: 1})["number"]
    sql(
        shop.portal,
        "update goods_return set asked_by = $2 where number = $1",
        number,
        f"{cast.AMARA} as {cast.PETRA}",
    )
    page = shop.person().client.get(f"/returns/{number}")
    assert "Amara Cole as Petra announced it" in said(page)


def test_the_same_form_twice_is_one_return(shop: Shop) -> None:
    goods = shop.goods()
    guest = shop.person()
    path = f"/shipments/{goods.shipment['number']}/return"
    form = form_of(guest, path, quantity_1=2, reason_1="late")
    picture = {"pictures-1": ("a.jpg", photo(), "image/jpeg")}
    first = guest.client.post(path, data=form, files=picture)
    again = guest.client.post(path, data=form, files=picture)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    assert len(shop.world.get("returns", shipment=goods.shipment["number"])["items"]) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Type how many shall come back"),
        ({"quantity_1": "x", "reason_1": "late"}, "Write a quantity in digits"),
        ({"quantity_1": "0.5", "reason_1": "late"}, "counted in whole pieces"),
        ({"quantity_1": "11", "reason_1": "late"}, "At most 10 pcs can come back."),
        ({"quantity_1": "1"}, "Say why it comes back."),
        ({"quantity_1": "1", "reason_1": "other"}, "Say what the other reason is."),
        ({"quantity_1": "1", "reason_1": "made up"}, "Say why it comes back."),
        ({"quantity_77": "1", "reason_77": "late"}, "Type how many shall come back"),
    ],
)
def test_what_cannot_be_asked_for_is_said_beside_its_field(
    shop: Shop, fields: Mapping[str, Any], words: str
) -> None:
    goods = shop.goods()
    answer = ask(shop, goods, note="kept" if "other" not in fields.values() else "", **fields)
    assert answer.status_code == 422
    assert words in said(answer)
    if fields and "other" not in fields.values():
        assert ">kept</textarea>" in answer.text
    assert shop.world.get("returns", shipment=goods.shipment["number"])["items"] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<script>alert(1)</script>", "This is no JPEG, PNG or WebP picture."),
        (b"\xff\xd8\xff" + b"\x00" * (10 * 1024 * 1024), "This file is larger than 10 MB."),
        (photo()[:4000], "This picture is broken"),
    ],
)
def test_what_is_no_picture_keeps_the_form(shop: Shop, content: bytes, words: str) -> None:
    goods = shop.goods()
    files = {"pictures-1": ("<b>evil</b>.jpg", content, "image/jpeg")}
    answer = ask(shop, goods, files, quantity_1=3, reason_1="damaged")
    assert answer.status_code == 422
    assert words in said(answer)
    assert "<b>evil" not in answer.text
    assert 'value="3"' in answer.text
    assert "please choose them again" in said(answer)
    assert shop.world.get("returns", shipment=goods.shipment["number"])["items"] == []


def test_nine_pictures_are_too_many(shop: Shop) -> None:
    goods = shop.goods()
    files = [("pictures-1", (f"{n}.jpg", photo((n, n)), "image/jpeg")) for n in range(20, 29)]
    answer = ask(shop, goods, files, quantity_1=3, reason_1="damaged")
    assert answer.status_code == 422
    assert "A return has at most 8 pictures." in said(answer)


def test_a_form_of_fifty_megabytes_is_not_read(shop: Shop) -> None:
    goods = shop.goods()
    guest = shop.person()
    path = f"/shipments/{goods.shipment['number']}/return"
    form = form_of(guest, path, quantity_1=1, reason_1="late")
    files = {"pictures-1": ("a.jpg", b"\x00" * (49 * 1024 * 1024), "image/jpeg")}
    answer = guest.client.post(path, data=form, files=files)
    assert answer.status_code == 422
    assert "larger than 48 MB" in answer.text


def test_staff_refuse_with_words_and_the_buyer_reads_them(shop: Shop) -> None:
    number = asked(shop, shop.goods())
    silent = press(shop, number, "refusal", note="  ")
    assert silent.status_code == 422
    assert "Say why it is refused" in said(silent)
    late = form_of(shop.person(cast.DEV), f"/returns/{number}", note="no")
    assert press(shop, number, "refusal", note="It was cut to length.").status_code == 303
    page = said(shop.person().client.get(f"/returns/{number}"))
    assert "Refused" in page
    assert "Dev Patel refused it" in page
    assert "It was cut to length." in page
    again = shop.person(cast.DEV).client.post(f"/returns/{number}/refusal", data=late)
    assert (again.status_code, "refused already" in said(again)) == (409, True)


def test_authorised_the_buyer_gets_a_label_and_what_to_write_on_it(shop: Shop) -> None:
    number = asked(shop, shop.goods())
    buyer = shop.person()
    assert buyer.client.get(f"/returns/{number}/label.pdf").status_code == 409
    assert press(shop, number, "authorisation", note="Mark it fragile.").status_code == 303
    page = said(buyer.client.get(f"/returns/{number}"))
    assert "Mark it fragile." in page
    assert f"1 Dock Road Leicester LE1 1AA United Kingdom Return {number}" in page
    label = buyer.client.get(f"/returns/{number}/label.pdf")
    assert (label.status_code, label.headers["content-type"]) == (200, "application/pdf")
    assert label.headers["content-disposition"] == f'inline; filename="{number}-label.pdf"'


def test_three_announced_are_received_as_two_and_all_of_it_is_told(shop: Shop) -> None:
    goods = shop.goods()
    number = asked(shop, goods)
    press(shop, number, "authorisation")
    booked = press(shop, number, "receipts", shelf_1=1, scrap_1=1, closed_1=1)
    assert booked.status_code == 303, booked.text
    page = shop.person(cast.DEV).client.get(booked.headers["location"])
    note = shop.world.get(f"returns/{number}")["credit_notes"][0]
    assert f"1 line came back. Credited: {note} . Nothing more is expected: the return is settled." in said(
        page
    )

    rma = read(shop, number)
    assert (rma["state"], rma["lines"][0]["received"]) == ("closed", "2")
    assert [(r["quantity"], r["to"], r["received_by"]) for r in rma["receipts"]] == [
        ("1", "shelf", cast.DEV),
        ("1", "scrap", cast.DEV),
    ]
    buyer = said(shop.person().client.get(f"/returns/{number}"))
    assert "2 of 3 pcs came back to Leicester , and nothing more is expected" in buyer
    assert "1 of line 1 did not come" in buyer
    order = said(shop.person().client.get(f"/orders/{goods.order['number']}"))
    assert f"Return {number} is settled" in order
    assert "2 came back on" in order
    assert "2 of 3 pcs BOLT, Arrived damaged" in order
    assert note in order
    paper = shop.person().client.get(f"/invoices/{note}").text
    assert f'href="/returns/{number}"' in paper, "the credit note leads to what it is for"
    assert "Add pictures" not in buyer, "nobody argues about what is settled"


def test_who_books_second_is_told_and_nothing_is_booked_twice(shop: Shop) -> None:
    number = asked(shop, shop.goods())
    press(shop, number, "authorisation")
    guest = shop.person(cast.DEV)
    early = form_of(guest, f"/returns/{number}", shelf_1=2)
    assert press(shop, number, "receipts", shelf_1=2).status_code == 303
    late = guest.client.post(f"/returns/{number}/receipts", data=early)
    assert late.status_code == 409
    assert "Somebody else has booked meanwhile. Nothing of yours was booked." in said(late)
    assert re.search(r'name="shelf-1" value="2"', late.text)
    assert read(shop, number)["lines"][0]["received"] == "2"


def test_a_receipt_sent_twice_is_one(shop: Shop) -> None:
    number = asked(shop, shop.goods())
    press(shop, number, "authorisation")
    guest = shop.person(cast.DEV)
    form = form_of(guest, f"/returns/{number}", shelf_1=1)
    answers = [guest.client.post(f"/returns/{number}/receipts", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert read(shop, number)["lines"][0]["received"] == "1"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Nothing was typed"),
        ({"shelf_1": "0"}, "Nothing was typed"),
        ({"shelf_1": "x"}, "Write a quantity in digits"),
        ({"shelf_1": "2", "scrap_1": "2"}, "3 are outstanding"),
        ({"shelf_9": "2"}, "There is no line 9."),
    ],
)
def test_what_did_not_come_is_not_booked(shop: Shop, fields: Mapping[str, object], words: str) -> None:
    number = asked(shop, shop.goods())
    press(shop, number, "authorisation")
    guest, path = shop.person(cast.DEV), f"/returns/{number}"
    answer = guest.client.post(f"{path}/receipts", data=form_of(guest, path, **fields))
    assert answer.status_code == 422
    assert words in said(answer)
    assert read(shop, number)["receipts"] == []


def test_a_buyer_calls_it_off_and_adds_pictures(shop: Shop) -> None:
    number = asked(shop, shop.goods())
    guest = shop.person()
    form = form_of(guest, f"/returns/{number}", line=1)
    added = guest.client.post(
        f"/returns/{number}/pictures",
        data=form,
        files={"pictures": ("a.webp", photo(kind="WEBP"), "image/webp")},
    )
    assert added.status_code == 303, added.text
    assert "1 picture was added." in said(guest.client.get(added.headers["location"]))
    none = guest.client.post(
        f"/returns/{number}/pictures", data=form_of(guest, f"/returns/{number}", line="")
    )
    assert (none.status_code, "Choose a picture first." in said(none)) == (422, True)
    assert press(shop, number, "cancellation", cast.PETRA, note="We keep them.").status_code == 303
    assert read(shop, number)["state"] == "cancelled"
    assert "called off" in said(guest.client.get(f"/returns/{number}"))


def test_a_reader_looks_and_changes_nothing(shop: Shop) -> None:
    goods = shop.goods()
    number = asked(shop, goods)
    robin = shop.person(cast.ROBIN)
    page = robin.client.get(f"/returns/{number}")
    assert page.status_code == 200
    assert f'action="/returns/{number}' not in page.text
    order = robin.client.get(f"/orders/{goods.order['number']}")
    assert f"/returns/{number}" in order.text
    assert f"/shipments/{goods.shipment['number']}/return" not in order.text
    assert robin.client.get(f"/shipments/{goods.shipment['number']}/return").status_code == 403


def test_what_staff_announce_is_authorised_at_once(shop: Shop) -> None:
    goods = shop.goods()
    answer = ask(shop, goods, email=cast.AMARA, quantity_2="1.5", reason_2="faulty")
    assert answer.status_code == 303, answer.text
    rma = read(shop, answer.headers["location"].rpartition("/")[2])
    assert (rma["state"], rma["lines"][0]["quantity"], rma["decided_by"]) == ("authorised", "1.5", cast.AMARA)


def test_the_list_is_searched_by_any_number_and_by_a_scan(shop: Shop) -> None:
    goods = shop.goods()
    number = asked(shop, goods)
    guest = shop.person()
    for q in (
        number[:-1],
        goods.order["number"],
        goods.shipment["number"],
        f"T-{goods.order['number']}",
        "bolt",
    ):
        page = guest.client.get("/returns", params={"q": q.lower()})
        assert f'id="{number}"' in page.text, q
    assert "No return fits" in said(guest.client.get("/returns", params={"q": "%"}))
    scanned = guest.client.get("/returns", params={"q": number.lower()})
    assert (scanned.status_code, scanned.headers["location"]) == (303, f"/returns/{number}")
    assert shop.person(cast.RITA).client.get("/returns", params={"q": number}).status_code == 200
    waiting = guest.client.get("/returns", params={"show": "requested"})
    assert f'id="{number}"' in waiting.text
    assert f'id="{number}"' not in guest.client.get("/returns", params={"show": "settled"}).text
    assert guest.client.get("/returns", params={"show": "x", "before": "y", "q": "\x00"}).status_code == 200


def test_a_stranger_sees_nothing_of_them(shop: Shop) -> None:
    asked(shop, shop.goods())
    page = shop.person(cast.RITA).client.get("/returns")
    assert not NUMBER.search(page.text)
    assert "Nothing of yours has come back yet" in said(page)


def test_the_laws_hold_at_the_end(shop: Shop) -> None:
    shop.portal.check()
