"""Scenario 9. 75,000.00 with three approvers, two warehouses, net 60 and a customer-specific credit limit."""

import hashlib

from portal.stories.office import email
from portal.stories.seventy_five_thousand import STORY
from tests.scenarios.claims import Json, expect
from tests.scenarios.driver import World
from tests.scenarios.office import request_of, try_to_decide
from tests.scenarios.telling import tell


def test_three_people_agree_to_75000_that_leave_from_two_warehouses(story: World) -> None:
    tell(story, STORY, CLAIMS)


def request(world: World) -> Json:
    return request_of(world, world.known["order"])


def credit(world: World) -> Json:
    return world.get(f"accounts/{world.code('NORDWIND')}/credit")


def seats(request: Json) -> list[list[tuple[str, str]]]:
    """(who, what they said) of each step."""
    return [
        [(seat["name"].split()[0], seat["state"]) for seat in step["approvers"]] for step in request["steps"]
    ]


def ruled(world: World) -> None:
    account = world.get(f"accounts/{world.code('NORDWIND')}")
    assert account["payment_terms_days"] == 60
    assert credit(world)["limit"] == "120000.00"
    assert credit(world)["available"] == "120000.00"


def ordered(world: World) -> None:
    order = world.the("order")
    assert order["state"] == "pending_approval"
    assert order["totals"]["goods"] == "62500.00"
    assert order["totals"]["total"] == "75000.00"
    expect(order, 1, [(40, "waiting", None, None)])
    expect(order, 2, [(25, "waiting", None, None)])
    assert world.level("NORTH", "DRIVE")["allocated"] == "0"
    assert world.level("MAIN", "PANEL")["allocated"] == "0"
    # Nobody owes anything for what is not placed.
    assert credit(world)["available"] == "120000.00"
    assert [event["type"] for event in world.lately("NORDWIND")] == ["order.approval_requested"]

    asked = request(world)
    assert (asked["state"], asked["total"], asked["step"]) == ("pending", "75000.00", 1)
    # Both rules name Klaus; he is asked once.
    assert seats(asked) == [[("Klaus", "open")], [("Tomasz", "open")], [("Ines", "open")]]
    assert {reason["rule"] for reason in asked["reasons"]} == {"Above 10,000", "Above 50,000"}
    facts = [fact for reason in asked["reasons"] for fact in reason["because"]]
    assert {fact["amount"] for fact in facts if fact["fact"] == "total_above"} == {"10000.00", "50000.00"}
    assert asked["requester"]["email"] == email("petra", world.code("NORDWIND"))
    # 40 hours of work after half past nine on Wednesday are half past nine on the Wednesday after.
    assert asked["expires_at"].startswith("2026-11-25T09:30:0")
    # Not their turn, or not theirs at all.
    for who in ("ines", "wiebke", "petra"):
        assert try_to_decide(world, asked, who, "approve").status_code in {403, 404, 409}, who
    assert request(world) == asked


def first(world: World) -> None:
    asked = request(world)
    assert (asked["state"], asked["step"]) == ("pending", 2)
    assert seats(asked)[0] == [("Klaus", "approved")]
    assert try_to_decide(world, asked, "klaus", "approve").status_code in {403, 409}
    assert world.the("order")["state"] == "pending_approval"
    assert [event["type"] for event in world.lately("NORDWIND")] == ["order.approval_given"]


def question(world: World) -> None:
    assert request(world)["state"] == "asked"
    assert [event["type"] for event in world.lately("NORDWIND")] == ["order.approval_asked"]


def answered(world: World) -> None:
    assert request(world)["state"] == "pending"
    assert [event["type"] for event in world.lately("NORDWIND")] == ["order.approval_answered"]


def second(world: World) -> None:
    asked = request(world)
    assert (asked["state"], asked["step"]) == ("pending", 3)
    (seat,) = asked["steps"][1]["approvers"]
    assert (seat["name"], seat["state"]) == ("Tomasz Reid", "approved")
    assert seat["decided_by"] == email("wiebke", world.code("NORDWIND"))


def placed(world: World) -> None:
    asked = request(world)
    assert asked["state"] == "approved"
    assert seats(asked) == [[("Klaus", "approved")], [("Tomasz", "approved")], [("Ines", "approved")]]
    assert asked["steps"][2]["approvers"][0]["condition"] == {"total": "80000.00", "until": "2026-11-30"}

    order = world.the("order")
    assert order["state"] == "open"
    # Grimsby by freight: two days to pick, Mon 23; five by road, Sat 28, so Mon 30.
    expect(order, 1, [(40, "allocated", "23 Nov", "30 Nov")])
    # Leicester by parcel: Fri 20; two days, Sun 22, so Mon 23.
    expect(order, 2, [(25, "allocated", "20 Nov", "23 Nov")])
    assert world.level("NORTH", "DRIVE")["allocated"] == "40"
    assert world.level("MAIN", "PANEL")["allocated"] == "25"
    assert owed(world) == ("75000.00", "0.00", "45000.00")
    told = [event["type"] for event in world.lately("NORDWIND")]
    assert "order.approved" in told
    assert "order.placed" in told
    assert told.index("order.approved") < told.index("order.placed")


def owed(world: World) -> tuple[str, str, str]:
    """(open orders, invoiced as they leave, available)."""
    told = credit(world)
    assert told["exposure"]["shipped_not_invoiced"] == "0.00"
    return told["exposure"]["open_orders"], told["exposure"]["invoiced_unpaid"], told["available"]


def parcel(world: World) -> None:
    expect(world.the("order"), 2, [(25, "shipped", "20 Nov", "23 Nov")])
    assert owed(world) == ("60000.00", "15000.00", "45000.00")


def pallets(world: World) -> None:
    order = world.the("order")
    assert order["state"] == "closed"
    expect(order, 1, [(40, "shipped", "23 Nov", "30 Nov")])
    assert owed(world) == ("0.00", "75000.00", "45000.00")


def delivered(world: World) -> None:
    order = world.the("order")
    assert order["summary"]["delivered"] == "65"
    assert world.level("NORTH", "DRIVE")["on_hand"] == "20"
    assert world.level("MAIN", "PANEL")["on_hand"] == "5"
    chained(world)


def chained(world: World) -> None:
    """What was decided is in the audit chain, in its order, and nobody has changed it."""
    entries = world.get(f"accounts/{world.code('NORDWIND')}/audit", limit="200")["items"]
    previous = b""
    for entry in entries:
        previous = hashlib.sha256(previous + entry["body"].encode()).digest()
        assert entry["hash"] == previous.hex()
    about = [entry["action"] for entry in entries if entry["subject"] == request(world)["id"]]
    assert [action for action in about if action.startswith("approval.")] == [
        "approval.requested",
        "approval.approved",
        "approval.asked",
        "approval.answered",
        "approval.approved",
        "approval.approved",
    ]
    done = {entry["action"] for entry in entries}
    assert "policy.changed" in done


CLAIMS = {
    "rules": ruled,
    "ordered": ordered,
    "first": first,
    "question": question,
    "answer": answered,
    "second": second,
    "placed": placed,
    "parcel": parcel,
    "pallets": pallets,
    "pallets-delivered": delivered,
}
