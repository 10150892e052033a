"""What has to be decided: whose it is, until when, found by any number, and each reader sees only their own."""

import re
from datetime import UTC, date, datetime

import pytest

from portal.db import approval_pages, approvals
from portal.db.approval_pages import Wanted
from portal.db.pool import open_pool
from tests.approvals_pages.office import ADAM, ANNA, FINN, KLAUS, LEAH, Office, viewer_of
from tests.routes import cast

TODAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


def numbers(said: str) -> list[str]:
    """The orders in the list, from top to bottom."""
    return re.findall(r'<th scope="row" class="what"><a href="/approvals/[^"]+">([^<]+)</a>', said)


def test_what_waits_for_me_stands_first_with_why_and_until_when(office: Office) -> None:
    order, path = office.asked({"BOLT": 2000}, purchase_order_number="45-INBOX")
    page = office.open("/approvals", KLAUS)
    assert order["number"] in numbers(page.said)
    assert "Above 1,000: the total of £2,400.00 is above £1,000.00" in page.said
    assert "End within a week" in page.said
    assert "in 2 days" in page.said
    assert f'hx-get="{path}/waiting"' in page.said
    cost = office.guest(KLAUS).client.get(f"{path}/waiting").text
    assert "If not approved by <b>Thu 19 Nov</b> the promise of <b>1 line</b> moves" in cost


def test_each_shelf_holds_what_its_reader_has_to_do_with_it(office: Office) -> None:
    order, path = office.asked({"BOLT": 2100})
    number = order["number"]
    assert number in numbers(office.open("/approvals", cast.PETRA).said), "a buyer begins with their own"
    assert number in numbers(office.open("/approvals?show=others", FINN).said)
    assert number not in numbers(office.open("/approvals?show=mine", FINN).said)
    assert number not in numbers(office.open("/approvals?show=others", KLAUS).said)
    assert number not in numbers(office.open("/approvals?show=others", cast.PETRA).said)
    assert office.decide(path, KLAUS, "approve").status_code == 303
    assert number not in numbers(office.open("/approvals", KLAUS).said)
    assert number in numbers(office.open("/approvals?show=decided", KLAUS).said)
    decided = office.open("/approvals?show=decided", cast.PETRA).said
    assert decided.index(number) < decided.index("Approved", decided.index(number))


def test_a_search_finds_by_order_po_request_and_requester(office: Office) -> None:
    order, path = office.asked({"NUT": 3000}, purchase_order_number="45-FIND-ME")
    other, _ = office.asked({"NUT": 3100})
    for q in (order["number"], "45-find", path.removeprefix("/approvals/"), "45-FIND-ME"):
        assert numbers(office.open(f"/approvals?q={q}", KLAUS).said) == [order["number"]]
    by_name = numbers(office.open("/approvals?q=petra", KLAUS).said)
    assert {order["number"], other["number"]} <= set(by_name)
    assert "No request fits." in office.open("/approvals?q=%25", KLAUS).said
    hull, _ = office.asked({"NUT": 3200}, email=LEAH, account="NORDWIND-HULL")
    assert numbers(office.open("/approvals?account=NORDWIND-HULL", KLAUS).said) == [hull["number"]]


@pytest.mark.parametrize(
    "query",
    ["?show=%00&q=%00", "?after=x_y", "?after=99999999999999999999_1", "?after=1_", "?account=NOBODY"],
)
def test_odd_addresses_are_answered(office: Office, query: str) -> None:
    assert office.open(f"/approvals{query}", KLAUS).answer.status_code == 200


async def test_pages_follow_each_other_without_a_gap(office: Office) -> None:
    for _ in range(3):
        office.asked({"BOLT": 1500})
    async with await open_pool(office.portal.database_url, size=1) as pool:
        klaus = await viewer_of(pool, KLAUS)
        async with pool.acquire() as conn:
            for shelf in ("mine", "decided"):
                whole, _ = await approval_pages.listed(conn, klaus, TODAY, Wanted(shelf), 1000)  # type: ignore[arg-type]
                found, key = [], None
                while True:
                    some, key = await approval_pages.listed(conn, klaus, TODAY, Wanted(shelf, after=key), 2)  # type: ignore[arg-type]
                    found += some
                    if key is None:
                        break
                assert found == whole
                assert len(found) == len({one.id for one in found})


def test_strangers_readers_and_the_suppliers_people(office: Office) -> None:
    order, path = office.asked({"BOLT": 2200})
    assert order["number"] not in office.open("/approvals?show=others", cast.RITA).said
    assert office.guest(cast.RITA).client.get(path).status_code == 404
    assert office.guest(cast.RITA).client.get(f"{path}/waiting").status_code == 404
    assert office.guest(cast.ROBIN).client.get("/approvals").status_code == 403
    staff = office.open("/approvals", cast.DEV)
    assert order["number"] in numbers(staff.said)
    assert 'name="row"' not in staff.said
    shown = office.open(path, cast.DEV).said
    assert "Your decision" not in shown
    assert "Take it back" not in shown
    posted = office.guest(cast.DEV).post(
        f"{path}/decisions", do="approve", sure="1", version="1", form="abcdefgh"
    )
    assert posted.status_code == 403
    assert office.state(order) == "pending_approval"


async def test_who_stands_in_for_somebody_finds_their_requests(office: Office) -> None:
    """With a cap, for one account only, in a circle, by way of another: the list says what the request itself says."""
    small, small_path = office.asked({"BOLT": 1900})
    large, large_path = office.asked({"BOLT": 9000})
    hull, hull_path = office.asked({"BOLT": 1800}, email=LEAH, account="NORDWIND-HULL")
    office.delegate(KLAUS, ANNA, cap={"amount": "5000", "currency": "GBP"})
    office.delegate(ANNA, FINN)
    office.delegate(FINN, KLAUS)
    page = office.open("/approvals", ANNA).said
    assert "You decide for Klaus Brandt" in page
    assert "Klaus Brandt" in office.open(small_path, FINN).said
    assert "You decide for Klaus Brandt." in office.open(small_path, FINN).said
    assert "Anna Ek decides for them until Fri 20 Nov" in office.open(small_path, KLAUS).said
    async with await open_pool(office.portal.database_url, size=1) as pool:
        for email in (KLAUS, ANNA, FINN, ADAM, cast.PETRA):
            person = await viewer_of(pool, email)
            async with pool.acquire() as conn:
                listed, _ = await approval_pages.listed(conn, person, TODAY, Wanted("mine"), 1000)  # type: ignore[arg-type]
                found = {one.number for one in listed}
                for path in (small_path, large_path, hull_path):
                    number = path.removeprefix("/approvals/")
                    request = await approvals.request(conn, person, number, person.person_id, NOW)  # type: ignore[arg-type]
                    assert request is not None
                    assert (number in found) == bool(request.mine), (email, number)
    answer = office.decide(small_path, FINN, "approve", comment="For Klaus.")
    assert answer.status_code == 303, answer.text
    assert office.state(small) == "open"
    shown = office.open(small_path, cast.PETRA).said
    assert "by Finn Lund, who stands in" in shown
    assert office.state(large) == office.state(hull) == "pending_approval"
