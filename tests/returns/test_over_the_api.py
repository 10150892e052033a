"""Goods come back: announced, authorised or not, received in full or short, put somewhere, credited."""

import pytest

from tests.returns.goods import Goods, as_base64, photo
from tests.scenarios.driver import Json, World, problem


def test_three_are_announced_and_two_come(goods: Goods) -> None:
    world = goods.world
    mark = world.mark()
    rma = goods.ask({1: 3})
    assert rma["number"].startswith("RMA-2026-")
    assert (rma["state"], rma["shipment"], rma["carrier"]) == (
        "authorised",
        goods.shipment["number"],
        "Northline",
    )
    assert rma["packages"] == goods.shipment["packages"]
    assert goods.stages() == {"delivered": "10"}

    now = goods.receive(rma, {1: 2})
    [line] = now["lines"]
    assert (now["state"], line["received"], line["outstanding"]) == ("authorised", "2", "1")
    assert goods.stages() == {"returned": "2", "delivered": "8"}
    assert world.level("MAIN", "BOLT") == {
        "on_hand": "2",
        "quarantined": "0",
        "allocated": "0",
        "reserved": "0",
        "free": "2",
    }
    order = world.read(goods.order)
    assert (order["state"], order["lines"][0]["returned"], order["lines"][0]["shipped"]) == (
        "closed",
        "2",
        "10",
    )

    done = goods.receive(rma, [{"line": 1, "received": "0", "closed": True}])
    assert (done["state"], done["lines"][0]["outstanding"], done["lines"][0]["received"]) == (
        "closed",
        "0",
        "2",
    )
    assert [(one["quantity"], one["to"]) for one in done["receipts"]] == [("2", "shelf")]
    kinds = [event["type"] for event in world.news(mark, "BUYER") if event["type"].startswith("return.")]
    assert kinds == ["return.authorised", "return.received", "return.closed"]
    told = world.news(mark, "BUYER", "return.received")[0]["data"]
    assert told == {
        "return": rma["number"],
        "shipment": goods.shipment["number"],
        "lines": [{"line": 1, "sku": world.code("BOLT"), "quantity": "2", "to": "shelf"}],
        "closed": False,
    }


def test_goods_go_onto_the_shelf_into_quarantine_or_away(goods: Goods) -> None:
    rma = goods.ask({1: 6, 2: "1.5"})
    now = goods.receive(
        rma,
        [
            {"line": 1, "received": "3"},
            {"line": 1, "received": "2", "to": "quarantine"},
            {"line": 1, "received": "1", "restock": False},
            {"line": 2, "received": "1.5", "to": "quarantine"},
        ],
    )
    assert now["state"] == "closed"
    world = goods.world
    assert world.level("MAIN", "BOLT")["on_hand"] == "5"
    assert world.level("MAIN", "BOLT")["quarantined"] == "2"
    assert world.level("MAIN", "BOLT")["free"] == "3"
    assert (world.level("MAIN", "HOSE")["on_hand"], world.level("MAIN", "HOSE")["free"]) == ("17.5", "16")
    assert goods.stages(1) == {"returned": "6", "delivered": "4"}
    assert goods.stages(2) == {"returned": "1.5", "delivered": "2.5"}


def test_what_comes_back_goes_to_whoever_waits_for_it(goods: Goods) -> None:
    world = goods.world
    world.account("OTHER")
    waiting = world.order("OTHER", {"BOLT": 5})
    goods.receive(goods.ask({1: 3}), {1: 3})
    portions = {p["status"]: p["quantity"] for p in world.read(waiting)["lines"][0]["portions"]}
    assert portions == {"allocated": "3", "backordered": "2"}


def test_what_is_still_on_its_way_comes_back_after_what_was_delivered(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10})
    said = {"lines": [{"line": 1, "quantity": "4"}]}
    world.carrier(shipment, "delivered", "2026-11-18T12:00:00Z", **said)
    goods = Goods(world, order, shipment, world.portal.client())
    goods.receive(goods.ask({1: 6}), {1: 5})
    assert goods.stages() == {"returned": "5", "shipped": "5"}
    # The carrier's later word is about what is still out.
    world.carrier(shipment, "delivered", "2026-11-19T12:00:00Z")
    assert goods.stages() == {"returned": "5", "delivered": "5"}


def test_a_buyer_asks_and_the_supplier_decides(goods: Goods) -> None:
    asked = goods.buyer.post("/returns", json=goods.body({1: 2}, "wrong_goods", note="M10 came"))
    assert asked.status_code == 201, asked.text
    rma = asked.json()
    assert (rma["state"], rma["label"], rma["note"]) == ("requested", None, "M10 came")
    path = f"/returns/{rma['number']}"
    for noun, body in (
        ("authorisation", {}),
        ("refusal", {"note": "no"}),
        ("receipts", {"lines": [{"line": 1, "received": 1}]}),
    ):
        problem(goods.buyer.post(f"{path}/{noun}", json=body), 403)
    early = goods.world.portal.erp.post(f"{path}/receipts", json={"lines": [{"line": 1, "received": "1"}]})
    problem(early, 409, "requested")

    now = goods.world.post(f"returns/{rma['number']}/authorisation", {"note": "Leave it at the gate."})
    assert (now["state"], now["decision_note"]) == ("authorised", "Leave it at the gate.")
    assert now["label"]["code"] == rma["number"]
    town = ["Leicester", "1 Dock Road", "Leicester LE1 1AA", "United Kingdom"]
    assert now["label"]["to"][1:] == [*town, f"Return {rma['number']}"]
    printed = goods.buyer.get(f"{path}/label.pdf")
    assert printed.content.startswith(b"%PDF"), goods.world.portal.said()[-3000:]
    again = goods.world.portal.erp.post(f"{path}/authorisation", json={})
    problem(again, 409, "authorised already")


def test_a_refusal_says_why_and_frees_the_goods_to_be_asked_for_again(goods: Goods) -> None:
    rma = goods.buyer.post("/returns", json=goods.body({1: 10}, "not_needed")).json()
    path = f"/returns/{rma['number']}"
    problem(goods.buyer.post("/returns", json=goods.body({1: 1})), 422, "0 can come back", "10 are announced")
    problem(goods.world.portal.erp.post(f"{path}/refusal", json={}), 422, "why", pointer="/note")
    refused = goods.world.post(f"returns/{rma['number']}/refusal", {"note": "Cut to length for you."})
    assert (refused["state"], refused["decision_note"]) == ("refused", "Cut to length for you.")
    problem(goods.world.portal.erp.post(f"{path}/cancellation", json={}), 409, "refused already")
    assert goods.buyer.post("/returns", json=goods.body({1: 1})).status_code == 201


def test_a_buyer_calls_it_off_as_long_as_nothing_has_come(goods: Goods) -> None:
    first = goods.buyer.post("/returns", json=goods.body({1: 2})).json()
    off = goods.buyer.post(f"/returns/{first['number']}/cancellation", json={"note": "we keep them"})
    assert (off.status_code, off.json()["state"]) == (200, "cancelled")
    second = goods.ask({1: 2})
    goods.receive(second, {1: 1})
    problem(goods.buyer.post(f"/returns/{second['number']}/cancellation"), 409, "1 have come already")


@pytest.mark.parametrize(
    ("lines", "words", "pointer"),
    [
        ([], "at least one line", "/lines"),
        ([{"line": 7, "quantity": "1", "reason": "late"}], "carries nothing of line 7", "/lines/0/line"),
        ([{"line": 1, "quantity": "11", "reason": "late"}], "10 were shipped", "/lines/0/quantity"),
        ([{"line": 1, "quantity": "0", "reason": "late"}], "more than 0", "/lines/0/quantity"),
        ([{"line": 1, "quantity": "0.5", "reason": "late"}], "whole pieces", "/lines/0/quantity"),
        ([{"line": 1, "quantity": "1", "reason": "other"}], "say why in a note", "/lines/0/note"),
        (
            [
                {"line": 1, "quantity": "1", "reason": "late"},
                {"line": 1, "quantity": "1", "reason": "faulty"},
            ],
            "stands here twice",
            "/lines/1/line",
        ),
    ],
)
def test_what_cannot_come_back_is_refused_with_its_numbers(
    goods: Goods, lines: list[Json], words: str, pointer: str
) -> None:
    answer = goods.buyer.post("/returns", json={"shipment": goods.shipment["number"], "lines": lines})
    problem(answer, 422, words, pointer=pointer)
    assert goods.world.get("returns", shipment=goods.shipment["number"])["items"] == []


def test_what_did_not_come_is_not_booked(goods: Goods) -> None:
    rma = goods.ask({1: 3})
    path = f"/returns/{rma['number']}/receipts"
    erp = goods.world.portal.erp
    problem(
        erp.post(path, json={"lines": [{"line": 1, "received": "4"}]}), 422, "3 are outstanding",
        pointer="/lines/0/received",
    )  # fmt: skip
    both = [{"line": 1, "received": "2"}, {"line": 1, "received": "2", "restock": False}]
    problem(erp.post(path, json={"lines": both}), 422, "4 of line 1 came", pointer="/lines/1/received")
    problem(erp.post(path, json={"lines": [{"line": 1, "received": "0"}]}), 422, "nothing came of line 1")
    problem(erp.post(path, json={"lines": [{"line": 2, "received": "1"}]}), 422, "has no line 2")
    problem(erp.post(path, json={"lines": []}), 422, "at least one line")
    twice = [{"line": 1, "received": "1"}, {"line": 1, "received": "1"}]
    problem(erp.post(path, json={"lines": twice}), 422, "stands here twice")
    assert goods.stages() == {"delivered": "10"}
    goods.receive(rma, [{"line": 1, "received": "1", "closed": True}])
    problem(erp.post(path, json={"lines": [{"line": 1, "received": "1"}]}), 409, "closed")


def test_the_same_report_twice_is_one_return(goods: Goods) -> None:
    body = goods.body({1: 2}, origin="wms", external_id=f"R-{goods.order['number']}")
    first = goods.world.post("returns", body)
    again = goods.world.portal.erp.post("/returns", json=body)
    assert (again.status_code, again.json()["number"]) == (200, first["number"])
    other = body | goods.body({1: 3})
    problem(goods.world.portal.erp.post("/returns", json=other), 409, "other content", pointer="/external_id")
    other_world = goods.world.portal.token(goods.world.code("BUYER"))
    assert (
        goods.world.portal.client(other_world).post("/returns", json=body).json()["number"] == first["number"]
    )


def test_a_stranger_sees_nothing_of_it(goods: Goods) -> None:
    goods.world.account("OTHER")
    stranger = goods.world.portal.client(goods.world.portal.token(goods.world.code("OTHER")))
    rma = goods.ask({1: 2})
    goods.world.post(f"returns/{rma['number']}/pictures", {"content": as_base64(photo())})
    path = f"/returns/{rma['number']}"
    picture = goods.read(rma)["pictures"][0]["href"].removeprefix("/api/v1")
    for address in (path, picture, f"{path}/label.pdf"):
        problem(stranger.get(address), 404)
    problem(stranger.post(f"{path}/cancellation"), 404)
    problem(stranger.post(f"{path}/pictures", json={"content": as_base64(photo())}), 404)
    problem(stranger.post("/returns", json=goods.body({1: 1})), 422, "no shipment")
    assert stranger.get("/returns").json() == {"items": [], "next": None}


def test_a_token_that_only_reads_announces_nothing(goods: Goods) -> None:
    reads = goods.world.portal.client(
        goods.world.portal.token(goods.world.code("BUYER"), scopes=["orders:read"])
    )
    problem(reads.post("/returns", json=goods.body({1: 1})), 403, "shipments:write")
    rma = goods.ask({1: 1})
    problem(reads.post(f"/returns/{rma['number']}/cancellation"), 403, "shipments:write")
    assert reads.get(f"/returns/{rma['number']}").status_code == 200


def test_returns_are_listed_newest_first_and_page_by_page(goods: Goods) -> None:
    made = [goods.ask({1: 1})["number"] for _ in range(3)]
    goods.world.post(f"returns/{made[0]}/cancellation", {})
    order = goods.order["number"]
    first = goods.world.get("returns", order=order, limit=2)
    assert [one["number"] for one in first["items"]] == [made[2], made[1]]
    rest = goods.world.get("returns", order=order, limit=2, cursor=first["next"])
    assert [(one["number"], one["state"]) for one in rest["items"]] == [(made[0], "cancelled")]
    assert rest["next"] is None
    standing = goods.world.get("returns", account=goods.world.code("BUYER"), state="authorised")["items"]
    assert {one["number"] for one in standing} == {made[1], made[2]}
    problem(goods.buyer.get("/returns", params={"state": "lost"}), 400)


def test_calling_the_shipment_off_ends_the_returns_of_it(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10})
    goods = Goods(world, order, shipment, world.portal.client())
    rma = goods.ask({1: 3})
    world.cancel_shipment(shipment)
    assert goods.read(rma)["state"] == "cancelled"
    problem(world.portal.erp.post("/returns", json=goods.body({1: 1})), 409, "was cancelled")


def test_what_came_back_in_part_cannot_be_called_off_as_a_shipment(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    shipment = world.ship(order, "MAIN", {1: 10})
    goods = Goods(world, order, shipment, world.portal.client())
    goods.receive(goods.ask({1: 3}), {1: 2})
    problem(world.portal.erp.post(f"/shipments/{shipment['number']}/cancellation"), 409)
    assert goods.stages() == {"returned": "2", "shipped": "8"}


def test_services_come_back_without_stock(world: World) -> None:
    world.location("MAIN")
    world.account("BUYER")
    world.product("FITTING", managed=False)
    order = world.order("BUYER", {"FITTING": 2})
    place = order["lines"][0]["portions"][0]["location"]
    parts = {"location": place, "lines": [{"line": 1, "quantity": "2"}]}
    goods = Goods(world, order, world.told(order, "shipments", parts), world.portal.client())
    assert goods.receive(goods.ask({1: 2}, "not_needed"), {1: 2})["state"] == "closed"
    assert goods.stages() == {"returned": "2"}


def test_the_order_says_when_it_came_back(goods: Goods) -> None:
    rma = goods.ask({1: 2})
    goods.receive(rma, {1: 2})
    portion = goods.world.read(goods.order)["lines"][0]["portions"][0]
    assert portion["sentence"] == "2 came back on 18 Nov."
    assert portion["because"] == [{"fact": "returned", "return": rma["number"], "on": "2026-11-18"}]
