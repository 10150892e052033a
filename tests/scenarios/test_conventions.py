"""The conventions of the API and rules 1 to 5: answers, versions, repeats, lists, and who may see what."""

import threading
from uuid import uuid4

import httpx
import pytest

from tests.scenarios.claims import Json, expect, portion
from tests.scenarios.driver import World, problem, ship_to

# Putting: rule 2


def test_a_put_creates_then_replaces_and_answers_the_resource(world: World) -> None:
    path = f"locations/{world.code('MAIN')}"
    address = {"lines": ["1 Dock Road"], "city": "Leicester", "country": "GB"}
    body: Json = {"name": "Leicester", "address": address, "time_zone": "Europe/London", "handling_days": 3}
    created = world.erp.put(path, json=body)
    assert created.status_code == 201
    assert created.json()["code"] == world.code("MAIN")
    assert created.json()["handling_days"] == 3
    del body["handling_days"]
    replaced = world.erp.put(path, json=body | {"name": "Hall"})
    assert replaced.status_code == 200
    told = replaced.json()
    assert (told["name"], told["handling_days"], told["receiving_days"]) == ("Hall", 0, 0)
    assert told["working_days"] == ["mon", "tue", "wed", "thu", "fri"]


def test_an_account_takes_its_defaults(world: World) -> None:
    told = world.account("BUYER", credit_limit="500.00", priority=3, invoice_terms="on_order")
    assert (told["number"], told["credit_limit"], told["priority"]) == (world.code("BUYER"), "500.00", 3)
    told = world.account("BUYER")
    assert told["credit_limit"] is None
    assert told["priority"] == 0
    assert told["credit_hold"] is False
    assert told["invoice_terms"] == "on_shipment"
    assert told["delivery_preference"] == "as_available"
    assert told["tax_status"] == "standard"
    assert told["ship_tos"][0]["address"]["city"] == "Leeds"


def test_a_product_takes_its_defaults(world: World) -> None:
    path = f"products/{world.code('BOLT')}"
    body = {"name": "Bolt", "unit": "C62", "list_price": {"amount": "1.5", "currency": "GBP"}}
    answer = world.erp.put(path, json=body)
    assert answer.status_code == 201
    told = answer.json()
    assert told["sku"] == world.code("BOLT")
    assert told["list_price"] == {"amount": "1.50", "currency": "GBP"}
    defaults = {"tax_category": "standard", "mode": "parcel", "managed": True, "backorders": "allow"}
    assert (defaults | {"active": True}).items() <= told.items()
    assert world.erp.put(path, json=body).status_code == 200


def test_supply_and_agreements_are_put_alike(world: World) -> None:
    world.shop({"BOLT": 0})
    line = {"line": 1, "sku": world.code("BOLT"), "quantity": 5, "expected_on": "2026-11-23"}
    bodies: dict[str, Json] = {
        f"inbound/purchase_order/{world.code('1')}": {"location": world.code("MAIN"), "lines": [line]},
        f"allocation-agreements/{world.code('AA')}": {
            "account": world.code("BUYER"),
            "location": world.code("MAIN"),
            "sku": world.code("BOLT"),
            "quantity": "5",
            "valid_from": "2026-01-01",
        },
        f"price-agreements/{world.code('PA')}": {
            "account": world.code("BUYER"),
            "currency": "GBP",
            "valid_from": "2026-01-01",
            "prices": [{"sku": world.code("BOLT"), "amount": "0.10"}],
        },
        f"accounts/{world.code('BUYER')}/users/ann.{uuid4().hex}@example.com": {
            "name": "Ann",
            "roles": ["buyer", "reader"],
        },
    }
    for path, body in bodies.items():
        assert [world.erp.put(path, json=body).status_code for _ in range(2)] == [201, 200], path


def test_what_a_put_refers_to_must_exist(world: World) -> None:
    world.shop({"BOLT": 0})
    with world.refuses(422):
        world.account("CHILD", parent="NOBODY")
    with world.refuses(422):
        world.agreement("AA-1", "BUYER", "MAIN", "NOTHING", 5)
    with world.refuses(422):
        world.inbound("purchase_order", "1", "NOWHERE", [(1, "BOLT", 5, "2026-11-23")])
    with world.refuses(422):
        world.order("BUYER", {"NOTHING": 1})
    with world.refuses(422):
        world.order("NOBODY", {"BOLT": 1})
    with world.refuses((404, 422)):
        world.put(f"stock/{world.code('MAIN')}/NOTHING", {"on_hand": "5"})


# Answers: rules 1, 3


def test_creations_answer_201_and_commands_200_with_the_order(world: World) -> None:
    world.shop({"BOLT": 10})
    body = world.order_body("BUYER", {"BOLT": 10})
    placed = world.erp.post("orders", json=body)
    assert placed.status_code == 201
    order = placed.json()
    world.orders.append(order["number"])
    assert order == world.read(order)
    path = f"orders/{order['number']}"
    hold = world.erp.post(f"{path}/holds", json={"reason": "manual"})
    assert hold.status_code == 201
    commands: list[tuple[str, Json]] = [
        (f"{path}/holds/{hold.json()['id']}/release", {}),
        (f"{path}/cancellations", {"lines": [{"line": 1, "quantity": "1"}]}),
        (f"{path}/picks", world.work("MAIN", {1: 5})),
        (f"{path}/packs", world.work("MAIN", {1: 4})),
        (f"{path}/short-picks", {"location": world.code("MAIN"), "lines": [{"line": 1, "missing": "1"}]}),
    ]
    for command, told in commands:
        answer = world.erp.post(command, json=told)
        assert answer.status_code == 200, (command, answer.text)
        assert answer.json() == world.read(order), command
    shipment = world.erp.post(f"{path}/shipments", json=world.work("MAIN", {1: 4}))
    assert shipment.status_code == 201
    shipped = f"shipments/{shipment.json()['number']}"
    assert world.erp.get(shipped).json() == shipment.json()
    for command, told in (
        (f"{shipped}/events", {"state": "in_transit", "at": "2026-11-18T09:00:00Z"}),
        (f"{shipped}/cancellation", {"reason": "wrong pallet"}),
    ):
        answer = world.erp.post(command, json=told)
        assert answer.status_code == 200, (command, answer.text)
        assert answer.json() == world.read(order), command


def test_every_order_that_a_write_touches_reads_anew_at_once(world: World) -> None:
    world.shop({"BOLT": 0})
    orders = [world.order("BUYER", {"BOLT": 2}) for _ in range(5)]
    world.stock("MAIN", "BOLT", 10)
    for order in orders:
        now = world.read(order)
        assert portion(now, 1)["status"] == "allocated"
        assert now["version"] > order["version"]


# Versions: rule 4


def test_an_etag_is_the_version_and_saves_reading(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 10})
    path = f"orders/{order['number']}"
    first = world.erp.get(path)
    tag = first.headers["etag"]
    assert tag == f'"{first.json()["version"]}"'
    unchanged = world.erp.get(path, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == tag
    assert world.erp.get(path, headers={"If-None-Match": f'"0", {tag}'}).status_code == 304
    world.hold(order, "manual")
    changed = world.erp.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


COMMANDS = ("holds", "release", "cancellations", "picks", "packs", "short-picks", "shipments")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_stale_if_match_is_refused_on_every_command(world: World, command: str) -> None:
    world.shop({"BOLT": 20, "NUT": 20})
    order = world.order("BUYER", {"BOLT": 20, "NUT": 20})
    world.pick(order, "MAIN", {1: 10})
    hold = world.hold(order, "manual", lines=[2])
    bodies: dict[str, tuple[str, Json]] = {
        "holds": ("holds", {"reason": "manual"}),
        "release": (f"holds/{hold}/release", {}),
        "cancellations": ("cancellations", {"lines": [{"line": 1, "quantity": "2"}]}),
        "picks": ("picks", world.work("MAIN", {1: 2})),
        "packs": ("packs", world.work("MAIN", {1: 2})),
        "short-picks": (
            "short-picks",
            {"location": world.code("MAIN"), "lines": [{"line": 1, "missing": "2"}]},
        ),
        "shipments": ("shipments", world.work("MAIN", {1: 2})),
    }
    path, body = bodies[command]
    stale, fresh = f'"{order["version"]}"', f'"{world.read(order)["version"]}"'
    assert stale != fresh
    with world.refuses(412):
        world.told(order, path, body, **{"If-Match": stale})
    world.told(order, path, body, **{"If-Match": fresh})
    assert f'"{world.read(order)["version"]}"' != fresh


# Repeats: rule 5


def test_a_repeated_key_gives_the_stored_answer(world: World) -> None:
    world.shop({"BOLT": 10})
    key, body = str(uuid4()), world.order_body("BUYER", {"BOLT": 4})
    first = world.erp.post("orders", json=body, headers={"Idempotency-Key": key})
    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    world.orders.append(first.json()["number"])
    world.hold(first.json(), "manual")
    again = world.erp.post("orders", json=body, headers={"Idempotency-Key": key})
    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert len(world.get("orders", account=world.code("BUYER"))["items"]) == 1
    problem(
        world.erp.post(
            "orders", json=world.order_body("BUYER", {"BOLT": 5}), headers={"Idempotency-Key": key}
        ),
        422,
    )
    assert len(world.get("orders", account=world.code("BUYER"))["items"]) == 1


def test_a_key_belongs_to_its_token_and_path(world: World) -> None:
    world.shop({"BOLT": 10})
    other = world.token(scopes=["orders:write"])
    key, body = str(uuid4()), world.order_body("BUYER", {"BOLT": 1})
    numbers = set()
    for client in (world.erp, other):
        answer = client.post("orders", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 201
        numbers.add(answer.json()["number"])
    world.orders.extend(numbers)
    assert len(numbers) == 2
    for number in numbers:
        hold = world.erp.post(
            f"orders/{number}/holds", json={"reason": "manual"}, headers={"Idempotency-Key": key}
        )
        assert hold.status_code == 201
        assert "idempotency-replayed" not in hold.headers


def test_a_refusal_is_stored_as_well(world: World) -> None:
    world.shop({"BOLT": 0})
    order = world.order("BUYER", {"BOLT": 5})
    path, body = f"orders/{order['number']}/shipments", world.work("MAIN", {1: 5})
    headers = {"Idempotency-Key": str(uuid4())}
    first = problem(world.erp.post(path, json=body, headers=headers), 422)
    world.stock("MAIN", "BOLT", 5)
    again = world.erp.post(path, json=body, headers=headers)
    assert problem(again, 422) == first
    assert again.headers["idempotency-replayed"] == "true"
    assert world.erp.post(path, json=body, headers={"Idempotency-Key": str(uuid4())}).status_code == 201


def test_the_same_command_twice_at_once_has_one_effect(world: World) -> None:
    world.shop({"BOLT": 10})
    body, headers = world.order_body("BUYER", {"BOLT": 4}), {"Idempotency-Key": str(uuid4())}
    answers: list[httpx.Response] = []
    ready = threading.Barrier(6)

    def place() -> None:
        with world.portal.client(world.portal.erp_token) as client:
            ready.wait()
            answers.append(client.post("orders", json=body, headers=headers))

    threads = [threading.Thread(target=place) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    numbers = {answer.json()["number"] for answer in answers if answer.status_code == 201}
    assert len(numbers) == 1
    world.orders.extend(numbers)
    assert len(world.get("orders", account=world.code("BUYER"))["items"]) == 1


def test_an_order_from_elsewhere_is_placed_once(world: World) -> None:
    world.shop({"BOLT": 10})
    told = {"origin": "shop", "external_id": world.code("1")}
    body = world.order_body("BUYER", {"BOLT": 4}, **told)
    first, again = world.erp.post("orders", json=body), world.erp.post("orders", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["number"] == first.json()["number"]
    world.orders.append(first.json()["number"])
    with world.refuses(409):
        world.order("BUYER", {"BOLT": 5}, **told)
    other = world.order("BUYER", {"BOLT": 1}, origin="erp", external_id=world.code("1"))
    assert other["number"] != first.json()["number"]


# Lists


def test_a_list_is_read_page_by_page_without_gap_or_repeat(world: World) -> None:
    world.shop({"BOLT": 10})
    placed = [world.order("BUYER", {"BOLT": 1})["number"] for _ in range(7)]
    read, cursor, pages = [], None, 0
    while True:
        params: Json = {"account": world.code("BUYER"), "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = world.get("orders", **params)
        read += [order["number"] for order in page["items"]]
        pages += 1
        cursor = page["next"]
        if cursor is None:
            break
        assert len(page["items"]) == 3
    assert (sorted(read), pages) == (sorted(placed), 3)


def test_lists_are_filtered(world: World) -> None:
    world.shop({"BOLT": 10})
    world.account("OTHER")
    first, second = world.order("BUYER", {"BOLT": 1}), world.order("BUYER", {"BOLT": 1})
    other = world.order("OTHER", {"BOLT": 1})
    world.now("2026-11-19T09:00:00Z")
    world.cancel(first, {1: 1})

    def numbers(**params: str) -> set[str]:
        mine = {first["number"], second["number"], other["number"]}
        return {order["number"] for order in world.get("orders", limit=200, **params)["items"]} & mine

    account = world.code("BUYER")
    assert numbers(account=account) == {first["number"], second["number"]}
    assert numbers(account=account, state="cancelled") == {first["number"]}
    assert numbers(account=account, state="open") == {second["number"]}
    assert numbers(account=account, updated_after="2026-11-19T08:00:00Z") == {first["number"]}


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "201"},
        {"limit": "many"},
        {"limit": "1.5"},
        {"limit": "0"},
        {"state": "nonsense"},
        {"updated_after": "yesterday"},
        {"cursor": "nonsense"},
        {"nonsense": "1"},
    ],
    ids=lambda params: "=".join(*params.items()),
)
def test_a_bad_query_parameter_is_an_error(world: World, params: dict[str, str]) -> None:
    problem(world.erp.get("orders", params=params), 400, pointer=f"/{next(iter(params))}")


def test_the_most_is_200(world: World) -> None:
    assert world.erp.get("orders", params={"limit": 200}).status_code == 200


# Who may see what


def test_an_account_sees_itself_and_those_below_it(world: World) -> None:
    world.shop({"BOLT": 10})
    world.account("GROUP")
    world.account("CHILD", parent="GROUP")
    world.account("SIBLING", parent="GROUP")
    orders = {account: world.order(account, {"BOLT": 1}) for account in ("GROUP", "CHILD", "SIBLING")}
    seen = {"GROUP": {"GROUP", "CHILD", "SIBLING"}, "CHILD": {"CHILD"}, "SIBLING": {"SIBLING"}}
    for reader, accounts in seen.items():
        client = world.token(reader)
        for account, order in orders.items():
            answer = client.get(f"orders/{order['number']}")
            if account in accounts:
                assert answer.json()["number"] == order["number"]
            else:
                problem(answer, 404)
                problem(client.get(f"orders/{order['number']}/timeline"), 404)
        listed = {order["number"] for order in client.get("orders").json()["items"]}
        assert listed == {orders[account]["number"] for account in accounts}


def test_what_belongs_to_somebody_else_is_not_there(world: World) -> None:
    world.shop({"BOLT": 10})
    world.account("OTHER")
    order = world.order("BUYER", {"BOLT": 5})
    shipment = world.ship(order, "MAIN", {1: 2})
    stranger, own = world.token("OTHER"), world.token("BUYER")
    for path in (
        f"orders/{order['number']}",
        f"orders/{order['number']}/timeline",
        f"shipments/{shipment['number']}",
        f"accounts/{world.code('BUYER')}/credit",
    ):
        assert own.get(path).status_code == 200, path
        hidden, missing = stranger.get(path), stranger.get(path.replace(path.split("/")[1], "NO-SUCH"))
        problem(hidden, 404)
        problem(missing, 404)
    foreign = stranger.get("orders", params={"account": world.code("BUYER")})
    assert foreign.status_code == 404 or foreign.json()["items"] == []


def test_an_accounts_token_changes_nothing(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 5})
    own = world.token("BUYER")
    before = world.everything()
    path = f"orders/{order['number']}"
    for method, where, body in (
        ("POST", "orders", world.order_body("BUYER", {"BOLT": 1})),
        ("POST", f"{path}/holds", {"reason": "manual"}),
        ("POST", f"{path}/shipments", world.work("MAIN", {1: 2})),
        ("PUT", f"stock/{world.code('MAIN')}/{world.code('BOLT')}", {"on_hand": "99"}),
        ("PUT", f"accounts/{world.code('BUYER')}", {"name": "Mine", "currency": "GBP", "ship_tos": []}),
        ("POST", "tokens", {"scopes": ["*"], "name": "mine"}),
    ):
        problem(own.request(method, where, json=body), 403)
    assert world.everything() == before


def test_a_suppliers_token_does_what_its_scopes_say(world: World) -> None:
    world.shop({"BOLT": 10})
    clerk = world.token(scopes=["stock:write"])
    path = f"stock/{world.code('MAIN')}/{world.code('BOLT')}"
    assert clerk.put(path, json={"on_hand": "12"}).status_code == 200
    problem(clerk.post("orders", json=world.order_body("BUYER", {"BOLT": 1})), 403)
    problem(clerk.put(f"accounts/{world.code('BUYER')}", json={"name": "X", "currency": "GBP"}), 403)
    problem(clerk.post("tokens", json={"scopes": ["*"], "name": "more"}), 403)


def test_without_a_valid_token_nobody_gets_in(world: World) -> None:
    world.shop({"BOLT": 10})
    order = world.order("BUYER", {"BOLT": 5})
    made = world.post("tokens", {"scopes": ["*"], "name": "short-lived"})
    revoked = world.portal.client(made["token"])
    assert revoked.get(f"orders/{order['number']}").status_code == 200
    assert world.erp.delete(f"tokens/{made['id']}").is_success
    for client in (world.portal.client(), world.portal.client("nonsense"), revoked):
        for path in (f"orders/{order['number']}", "orders", "events", "orders/NO-SUCH"):
            problem(client.get(path), 401)
        problem(client.post("orders", json=world.order_body("BUYER", {"BOLT": 1})), 401)
    problem(world.portal.client(None, auth=("user", "password")).get("orders"), 401)


# Around it


def test_the_contract_is_served_with_a_page_to_read_it(world: World) -> None:
    document = world.get("openapi.json")
    assert document["openapi"].startswith("3.1")
    paths = {path.removeprefix("/api/v1") for path in document["paths"]}
    assert {"/orders", "/orders/{number}", "/events"} <= paths or any("/orders/{" in path for path in paths)
    page = world.erp.get("docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")


def test_the_portal_says_that_it_is_alive(world: World) -> None:
    outside = world.portal.browser()
    assert outside.get("/healthz").status_code == 200
    assert outside.get("/readyz").status_code in (200, 503)  # no worker beats in this portal


def test_an_unknown_path_is_a_problem_too(world: World) -> None:
    problem(world.erp.get("nothing-here"), 404)
    answer = world.erp.delete("orders")
    assert answer.status_code in (404, 405)


def test_an_account_needs_no_more_than_its_name_and_currency(world: World) -> None:
    number = world.code("PLAIN")
    told = world.put(f"accounts/{number}", {"name": "Plain", "currency": "EUR"})
    assert told["ship_tos"] == []
    world.put(f"accounts/{number}", {"name": "Plain", "currency": "EUR", "ship_tos": [ship_to("Lyon", "FR")]})
    world.shop({"BOLT": 10})
    world.accounts["PLAIN"] = "Plain"
    with world.refuses(422):  # a list price in pounds is no price in euros
        world.order("PLAIN", {"BOLT": 1})
    order = world.post(
        "orders",
        {
            "account": number,
            "lines": [{"line": 5, "sku": world.code("BOLT"), "quantity": 1, "unit_price": "2.00"}],
        },
    )
    world.orders.append(order["number"])
    assert (order["currency"], order["totals"]["goods"]) == ("EUR", "2.00")
    expect(order, 5, [(1, "allocated", "19 Nov", "23 Nov")])
