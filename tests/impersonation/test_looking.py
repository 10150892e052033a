"""Looking as a buyer: how it begins, what both sides see of it, and how it ends for good."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.impersonation.looking import REASON, allow, ask, begin, looking, one, person
from tests.portals import Portal
from tests.routes import cast
from tests.routes.cast import Guest
from tests.routes.conftest import House, house

LATEST = "select max(id) from impersonation"


@pytest.fixture(scope="module")
def portal(start_portal: Callable[..., Portal]) -> Portal:
    """With its log lines of all that is asked."""
    return start_portal(environment={"PORTAL_LOG_LEVEL": "info"})


@pytest.fixture
def petra(house: House) -> Guest:
    return cast.at_home(house.portal, cast.PETRA)


@pytest.fixture
def ines(house: House) -> Guest:
    """Who administers Nordwind."""
    ines = {"name": "Ines Albers", "roles": ["account_admin"], "password": cast.PASSWORD}
    house.world.put("accounts/NORDWIND/users/ines@nordwind.example", ines)
    return cast.at_home(house.portal, "ines@nordwind.example")


@pytest.fixture(autouse=True)
def _as_it_was(house: House) -> Iterator[None]:
    yield
    allow(house.portal, "read")
    ask(
        house.portal, "update impersonation set ended_at = began_at, left_at = began_at where left_at is null"
    )


def test_it_needs_somebody_a_reason_and_the_right_to(house: House) -> None:
    jo = cast.at_home(house.portal, cast.AMARA)
    page = jo.client.get("/accounts/NORDWIND/impersonate")
    assert "Petra" in page.text
    assert "Robin" in page.text
    assert "Rita" not in page.text
    for wrong in (
        {"reason": "  "},
        {"person": ""},
        {"person": person(house.portal, cast.RITA)},
        {"minutes": "31"},
    ):
        assert begin(jo, house.portal, **wrong).status_code == 422
    assert one(house.portal, "select count(*) from impersonation where left_at is null") == 0
    assert (
        cast.at_home(house.portal, cast.DEV).client.get("/accounts/NORDWIND/impersonate").status_code == 403
    )


def test_both_sides_see_it_and_both_can_end_it(house: House, petra: Guest) -> None:
    jo = looking(house.portal)
    assert jo.client.get("/").headers["location"] == "/today"
    for page in ("/today", "/orders", house.path, "/invoices", "/desk"):
        text = jo.client.get(page).text
        assert all(said in text for said in ("Amara Cole", "Petra", REASON)), page
    log = petra.client.get("/settings/access-log").text
    assert REASON in log
    assert "looks right now" in log
    assert "5 pages" in log
    assert "Amara Cole" in petra.client.get(house.path).text, "her own pages do not say so"
    entry = one(house.portal, LATEST)
    told = petra.client.get(f"/settings/access-log/{entry}").text
    assert f"Order {house.order['number']}" in told
    assert "refused" in told
    assert petra.post(f"/settings/access-log/{entry}/end").status_code == 303
    answer = jo.client.get(house.path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/impersonation?next=")
    assert "Petra ended it" in jo.client.get("/impersonation").text
    assert jo.post("/impersonation/end", seen_on="/impersonation").status_code == 303
    assert 'href="/desk"' in jo.client.get(house.path).text, "not themselves again"
    assert "Amara Cole" not in petra.client.get("/today").text


def test_it_is_over_when_the_time_is(house: House, petra: Guest) -> None:
    now = datetime.now(UTC)
    jo = looking(house.portal)
    token = jo.token("/orders")
    assert 1700 < int(jo.client.get("/impersonation/left").text) <= 1800
    try:
        house.portal.clock(now + timedelta(minutes=31))
        assert jo.client.get("/impersonation/left").text == "0"
        assert jo.client.get("/orders").status_code == 303
        sent = jo.client.post("/new-order/lines", data={"_csrf": token, "text": "BOLT 1"})
        assert sent.headers["location"] == "/impersonation"
        assert "The time was over" in jo.client.get("/impersonation").text
        assert "looks right now" not in petra.client.get("/settings/access-log").text
    finally:
        house.portal.clock(now)


def test_a_form_is_taken_only_from_whom_it_was_drawn_for(house: House) -> None:
    allow(house.portal, "order")
    jo = cast.signed_in(house.portal, cast.AMARA)
    before = jo.token("/orders")
    assert begin(jo, house.portal).status_code == 303
    # Going back in the browser shows nothing when it is over.
    assert jo.client.get("/orders").headers.get_list("cache-control") == ["private, no-store"]
    during = jo.token("/new-order")
    answer = jo.client.post("/new-order/lines", data={"_csrf": before, "text": "BOLT 1"})
    assert answer.status_code == 403
    assert "drawn for somebody else" in answer.text
    jo.post("/impersonation/end", seen_on="/orders")
    answer = jo.client.post("/desk/holds", data={"_csrf": during})
    assert answer.status_code == 403
    assert "drawn for somebody else" in answer.text


def test_what_is_done_in_a_buyers_name_carries_both_names(house: House) -> None:
    allow(house.portal, "order")
    jo = looking(house.portal)
    path = f"/invoices/{house.invoice['number']}/dispute"
    form = re.search(r'name="form" value="([^"]+)"', jo.client.get(path).text)
    assert form is not None
    wrong = {"form": form[1], "reason": "damaged", "quantity-1": "1", "_csrf": jo.token(path)}
    answer = jo.client.post(path, data=wrong)
    assert answer.status_code == 303, answer.text
    both = f"{cast.AMARA} as {cast.PETRA}"
    assert (
        one(house.portal, "select actor from event where type = 'invoice.disputed' order by id desc limit 1")
        == both
    )
    page = cast.at_home(house.portal, cast.PETRA).client.get(answer.headers["location"]).text
    assert "Amara Cole as Petra" in re.sub(r"</?b>", "", page), "nobody is told who did it"


def test_every_line_of_the_log_names_both(house: House) -> None:
    jo = looking(house.portal)
    jo.client.get("/settings/delivery")
    jo.client.get("/orders?q=secret")
    lines = [json.loads(line) for line in house.portal.said().splitlines() if line.startswith("{")]
    ours = [
        line
        for line in lines
        if line.get("event", "").startswith("GET ") and line.get("subject") == cast.PETRA
    ]
    assert {"GET /settings/delivery", "GET /orders"} <= {line["event"] for line in ours}
    assert all(line["actor"] == cast.AMARA and line["account"] == "NORDWIND" for line in ours)
    assert "secret" not in "".join(line["event"] for line in ours)


def test_switched_off_it_ends_at_once_and_none_begins(house: House, ines: Guest) -> None:
    jo = looking(house.portal)
    form = re.search(r'name="form" value="([^"]+)"', ines.client.get("/settings/access-log").text)
    assert form is not None
    off = {"account": "NORDWIND", "level": "off", "form": form[1]}
    assert ines.post("/settings/access-log", seen_on="/settings/access-log", **off).status_code == 303
    assert jo.client.get("/orders").status_code == 303
    jo.post("/impersonation/end", seen_on="/impersonation")
    page = jo.client.get("/accounts/NORDWIND/impersonate").text
    assert "does not let anybody see" in page
    assert "<textarea" not in page
    assert begin(jo, house.portal).status_code == 403
    done = ask(
        house.portal, "select action, actor from audit_entry where action like 'impersonation.%' order by id"
    )
    assert {row["action"] for row in done} == {
        "impersonation.begun",
        "impersonation.ended",
        "impersonation.allowed",
    }
    assert done[-1]["actor"] == "ines@nordwind.example"


def test_nobody_elses_log_is_found(house: House, petra: Guest, ines: Guest) -> None:
    looking(house.portal, whom=cast.ROBIN)
    entry = f"/settings/access-log/{one(house.portal, LATEST)}"
    assert petra.client.get(entry).status_code == 404, "it is Robin's"
    assert petra.post(f"{entry}/end").status_code == 404
    assert cast.at_home(house.portal, cast.RITA).client.get(entry).status_code == 404
    assert ines.client.get(entry).status_code == 200
    assert cast.at_home(house.portal, cast.DEV).client.get(entry).status_code == 200
    assert cast.at_home(house.portal, cast.DEV).post(f"{entry}/end").status_code == 403


def test_only_the_account_that_was_opened_is_shown(house: House) -> None:
    """Rita belongs to two companies: whoever looks as her in one does not see the other."""
    world, portal = house.world, house.portal
    world.put(f"accounts/NORDWIND/users/{cast.RITA}", {"name": "Rita", "roles": ["account_admin"]})
    theirs = world.order("VELTRO", [("BOLT", 1)])
    rita = cast.signed_in(portal, cast.RITA)
    assert rita.client.get(f"/orders/{theirs['number']}").status_code == 200
    jo = looking(portal, whom=cast.RITA)
    assert jo.client.get(house.path).status_code == 200
    assert jo.client.get(f"/orders/{theirs['number']}").status_code == 404
    assert theirs["number"] not in jo.client.get("/orders").text
    ask(
        portal,
        "delete from membership where account = 'NORDWIND' and person_id = $1",
        int(person(portal, cast.RITA)),
    )
    assert jo.client.get(house.path).status_code == 303, "she does not belong there any more"
    assert "rights have changed" in jo.client.get("/impersonation").text


def test_a_stream_ends_with_it(house: House, petra: Guest) -> None:
    jo = looking(house.portal)
    entry = one(house.portal, LATEST)
    with jo.client.stream("GET", f"{house.path}/live", params={"as": entry}) as stream:
        parts = stream.iter_raw()
        next(parts)
        assert petra.post(f"/settings/access-log/{entry}/end").status_code == 303
        for _ in parts:
            pass  # what was queued; then it is over
    assert (
        jo.client.get(
            f"{house.path}/live", params={"as": entry}, headers={"accept": "text/event-stream"}
        ).status_code
        == 403
    )


def test_another_session_of_theirs_stays_their_own(house: House) -> None:
    looking(house.portal)
    elsewhere = cast.signed_in(house.portal, cast.AMARA)
    assert elsewhere.client.get("/desk").status_code == 200
    assert 'id="ribbon"' not in elsewhere.client.get("/desk").text


def test_signing_out_ends_it(house: House) -> None:
    jo = looking(house.portal)
    jo.post("/sign-out")
    row = ask(house.portal, "select ended_by, left_at from impersonation order by id desc limit 1")[0]
    assert row["ended_by"] == cast.AMARA
    assert row["left_at"] is not None


def test_sent_twice_it_begins_once(house: House) -> None:
    jo = cast.signed_in(house.portal, cast.AMARA)
    path = "/accounts/NORDWIND/impersonate"
    page = jo.client.get(path).text
    form, csrf = (re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("form", "_csrf"))
    assert form is not None
    assert csrf is not None
    typed = {"person": person(house.portal, cast.PETRA), "reason": REASON, "minutes": "10"}
    typed |= {"form": form[1], "_csrf": csrf[1]}
    before = one(house.portal, "select count(*) from impersonation")
    assert [jo.client.post(path, data=typed).status_code for _ in range(2)] == [303, 303]
    assert one(house.portal, "select count(*) from impersonation") == before + 1


__all__ = ["house"]
