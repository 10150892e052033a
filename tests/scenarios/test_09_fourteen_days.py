"""Scenario 9, when nobody decides: two weeks in which people are reminded, somebody higher is asked, and it ends.

And what ended so, was rejected, or was never approved, can be placed through no door.
"""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from portal.db.pool import open_pool
from portal.stories.happenings import Ordered, Rule, Ruled
from portal.stories.office import email
from tests.portals import Portal
from tests.scenarios.claims import Json
from tests.scenarios.driver import WEDNESDAY, World, problem
from tests.scenarios.office import as_, decide, employ, place, request_of, rule, try_to_decide

TAGS = count(1)


@pytest.fixture
def world(portal: Portal) -> World:
    """Klaus must agree above 10,000, and Ines is above him; both have decided on nothing yet."""
    world = World(portal, tag=f"F{next(TAGS)}", now=WEDNESDAY)
    world.location("MAIN")
    world.account("NORDWIND", credit_limit="100000.00")
    world.product("DRIVE", price="1250.00")
    world.stock("MAIN", "DRIVE", 100)
    employ(world, "petra", "NORDWIND", ["buyer"])
    employ(world, "klaus", "NORDWIND", ["approver"], limit="20000.00")
    employ(world, "ines", "NORDWIND", ["account_admin"])
    # Eight working hours are a day: reminded on the next day, gone up on the third, over after eight days.
    ruled = Ruled("NORDWIND", [Rule("Above 10,000", "10000.00", ["klaus"])], 64, 8, 24)
    rule(world, ruled)
    return world


def ordered(world: World, drives: int = 10) -> Json:
    """15,000.00 with tax, unless said otherwise."""
    return place(world, Ordered("order", "NORDWIND", [("DRIVE", drives)], "4500118310", who="petra"))


def mails(world: World) -> list[tuple[str, str]]:
    """(what it says, to whom) of every mail that became due for this world's people, in its order."""

    async def read() -> list[tuple[str, str]]:
        async with await open_pool(world.portal.database_url, size=1) as pool:
            rows = await pool.fetch(
                """select m.kind, p.email from mail m join person p on p.id = m.person_id
                   where m.account = $1 order by m.id""",
                world.code("NORDWIND"),
            )
        return [(row["kind"], row["email"].split("@")[0]) for row in rows]

    return asyncio.run(read())


def expired(world: World) -> Json:
    order = ordered(world)
    world.now("2026-12-02T09:00:00Z")
    assert world.read(order)["state"] == "rejected"
    return order


def rejected(world: World) -> Json:
    order = ordered(world)
    decide(world, order["number"], "klaus", "reject", comment="too dear")
    return order


def pending(world: World) -> Json:
    return ordered(world)


def test_fourteen_days_pass(world: World) -> None:
    order = ordered(world)
    assert mails(world) == [("approval_asked", "klaus")] or mails(world)[0][1] == "klaus"
    seen = {}
    for day in (19, 20, 23, 24, 25, 26, 27, 30):
        world.now(f"2026-11-{day}T09:30:00Z")
        seen[day] = (request_of(world, order["number"])["state"], len(mails(world)))
    # Nobody is written to on a Saturday or a Sunday, and everybody more than once before it ends.
    kinds = [kind for kind, _ in mails(world)]
    assert any("remind" in kind for kind in kinds), kinds
    assert any("escalat" in kind for kind in kinds), kinds
    assert any(who == "ines" for _, who in mails(world)), mails(world)
    request = request_of(world, order["number"])
    assert [seat["name"] for step in request["steps"] for seat in step["approvers"]] == ["Klaus", "Ines"]
    assert seen[27][0] == "pending"
    assert seen[30][0] == "expired"

    world.now("2026-12-02T09:30:00Z")
    assert world.read(order)["state"] == "rejected"
    assert world.level("MAIN", "DRIVE")["allocated"] == "0"
    assert world.get(f"accounts/{world.code('NORDWIND')}/credit")["available"] == "100000.00"
    told = [event for event in world.feed("NORDWIND") if event["type"] == "order.rejected"]
    assert [event["data"]["why"] for event in told] == ["expired"]
    assert [who for kind, who in mails(world) if "expired" in kind].count("petra") == 1
    # A clock that is moved on changes nothing more.
    before = (world.read(order), mails(world))
    world.now("2026-12-09T09:30:00Z")
    assert (world.read(order), mails(world)) == before
    world.portal.check()


def test_whoever_was_asked_later_can_decide(world: World) -> None:
    order = ordered(world)
    request = request_of(world, order["number"])
    assert try_to_decide(world, request, "ines", "approve").status_code == 403
    world.now("2026-11-24T09:30:00Z")
    decide(world, order["number"], "ines", "approve")
    assert world.read(order)["state"] == "open"


Door = Callable[[World, Json], httpx.Response]
DOORS: dict[str, Door] = {
    "a decision": lambda world, order: try_to_decide(
        world, request_of(world, order["number"]), "klaus", "approve"
    ),
    "an admin's decision": lambda world, order: try_to_decide(
        world, request_of(world, order["number"]), "ines", "approve"
    ),
    "more is ordered": lambda world, order: _post(
        world, order, "changes", {"lines": [{"line": 1, "quantity": "11"}]}
    ),
    "less is ordered": lambda world, order: _post(
        world, order, "changes", {"lines": [{"line": 1, "quantity": "1"}]}
    ),
    "a pick": lambda world, order: _post(world, order, "picks", world.work("MAIN", {1: 1})),
    "a shipment": lambda world, order: _post(world, order, "shipments", world.work("MAIN", {1: 1})),
    "a relocation": lambda world, order: _post(
        world, order, "relocations", {"line": 1, "to_location": world.code("MAIN"), "reason": "agreed"}
    ),
    "an offer": lambda world, order: _offered(world, order),
    "a hold that is lifted": lambda world, order: _held(world, order),
    "a withdrawal": lambda world, order: as_(world, "ines", world.code("NORDWIND")).post(
        f"/approvals/{request_of(world, order['number'])['id']}/withdrawal", json={}
    ),
}
# What a request that is open allows, and the order still waits afterwards (or is over).
OPEN_DOORS = {
    "a decision",
    "a relocation",
    "less is ordered",
    "more is ordered",
    "a withdrawal",
    "a hold that is lifted",
}


def _post(world: World, order: Json, noun: str, body: Json) -> httpx.Response:
    return world.erp.post(f"/orders/{order['number']}/{noun}", json=body)


def _held(world: World, order: Json) -> httpx.Response:
    held = _post(world, order, "holds", {"reason": "credit", "note": "to lift it"})
    if not held.is_success:
        return held
    return _post(world, order, f"holds/{held.json()['id']}/release", {})


def _offered(world: World, order: Json) -> httpx.Response:
    world.product("OTHER", price="1.00")
    offered = _post(world, order, "substitutions", {"line": 1, "quantity": "1", "sku": world.code("OTHER")})
    if not offered.is_success:
        return offered
    return _post(world, order, f"substitutions/{offered.json()['id']}/acceptance", {})


@pytest.mark.parametrize("end", [expired, rejected], ids=lambda end: end.__name__)
def test_what_is_over_is_placed_through_no_door(world: World, end: Callable[[World], Json]) -> None:
    order = end(world)
    before = world.everything()
    for name, door in DOORS.items():
        answer = door(world, order)
        assert answer.status_code in {403, 404, 409, 422}, f"{name}: {answer.text}"
        problem(answer, answer.status_code)
    assert world.everything() == before
    assert world.read(order)["state"] == "rejected"


@pytest.mark.parametrize("name", sorted(DOORS.keys() - {"a decision"}))
def test_what_nobody_has_approved_is_placed_through_no_door(world: World, name: str) -> None:
    order = pending(world)
    answer = DOORS[name](world, order)
    assert answer.is_success == (name in OPEN_DOORS), f"{name}: {answer.text}"
    after = world.read(order)
    small = name == "less is ordered"
    assert after["state"] in ({"open"} if small else {"pending_approval", "cancelled"}), name
    assert world.level("MAIN", "DRIVE")["allocated"] == ("1" if small else "0")


def test_sending_it_again_does_not_place_it(world: World) -> None:
    """The same order under its own number in the shop: the answer is the order that was rejected."""
    body: dict[str, Any] = world.order_body("NORDWIND", {"DRIVE": 10}, origin="shop", external_id=world.tag)
    petra = as_(world, "petra", world.code("NORDWIND"))
    order = World.said(petra.post("/orders", json=body))
    decide(world, order["number"], "klaus", "reject", comment="no")
    for client in (petra, world.erp):
        again = client.post("/orders", json=body)
        assert again.status_code in {200, 409}, again.text
        if again.status_code == 200:
            assert again.json()["state"] == "rejected"
    assert world.level("MAIN", "DRIVE")["allocated"] == "0"


def test_only_a_token_that_may_passes_approvals_by(world: World) -> None:
    body: Json = world.order_body("NORDWIND", {"DRIVE": 10}) | {"approval": "bypass"}
    may_not = world.portal.client(world.portal.token(scopes=["orders:write"]))
    assert may_not.post("/orders", json=body).status_code == 403
    placed = world.erp.post("/orders", json=body)
    assert placed.json()["state"] == "open"


def test_orders_of_nobody_in_particular_need_approval_too(world: World) -> None:
    """The customer's ERP sends it: the account's rules apply all the same."""
    order = world.order("NORDWIND", {"DRIVE": 10})
    assert order["state"] == "pending_approval"
    decide(world, order["number"], "klaus", "approve")
    assert world.read(order)["state"] == "open"


def test_what_exceeds_the_limit_in_the_end_is_held_when_all_have_agreed(world: World) -> None:
    first, second = ordered(world, 40), ordered(world, 40)
    for order in (first, second):
        # 60,000.00 is beyond what Klaus may decide alone: Ines sits in the next step.
        decide(world, order["number"], "klaus", "approve")
        decide(world, order["number"], "ines", "approve")
    assert world.read(first)["state"] == "open"
    assert world.read(second)["state"] == "held"
    (hold,) = world.read(second)["holds"]
    with world.refuses(422, "60000.00"):
        world.release(second, hold["id"])


def test_a_question_keeps_the_time_running(world: World) -> None:
    order = ordered(world)
    decide(world, order["number"], "klaus", "ask", comment="which line?")
    world.now("2026-12-02T09:00:00Z")
    assert request_of(world, order["number"])["state"] == "expired"
    assert email("petra", world.code("NORDWIND")) in {
        f"{who}@{world.code('NORDWIND')}.example".lower() for _, who in mails(world)
    }


def test_who_has_lost_the_role_decides_no_more(world: World) -> None:
    """Klaus becomes a reader while he is asked: it goes up to Ines, whom nobody had asked."""
    order = ordered(world)
    request = request_of(world, order["number"])
    employ(world, "klaus", "NORDWIND", ["reader"])
    assert try_to_decide(world, request, "klaus", "approve").status_code == 403
    world.now("2026-11-24T09:30:00Z")
    decide(world, order["number"], "ines", "approve")
    assert world.read(order)["state"] == "open"


def test_a_lower_limit_counts_for_what_is_asked_already(world: World) -> None:
    """Klaus may decide on less than he was asked for: his word is not enough any more, and Ines is asked too."""
    order = ordered(world)
    employ(world, "klaus", "NORDWIND", ["approver"], limit="100.00")
    after = decide(world, order["number"], "klaus", "approve")
    assert after["state"] == "pending"
    assert [seat["name"] for step in after["steps"] for seat in step["approvers"]] == ["Klaus", "Ines"]
    decide(world, order["number"], "ines", "approve")
    assert world.read(order)["state"] == "open"


def test_a_token_of_nobody_decides_nothing(world: World) -> None:
    order = ordered(world)
    request = request_of(world, order["number"])
    body = {"decision": "approve", "version": request["version"]}
    assert world.erp.post(f"/approvals/{request['id']}/decisions", json=body).status_code == 403
    other = World(world.portal, tag=f"{world.tag}X", now=None)
    other.account("VELTRO")
    employ(other, "rita", "VELTRO", ["account_admin"])
    stranger = world.portal.client(
        World.said(
            world.erp.post(
                "/tokens",
                json={
                    "account": other.code("VELTRO"),
                    "user": email("rita", other.code("VELTRO")),
                    "scopes": ["approvals:write"],
                    "name": "rita",
                },
            )
        )["token"]
    )
    for verb in ("decisions", "answers", "withdrawal"):
        more = body if verb == "decisions" else {"comment": "x"}
        assert stranger.post(f"/approvals/{request['id']}/{verb}", json=more).status_code == 404, verb
    assert stranger.get(f"/approvals/{request['id']}").status_code == 404
    assert request_of(world, order["number"]) == request


def test_an_amendment_waits_beside_the_order_and_leaves_it_as_it_is(world: World) -> None:
    """More is ordered of an order that is placed: nothing changes before Klaus agrees, and then it is all there."""
    order = ordered(world, 4)
    assert order["state"] == "open"
    petra = as_(world, "petra", world.code("NORDWIND"))
    body = {"lines": [{"line": 1, "quantity": "10"}]}
    World.said(petra.post(f"/orders/{order['number']}/changes", json=body))
    request = request_of(world, order["number"])
    assert (request["kind"], request["state"], request["total"]) == ("amendment", "pending", "15000.00")
    assert world.level("MAIN", "DRIVE")["allocated"] == "4"
    # Half of what stands there leaves meanwhile.
    world.ship(world.read(order), "MAIN", {1: 2})
    decide(world, order["number"], "klaus", "approve")
    after = world.read(order)
    assert [line["quantity"] for line in after["lines"]] == ["4", "6"]
    assert world.level("MAIN", "DRIVE")["allocated"] == "8"
    assert after["totals"]["total"] == "15000.00"
    assert world.get(f"accounts/{world.code('NORDWIND')}/credit")["available"] == "85000.00"


def test_an_amendment_that_is_rejected_leaves_the_order_as_it_is(world: World) -> None:
    order = ordered(world, 4)
    petra = as_(world, "petra", world.code("NORDWIND"))
    World.said(
        petra.post(f"/orders/{order['number']}/changes", json={"lines": [{"line": 1, "quantity": "10"}]})
    )
    decide(world, order["number"], "klaus", "reject", comment="enough")
    after = world.read(order)
    assert (after["state"], [line["quantity"] for line in after["lines"]]) == ("open", ["4"])
    assert after["totals"]["total"] == "6000.00"


def test_an_amendment_beyond_the_limit_is_refused_and_stays_to_be_decided(world: World) -> None:
    order = ordered(world, 4)
    petra = as_(world, "petra", world.code("NORDWIND"))
    World.said(
        petra.post(f"/orders/{order['number']}/changes", json={"lines": [{"line": 1, "quantity": "90"}]})
    )
    # 135,000.00: more than Klaus may decide alone.
    decide(world, order["number"], "klaus", "approve")
    refused = try_to_decide(world, request_of(world, order["number"]), "ines", "approve")
    problem(refused, 422)
    assert request_of(world, order["number"])["state"] == "pending"
    assert [line["quantity"] for line in world.read(order)["lines"]] == ["4"]


def test_the_laws_hold_in_the_end(portal: Portal) -> None:
    portal.check()
