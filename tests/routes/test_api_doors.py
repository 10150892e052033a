"""The same questions at every call of the API: without a token, with each scope, with a company's own, a stranger's.

A call that is not here fails: whoever adds one says here what its token needs, and whose things it is about.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import httpx
import pytest
from litestar.routes import HTTPRoute

from portal.app import create_app
from portal.domain.access import SCOPES
from portal.settings import Settings
from tests.returns.goods import as_base64, photo
from tests.routes import cast
from tests.routes.conftest import House
from tests.scenarios.driver import Json

PUBLIC = {"GET /healthz", "GET /readyz", "GET /servingz", "GET /metrics", "GET /openapi.json", "GET /docs"}


@dataclass(frozen=True)
class Call:
    """`scope`: what only the supplier's token with it may; `is_suppliers`: whatever its scope. `belongs`: to a company,
    so that a stranger's token finds nothing. `reads`: told to every token that sees it."""

    method: str
    path: str
    scope: str = ""
    is_suppliers: bool = False
    belongs: bool = False
    reads: bool = False


def suppliers(scope: str, *said: str) -> Iterator[Call]:
    for one in said:
        method, path = one.split()
        yield Call(method, path, scope)


def theirs(*said: str) -> Iterator[Call]:
    """Of a company: read by its tokens, written by whom a token acts for."""
    for one in said:
        method, path = one.split()
        yield Call(method, path, belongs=True, reads=method == "GET")


CALLS = [
    *suppliers(
        "accounts:write",
        "PUT /accounts/{number}",
        "PUT /accounts/{number}/approval-policy",
        "PUT /accounts/{number}/own-skus",
        "PUT /accounts/{number}/users/{email}",
        "DELETE /accounts/{number}/users/{email}",
        "PUT /allocation-agreements/{number}",
        "PUT /price-agreements/{number}",
        "POST /mail-bounces",
        "POST /tokens",
        "DELETE /tokens/{token_id}",
    ),
    *suppliers(
        "stock:write",
        "PUT /products/{sku}",
        "PUT /locations/{location}",
        "PUT /stock/{location}/{sku}",
        "PUT /inbound/{kind}/{reference}",
        "POST /inbound/{kind}/{reference}/receipts",
    ),
    *suppliers(
        "orders:write",
        "POST /orders",
        "POST /orders/{number}/cancellations",
        "POST /orders/{number}/holds",
        "POST /orders/{number}/holds/{hold_id}/release",
        "POST /orders/{number}/priorities",
        "POST /orders/{number}/reassignments",
        "POST /orders/{number}/relocations",
        "POST /orders/{number}/substitutions",
        "POST /orders/{number}/substitutions/{offer_id}/acceptance",
        "POST /orders/{number}/substitutions/{offer_id}/refusal",
        "POST /orders/{number}/substitutions/{offer_id}/withdrawal",
    ),
    *suppliers(
        "shipments:write",
        "POST /orders/{number}/packs",
        "POST /orders/{number}/picks",
        "POST /orders/{number}/shipments",
        "POST /orders/{number}/short-picks",
        "POST /returns/{number}/authorisation",
        "POST /returns/{number}/receipts",
        "POST /returns/{number}/refusal",
        "POST /shipments/{number}/cancellation",
        "POST /shipments/{number}/events",
    ),
    *suppliers(
        "invoices:write",
        "POST /invoices/{number}/credit-notes",
        "POST /invoices/{number}/payments",
        "POST /invoices/{number}/refunds",
        "POST /invoices/{number}/transfers",
        "POST /orders/{number}/invoices",
    ),
    *suppliers("*", "POST /clock"),
    *(
        Call("GET", path, is_suppliers=True)
        for path in (
            "/accounts/{number}",
            "/allocation-agreements/{number}",
            "/price-agreements/{number}",
            "/products/{sku}",
            "/locations/{location}",
            "/inbound/{kind}/{reference}",
            "/stock",
            "/stock/{location}/{sku}",
        )
    ),
    *theirs(
        "GET /accounts/{number}/approval-policy",
        "GET /accounts/{number}/audit",
        "GET /accounts/{number}/credit",
        "GET /accounts/{number}/credit/ledger",
        "GET /accounts/{number}/delegations",
        "GET /accounts/{number}/own-skus",
        "GET /accounts/{number}/statement",
        "GET /approvals/{number}",
        "GET /disputes/{number}",
        "GET /invoices/{number}",
        "GET /orders/{number}",
        "GET /orders/{number}/confirmation.pdf",
        "GET /orders/{number}/reconciliation",
        "GET /orders/{number}/substitutions",
        "GET /orders/{number}/timeline",
        "GET /returns/{number}",
        "GET /returns/{number}/label.pdf",
        "GET /returns/{number}/pictures/{picture_id}",
        "GET /shipments/{number}",
        "GET /shipments/{number}/delivery-note.pdf",
        "POST /accounts/{number}/delegations",
        "DELETE /accounts/{number}/delegations/{delegation_id}",
        "POST /approvals/{number}/answers",
        "POST /approvals/{number}/decisions",
        "POST /approvals/{number}/withdrawal",
        "POST /disputes/{number}/messages",
        "POST /disputes/{number}/settlement",
        "POST /invoices/{number}/disputes",
        "POST /orders/{number}/changes",
        "POST /returns/{number}/cancellation",
        "POST /returns/{number}/pictures",
        # There is none yet; whose they are, is asked in tests/webhooks.
        "PATCH /webhook-endpoints/{endpoint_id}",
        "DELETE /webhook-endpoints/{endpoint_id}",
        "POST /webhook-endpoints/{endpoint_id}/replay",
        "POST /webhook-endpoints/{endpoint_id}/secret-rotation",
        "POST /webhook-endpoints/{endpoint_id}/test",
    ),
    Call("GET", "/webhook-endpoints/{endpoint_id}", belongs=True),
    Call("GET", "/webhook-endpoints/{endpoint_id}/deliveries", belongs=True),
    # Each token reads what is its own.
    *(
        Call("GET", path, reads=True)
        for path in ("/approvals", "/disputes", "/events", "/invoices", "/orders", "/returns")
    ),
    Call("GET", "/webhook-endpoints"),
    Call("POST", "/webhook-endpoints"),
    Call("POST", "/quotes"),
    Call("POST", "/returns"),
]
# What somebody's token does in their name, with what is sent; the first may, and comes last.
ACTS: dict[str, tuple[str, Json]] = {
    "POST /approvals/{number}/decisions": (cast.ANDY, {"decision": "ask", "comment": "why?"}),
    "POST /approvals/{number}/withdrawal": (cast.INES, {"comment": "no"}),
    "POST /accounts/{number}/delegations": (
        cast.INES,
        {"from": cast.ANDY, "to": cast.FIONA, "from_on": "2026-11-20", "to_on": "2027-01-10"},
    ),
    "POST /invoices/{number}/disputes": (
        cast.FIONA,
        {"reason": "damaged", "lines": [{"line": 1, "quantity": "1"}]},
    ),
    "POST /orders/{number}/changes": (cast.INES, {"lines": [{"line": 1, "quantity": "90"}]}),
    "POST /returns/{number}/pictures": (cast.PETRA, {"content": as_base64(photo((8, 8)))}),
    "POST /returns/{number}/cancellation": (cast.PETRA, {}),
}
# Who may not: a reader, who buys for the site or administers it and reads above, and who administers another company.
OTHERS = (cast.ROBIN, cast.LEAH, cast.HANNA, cast.RITA)
DONE_NOTHING = {403, 404}
# The supplier's systems change orders in their own right, whomever they name.
AS_THEMSELVES = {"POST /orders/{number}/changes"}


def name(call: Call) -> str:
    return f"{call.method} {call.path}"


def address(house: House, call: Call) -> str:
    things = {
        "/accounts/": {"number": cast.COMPANY},
        "/approvals/": house.asked,
        "/invoices/": house.invoice,
        "/disputes/": house.dispute,
        "/returns/": house.rma,
        "/shipments/": house.shipment,
        "/orders/": house.order,
    }
    thing = next((things[word] for word in things if call.path.startswith(word)), {"number": "NONE"})
    path = call.path.replace("{number}", thing["number"]).replace("{email}", cast.PETRA)
    path = path.replace("{sku}", "BOLT").replace("{location}", "MAIN").replace("{kind}", "production")
    path = path.replace("{reference}", "PR-1").replace("{offer_id}", house.offer["id"])
    path = path.replace("{picture_id}", house.rma["pictures"][0]["id"])
    return re.sub(r"\{\w+\}", "1", path)


@cache
def client(
    house: House, account: str | None, scopes: tuple[str, ...], user: str | None = None
) -> httpx.Client:
    body: Json = {"scopes": list(scopes), "name": "door", "account": account, "user": user}
    answer = house.portal.erp.post("/tokens", json={key: value for key, value in body.items() if value})
    assert answer.status_code == 201, answer.text
    return house.portal.client(answer.json()["token"])


def ask(house: House, call: Call, by: httpx.Client, body: object = None) -> httpx.Response:
    """Nothing is written by what is sent where nothing else is said: nobody could understand it."""
    if call.method in {"GET", "DELETE"}:
        return by.request(call.method, address(house, call))
    said = {"nobody": "understands"} if body is None else body
    return by.request(call.method, address(house, call), json=said)


def test_every_call_is_in_the_walk(settings: Settings) -> None:
    found = {
        f"{method} {route.path_format.removeprefix('/api/v1')}"
        for route in create_app(settings).routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/api/v1/")
        for method in route.methods - {"OPTIONS", "HEAD"}
    }
    assert found - PUBLIC == {name(call) for call in CALLS}
    assert set(ACTS) <= found


@pytest.mark.parametrize("call", CALLS, ids=name)
def test_without_a_token_that_is_known_nothing_is_told(house: House, call: Call) -> None:
    for stranger in (house.portal.client(), house.portal.client("bp_nobody-has-made-this")):
        answer = ask(house, call, stranger)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("call", CALLS, ids=name)
def test_a_token_does_what_its_scope_says(house: House, call: Call) -> None:
    """Of the supplier's each scope, and of a company all that it can be given. To be refused by the door is to be
    answered 403 before anything is read."""
    if call.method == "DELETE":
        pytest.skip("it would do it: what it needs is asked of the others")
    refused = {
        scope for scope in SCOPES if ask(house, call, client(house, None, (scope,))).status_code == 403
    }
    may = {call.scope, "*"} if call.scope else set(SCOPES)
    if call.path.startswith("/webhook-endpoints"):
        may = {"webhooks:write", "*"}
    if (not call.belongs and call.method == "GET") or call.scope or call.is_suppliers or call.reads:
        assert refused == set(SCOPES) - may
    own = ("orders:read", "orders:write", "approvals:write", "shipments:write")
    for account in (cast.COMPANY, cast.STRANGER):
        status = ask(house, call, client(house, account, own)).status_code
        if call.scope or call.is_suppliers:
            assert status == 403
        elif call.reads:
            assert status == (404 if call.belongs and account == cast.STRANGER else 200)


@pytest.mark.parametrize("call", [call for call in CALLS if call.belongs], ids=name)
def test_to_a_stranger_a_companys_thing_is_not_there(house: House, call: Call) -> None:
    """Neither to another company, nor to the company's own site; and it looks as if there was none."""
    for account in (cast.STRANGER, cast.SITE):
        reads = client(house, account, ("orders:read",))
        if call.method == "GET":
            answer = ask(house, call, reads)
            assert answer.status_code == 404
            none = reads.get(address(house, call).replace(thing_of(house, call), "NONE-1"))
            assert none.status_code == 404
            assert told(none, "NONE-1") == told(answer, thing_of(house, call))


def thing_of(house: House, call: Call) -> str:
    return address(house, call).split("/")[2]


def told(answer: httpx.Response, thing: str) -> Json:
    body: Json = answer.json()
    return {
        key: str(value).replace(thing, "")
        for key, value in body.items()
        if key not in {"instance", "request"}
    }


@pytest.mark.parametrize("said", ACTS)
def test_a_token_acts_with_what_its_person_may_do_there(house: House, said: str) -> None:
    who, body = ACTS[said]
    call = next(call for call in CALLS if name(call) == said)
    scopes = ("orders:read", "orders:write", "approvals:write", "shipments:write")
    for other in OTHERS:
        account = cast.STRANGER if other == cast.RITA else cast.COMPANY
        bys = [client(house, account, scopes, other)]
        if said not in AS_THEMSELVES:
            bys.append(client(house, None, scopes, other))
        for by in bys:
            answer = ask(house, call, by, body)
            assert answer.status_code in DONE_NOTHING, f"{other}: {answer.text}"
    # A token that acts for nobody does nothing in somebody's name; a company's that acts for whoever may, does.
    assert ask(house, call, client(house, cast.COMPANY, ("orders:read",)), body).status_code in DONE_NOTHING
    answer = ask(house, call, client(house, cast.COMPANY, scopes, who), body)
    assert answer.status_code in {200, 201, 409}, answer.text


@pytest.mark.parametrize("call", CALLS, ids=name)
def test_the_wrong_method_is_refused(house: House, call: Call) -> None:
    there = {other.method for other in CALLS if other.path == call.path}
    wrong = next(method for method in ("PATCH", "PUT", "DELETE", "POST") if method not in there)
    answer = house.portal.erp.request(wrong, address(house, call), json={})
    assert answer.status_code == 405
