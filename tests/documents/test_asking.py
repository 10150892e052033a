"""Asking for a delivery note: through the API and as a person, again and again, after changes, and by who may not."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from litestar.exceptions import ServiceUnavailableException

from portal.adapters.pdf import LibrariesMissing
from portal.db.work import Pool
from portal.filters import tongue
from portal.routes.documents import Printout, answer_pdf
from tests.documents.reading import fonts, scanned, words
from tests.portals import Portal
from tests.routes import cast
from tests.scenarios.driver import Json, World, problem


@pytest.fixture(scope="module")
def world(portal: Portal) -> World:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT")
    world.stock("MAIN", "BOLT", 5000)
    for account, email in (("NORDWIND", cast.PETRA), ("VELTRO", cast.RITA)):
        world.account(account)
        person = {"name": email.split("@")[0].title(), "roles": ["buyer"], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)
    return world


@pytest.fixture
def order(world: World) -> Json:
    return world.order("NORDWIND", [("BOLT", 100)], purchase_order_number="4500118236")


def kept(portal: Portal, number: str) -> list[Path]:
    """The files of one shipment in the portal's home."""
    return sorted((portal.settings.home / "documents" / "delivery-notes" / number).glob("*"))


def note(client: httpx.Client, number: str, **headers: str) -> httpx.Response:
    return client.get(f"shipments/{number}/delivery-note.pdf", headers=headers)


def test_the_api_answers_with_the_paper(world: World, order: Json) -> None:
    shipment = world.ship(order, "MAIN", {1: 60})["number"]

    for client in (world.erp, world.token("NORDWIND")):
        answer = note(client, shipment)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == f'inline; filename="{shipment}-delivery-note.pdf"'
        assert "1 BOLT" in words(answer.content)
        assert "100 – 60 40 pcs" in words(answer.content)
        assert scanned(answer.content) == [shipment]
        assert all(name.startswith("Portal-Inter") for name in fonts(answer.content))


def test_the_second_paper_counts_the_first(world: World, order: Json) -> None:
    first, second = (world.ship(order, "MAIN", {1: n})["number"] for n in (60, 25))

    assert "100 – 60 40 pcs" in words(note(world.erp, first).content)
    assert "100 60 25 15 pcs" in words(note(world.erp, second).content)


def test_others_find_nothing(world: World, order: Json) -> None:
    shipment = world.ship(order, "MAIN", {1: 1})["number"]

    problem(note(world.token("VELTRO"), shipment), 404)
    problem(note(world.erp, "SH-1900-000001"), 404)
    problem(note(world.portal.client(), shipment), 401)
    assert kept(world.portal, shipment) == [], "nothing was made for them"


async def test_a_person_reads_it_in_their_language(world: World, order: Json, portal_pool: Pool) -> None:
    shipment = world.ship(order, "MAIN", {1: 1})["number"]
    petra = cast.at_home(world.portal, cast.PETRA).client
    path = f"/shipments/{shipment}/delivery-note.pdf"
    speak = "update person set locale = $2 where email = $1"

    english = petra.get(path)
    assert (english.status_code, english.headers["content-type"]) == (200, "application/pdf")
    assert f"Delivery note {shipment}" in words(english.content)

    await portal_pool.execute(speak, cast.PETRA, "de")
    german = petra.get(path)
    await portal_pool.execute(speak, cast.PETRA, "en")
    assert f"Lieferschein {shipment}" in words(german.content)
    assert german.headers["etag"] != english.headers["etag"]
    assert len(kept(world.portal, shipment)) == 2


def test_the_order_page_leads_to_it(world: World, order: Json) -> None:
    """From the shipment's card and from the menu; the paper of a cancelled shipment is not offered."""
    gone, sent = (world.ship(order, "MAIN", {1: 1}) for _ in range(2))
    world.cancel_shipment(gone)
    page = cast.at_home(world.portal, cast.PETRA).client.get(f"/orders/{order['number']}").text

    assert page.count(f'href="/shipments/{sent["number"]}/delivery-note.pdf"') == 2
    assert f"{gone['number']}/delivery-note.pdf" not in page


def test_a_stranger_finds_no_page_and_a_guest_is_asked_to_sign_in(world: World, order: Json) -> None:
    path = f"/shipments/{world.ship(order, 'MAIN', {1: 1})['number']}/delivery-note.pdf"

    assert cast.at_home(world.portal, cast.RITA).client.get(path).status_code == 404
    answer = cast.guest(world.portal).client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2Fshipments")


def test_it_is_made_once_and_known_by_its_tag(world: World, order: Json) -> None:
    shipment = world.ship(order, "MAIN", {1: 1})["number"]
    first = note(world.erp, shipment)
    [file] = kept(world.portal, shipment)
    made = file.stat().st_mtime_ns

    again = note(world.erp, shipment)
    known = note(world.erp, shipment, **{"If-None-Match": first.headers["etag"]})

    assert again.content == first.content == file.read_bytes()
    assert file.stat().st_mtime_ns == made
    assert (known.status_code, known.content) == (304, b"")
    assert file.stat().st_mode & 0o077 == 0, "readable for nobody else"


def test_the_same_bytes_are_made_again_when_the_file_is_gone(world: World, order: Json) -> None:
    shipment = world.ship(order, "MAIN", {1: 1})["number"]
    first = note(world.erp, shipment)
    [file] = kept(world.portal, shipment)
    file.unlink()

    assert note(world.erp, shipment).content == first.content
    assert file.exists()


def test_a_cancelled_shipment_has_another_paper_and_the_old_one_goes(world: World, order: Json) -> None:
    shipment = world.ship(order, "MAIN", {1: 60})
    before = note(world.erp, shipment["number"])
    world.cancel_shipment(shipment)
    after = note(world.erp, shipment["number"])

    assert "CANCELLED" not in words(before.content)
    assert "CANCELLED" in words(after.content)
    assert after.headers["etag"] != before.headers["etag"]
    assert [file.read_bytes() for file in kept(world.portal, shipment["number"])] == [after.content]


def test_many_ask_for_the_same_at_once(world: World, order: Json) -> None:
    shipment = world.ship(order, "MAIN", {1: 1})["number"]
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: note(world.erp, shipment), range(8)))

    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.content for answer in answers}) == 1
    assert len(kept(world.portal, shipment)) == 1


async def test_what_cannot_be_printed_is_not_there_for_now_and_says_why() -> None:
    class NoPango:
        digest = staticmethod(len)

        async def pdf(self, name: str, html: str, *, patience: float | None) -> bytes:
            raise LibrariesMissing("apt-get install libpango-1.0-0")

    pages = SimpleNamespace(fragment=lambda *_, **__: "<p>")
    state = SimpleNamespace(documents=NoPango(), pages=pages)
    request: Any = SimpleNamespace(app=SimpleNamespace(state=state), headers={})
    sheet: Any = None
    note = Printout("pdf/delivery_note.html", sheet, tongue("en", "UTC"), "notes/SH-1", "SH-1.pdf")

    with pytest.raises(ServiceUnavailableException) as refused:
        await answer_pdf(request, note)

    assert refused.value.status_code == 503
    assert "libpango-1.0-0" in refused.value.detail
