"""What comes back to the address of a mail: reports are understood, whoever wrote them; the rest is left alone."""

import time

import pytest

from portal import bounce_addresses
from portal.domain import bounces
from portal.domain.bounces import HARD, SOFT, Report, kind_of
from tests.notifications.reports import absence_note, report

SECRET = "a secret that is only this test's"


def read(raw: bytes) -> Report | None:
    return bounces.read(raw, lambda text: bounce_addresses.read(SECRET, text))


def to(mail_id: int) -> str:
    return bounce_addresses.address(SECRET, mail_id, "orders@harrow.example")


def test_a_report_names_its_mail_and_why() -> None:
    found = read(report(to(17), status="5.1.1", said="550 5.1.1 <petra@nordwind.example>: User unknown"))

    assert found == Report(17, HARD, "550 5.1.1 <petra@nordwind.example>: User unknown")


def test_an_address_that_some_server_wrote_in_capitals_is_known() -> None:
    found = read(report(to(17).upper(), status="5.2.2", said="552 mailbox full"))

    assert found is not None
    assert (found.mail, found.kind) == (17, SOFT)


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_a_mail_that_did_not_fail_did_not_come_back(action: str) -> None:
    assert read(report(to(17), action=action, status="4.4.1")) is None


def test_a_report_to_an_address_that_nobody_gave_is_nothing() -> None:
    forged = to(17).replace("bounce+17.", "bounce+18.")

    assert read(report(forged, status="5.1.1")) is None


def test_what_was_written_to_be_long_to_read_is_not_read() -> None:
    parts = [f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000)]
    raw = "".join([f"To: {to(17)}\n", *parts, "550 5.1.1 unknown\n" * 10_000])
    began = time.monotonic()
    assert read(raw.encode()) is None
    assert time.monotonic() - began < 1


def test_an_absence_note_is_no_report() -> None:
    assert read(absence_note(to(17))) is None


def test_a_report_in_words_only_is_believed_when_a_mail_server_wrote_it() -> None:
    words = b"I could not deliver your message.\n<petra@nordwind.example>:\n550 5.1.1 No such user here\n"
    head = f"From: Mail Delivery <MAILER-DAEMON@mx.example>\nTo: {to(17)}\nSubject: failure\n\n".encode()

    assert read(head + words) == Report(17, HARD, "550 5.1.1 No such user here")
    assert read(head.replace(b"MAILER-DAEMON", b"somebody") + words) is None


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe\x00", b"To: \xff\n\n", b"Content-Type: multipart/report\n\nno parts", b"To: x\n" * 500],
)
def test_what_is_no_mail_at_all_reports_nothing(raw: bytes) -> None:
    assert read(raw) is None
    assert read(f"To: {to(17)}\n".encode() + raw) is None


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("550 5.1.1 user unknown", HARD),
        ("550 user unknown", HARD),
        ("550 5.2.1 mailbox disabled", HARD),
        ("553 5.1.3 bad address syntax", HARD),
        ("5.0.0 undefined: 550 no such user", HARD),
        ("552 5.2.2 mailbox full", SOFT),
        ("550 5.7.1 rejected by policy", SOFT),
        ("554 message looks like spam", SOFT),
        ("550 5.1.8 bad sender's address", SOFT),
        ("4.4.7 delivery time expired", SOFT),
        ("421 try again", SOFT),
    ],
)
def test_only_what_the_address_is_to_blame_for_is_for_good(said: str, kind: str) -> None:
    assert kind_of(said) == kind
