"""Whatever is sent to the API, the contract says what comes back. Schemathesis reads the contract and sends it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.checks import negative_data_rejection

from portal.domain.access import BUYER_ROLES, OWN_SCOPES, SCOPES
from tests.fire.shop import Shop, post
from tests.portals import Portal

pytestmark = pytest.mark.slow

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EXAMPLES = 3
BOUNDED = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
# What exists: a fuzz that only ever meets unknown numbers proves little.
KNOWN: dict[str, tuple[str, ...]] = {
    "number": ("F-BUYER", "SO-2026-000001", "SH-2026-000001", "F-PA", "INV-2026-000001"),
    "to": ("INV-2026-000001",),
    "order": ("SO-2026-000001",),
    "account": ("F-BUYER",),
    "sku": ("F-BOLT", "F-CARE"),
    "location": ("F-MAIN",),
    "from_location": ("F-MAIN",),
    "ship_to": ("LEEDS",),
    "reference": ("F-PO",),
    "hold_id": ("1",),
    "currency": ("GBP",),
    "unit": ("C62",),
    "line": (1, 2),  # type: ignore[dict-item]
}


@pytest.fixture(scope="module")
def busy(start_portal: Callable[..., Portal]) -> Shop:
    """A shop with an order that is partly shipped, partly held, partly waiting."""
    portal = start_portal()
    portal.clock("2026-11-18T12:00:00Z")
    shop = Shop(portal, "F")
    shop.open("BOLT", "CARE", on_hand=5)
    shop.do(shop.announce("purchase_order", "PO", "BOLT", 10))
    order = shop.place(BOLT=8, CARE=2)["number"]
    shop.do(shop.move(order, "shipments", 3))
    portal.erp.post(f"/orders/{order}/holds", json={"reason": "finance", "lines": [2]})
    prices = {"account": "F-BUYER", "currency": "GBP", "valid_from": "2026-01-01", "prices": []}
    shop.put("/price-agreements/F-PA", prices)
    return shop


def contract(busy: Shop) -> Any:
    """The contract as it is served, with values that exist in half of what is sent."""
    found = schemathesis.openapi.from_dict(busy.get("/openapi.json"))
    found.config.update(base_url=busy.portal.base_url)

    @found.hook
    def before_generate_path_parameters(_: Any, strategy: Any) -> Any:
        return _often_known(strategy)

    @found.hook
    def before_generate_body(_: Any, strategy: Any) -> Any:
        return _often_known(strategy)

    # The clock must stay where people are, and no worker beats here.
    return found.exclude(path_regex="/(clock|readyz)$")


def _often_known(strategy: Any) -> Any:
    return st.tuples(strategy, st.randoms(use_true_random=False)).map(lambda drawn: _known(*drawn))


def _known(value: Any, chance: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: chance.choice(KNOWN[name])
            if name in KNOWN and chance.random() < 0.6
            else _known(one, chance)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_known(one, chance) for one in value]
    return value


def cast(busy: Shop) -> dict[str, str]:
    """Whoever may hold a token: the supplier's system, an account's, each with one scope only, people of each role."""
    portal = busy.portal
    found = {"the supplier": portal.erp_token, "an account": portal.token("F-BUYER")}
    for scope in SCOPES:
        if scope != "*":
            found[f"the supplier's {scope}"] = portal.token(scopes=[scope])
    for scope in OWN_SCOPES:
        found[f"an account's {scope}"] = portal.token("F-BUYER", [scope])
    for role in BUYER_ROLES:
        email = f"{role.replace('_', '.')}@buyer.example"
        busy.put(f"/accounts/F-BUYER/users/{email}", {"name": role, "roles": [role]})
        body = {"user": email, "scopes": ["orders:read", "orders:write", "approvals:write"], "name": role}
        found[f"a person: {role}"] = busy.do(post("/tokens", body))["token"]
    return found


def send(cases: st.SearchStrategy[Case[Any]], mode: GenerationMode, who: dict[str, str]) -> None:
    """What the contract allows, or what it does not, once from each of them. What is refused to somebody must be
    refused as the contract says, and for the reason that it is not theirs to ask."""

    @settings(BOUNDED, max_examples=EXAMPLES)
    @given(cases)
    def call(case: Case[Any]) -> None:
        for name, token in who.items():
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            # A version that is none is refused before the body is looked at, and is as much of a refusal; so is what
            # somebody may not ask for at all.
            is_refused = answer.status_code in {
                HTTPStatus.PRECONDITION_FAILED,
                HTTPStatus.FORBIDDEN,
                HTTPStatus.NOT_FOUND,
            }
            checks = [one for one in CHECKS if one is not negative_data_rejection or not is_refused]
            try:
                case.validate_response(answer, checks=checks)
            except BaseException as wrong:
                wrong.add_note(f"asked by {name}")
                raise

    try:
        call()
    except Unsatisfiable:
        # Of an address without a body, any text is an address: nothing can be wrong with it.
        assert mode is GenerationMode.NEGATIVE


def test_whoever_asks_is_answered_as_the_contract_says(busy: Shop, subtests: pytest.Subtests) -> None:
    """Making a case takes ten times as long as asking: so each is asked by some of the cast, all of them in turn."""
    everybody = list(cast(busy).items())
    asked: set[str] = set()
    for place, found in enumerate(contract(busy).get_all_operations()):
        operation = found.ok()
        for mode in GenerationMode:
            # The supplier's system, which may do most, and three others.
            start = place * 3 % (len(everybody) - 1)
            others = (everybody[1:] + everybody[1:])[start : start + 3]
            who = dict([everybody[0], *others])
            asked |= set(who)
            with subtests.test(f"{operation.label}, {mode.value}"):
                send(operation.as_strategy(generation_mode=mode), mode, who)
    assert asked == {name for name, _ in everybody}
    busy.portal.check()


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_stranger_is_told_to_bring_a_token(
    busy: Shop, token: str | None, subtests: pytest.Subtests
) -> None:
    stranger = busy.portal.client(token)
    for path, operations in busy.get("/openapi.json")["paths"].items():
        for method, operation in operations.items():
            if operation.get("security"):
                with subtests.test(f"{method} {path}"):
                    answer = stranger.request(method, path.removeprefix("/api/v1"), json={})
                    assert answer.status_code == 401
                    assert answer.headers["WWW-Authenticate"] == "Bearer"
                    assert answer.headers["Content-Type"] == "application/problem+json"
