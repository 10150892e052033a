"""The people of a world's companies through the API: each with a token that decides in their name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from portal.domain.policies import ROLES
from portal.stories.happenings import (
    Answered,
    Decided,
    Deputised,
    Employed,
    Happening,
    Ordered,
    Rule,
    Ruled,
)
from portal.stories.office import email
from tests.scenarios.driver import Json, World

CURRENCY = "GBP"
# Tokens are shown once: each world keeps one for each of its people.
TOKENS: dict[tuple[str, str], str] = {}


def happens(world: World, happening: Happening) -> None:
    match happening:
        case Employed(who, account, name, roles, limit):
            employ(world, who, account, roles, name=name, limit=limit)
        case Ruled():
            rule(world, happening)
        case Deputised():
            deputise(world, happening)
        case Ordered(name):
            world.known[name] = place(world, happening)["number"]
        case Decided(order, who, what, comment, total, until):
            condition = {"total": total, "until": until} if total or until else None
            decide(world, world.known[order], who, what, comment=comment, condition=condition)
        case Answered(order, who, comment):
            request = request_of(world, world.known[order])
            said(
                as_(world, who, request["account"]).post(
                    f"/approvals/{request['id']}/answers", json={"comment": comment}
                )
            )
        case _:
            raise AssertionError(happening)


def money(amount: str) -> Json:
    return {"amount": amount, "currency": CURRENCY}


def said(answer: httpx.Response) -> Json:
    return World.said(answer)


def employ(
    world: World,
    who: str,
    account: str,
    roles: object,
    *,
    name: str | None = None,
    limit: str | None = None,
    **more: Any,
) -> None:
    body: Json = {"name": name or who.title(), "roles": list(roles)} | more  # type: ignore[call-overload]
    if limit is not None:
        body["limit_per_order"] = money(limit)
    code = world.code(account)
    world.put(f"accounts/{code}/users/{email(who, code)}", body)


def as_(world: World, who: str, code: str) -> httpx.Client:
    """A client that acts as one of the account's people; `code` is the account's as it is written."""
    address = email(who, code)
    key = (world.portal.base_url, address)
    if key not in TOKENS:
        body = {"scopes": ["*"], "name": who, "user": address}
        TOKENS[key] = world.post("tokens", body)["token"]
    return world.portal.client(TOKENS[key])


def rules(given: object, code: str) -> list[Json]:
    return [_rule(rule, code) for rule in given]  # type: ignore[attr-defined]


def _rule(rule: Rule, code: str) -> Json:
    steps = [
        {"approvers": step if step in ROLES else [email(step, code)], "need": "all"} for step in rule.steps
    ]
    return {"name": rule.name, "when": {"total_above": money(rule.above)}, "steps": steps}


def rule(world: World, ruled: Ruled, **more: Any) -> Json:
    code = world.code(ruled.account)
    hours = {
        "expires_after_hours": ruled.expires_after,
        "remind_after_hours": ruled.remind_after,
        "escalate_after_hours": ruled.escalate_after,
    }
    body = {"rules": rules(ruled.rules, code), "working_time": {"time_zone": "Europe/London"}} | hours | more
    return world.put(f"accounts/{code}/approval-policy", body)


def deputise(world: World, told: Deputised) -> Json:
    code = world.code(told.account)
    body = {
        "from": email(told.away, code),
        "to": email(told.deputy, code),
        "from_on": told.first,
        "to_on": told.last,
    }
    return said(as_(world, told.away, code).post(f"/accounts/{code}/delegations", json=body))


def place(world: World, ordered: Ordered, **more: Any) -> Json:
    """Place it as one of the account's people."""
    assert ordered.who is not None
    code = world.code(ordered.account)
    body = world.order_body(
        ordered.account, ordered.lines, purchase_order_number=ordered.purchase_order_number, **more
    )
    placed = said(as_(world, ordered.who, code).post("/orders", json=body))
    world.orders.append(placed["number"])
    return world.checked(placed)


def request_of(world: World, number: str) -> Json:
    """The newest request about an order."""
    cursor: Mapping[str, str] = {}
    while True:
        page = world.get("approvals", limit="200", **cursor)
        for item in page["items"]:
            if item["order"] == number:
                return world.get(f"approvals/{item['id']}")
        assert page["next"], f"nothing was asked of {number}"
        cursor = {"cursor": page["next"]}


def decide(world: World, order: str, who: str, what: str, **more: Any) -> Json:
    """Decide on what is asked of an order; answers the request as it is then."""
    return said(try_to_decide(world, request_of(world, order), who, what, **more))


def try_to_decide(world: World, request: Json, who: str, what: str, **more: Any) -> httpx.Response:
    """The answer, whatever it is, to a decision on the request as it was read."""
    body = {"decision": what, "version": request["version"]}
    body |= {name: value for name, value in more.items() if value is not None}
    return as_(world, who, request["account"]).post(f"/approvals/{request['id']}/decisions", json=body)
