"""Asking for pick list, packing list and label: by staff, by buyers, and by who may not; again and after changes."""

import httpx
import pytest

from portal.db.work import Pool
from tests.documents.reading import codes, pages, scanned, words
from tests.portals import Portal
from tests.routes import cast
from tests.routes.conftest import _run, _supplier_person
from tests.scenarios.driver import Json, World

THREE_PACKAGES = [
    {"tracking_number": "NP4471193310", "weight_kg": "12.4"},
    {"tracking_number": "NP4471193328", "tracking_url": "https://track.example/NP4471193328"},
    {},
]


@pytest.fixture(scope="module")
def world(portal: Portal) -> World:
    world = World(portal)
    world.location("MAIN")
    world.location("GRI.2", name="Grimsby")
    world.product("BOLT", "=NUT", "RARE", "ROPE")
    world.stock("MAIN", "BOLT", 5000)
    world.stock("MAIN", "=NUT", 5000)
    world.stock("GRI.2", "ROPE", 5000)
    for account, email in (("NORDWIND", cast.PETRA), ("VELTRO", cast.RITA)):
        world.account(account)
        person = {"name": email.split("@")[0].title(), "roles": ["buyer"], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)
    _run(_supplier_person(portal.database_url))
    return world


@pytest.fixture
def order(world: World) -> Json:
    """10 bolts and 4 nuts that are at hand, and 6 things that nobody has."""
    wanted = [("BOLT", 10), ("=NUT", 4), ("RARE", 6)]
    return world.order("NORDWIND", wanted, purchase_order_number="4500118236")


@pytest.fixture
def dev(world: World) -> httpx.Client:
    return cast.at_home(world.portal, cast.DEV).client


@pytest.fixture
def petra(world: World) -> httpx.Client:
    return cast.at_home(world.portal, cast.PETRA).client


def list_of(order: Json, location: str = "MAIN") -> str:
    return f"/orders/{order['number']}/pick-list.pdf?location={location}"


def paper(shipment: Json, name: str) -> str:
    return f"/shipments/{shipment['number']}/{name}.pdf"


def test_staff_print_what_is_to_be_picked(world: World, order: Json, dev: httpx.Client) -> None:
    world.pick(order, "MAIN", {1: 3})
    answer = dev.get(list_of(order))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="{order["number"]}-pick-list.pdf"'
    said = words(answer.content)
    assert "1 BOLT Part BOLT 10 3 begun pcs" in said
    assert "2 =NUT Part =NUT 4 pcs" in said
    assert scanned(answer.content, dpi=300) == [order["number"], "BOLT", "=NUT"]


def test_a_hold_marks_its_line_and_a_lifted_one_does_not(
    world: World, order: Json, dev: httpx.Client
) -> None:
    hold = world.hold(order, "quality", [1])
    held = dev.get(list_of(order))
    world.release(order, hold)
    free = dev.get(list_of(order))

    assert "1 BOLT Part BOLT Do not pick: on hold by our quality check 10 pcs" in words(held.content)
    assert scanned(held.content, dpi=300) == [order["number"], "=NUT"]
    assert "Do not pick" not in words(free.content)
    assert held.headers["etag"] != free.headers["etag"]


def test_without_a_location_it_is_the_only_one_where_there_is_anything(
    world: World, order: Json, dev: httpx.Client
) -> None:
    several = world.order("NORDWIND", [("BOLT", 10), ("ROPE", 4)])
    refused = dev.get(f"/orders/{several['number']}/pick-list.pdf")

    assert "From Leicester" in words(dev.get(f"/orders/{order['number']}/pick-list.pdf").content)
    assert refused.status_code == 422
    assert "is picked at several locations: GRI.2, MAIN. Say which." in refused.text
    assert "From Grimsby" in words(dev.get(list_of(several, "GRI.2")).content)
    assert "From Leicester" in words(dev.get(list_of(several)).content)


def test_where_there_is_nothing_to_pick_that_is_said(world: World, order: Json, dev: httpx.Client) -> None:
    nowhere = dev.get(list_of(order, "<b>"))
    world.ship(order, "MAIN", {1: 10, 2: 4})
    gone = dev.get(f"/orders/{order['number']}/pick-list.pdf")

    assert (nowhere.status_code, gone.status_code) == (409, 409)
    assert f"Nothing of order {order['number']} is to be picked at &lt;b&gt;." in nowhere.text
    assert f"Nothing of order {order['number']} is to be picked." in gone.text
    assert dev.get("/orders/SO-1900-000001/pick-list.pdf").status_code == 404


def test_the_packing_list_is_for_exactly_the_shipped_part(
    world: World, order: Json, dev: httpx.Client, petra: httpx.Client
) -> None:
    first = world.ship(order, "MAIN", {1: 6, 2: 4}, packages=THREE_PACKAGES)
    second = world.ship(order, "MAIN", {1: 4})

    for client in (dev, petra):
        one, two = (client.get(paper(shipment, "packing-list")).content for shipment in (first, second))
        assert f"1 BOLT Part BOLT 10 6 pcs 4 sent as {second['number']}" in words(one)
        assert "2 =NUT Part =NUT 4 4 pcs –" in words(one)
        assert "1 other line of this order is still to come" in words(one)
        assert "3 packages 1 NP4471193310 12.4 kg 2 NP4471193328 3 –" in words(one)
        assert "1 BOLT Part BOLT 10 4 pcs –" in words(two)
        assert "=NUT" not in words(two)
        assert scanned(one) == [first["number"]]


def test_a_label_for_each_package_with_the_address_it_comes_from(
    world: World, order: Json, dev: httpx.Client
) -> None:
    shipment = world.ship(
        order, "MAIN", {1: 6}, packages=THREE_PACKAGES, carrier="Northline", service="Express"
    )
    pdf = dev.get(paper(shipment, "label")).content

    assert len(pages(pdf)) == 3
    for page, number in enumerate(("NP4471193310", "NP4471193328", shipment["number"])):
        assert codes(pdf, page, 203) == [("QRCode", number), ("Code128", number)]
        said = pages(pdf)[page]
        assert f"Package {page + 1} of 3" in said
        assert "Harrow & Pike Leicester 1 Dock Road Leicester LE1 1AA United Kingdom" in said
        assert f"4500118236 · {order['number']}" in said


def test_a_cancelled_shipment_keeps_its_list_and_loses_its_labels(
    world: World, order: Json, dev: httpx.Client
) -> None:
    shipment = world.ship(order, "MAIN", {1: 6})
    world.cancel_shipment(shipment)
    label = dev.get(paper(shipment, "label"))

    assert "Nothing on this list was delivered." in words(dev.get(paper(shipment, "packing-list")).content)
    assert label.status_code == 409
    assert f"Shipment {shipment['number']} was cancelled" in label.text


def test_buyers_read_the_packing_list_only_and_only_their_own(
    world: World, order: Json, petra: httpx.Client
) -> None:
    shipment = world.ship(order, "MAIN", {1: 1})
    rita = cast.at_home(world.portal, cast.RITA).client

    for mine in (list_of(order), paper(shipment, "label")):
        assert petra.get(mine).status_code == 403
        assert rita.get(mine).status_code == 403
    assert petra.get(paper(shipment, "packing-list")).status_code == 200
    assert rita.get(paper(shipment, "packing-list")).status_code == 404
    nobodys = paper({"number": "SH-1900-000001"}, "packing-list")
    assert petra.get(nobodys).status_code == 404
    guest = cast.guest(world.portal).client.get(paper(shipment, "packing-list"))
    assert guest.headers["location"].startswith("/sign-in?next=%2Fshipments")


def test_each_is_known_by_its_tag_until_it_says_something_else(
    world: World, order: Json, dev: httpx.Client
) -> None:
    shipment = world.ship(order, "MAIN", {1: 6})
    told = [list_of(order), paper(shipment, "packing-list"), paper(shipment, "label")]
    first = [dev.get(path) for path in told]

    for path, answer in zip(told, first, strict=True):
        again = dev.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert dev.get(path).content == answer.content

    world.ship(order, "MAIN", {1: 1})
    changed = [
        dev.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code
        for path, answer in zip(told, first, strict=True)
    ]
    assert changed == [200, 200, 304], "a label says nothing of what else became of the order"


def test_the_order_page_leads_to_them(
    world: World, order: Json, dev: httpx.Client, petra: httpx.Client
) -> None:
    """From the shipment's card; labels only for staff, and nothing of a cancelled shipment."""
    gone, left = (world.ship(order, "MAIN", {1: 1}) for _ in range(2))
    world.cancel_shipment(gone)
    ours, theirs = (client.get(f"/orders/{order['number']}").text for client in (dev, petra))

    assert all(f'href="{paper(left, "packing-list")}"' in page for page in (ours, theirs))
    assert f'href="{paper(left, "label")}"' in ours
    assert "label.pdf" not in theirs
    assert all(paper(gone, "packing-list") not in page for page in (ours, theirs))


async def test_staff_read_them_in_their_language(world: World, order: Json, portal_pool: Pool) -> None:
    shipment = world.ship(order, "MAIN", {1: 6}, mode="freight")
    dev = cast.at_home(world.portal, cast.DEV).client
    speak = "update person set locale = $2 where email = $1"
    await portal_pool.execute(speak, cast.DEV, "de")
    asked = (list_of(order), paper(shipment, "packing-list"), paper(shipment, "label"))
    picking, packing, label = (words(dev.get(path).content) for path in asked)
    await portal_pool.execute(speak, cast.DEV, "en")

    assert "Lieferadresse" in picking
    assert "Seite 1 von 1" in packing
    assert "FRACHT" in label
    assert "Vereinigtes Königreich" in label
