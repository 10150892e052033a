import asyncio
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from portal.adapters.mailbox import Mailbox, receive, show


@pytest.fixture
def box(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mail")


@pytest.fixture
async def smtp_port(box: Mailbox) -> AsyncIterator[int]:
    server, port = await receive(box)
    yield port
    server.close()


def read(port: int, path: str, host: str = "127.0.0.1") -> tuple[int, str]:
    answer = httpx.get(f"http://127.0.0.1:{port}{path}", headers={"Host": f"{host}:{port}"}, trust_env=False)
    return answer.status_code, answer.text


def letter(subject: str = "Your order", text: str = "It ships on 27 Nov.") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "portal@portal.example",
        "ana@nordwind.example",
        subject,
    )
    message.set_content(text)
    return message


async def test_what_is_sent_can_be_read(box: Mailbox, smtp_port: int) -> None:
    def send() -> None:
        with smtplib.SMTP("127.0.0.1", smtp_port) as client:
            client.send_message(letter(subject="Überfällig: 5 Dichtungen"))

    await asyncio.to_thread(send)
    [name] = box.names()
    message = box.message(name)

    assert message is not None
    assert message["subject"] == "Überfällig: 5 Dichtungen"
    assert message["x-envelope-to"] == "ana@nordwind.example"


def test_the_page_escapes_what_a_stranger_wrote(box: Mailbox) -> None:
    box.directory.mkdir()
    box.keep(
        bytes(letter("<script>alert(1)</script>", 'Click <img src=x> http://127.0.0.1:8000/reset?a=1&b="'))
    )
    with show(box) as server:
        _, listed = read(server.server_port, "/")
        _, opened = read(server.server_port, f"/{box.names()[0]}")
        server.shutdown()

    assert "<script>" not in listed + opened
    assert "<img" not in opened
    assert 'href="http://127.0.0.1:8000/reset?a=1&amp;b="' in opened


@pytest.mark.parametrize("path", ["/../secret.key", "/%2e%2e/secret.key", "/1-1.eml", "/.hidden.eml"])
def test_nothing_but_messages_is_shown(box: Mailbox, path: str) -> None:
    box.directory.mkdir()
    (box.directory.parent / "secret.key").write_text("secret")
    with show(box) as server:
        status, body = read(server.server_port, path)
        server.shutdown()

    assert status == HTTPStatus.NOT_FOUND
    assert "secret" not in body


def test_a_web_site_that_points_its_name_here_gets_nothing(box: Mailbox) -> None:
    box.directory.mkdir()
    box.keep(bytes(letter()))
    with show(box) as server:
        status, body = read(server.server_port, "/", host="attacker.example")
        server.shutdown()

    assert status == HTTPStatus.FORBIDDEN
    assert "Your order" not in body
