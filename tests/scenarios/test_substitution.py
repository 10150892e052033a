"""Another product in place of what a line waits for: offered by staff, taken or not by the buyer."""

from typing import Any

import pytest

from tests.fire.shop import at_once, post, statuses
from tests.scenarios.claims import Json, expect, line_of, portions_of
from tests.scenarios.driver import World

READY = ("19 Nov", "23 Nov")


def offer(world: World, order: Json, line: int, quantity: object, sku: str, **more: object) -> Json:
    body = {"line": line, "quantity": str(quantity), "sku": world.code(sku)}
    return world.told(order, "substitutions", body | more)


def answer(world: World, order: Json, offered: Json, noun: str, **more: object) -> Json:
    return world.checked(world.told(order, f"substitutions/{offered['id']}/{noun}", more))


def accept(world: World, order: Json, offered: Json, **more: object) -> Json:
    return answer(world, order, offered, "acceptance", **more)


def offers(world: World, order: Json) -> list[Json]:
    items: list[Json] = world.get(f"orders/{order['number']}/substitutions")["items"]
    return items


@pytest.fixture
def waiting(world: World) -> Json:
    """Twenty seals wait for the first of December, forty others are on the shelf; a bolt is ready."""
    world.shop({"SEAL": 0, "SEAL-F": 40, "BOLT": 5}, price="1.35")
    world.product("SEAL-F", price="1.60")
    world.inbound("purchase_order", "4711", "MAIN", [(1, "SEAL", 30, "2026-12-01")])
    return world.order("BUYER", {"SEAL": 20, "BOLT": 5}, freight="10.00")


def test_an_offer_changes_nothing_and_tells_what_it_would_change(world: World, waiting: Json) -> None:
    mark = world.mark()
    before = world.everything()
    offered = offer(world, waiting, 1, 15, "SEAL-F", note="fluoro rubber, same size")

    assert (offered["state"], offered["substitute_quantity"], offered["unit_price"]) == (
        "offered",
        "15",
        "1.60",
    )
    now = world.read(waiting)
    assert now["version"] == waiting["version"] + 1
    assert now["substitutions"] == [offered]
    assert now["lines"] == waiting["lines"]
    assert now["totals"] == waiting["totals"]
    assert world.everything()["stock"] == before["stock"]
    [told] = world.news(mark, "BUYER")
    assert told["type"] == "substitution.offered"
    assert told["data"] == {
        "id": offered["id"],
        "line": 1,
        "sku": world.code("SEAL"),
        "quantity": "15",
        "substitute": {"sku": world.code("SEAL-F"), "quantity": "15", "unit_price": "1.60"},
        "note": "fluoro rubber, same size",
    }
    [ahead] = offers(world, waiting)[0]["foreseen"]
    assert (ahead["quantity"], ahead["status"], ahead["arrives_on"]) == ("15", "allocated", "2026-11-23")
    assert ahead["sentence"] == "15 stand ready at Leicester; they ship on 19 Nov and reach Leeds on 23 Nov."


def test_accepting_cancels_and_orders_at_once(world: World, waiting: Json) -> None:
    offered = offer(world, waiting, 1, 15, "SEAL-F")
    mark = world.mark()

    now = accept(world, waiting, offered, note="on the telephone")

    expect(now, 1, [(5, "awaiting_supplier", "3 Dec", "7 Dec"), (15, "cancelled", None, None)])
    expect(now, 3, [(15, "allocated", *READY)])
    new = line_of(now, 3)
    assert (new["sku"], new["unit_price"]) == (world.code("SEAL-F"), "1.60")
    assert new["price_source"] == "substitute:1"
    assert now["state"] == "open"
    assert now["summary"] | {"lines": 3, "to_come": "25", "never": "15", "ordered": "40"} == now["summary"]
    [settled] = now["substitutions"]
    assert (settled["state"], settled["new_line"], settled["settled_note"]) == (
        "accepted",
        3,
        "on the telephone",
    )
    assert world.level("MAIN", "SEAL-F")["allocated"] == "15"
    kinds = [event["type"] for event in world.news(mark, "BUYER")]
    assert kinds == ["substitution.accepted", "line.cancelled", "portion.allocated"]


def test_totals_are_of_all_lines_and_the_worth_of_what_may_still_come(world: World, waiting: Json) -> None:
    before = waiting["totals"]
    assert (before["goods"], before["total"], before["to_come"]) == ("33.75", "52.50", "52.50")
    offered = offer(world, waiting, 1, 20, "SEAL-F", substitute_quantity="10", unit_price="2.00")

    now = accept(world, waiting, offered)["totals"]

    # Goods 33.75 and 20.00, freight 10.00, 20 % on both.
    assert (now["goods"], now["freight"], now["tax"], now["total"]) == ("53.75", "10.00", "12.75", "76.50")
    # What was added carries no freight: 20.00. Of what came first 6.75 of 33.75 may come, a fifth of 43.75; 20 %.
    assert now["to_come"] == "34.50"
    listed = world.get("orders", account=world.code("BUYER"))["items"]
    assert listed[0]["totals"]["total"] == "76.50"
    assert listed[0]["summary"] == {"lines": 3, "lines_complete": 1}


def test_what_was_promised_to_the_line_goes_to_who_waits_behind_it(world: World, waiting: Json) -> None:
    behind = world.order("BUYER", {"SEAL": 20})
    assert [one["status"] for one in portions_of(behind, 1)] == ["awaiting_supplier", "backordered"]
    accept(world, waiting, offer(world, waiting, 1, 20, "SEAL-F"))
    expect(world.read(behind), 1, [(20, "awaiting_supplier", "3 Dec", "7 Dec")])


def test_what_is_foreseen_is_what_comes(world: World) -> None:
    """Behind others, in parts, from two supplies: the dry run is the plan itself."""
    world.shop({"OLD": 0, "NEW": 8})
    world.inbound("purchase_order", "1", "MAIN", [(1, "NEW", 10, "2026-11-24"), (2, "NEW", 50, "2026-12-08")])
    first = world.order("BUYER", {"OLD": 30})
    world.order("BUYER", {"NEW": 4}, requested_on="2027-01-04")
    offer(world, first, 1, 30, "NEW")
    [told] = offers(world, first)
    mark = world.mark()
    now = accept(world, first, told)
    [event] = world.news(mark, "BUYER", "substitution.accepted")
    coming = {"location": world.code("MAIN")}
    assert event["data"]["waiting"] == [{"line": 2, "sku": world.code("NEW"), "quantity": "26"} | coming]
    assert told["foreseen"] == [_unnamed(one) for one in portions_of(now, 2)]
    assert len(told["foreseen"]) == 3


def _unnamed(portion: Json) -> Json:
    return {name: value for name, value in portion.items() if name not in ("supply", "first_promise")}


def test_an_order_that_ships_complete_is_foreseen_as_a_whole(world: World) -> None:
    world.shop({"OLD": 0, "SLOW": 0, "NEW": 30})
    world.inbound("purchase_order", "1", "MAIN", [(1, "OLD", 30, "2026-12-15"), (2, "SLOW", 5, "2026-12-01")])
    order = world.order("BUYER", {"OLD": 20, "SLOW": 5}, delivery_preference="complete_only")
    assert {portions_of(order, line)[0]["arrives_on"] for line in (1, 2)} == {"2026-12-21"}

    some = offer(world, order, 1, 10, "NEW")
    assert offers(world, order)[0]["foreseen"][0]["arrives_on"] == "2026-12-21", "ten of them still wait"
    answer(world, order, some, "withdrawal")
    every = offer(world, order, 1, 20, "NEW")
    assert offers(world, order)[1]["foreseen"][0]["arrives_on"] == "2026-12-07"

    now = accept(world, order, every)
    assert {portions_of(now, line)[0]["arrives_on"] for line in (2, 3)} == {"2026-12-07"}


def test_no_answer_and_no_offer_leave_the_line_as_it_was(world: World, waiting: Json) -> None:
    for noun, state in (("refusal", "declined"), ("withdrawal", "withdrawn")):
        offered = offer(world, waiting, 1, 20, "SEAL-F")
        mark = world.mark()
        now = answer(world, waiting, offered, noun, note="no")
        assert now["lines"] == waiting["lines"]
        assert now["totals"] == waiting["totals"]
        assert now["substitutions"][-1]["state"] == state
        assert [event["type"] for event in world.news(mark, "BUYER")] == [f"substitution.{state}"]
        for again in ("acceptance", "refusal", "withdrawal"):
            with world.refuses(409, f"was {state} already"):
                answer(world, waiting, offered, again)


def test_a_line_has_one_standing_offer(world: World, waiting: Json) -> None:
    offered = offer(world, waiting, 1, 5, "SEAL-F")
    with world.refuses(409, f"Offer {offered['id']} stands for line 1 already"):
        offer(world, waiting, 1, 5, "SEAL-F")
    offer(world, waiting, 2, 5, "SEAL-F")
    accept(world, waiting, offered)
    offer(world, waiting, 1, 5, "SEAL-F")


@pytest.mark.parametrize(
    ("changes", "status", "words", "pointer"),
    [
        ({"line": 7}, 422, "has no line 7", "/line"),
        ({"quantity": "0"}, 422, "more than 0", "/quantity"),
        ({"unit_price": "999999999999"}, 422, "more than an order can be worth", "/unit_price"),
        ({"quantity": "1.5"}, 422, "whole pieces", "/quantity"),
        ({"quantity": "21"}, 422, "21 of line 1 cannot be replaced: 20 wait or stand ready.", "/quantity"),
        ({"sku": "NOTHING"}, 422, "unknown product", "/sku"),
        ({"sku": "GONE"}, 422, "no longer sold", "/sku"),
        ({"sku": "SEAL"}, 422, "already", "/sku"),
        ({"sku": "EURO"}, 422, "has no price in GBP", "/unit_price"),
        ({"substitute_quantity": "0"}, 422, "more than 0", "/substitute_quantity"),
        ({"substitute_quantity": "0.5"}, 422, "whole pieces", "/substitute_quantity"),
        ({"unit_price": "-1"}, 422, "not negative", "/unit_price"),
        ({"unit_price": 1.5}, 400, "decimal", "/unit_price"),
        ({"price": "1"}, 400, "unknown field", "/price"),
    ],
)
def test_what_cannot_be_offered(
    world: World, waiting: Json, changes: dict[str, Any], status: int, words: str, pointer: str
) -> None:
    world.product("GONE", active=False)
    world.product("EURO", list_price={"amount": "1.00", "currency": "EUR"})
    body = {"line": 1, "quantity": "5", "sku": "SEAL-F"} | changes
    if body["sku"] != "NOTHING":
        body["sku"] = world.code(body["sku"])
    with world.refuses(status, words, pointer=pointer):
        world.told(waiting, "substitutions", body)


def test_it_costs_what_the_account_pays_for_it_today(world: World, waiting: Json) -> None:
    prices = [{"sku": "SEAL-F", "amount": "1.55"}, {"sku": "SEAL-F", "amount": "1.40", "min_quantity": "10"}]
    world.prices("PA", "BUYER", prices)
    few = offer(world, waiting, 1, 20, "SEAL-F", substitute_quantity="9")
    assert few["unit_price"] == "1.55"
    answer(world, waiting, few, "withdrawal")
    many = offer(world, waiting, 1, 20, "SEAL-F", substitute_quantity="10")
    assert many["unit_price"] == "1.40"
    world.prices("PA", "BUYER", [{"sku": "SEAL-F", "amount": "9.99"}])
    now = accept(world, waiting, many)
    assert line_of(now, 3)["unit_price"] == "1.40", "nobody pays another price than the one they agreed to"


def test_less_is_left_than_was_offered(world: World, waiting: Json) -> None:
    offered = offer(world, waiting, 1, 20, "SEAL-F")
    world.receive("purchase_order", "4711", {1: 12})
    world.pick(waiting, "MAIN", {1: 3})
    world.ship(waiting, "MAIN", {1: 2})
    world.cancel(waiting, {1: 1})
    said = "20 of line 1 cannot be replaced: 16 wait or stand ready, 1 are being picked or packed, 2 have left, 1 were"
    with world.refuses(409, said):
        accept(world, waiting, offered)
    answer(world, waiting, offered, "withdrawal")
    now = accept(world, waiting, offer(world, waiting, 1, 16, "SEAL-F"))
    expect(now, 3, [(16, "allocated", *READY)])
    assert world.level("MAIN", "SEAL")["free"] == "9", "what was set aside for the line is free again"


def test_what_is_no_longer_sold_or_not_there_cannot_be_accepted(world: World, waiting: Json) -> None:
    offered = offer(world, waiting, 1, 20, "SEAL-F")
    world.product("SEAL-F", price="1.60", backorders="deny")
    world.stock("MAIN", "SEAL-F", 19)
    with world.refuses(409, "20 wanted, 19 there, and it takes no backorders"):
        accept(world, waiting, offered)
    world.product("SEAL-F", price="1.60", active=False)
    with world.refuses(409, "no longer sold"):
        accept(world, waiting, offered)


def test_a_hold_is_not_got_around(world: World, waiting: Json) -> None:
    offered = offer(world, waiting, 1, 20, "SEAL-F")
    finance = world.hold(waiting, "finance", lines=[1])
    with world.refuses(409, "A finance hold stops line 1"):
        accept(world, waiting, offered)
    with world.refuses(409, "A finance hold stops line 1"):
        offer(world, waiting, 1, 5, "SEAL-F")
    world.release(waiting, finance)
    # Where the goods themselves are the reason, others are the way out; what stops all of the order stops them too.
    world.hold(waiting, "quality", lines=[1])
    world.hold(waiting, "address")
    assert offers(world, waiting)[0]["foreseen"][0]["status"] == "held"
    now = accept(world, waiting, offered)
    assert [one["held_from"] for one in portions_of(now, 3)] == ["allocated"]


def test_only_the_difference_needs_credit(world: World) -> None:
    world.location("MAIN")
    world.account("BUYER", credit_limit="100.00", tax_status="exempt")
    world.product("OLD", price="8.00")
    world.product("NEW", price="10.00")
    world.stock("MAIN", "NEW", 50)
    order = world.order("BUYER", {"OLD": 10})
    assert order["state"] == "open"
    dear = offer(world, order, 1, 10, "NEW", unit_price="10.01")
    said = "This would add 20.10 GBP to 80.00 already open, more than the limit of 100.00 GBP."
    with world.refuses(422, said):
        accept(world, order, dear)
    answer(world, order, dear, "withdrawal")

    fits = offer(world, order, 1, 10, "NEW")
    world.account("BUYER", credit_limit="100.00", tax_status="exempt", credit_hold=True)
    with world.refuses(422, "is on credit hold, and this would add 20.00 GBP"):
        accept(world, order, fits)
    world.account("BUYER", credit_limit="100.00", tax_status="exempt")
    accept(world, order, fits)
    assert world.get(f"accounts/{world.code('BUYER')}/credit")["exposure"]["open_orders"] == "100.00"

    # What costs no more than before is nobody's risk, whatever the account owes.
    world.account("BUYER", credit_limit="1.00", tax_status="exempt", credit_hold=True)
    cheap = offer(world, order, 2, 10, "OLD", unit_price="10.00")
    assert accept(world, order, cheap)["totals"]["to_come"] == "100.00"


def test_an_order_that_waits_for_credit_has_nothing_to_replace(world: World) -> None:
    world.shop({"OLD": 0, "NEW": 5})
    world.account("BUYER", credit_limit="1.00")
    order = world.order("BUYER", {"OLD": 5})
    assert order["state"] == "held"
    with world.refuses(409, "is held"):
        offer(world, order, 1, 5, "NEW")


def test_an_order_is_taxed_at_the_rates_it_was_placed_with(world: World) -> None:
    world.shop({"OLD": 0, "NEW": 5, "BOOK": 5})
    world.product("BOOK", tax_category="reduced")
    order = world.order("BUYER", {"OLD": 10})
    world.account("BUYER", tax_status="exempt")
    now = accept(world, order, offer(world, order, 1, 5, "NEW"))
    assert now["totals"]["tax"] == "3.00", "15.00 at 20 %"
    now = accept(world, order, offer(world, order, 1, 5, "BOOK"))
    assert now["totals"]["tax"] == "3.00", "a category that it did not have follows the account"


def test_an_order_goes_on_with_its_new_line_to_the_end(world: World, waiting: Json) -> None:
    accept(world, waiting, offer(world, waiting, 1, 20, "SEAL-F"))
    world.pick(waiting, "MAIN", {3: 20})
    world.pack(waiting, "MAIN", {3: 20})
    world.ship(waiting, "MAIN", {2: 5, 3: 20})
    now = world.read(waiting)
    assert now["state"] == "closed"
    assert now["totals"]["to_come"] == "0.00"


def test_a_chain_of_offers_can_be_followed(world: World, waiting: Json) -> None:
    world.product("SEAL-G", price="1.00")
    accept(world, waiting, offer(world, waiting, 1, 20, "SEAL-G"))
    now = accept(world, waiting, offer(world, waiting, 3, 20, "SEAL-F"))
    assert [line["price_source"] for line in now["lines"]] == ["list", "list", "substitute:1", "substitute:3"]


def test_an_account_reads_its_offers_and_a_stranger_finds_none(world: World, waiting: Json) -> None:
    world.account("OTHER")
    offered = offer(world, waiting, 1, 5, "SEAL-F")
    path = f"orders/{waiting['number']}/substitutions"
    own = world.token("BUYER")
    assert own.get(path).json()["items"][0]["id"] == offered["id"]
    assert own.post(f"{path}/{offered['id']}/acceptance").status_code == 403
    assert own.post(path, json={}).status_code == 403
    assert world.token("OTHER").get(path).status_code == 404
    assert world.token(scopes=["stock:write"]).post(path, json={}).status_code == 403
    another = world.order("BUYER", {"SEAL": 1})
    for wrong in (f"{path}/999999999/acceptance", f"{path}/x/refusal"):
        assert world.erp.post(wrong).status_code == 404
    for noun in ("acceptance", "refusal", "withdrawal"):
        with world.refuses(404, "has no offer"):
            answer(world, another, offered, noun)


def test_a_repeated_acceptance_is_one_and_a_stale_one_is_none(world: World, waiting: Json) -> None:
    offered = offer(world, waiting, 1, 5, "SEAL-F")
    path = f"orders/{waiting['number']}/substitutions/{offered['id']}/acceptance"
    with world.refuses(412, "read it again"):
        world.post(path, {}, **{"If-Match": f'"{waiting["version"]}"'})
    first = world.erp.post(path, json={}, headers={"Idempotency-Key": world.code("yes")})
    again = world.erp.post(path, json={}, headers={"Idempotency-Key": world.code("yes")})
    assert first.status_code == again.status_code == 200
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(again.json()["lines"]) == 3


@pytest.mark.parametrize("others", [("acceptance", "withdrawal"), ("acceptance", "refusal"), ("acceptance",)])
def test_of_two_answers_at_once_one_counts_and_the_other_is_told(
    world: World, waiting: Json, others: tuple[str, ...]
) -> None:
    nouns = [*others] * (4 // len(others))
    for quantity in range(1, 6):
        offered = offer(world, waiting, 1, quantity, "SEAL-F")
        path = f"/orders/{waiting['number']}/substitutions/{offered['id']}"
        answers = at_once(world.portal, [post(f"{path}/{noun}") for noun in nouns])
        assert statuses(answers) == [200, 409, 409, 409]
        [state] = [one["state"] for one in offers(world, waiting) if one["id"] == offered["id"]]
        won = nouns[[answer.status_code for answer in answers].index(200)]
        assert state == {"acceptance": "accepted", "withdrawal": "withdrawn", "refusal": "declined"}[won]
    now = world.read(waiting)
    accepted = [one for one in now["substitutions"] if one["state"] == "accepted"]
    assert len(now["lines"]) == 2 + len(accepted)
    assert sum(int(one["quantity"]) for one in accepted) == int(line_of(now, 1)["cancelled"])


def test_accepting_while_the_goods_are_shipped_or_ordered_by_others(world: World) -> None:
    """X for Y here and Y for X there, while others buy both: no deadlock, and nothing is oversold."""
    world.shop({"X": 20, "Y": 20}, backorders="allow")
    here, there = world.order("BUYER", {"X": 8}), world.order("BUYER", {"Y": 8})
    x, y = offer(world, here, 1, 8, "Y"), offer(world, there, 1, 8, "X")
    asks = [
        post(f"/orders/{here['number']}/substitutions/{x['id']}/acceptance"),
        post(f"/orders/{there['number']}/substitutions/{y['id']}/acceptance"),
        *(post("/orders", world.order_body("BUYER", [(a, 2), (b, 2)])) for a, b in ("XY", "YX") * 3),
        post(f"/orders/{here['number']}/shipments", world.work("MAIN", {1: 1})),
    ]
    answers = at_once(world.portal, asks)
    assert {answer.status_code for answer in answers[2:-1]} == {201}
    assert sorted((answers[0].status_code, answers[-1].status_code)) in ([200, 422], [201, 409])
    assert answers[1].status_code == 200
    for answered in answers[2:-1]:
        world.orders.append(answered.json()["number"])
