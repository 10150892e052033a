"""Mail that comes back is not sent again and again: its reader is told, and whoever looks after them."""

import subprocess
import sys

import pytest

from portal import bounce_addresses
from portal.domain import mails
from tests.notifications.conftest import PATH, House
from tests.notifications.reports import absence_note, report
from tests.routes import cast

TASKS = "select * from task where kind = 'bounced' order by id"


@pytest.fixture(autouse=True)
def _reached(request: pytest.FixtureRequest) -> None:
    """Nobody's mail has come back before."""
    if "house" in request.fixturenames:
        house: House = request.getfixturevalue("house")
        for sql in (
            "delete from task",
            "delete from mail",
            "update person set mail_problem = null, mail_problem_at = null",
        ):
            house.rows(sql)


def address(house: House, mail_id: int) -> str:
    settings = house.world.portal.settings
    return bounce_addresses.address(settings.secret_key, mail_id, settings.mail_sender)


def test_a_report_stops_the_mail_and_whoever_looks_after_them_has_a_task(house: House) -> None:
    mail_id = house.mailed("one")
    raw = report(address(house, mail_id)).decode()

    told = [house.world.post("mail-bounces", {"message": raw}) for _ in range(2)]

    assert told[0] == told[1]
    assert told[0]["mail"] == str(mail_id)
    assert (told[0]["kind"], told[0]["is_written_to"]) == ("hard", False)
    assert told[0]["email"] == cast.PETRA
    assert "user unknown" in house.person()["mail_problem"]
    [task] = house.rows(TASKS)
    assert task["account"] == "NORDWIND"
    assert cast.PETRA in task["because"]


def test_every_page_of_theirs_says_so_until_they_say_that_it_works(house: House) -> None:
    house.world.post("mail-bounces", {"mail": str(house.mailed("one")), "kind": "hard", "detail": "gone"})
    petra = house.guest().client

    for page in ("/orders", "/today", "/arrivals", "/settings"):
        assert "Mail to you comes back" in petra.get(page).text, page
    assert "Mail to you comes back" not in house.guest(cast.ROBIN).client.get("/orders").text
    assert "“gone”" in house.page()

    text = house.send(f"{PATH}/address")

    assert "We write to petra@nordwind.example again" in text
    assert "Mail to you comes back" not in petra.get("/orders").text
    assert house.person()["mail_problem"] is None
    [waiting] = house.rows("select * from mail where state = 'waiting'")
    assert waiting["kind"] == mails.TEST


def test_a_full_mailbox_passes_unless_it_is_full_three_times_in_a_week(house: House) -> None:
    sent = [house.mailed(f"mail {n}") for n in range(4)]
    full = {"kind": "soft", "detail": "552 5.2.2 mailbox full"}
    house.rows("update mail set bounced_at = '2026-11-10' where id = $1", sent[0])

    told = [house.world.post("mail-bounces", {"mail": str(number), **full}) for number in sent[1:3]]
    again = house.world.post("mail-bounces", {"mail": str(sent[2]), **full})

    assert [one["is_written_to"] for one in (*told, again)] == [True, True, True]
    assert house.person()["mail_problem"] is None
    assert house.world.post("mail-bounces", {"mail": str(sent[3]), **full})["is_written_to"] is False
    assert house.person()["mail_problem"] == "552 5.2.2 mailbox full"
    house.send(f"{PATH}/address")
    more = house.world.post("mail-bounces", {"mail": str(house.mailed("later")), **full})
    assert more["is_written_to"] is True, "what was before counts no more"
    old = house.world.post("mail-bounces", {"mail": str(sent[3]), "kind": "hard", "detail": "the same again"})
    assert old["is_written_to"] is True, "an old report that comes again stops nothing"


def test_what_reports_nothing_is_answered_with_nothing(house: House) -> None:
    mail_id = house.mailed("one")
    nothing = {"mail": None, "kind": None, "detail": None, "email": None, "is_written_to": None}

    for raw in (absence_note(address(house, mail_id)), report("somebody@else.example")):
        assert house.world.post("mail-bounces", {"message": raw.decode()}) == nothing
    assert house.person()["mail_problem"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"mail": "1"}, 422),
        ({"mail": "1", "kind": "hard", "message": "x"}, 422),
        ({"mail": "bounce+1.00000000000000000000@x.example", "kind": "hard"}, 422),
        ({"mail": "999999999", "kind": "hard"}, 404),
        ({"mail": "9" * 60, "kind": "hard"}, 422),
        ({"mail": "1", "kind": "medium"}, 400),
    ],
)
def test_a_report_about_no_mail_is_refused(house: House, body: dict[str, str], status: int) -> None:
    assert house.world.portal.erp.post("/mail-bounces", json=body).status_code == status


def test_an_accounts_token_reports_nothing(house: House) -> None:
    client = house.world.token("NORDWIND")

    answer = client.post("/mail-bounces", json={"mail": str(house.mailed("one")), "kind": "hard"})

    assert answer.status_code == 403


def test_a_mail_server_hands_a_report_to_the_command(house: House) -> None:
    mail_id = house.mailed("one")
    environment = house.world.portal.settings.environment()

    def bounce(raw: bytes, **more: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "portal", "bounce"]
        return subprocess.run(
            command, input=raw, env={**environment, **more}, capture_output=True, check=False
        )

    done = bounce(report(address(house, mail_id)))
    assert done.returncode == 0, done.stderr
    assert b"mail to petra@nordwind.example is stopped" in done.stdout
    assert house.person()["mail_problem"]
    other = bounce(absence_note(address(house, mail_id)))
    assert (other.returncode, other.stdout) == (0, b"It reports nothing about a mail of ours.\n")
    # The mail server keeps it and comes again.
    away = bounce(report(address(house, mail_id)), PORTAL_DATABASE_URL="postgresql://127.0.0.1:1/none")
    assert away.returncode == 75, away
