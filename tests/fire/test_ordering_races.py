"""Races across carts, approvals and credit, through pages and the API, against two web processes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TypeVar

import httpx
import pytest

from portal.stories.happenings import Ordered, Rule, Ruled
from portal.stories.office import email
from tests.ordering.checkout import Buyer
from tests.portals import Portal
from tests.routes.cast import PASSWORD, Guest
from tests.scenarios.driver import Json, World, problem
from tests.scenarios.office import as_, decide, employ, place, request_of, rule, try_to_decide

pytestmark = pytest.mark.slow

T = TypeVar("T")
TAGS = count(1)
ROUNDS = 4


@pytest.fixture(scope="module")
def portal(start_portal: Callable[..., Portal]) -> Portal:
    return start_portal(processes=2)


@pytest.fixture
def world(portal: Portal) -> World:
    """Nordwind may owe 200.00, and nobody needs to agree to anything."""
    world = World(portal, tag=f"R{next(TAGS)}")
    world.location("MAIN")
    world.account("NORDWIND", credit_limit="200.00")
    world.product("BOLT", price="1.00", tax_category="zero")
    world.stock("MAIN", "BOLT", 10_000)
    for who, role in (
        ("petra", "buyer"),
        ("leah", "buyer"),
        ("klaus", "approver"),
        ("anna", "approver"),
        ("ines", "account_admin"),
    ):
        employ(world, who, "NORDWIND", [role], password=PASSWORD)
    return world


def strict(world: World, *steps: str, above: str = "100.00") -> None:
    """From now on somebody must agree; without a limit to what may be owed."""
    world.account("NORDWIND")
    rule(world, Ruled("NORDWIND", [Rule("Above", above, steps or ("klaus",))]))


def at_once(*doing: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(len(doing)) as threads:
        return [done.result() for done in [threads.submit(do) for do in doing]]


def buyers(world: World, *who: str) -> list[Buyer]:
    return [Buyer(world.portal, email(one, world.code("NORDWIND"))) for one in who]


def owed(world: World) -> str:
    told = world.get(f"accounts/{world.code('NORDWIND')}/credit")
    return str(told["exposure"]["open_orders"])


def states(orders: Sequence[Json]) -> list[str]:
    return sorted(order["state"] for order in orders)


def ordered(world: World, bolts: int = 150) -> Json:
    return place(world, Ordered("order", "NORDWIND", [("BOLT", bolts)], who="petra"))


def test_two_carts_of_150_against_a_limit_of_200(world: World) -> None:
    """Two people press the button at once: one order is placed, the other waits for credit, and both are told."""
    pair = buyers(world, "petra", "leah")
    for buyer in pair:
        buyer.cart(f"{world.code('BOLT')} 150")
        buyer.look()
    answers = at_once(*(buyer.press for buyer in pair))
    orders = [buyer.placed(answer) for buyer, answer in zip(pair, answers, strict=True)]
    assert states(orders) == ["held", "open"]
    assert owed(world) == "150.00"
    held = next(order for order in orders if order["state"] == "held")
    assert [hold["reason"] for hold in held["holds"]] == ["credit"]
    assert world.level("MAIN", "BOLT")["allocated"] == "150"


def test_a_cart_and_the_erp_against_one_limit(world: World) -> None:
    (petra,) = buyers(world, "petra")
    petra.cart(f"{world.code('BOLT')} 150")
    petra.look()
    body = world.order_body("NORDWIND", {"BOLT": 150})
    page, api = at_once(petra.press, lambda: world.erp.post("/orders", json=body))
    assert states([petra.placed(page), api.json()]) == ["held", "open"]
    assert owed(world) == "150.00"


def test_one_cart_in_two_windows_is_one_order(world: World) -> None:
    (petra,) = buyers(world, "petra")
    petra.cart(f"{world.code('BOLT')} 5")
    petra.look()
    forms = [petra.form(do="place") for _ in range(6)]
    first = petra.client
    answers = at_once(
        *(lambda form=form: first.post("/new-order/review", data=form) for form in forms)  # type: ignore[misc]
    )
    assert {answer.status_code for answer in answers} <= {200, 303, 409}
    told = world.get("orders", account=world.code("NORDWIND"))["items"]
    assert len(told) == 1
    assert world.level("MAIN", "BOLT")["allocated"] == "5"


def on_the_page(world: World, who: str, request: Json, what: str) -> Callable[[], httpx.Response]:
    """Decide in a browser, past the confirmation; signed in before, so that only the decision itself is raced."""
    guest = Guest(world.portal.browser())
    assert guest.sign_in(email(who, request["account"])).status_code == 303
    form = {
        "_csrf": guest.token(f"/approvals/{request['id']}"),
        "form": f"race-{who}-{what}",
        "version": str(request["version"]),
        "do": what,
        "sure": "1",
        "comment": "raced",
        "total": "",
        "until": "",
    }
    return lambda: guest.client.post(f"/approvals/{request['id']}/decisions", data=form)


def told_off(answer: httpx.Response) -> bool:
    """Refused, and told why."""
    if answer.headers["content-type"].startswith("application/problem+json"):
        problem(answer, 409)
    return answer.status_code == 409


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_approving_against_rejecting(world: World, turn: int) -> None:
    """Anna on the page, Klaus by the API: one decides, the other is told what happened meanwhile."""
    strict(world)
    body = {
        "rules": [
            {
                "name": "Above",
                "when": {"total_above": {"amount": "100.00", "currency": "GBP"}},
                "steps": [
                    {
                        "approvers": [email(who, world.code("NORDWIND")) for who in ("klaus", "anna")],
                        "need": "any",
                    }
                ],
            }
        ]
    }
    world.put(f"accounts/{world.code('NORDWIND')}/approval-policy", body)
    order = ordered(world)
    request = request_of(world, order["number"])
    page = on_the_page(world, "anna", request, "reject" if turn % 2 else "approve")
    api = "approve" if turn % 2 else "reject"

    def by_api() -> httpx.Response:
        return try_to_decide(world, request, "klaus", api, comment="raced")

    answers = at_once(page, by_api) if turn < 2 else at_once(by_api, page)
    lost = [answer for answer in answers if told_off(answer)]
    assert len(lost) == 1, [answer.status_code for answer in answers]
    now = request_of(world, order["number"])
    assert now["version"] > request["version"]
    assert (now["state"], world.read(order)["state"]) in {("approved", "open"), ("rejected", "rejected")}


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_editing_against_approving(world: World, turn: int) -> None:
    """Whoever comes second is told: nobody approves what they have not seen, and nothing placed grows unseen."""
    strict(world)
    order = ordered(world)
    request = request_of(world, order["number"])
    petra = as_(world, "petra", request["account"])
    more = {"lines": [{"line": 1, "quantity": "5000"}]}
    match = {"If-Match": f'"{order["version"]}"'}

    def edit() -> httpx.Response:
        return petra.post(f"/orders/{order['number']}/changes", json=more, headers=match)

    def approve() -> httpx.Response:
        return try_to_decide(world, request, "klaus", "approve")

    edited, approved = at_once(edit, approve)[::1] if turn % 2 else reversed(at_once(approve, edit))
    after = world.read(order)
    if approved.is_success:
        assert edited.status_code in {409, 412}, edited.text
        assert (after["state"], after["lines"][0]["quantity"]) == ("open", "150")
        assert world.level("MAIN", "BOLT")["allocated"] == "150"
    else:
        assert edited.is_success, edited.text
        assert approved.status_code == 409
        assert after["state"] == "pending_approval"
        assert world.level("MAIN", "BOLT")["allocated"] == "0"


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_cancelling_against_approving(world: World, turn: int) -> None:
    """The ERP cancels all of it while Klaus approves: it is cancelled in either order, and nobody is asked any more."""
    strict(world)
    order = ordered(world)
    request = request_of(world, order["number"])

    def cancel() -> httpx.Response:
        return world.erp.post(
            f"/orders/{order['number']}/cancellations", json={"lines": [{"line": 1, "quantity": "150"}]}
        )

    def approve() -> httpx.Response:
        return try_to_decide(world, request, "klaus", "approve")

    answers = at_once(cancel, approve) if turn % 2 else at_once(approve, cancel)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert world.read(order)["state"] == "cancelled"
    assert request_of(world, order["number"])["state"] in {"approved", "withdrawn"}
    assert world.level("MAIN", "BOLT")["allocated"] == "0"


def test_what_is_left_is_what_is_approved(world: World) -> None:
    """Part of it was cancelled while it was asked for: whoever saw the whole is told, and approves the rest."""
    strict(world)
    order = ordered(world)
    request = request_of(world, order["number"])
    world.cancel(order, {1: 30})
    assert try_to_decide(world, request, "klaus", "approve").status_code == 409
    now = request_of(world, order["number"])
    assert (now["state"], now["total"]) == ("pending", "120.00")
    decide(world, order["number"], "klaus", "approve")
    assert world.level("MAIN", "BOLT")["allocated"] == "120"


def test_sixteen_approvals_at_once_against_one_limit(world: World) -> None:
    """Each of 20 is asked for; approved all at once, ten are placed and six wait for credit."""
    rule(world, Ruled("NORDWIND", [Rule("Above", "10.00", ["klaus"])]))
    requests = [request_of(world, ordered(world, 20)["number"]) for _ in range(16)]
    answers = at_once(
        *(
            lambda request=request: try_to_decide(world, request, "klaus", "approve")  # type: ignore[misc]
            for request in requests
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert states([world.read(request["order"]) for request in requests]) == ["held"] * 6 + ["open"] * 10
    assert owed(world) == "200.00"


def test_a_policy_that_changes_meanwhile_lets_nothing_through(world: World) -> None:
    """A rule is made stricter while orders are placed: each has either a request, or was placed before the rule."""
    account = world.code("NORDWIND")
    world.account("NORDWIND")
    body = world.order_body("NORDWIND", {"BOLT": 150})
    answers = at_once(
        *(lambda: world.erp.post("/orders", json=body) for _ in range(7)),
        lambda: world.erp.put(
            f"/accounts/{account}/approval-policy",
            json={
                "rules": [
                    {
                        "name": "All",
                        "when": {"total_above": {"amount": "1.00", "currency": "GBP"}},
                        "steps": [{"approvers": [email("klaus", account)]}],
                    }
                ]
            },
        ),
    )
    orders = [world.read(answer.json()) for answer in answers[:-1]]
    asked = {item["order"] for item in world.get("approvals", limit="200")["items"]}
    assert {order["number"] for order in orders if order["state"] == "pending_approval"} == asked & {
        order["number"] for order in orders
    }
    assert world.erp.post("/orders", json=body).json()["state"] == "pending_approval"


def test_the_laws_hold_in_the_end(portal: Portal) -> None:
    portal.check()
