"""The files of an invoice, asked for through the API and by people: at once, while they are made, and ever after."""

import asyncio
import hashlib
import io
import re
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from portal.clock import utc_now
from portal.db import bundles
from portal.db.work import Pool
from tests.documents.issued import issue, numbered
from tests.documents.reading import reader, words
from tests.portals import Portal
from tests.routes import cast
from tests.routes.conftest import _run, _supplier_person
from tests.scenarios.driver import Json, World, problem

SOON = 30.0


@pytest.fixture(scope="module")
def portal(start_portal: Callable[..., Portal]) -> Portal:
    return start_portal(worker=True)


@pytest.fixture(scope="module")
def world(portal: Portal) -> World:
    world = World(portal)
    world.location("MAIN")
    world.product("BOLT", price="3.00")
    world.stock("MAIN", "BOLT", 5000)
    for account, email in (("NORDWIND", cast.PETRA), ("VELTRO", cast.RITA)):
        world.account(account)
        person = {"name": email.split("@")[0].title(), "roles": ["buyer"], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", person)
    _run(_supplier_person(portal.database_url))
    return world


@pytest.fixture
def petra(world: World) -> cast.Guest:
    return cast.at_home(world.portal, cast.PETRA)


@pytest.fixture
def invoice(world: World) -> Json:
    """Of 60 bolts that have left."""
    order = world.order("NORDWIND", [("BOLT", 100)], purchase_order_number="4500118236")
    world.ship(order, "MAIN", {1: 60})
    [issued] = world.invoices(order)
    return issued


def ready(client: httpx.Client, path: str) -> httpx.Response:
    """Ask until it is there, as whoever is told to come again."""
    until = time.monotonic() + SOON
    while True:
        answer = client.get(path)
        if answer.status_code != 202 or time.monotonic() > until:
            return answer
        assert answer.headers["retry-after"] == "3"
        time.sleep(0.2)


def test_what_ships_is_there_as_paper_and_as_data(world: World, invoice: Json) -> None:
    number = invoice["number"]
    pdf, cii, ubl = (ready(world.erp, f"invoices/{number}.{ending}") for ending in ("pdf", "xml", "ubl"))

    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    assert pdf.headers["content-disposition"] == f'inline; filename="{number}.pdf"'
    assert f"Invoice {number}" in words(pdf.content)
    assert reader(pdf.content).attachments["factur-x.xml"] == [cii.content]
    for xml, root in ((cii, b"CrossIndustryInvoice"), (ubl, b"<Invoice")):
        assert xml.status_code == 200
        assert xml.headers["content-type"].startswith("application/xml")
        assert root in xml.content[:400]
        assert number.encode() in xml.content


def test_the_bytes_stay_what_they_were(world: World, invoice: Json) -> None:
    path = f"invoices/{invoice['number']}.pdf"
    first = ready(world.erp, path)
    again = world.erp.get(path)
    known = world.erp.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert again.content == first.content
    assert first.headers["etag"].strip('"') == hashlib.sha256(first.content).hexdigest()
    assert (known.status_code, known.content) == (304, b"")


def test_others_find_nothing(world: World, invoice: Json) -> None:
    number = invoice["number"]
    for ending in ("pdf", "xml", "ubl"):
        problem(world.token("VELTRO").get(f"invoices/{number}.{ending}"), 404)
        problem(world.erp.get(f"invoices/INV-1900-000001.{ending}"), 404)
        problem(world.portal.client().get(f"invoices/{number}.{ending}"), 401)
        path = f"/invoices/{number}/document.{ending}"
        assert cast.at_home(world.portal, cast.RITA).client.get(path).status_code == 404
        assert cast.guest(world.portal).client.get(path).status_code == 303
    assert ready(world.token("NORDWIND"), f"invoices/{number}.pdf").status_code == 200


def test_people_get_the_same_bytes(world: World, petra: cast.Guest, invoice: Json) -> None:
    number = invoice["number"]
    theirs = ready(world.erp, f"invoices/{number}.pdf")
    hers = petra.client.get(f"/invoices/{number}/document.pdf", headers={"Accept": "text/html"})

    assert (hers.status_code, hers.headers["content-type"]) == (200, "application/pdf")
    assert hers.content == theirs.content


async def test_a_long_one_is_announced_and_opens_by_itself(
    world: World, petra: cast.Guest, portal_pool: Pool
) -> None:
    await issue(portal_pool, numbered(900001, 700, account="NORDWIND"))
    path = "/invoices/INV-2026-900001/document.pdf"
    began = time.monotonic()
    first = petra.client.get(path, headers={"Accept": "text/html"})

    assert first.status_code == 202
    assert time.monotonic() - began < 6
    assert first.headers["refresh"] == "3"
    assert first.headers["cache-control"] == "no-store"
    assert "This file is being made now." in first.text
    assert f'href="{path}"' in first.text


async def test_what_cannot_be_made_says_so_to_everybody(
    world: World, petra: cast.Guest, portal_pool: Pool
) -> None:
    invoice_id = await issue(portal_pool, numbered(900002, account="NORDWIND"))
    await portal_pool.execute(
        "update invoice_document set state = 'failed', problem = 'x', claimed_until = null where invoice_id = $1",
        invoice_id,
    )
    answer = world.erp.get("invoices/INV-2026-900002.pdf")
    page = petra.client.get("/invoices/INV-2026-900002/document.pdf", headers={"Accept": "text/html"})

    assert "could not be made" in problem(answer, 503)["detail"]
    assert answer.headers["retry-after"] == "600"
    assert page.status_code == 503
    assert "could not be made" in page.text


async def test_where_there_can_be_no_xml_the_paper_is_there(
    world: World, petra: cast.Guest, portal_pool: Pool
) -> None:
    await issue(portal_pool, numbered(900003, account="NORDWIND", currency="KWD"))

    assert ready(world.erp, "invoices/INV-2026-900003.pdf").status_code == 200
    told = problem(world.erp.get("invoices/INV-2026-900003.xml"), 404)
    assert "There is no valid e-invoice for INV-2026-900003, only the PDF." in told["detail"]
    page = petra.client.get("/invoices/INV-2026-900003/document.xml", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "There is no XML of this invoice, only the PDF" in page.text


# -- many in one file --


def packed(guest: cast.Guest, **form: object) -> str:
    """The address of the bundle's page."""
    token = guest.token("/invoices")
    answer = guest.client.post("/invoices/bundles", data={"_csrf": token, "form": "a form", **form})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def taken(guest: cast.Guest, page: str) -> httpx.Response:
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        text = guest.client.get(page).text
        if f'href="{page}/invoices.zip"' in text:
            return guest.client.get(f"{page}/invoices.zip")
        time.sleep(0.2)
    raise AssertionError(text)


def test_many_come_in_one_file_with_their_progress(world: World, petra: cast.Guest) -> None:
    order = world.order("NORDWIND", [("BOLT", 100)])
    for _ in range(4):
        world.ship(order, "MAIN", {1: 10})
    numbers = sorted(invoice["number"] for invoice in world.invoices(order))
    page = packed(petra, form="one", row=numbers)
    shown = petra.client.get(page).text
    assert "4 documents in one file" in shown
    file = taken(petra, page)

    assert file.headers["content-type"] == "application/zip"
    assert re.fullmatch(
        r'attachment; filename="invoices-2026-\d\d-\d\d\.zip"', file.headers["content-disposition"]
    )
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{number}.pdf" for number in numbers]
        assert archive.read(f"{numbers[2]}.pdf") == world.erp.get(f"invoices/{numbers[2]}.pdf").content


def test_all_that_the_list_shows(world: World, petra: cast.Guest) -> None:
    order = world.order("NORDWIND", [("BOLT", 10)], purchase_order_number="PO-ALL")
    world.ship(order, "MAIN", {1: 4})
    world.ship(order, "MAIN", {1: 6})
    file = taken(petra, packed(petra, form="all of them", all="1", q=order["number"]))

    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert len(archive.namelist()) == 2


def test_a_form_sent_twice_packs_once(world: World, petra: cast.Guest, invoice: Json) -> None:
    asked = {"form": "sent twice", "row": [invoice["number"]]}
    assert packed(petra, **asked) == packed(petra, **asked)


def test_a_bundle_is_for_whoever_asked(world: World, petra: cast.Guest, invoice: Json) -> None:
    page = packed(petra, form="hers", row=[invoice["number"]])
    taken(petra, page)
    dev, rita = (cast.at_home(world.portal, who).client for who in (cast.DEV, cast.RITA))

    for client in (dev, rita):
        assert client.get(page).status_code == 404
        assert client.get(f"{page}/invoices.zip").status_code == 404
    assert cast.guest(world.portal).client.get(page).status_code == 303
    assert petra.client.get(f"{page[:-1]}x").status_code == 404


def test_what_one_may_not_see_is_not_packed(world: World, petra: cast.Guest, invoice: Json) -> None:
    rita = cast.at_home(world.portal, cast.RITA)
    form = {"_csrf": rita.token("/invoices"), "form": "strange", "row": [invoice["number"]]}
    assert rita.client.post("/invoices/bundles", data=form).status_code == 404

    nothing = {"_csrf": petra.token("/invoices"), "form": "nothing"}
    answer = petra.client.post("/invoices/bundles", data=nothing)
    assert answer.status_code == 422
    assert "Choose at least one invoice first." in answer.text
    many = {**nothing, "row": [f"INV-1900-{number:06}" for number in range(501)]}
    answer = petra.client.post("/invoices/bundles", data=many)
    assert answer.status_code == 422
    assert "One file holds 500 documents at most" in answer.text


async def test_who_lost_an_account_loses_what_was_packed_of_it(
    world: World, petra: cast.Guest, invoice: Json, portal_pool: Pool
) -> None:
    page = packed(petra, form="before", row=[invoice["number"]])
    assert petra.client.get(page).status_code == 200

    await issue(portal_pool, numbered(900009, account="VELTRO"))
    await portal_pool.execute(
        "update bundle set numbers = numbers || 'INV-2026-900009'::text where id = $1",
        page.rpartition("/")[2],
    )
    assert petra.client.get(page).status_code == 404


async def test_a_bundle_waits_for_its_documents_and_names_what_is_missing(
    world: World, petra: cast.Guest, invoice: Json, portal_pool: Pool
) -> None:
    broken = await issue(portal_pool, numbered(900010, account="NORDWIND"))
    await portal_pool.execute(
        """update invoice_document set claimed_until = clock_timestamp() + interval '1 hour'
           where invoice_id = $1 and state = 'waiting'""",
        broken,
    )
    state = await portal_pool.fetchval("select state from invoice_document where invoice_id = $1", broken)
    assert state == "waiting", "the worker was quicker than the test"
    ready(world.erp, f"invoices/{invoice['number']}.pdf")
    page = packed(petra, form="waiting", row=[invoice["number"], "INV-2026-900010"])
    await asyncio.sleep(1)
    assert "1 of 2 documents are ready" in petra.client.get(page).text

    await portal_pool.execute(
        "update invoice_document set state = 'failed', claimed_until = null where invoice_id = $1", broken
    )
    file = taken(petra, page)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.namelist() == [f"{invoice['number']}.pdf"]
    assert "INV-2026-900010" in petra.client.get(page).text


async def test_a_bundle_is_gone_after_a_day(
    world: World, petra: cast.Guest, invoice: Json, portal_pool: Pool
) -> None:
    page = packed(petra, form="old", row=[invoice["number"]])
    taken(petra, page)
    async with portal_pool.acquire() as conn:
        await bundles.forget(conn, utc_now() + timedelta(days=400))  # type: ignore[arg-type]
    assert petra.client.get(page).status_code == 404
