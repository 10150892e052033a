"""Approvals as other systems see them."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.portals import Portal

PEOPLE = {"bea": ["buyer"], "anna": ["approver"], "otto": ["approver"], "ada": ["account_admin"]}


def put(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    answer = client.put(path, json=body)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def shop(portal: Portal) -> Portal:
    portal.clock("2026-11-18T09:00:00Z")
    address = {"lines": ["1 Dock Road"], "city": "Leeds", "country": "GB"}
    put(portal.erp, "/locations/MAIN", name="Main", address=address, time_zone="Europe/London")
    put(portal.erp, "/products/BOLT", name="Bolt", unit="C62", list_price={"amount": "10.00", "currency": "GBP"},
        category="fasteners")  # fmt: skip
    put(portal.erp, "/products/ACID", name="Acid", unit="C62", list_price={"amount": "10.00", "currency": "GBP"},
        category="chemicals")  # fmt: skip
    put(portal.erp, "/stock/MAIN/BOLT", on_hand=100000)
    put(portal.erp, "/accounts/NORTH", name="North", currency="GBP",
        ship_tos=[{"code": "LEEDS", "name": "Leeds", "address": address}])  # fmt: skip
    for name, roles in PEOPLE.items():
        put(portal.erp, f"/accounts/NORTH/users/{name}@example.test", name=name.title(), roles=roles)
    return portal


@pytest.fixture(scope="module")
def as_user(shop: Portal) -> Callable[[str], httpx.Client]:
    """The API as a person of NORTH."""
    clients: dict[str, httpx.Client] = {}

    def client(name: str) -> httpx.Client:
        if name not in clients:
            body = {"scopes": ["*"], "name": f"shop of {name}", "user": f"{name}@example.test"}
            answer = shop.erp.post("/tokens", json=body)
            assert answer.status_code == 201, answer.text
            clients[name] = shop.client(answer.json()["token"])
        return clients[name]

    return client


def policy(shop: Portal, **more: Any) -> dict[str, Any]:
    rule = {
        "name": "large",
        "when": {"total_above": {"amount": "1000.00", "currency": "GBP"}},
        "steps": [{"approvers": ["anna@example.test"]}, {"approvers": ["otto@example.test"], "need": "any"}],
    }
    return put(shop.erp, "/accounts/NORTH/approval-policy", **({"rules": [rule]} | more))


def order(client: httpx.Client, quantity: int = 100, **more: Any) -> dict[str, Any]:
    body = {"account": "NORTH", "lines": [{"sku": "BOLT", "quantity": quantity}], **more}
    answer = client.post("/orders", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def approval(client: httpx.Client, number: str) -> dict[str, Any]:
    found = [one for one in client.get("/approvals?limit=200").json()["items"] if one["order"] == number]
    return client.get(f"/approvals/{found[0]['id']}").json()  # type: ignore[no-any-return]


def decide(client: httpx.Client, number: str, what: str = "approve", **more: Any) -> httpx.Response:
    return client.post(f"/approvals/{number}/decisions", json={"decision": what, **more})


def test_a_policy_comes_back_as_it_was_put(shop: Portal) -> None:
    told = policy(shop, expires_after_hours=72)

    assert told["rules"][0]["when"] == {"total_above": {"amount": "1000.00", "currency": "GBP"}}
    assert told["rules"][0]["steps"][1] == {"approvers": ["otto@example.test"], "need": "any"}
    assert told["working_time"]["time_zone"] == "Europe/London"
    again = {name: told[name] for name in ("rules", "self_approval", "expires_after_hours", "working_time")}
    answer = shop.erp.put("/accounts/NORTH/approval-policy", json=again)
    assert answer.status_code == 200
    assert answer.json()["rules"] == told["rules"]


@pytest.mark.parametrize(
    ("step", "pointer"),
    [
        ({"approvers": ["nobody@example.test"]}, "/rules/0/steps/0/approvers/0"),
        ({"approvers": ["bea@example.test"]}, "/rules/0/steps/0/approvers/0"),
        ({"approvers": ["anna@example.test"], "need": 2}, "/rules/0/steps/0/need"),
    ],
)
def test_a_policy_that_nobody_could_follow_is_refused(
    shop: Portal, step: dict[str, Any], pointer: str
) -> None:
    answer = shop.erp.put("/accounts/NORTH/approval-policy", json={"rules": [{"name": "r", "steps": [step]}]})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_an_order_goes_through_its_chain(shop: Portal, as_user: Callable[[str], httpx.Client]) -> None:
    policy(shop)
    placed = order(as_user("bea"))
    assert placed["state"] == "pending_approval"
    assert [p["status"] for p in placed["lines"][0]["portions"]] == ["waiting"]
    asked = approval(as_user("bea"), placed["number"])
    assert asked["requester"] == {"name": "Bea", "email": "bea@example.test"}
    assert asked["state"] == "pending"
    assert asked["total"] == "1200.00"

    waiting = as_user("anna").get("/approvals?state=pending&approver=anna@example.test").json()["items"]
    assert asked["id"] in [one["id"] for one in waiting]
    later = as_user("anna").get("/approvals?state=pending&approver=otto@example.test").json()["items"]
    assert asked["id"] not in [one["id"] for one in later]

    first = decide(as_user("anna"), asked["id"], version=asked["version"])
    assert first.status_code == 200, first.text
    assert first.json()["steps"][0]["state"] == "passed"
    stale = decide(as_user("otto"), asked["id"], version=asked["version"])
    assert stale.status_code == 409
    assert "Anna approved" in stale.json()["detail"]
    second = decide(as_user("otto"), asked["id"], version=first.json()["version"])
    assert second.json()["state"] == "approved"
    assert shop.erp.get(f"/orders/{placed['number']}").json()["state"] == "open"
    assert decide(as_user("otto"), asked["id"]).status_code == 409


def test_who_may_not_decide_is_told_so(shop: Portal, as_user: Callable[[str], httpx.Client]) -> None:
    policy(shop)
    asked = approval(shop.erp, order(as_user("bea"))["number"])

    assert decide(as_user("bea"), asked["id"]).status_code == 403
    assert decide(as_user("ada"), asked["id"]).status_code == 403
    assert decide(shop.erp, asked["id"]).status_code == 403
    assert decide(as_user("anna"), "AP-2026-999999").status_code == 404
    assert decide(as_user("anna"), asked["id"], "reject").status_code == 422
    reader = shop.client(shop.token("NORTH", ["orders:read"]))
    body = {"scopes": ["orders:read"], "name": "own", "account": "NORTH", "user": "otto@example.test"}
    own = shop.client(shop.erp.post("/tokens", json=body).json()["token"])
    assert decide(own, asked["id"]).status_code == 409
    assert decide(reader, asked["id"]).status_code == 403
    assert reader.get(f"/approvals/{asked['id']}").status_code == 200


def test_the_same_decision_twice_is_one(shop: Portal, as_user: Callable[[str], httpx.Client]) -> None:
    policy(shop)
    asked = approval(shop.erp, order(as_user("bea"))["number"])
    body = {"decision": "approve", "version": asked["version"]}

    answers = [
        as_user("anna").post(
            f"/approvals/{asked['id']}/decisions", json=body, headers={"Idempotency-Key": asked["id"]}
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_a_question_and_its_answer(shop: Portal, as_user: Callable[[str], httpx.Client]) -> None:
    policy(shop)
    asked = approval(shop.erp, order(as_user("bea"))["number"])

    assert decide(as_user("anna"), asked["id"], "ask", comment="why?").json()["state"] == "asked"
    answer = as_user("bea").post(f"/approvals/{asked['id']}/answers", json={"comment": "for the hall"})

    assert answer.json()["state"] == "pending"
    assert [said["what"] for said in answer.json()["decisions"]] == ["request", "ask", "answer"]


def test_single_lines_are_rejected_and_the_rest_goes_on(
    shop: Portal, as_user: Callable[[str], httpx.Client]
) -> None:
    policy(shop)
    placed = order(as_user("bea"), lines=[{"sku": "BOLT", "quantity": 100}, {"sku": "ACID", "quantity": 50}])
    asked = approval(shop.erp, placed["number"])

    told = decide(as_user("anna"), asked["id"], "reject", comment="no acid", lines=[2]).json()

    assert (told["state"], told["total"]) == ("pending", "1200.00")
    assert decide(as_user("anna"), asked["id"]).json()["state"] == "pending"
    assert decide(as_user("otto"), asked["id"]).json()["state"] == "approved"
    after = shop.erp.get(f"/orders/{placed['number']}").json()
    assert after["state"] == "open"
    assert after["lines"][1]["cancelled"] == "50"


def test_a_system_may_order_past_the_policy_only_with_the_right(
    shop: Portal, as_user: Callable[[str], httpx.Client]
) -> None:
    policy(shop)
    body = {"account": "NORTH", "lines": [{"sku": "BOLT", "quantity": 100}], "approval": "bypass"}
    weak = shop.client(shop.token(scopes=["orders:write"]))

    assert weak.post("/orders", json=body).status_code == 403
    assert shop.erp.post("/orders", json=body).json()["state"] == "open"


def test_a_pending_order_changes_in_place(shop: Portal, as_user: Callable[[str], httpx.Client]) -> None:
    policy(shop)
    placed = order(as_user("bea"))
    decide(as_user("anna"), approval(shop.erp, placed["number"])["id"])

    changed = as_user("bea").post(
        f"/orders/{placed['number']}/changes", json={"lines": [{"line": 1, "quantity": 200}]}
    )

    assert changed.status_code == 200, changed.text
    assert changed.json()["lines"][0]["quantity"] == "200"
    asked = approval(shop.erp, placed["number"])
    assert (asked["total"], asked["step"]) == ("2400.00", 1)
    assert asked["steps"][0]["approvers"][0]["state"] == "open"


def test_more_of_a_placed_order_waits_for_approval(
    shop: Portal, as_user: Callable[[str], httpx.Client]
) -> None:
    policy(shop)
    placed = order(as_user("bea"), quantity=10)
    assert placed["state"] == "open"

    asked_for = as_user("bea").post(
        f"/orders/{placed['number']}/changes", json={"lines": [{"sku": "BOLT", "quantity": 100}]}
    )
    assert asked_for.status_code == 200, asked_for.text
    assert len(asked_for.json()["lines"]) == 1
    asked = approval(shop.erp, placed["number"])
    assert (asked["kind"], asked["total"]) == ("amendment", "1320.00")
    decide(as_user("anna"), asked["id"])
    assert decide(as_user("otto"), asked["id"]).json()["state"] == "approved"

    after = shop.erp.get(f"/orders/{placed['number']}").json()
    assert [line["quantity"] for line in after["lines"]] == ["10", "100"]
    assert after["totals"]["total"] == "1320.00"


def test_somebody_stands_in(shop: Portal, as_user: Callable[[str], httpx.Client]) -> None:
    policy(shop)
    body = {
        "from": "anna@example.test",
        "to": "ada@example.test",
        "from_on": "2026-11-18",
        "to_on": "2026-11-20",
    }
    given = as_user("anna").post("/accounts/NORTH/delegations", json=body)
    assert given.status_code == 201, given.text
    asked = approval(shop.erp, order(as_user("bea"))["number"])
    assert asked["steps"][0]["approvers"][0]["deputies"] == ["ada@example.test"]

    told = decide(as_user("ada"), asked["id"]).json()

    seat = told["steps"][0]["approvers"][0]
    assert (seat["email"], seat["decided_by"]) == ("anna@example.test", "ada@example.test")
    ended = as_user("anna").delete(f"/accounts/NORTH/delegations/{given.json()['id']}")
    assert ended.status_code == 204
    listed = shop.erp.get("/accounts/NORTH/delegations").json()["items"]
    assert listed[0]["state"] == "ended"


def test_nobody_decides_in_time_and_it_is_over(shop: Portal, as_user: Callable[[str], httpx.Client]) -> None:
    policy(shop, expires_after_hours=16, remind_after_hours=8)
    placed = order(as_user("bea"))

    shop.clock("2026-11-19T09:30:00Z")
    told = approval(shop.erp, placed["number"])
    assert [said["what"] for said in told["decisions"]] == ["request", "remind"]
    shop.clock("2026-11-20T09:30:00Z")

    assert approval(shop.erp, placed["number"])["state"] == "expired"
    assert shop.erp.get(f"/orders/{placed['number']}").json()["state"] == "rejected"
    shop.check()


@pytest.mark.parametrize(
    "email",
    ["a@north.test,b@other.test", "<a@north.test>", '"a"@north.test', "a;b@north.test", "ü@north.test"],
)
def test_nobody_is_asked_at_what_no_mail_can_be_written_to(shop: Portal, email: str) -> None:
    refused = shop.erp.put(f"/accounts/NORTH/users/{quote(email)}", json={"name": "A", "roles": ["approver"]})
    assert (refused.status_code, "no e-mail address" in refused.text) == (422, True)
