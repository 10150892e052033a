"""Asking for an order confirmation: through the API and as a person, in the languages of the account's documents."""

import pytest

from tests.documents.conforming import ACCESSIBLE, Validator
from tests.documents.reading import words
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World, problem


@pytest.fixture(scope="module")
def world(portal: Portal) -> World:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT")
    world.stock("MAIN", "BOLT", 60)
    world.account("NORDWIND", document_language="both")
    world.account("VELTRO")
    person = {"name": "Petra", "roles": ["buyer"], "password": cast.PASSWORD}
    world.put(f"accounts/NORDWIND/users/{cast.PETRA}", person)
    return world


@pytest.fixture
def order(world: World) -> Json:
    return world.order("NORDWIND", [("BOLT", 100)], purchase_order_number="4500118236")


def test_the_buyer_gets_what_was_agreed(world: World, order: Json) -> None:
    for client in (world.erp, world.token("NORDWIND")):
        answer = client.get(f"orders/{order['number']}/confirmation.pdf")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        said = words(answer.content)
        assert order["number"] in said
        assert "4500118236" in said
        assert "1 BOLT" in said
        assert "/ Auftrag" in said or "Ordered / Bestellt" in said


def test_everybody_can_read_it(world: World, order: Json, validator: Validator) -> None:
    confirmation = world.erp.get(f"orders/{order['number']}/confirmation.pdf")
    assert validator.broken(confirmation.content, ACCESSIBLE) == []


def test_others_find_nothing(world: World, order: Json) -> None:
    path = f"orders/{order['number']}/confirmation.pdf"

    problem(world.token("VELTRO").get(path), 404)
    problem(world.portal.client().get(path), 401)
    problem(world.erp.get("orders/SO-1900-000001/confirmation.pdf"), 404)


def test_what_is_not_agreed_is_not_confirmed(world: World) -> None:
    world.account("SLOW", credit_hold=True)
    held = world.order("SLOW", [("BOLT", 1)])

    assert held["state"] == "held"
    problem(world.erp.get(f"orders/{held['number']}/confirmation.pdf"), 409)
