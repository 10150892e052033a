"""The page on which a buyer answers an offer."""

import re

import pytest

from tests.desk.floor import Floor, furnish
from tests.portals import Portal
from tests.routes import cast


@pytest.fixture(scope="module")
def floor(portal: Portal) -> Floor:
    return furnish(portal)


def test_who_was_shown_the_day_of_a_whole_order_agrees_to_no_later_one(floor: Floor) -> None:
    world = floor.world
    world.product("SEAL", "SEAL-F", "SLOW")
    world.stock("MAIN", "SEAL-F", 40)
    world.inbound("purchase_order", "4711", "MAIN", [(1, "SLOW", 10, "2026-12-01")])
    order = floor.order(("SEAL", 5), ("SLOW", 5), delivery_preference="complete_only")
    offer = world.told(order, "substitutions", {"line": 1, "quantity": "5", "sku": "SEAL-F"})
    path = f"/orders/{order['number']}/offers/{offer['id']}"
    petra = floor.person(cast.PETRA)
    shown = fields(petra.client.get(path).text)
    assert shown["arrives"] == "2026-12-07", "the whole order comes together"

    world.inbound("purchase_order", "4711", "MAIN", [(1, "SLOW", 10, "2026-12-20")])
    answer = petra.client.post(f"{path}/acceptance", data=shown)
    assert answer.status_code == 409
    assert len(world.read(order)["lines"]) == 2
    seen = fields(answer.text)
    assert seen["arrives"] == "2026-12-29"
    assert petra.client.post(f"{path}/acceptance", data=seen).status_code == 303
    floor.portal.check()


def fields(page: str) -> dict[str, str]:
    """What the form that accepts carries."""
    form = page[page.index('/acceptance"') :]
    return dict(re.findall(r'name="(_csrf|arrives)" value="([^"]*)"', form[: form.index("</form>")]))
