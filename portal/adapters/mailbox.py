"""A mail server that delivers to nobody: the demo's mail is kept in files and shown on a page of its own.

Each message is one `.eml` file, named so that they sort by arrival. The page shows text only, escaped; the addresses
in it are links. It answers on 127.0.0.1, and only when asked for by that name: no web site reads it through a browser.
"""

import asyncio
import email
import html
import itertools
import re
import threading
import time
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_MESSAGE = 25_000_000
MOST_SHOWN = 500
NAME = re.compile(r"[\d-]+\.eml")

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>
body {{ max-inline-size: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }}
table {{ border-collapse: collapse; inline-size: 100%; }}
td, th {{ text-align: start; padding: .4rem .6rem; border-block-end: 1px solid #8884; vertical-align: top; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }}
</style></head><body>{body}</body></html>
"""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where the messages are; newest first when listed."""

    directory: Path

    def names(self) -> list[str]:
        return sorted((path.name for path in self.directory.glob("*.eml")), reverse=True)

    def message(self, name: str) -> EmailMessage | None:
        path = self.directory / name
        if not NAME.fullmatch(name) or not path.is_file():
            return None
        return email.message_from_bytes(path.read_bytes(), policy=policy.default)

    def keep(self, content: bytes) -> None:
        """A reader sees the whole message or none."""
        name = f"{time.time_ns()}-{next(_numbers)}.eml"
        draft = self.directory / f".{name}"
        draft.touch(mode=0o600)
        draft.write_bytes(content)
        draft.rename(self.directory / name)


class Receiver:
    """What aiosmtpd calls for each message."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        content = envelope.content or b""
        receivers = ", ".join(envelope.rcpt_tos).encode("ascii", "replace")
        self.mailbox.keep(
            b"X-Envelope-To: "
            + receivers
            + b"\r\n"
            + (content.encode() if isinstance(content, str) else content)
        )
        return "250 Kept"


async def receive(mailbox: Mailbox) -> tuple[asyncio.Server, int]:
    """Take mail on a free port of this machine; the server and its port."""
    mailbox.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Receiver(mailbox), data_size_limit=LARGEST_MESSAGE, enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    return server, server.sockets[0].getsockname()[1]


def show(mailbox: Mailbox) -> ThreadingHTTPServer:
    """Serve the page in a thread, on a free port: `show(mailbox).server_port`."""

    class Page(_Page):
        shown = mailbox

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="mailbox", daemon=True).start()
    return server


class _Page(BaseHTTPRequestHandler):
    shown: Mailbox
    server_version = "mailbox"
    sys_version = ""

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if self.headers.get("Host", "").rsplit(":", 1)[0] not in {"127.0.0.1", "localhost"}:
            self._answer(HTTPStatus.FORBIDDEN, "Mailbox", "<p>Ask for 127.0.0.1.</p>")
        elif not name:
            self._answer(HTTPStatus.OK, "Mailbox", _list(self.shown))
        elif (message := self.shown.message(name)) is not None:
            self._answer(HTTPStatus.OK, str(message["subject"]), _one(message))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "Mailbox", "<p>There is no such message.</p>")

    def log_message(self, *_: object) -> None:
        """Nobody reads a log of who looked at the demo's mail."""

    def _answer(self, status: HTTPStatus, title: str, body: str) -> None:
        content = PAGE.format(title=html.escape(title), body=body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header(
            "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'"
        )
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(content)


def _list(mailbox: Mailbox) -> str:
    names = mailbox.names()
    rows = [
        f"<tr><td>{_header(message, 'date')}</td><td>{_header(message, 'to')}</td>"
        f'<td><a href="/{name}">{_header(message, "subject") or "(no subject)"}</a></td></tr>'
        for name in names[:MOST_SHOWN]
        if (message := mailbox.message(name)) is not None
    ]
    count = f"<h1>Mailbox</h1><p>{len(names)} messages; the demo sends mail to nobody else.</p>"
    return f"{count}<table><tr><th>Sent</th><th>To</th><th>Subject</th></tr>{''.join(rows)}</table>"


def _one(message: EmailMessage) -> str:
    headers = "".join(
        f"<tr><th>{name}</th><td>{_header(message, name)}</td></tr>" for name in ("Date", "From", "To")
    )
    attached = "".join(
        f"<li>{html.escape(part.get_filename() or 'attachment')}</li>" for part in message.iter_attachments()
    )
    body = message.get_body(("plain", "html"))
    text = str(body.get_content()) if body is not None else ""
    return (
        f'<p><a href="/">All messages</a></p><h1>{_header(message, "subject")}</h1><table>{headers}</table>'
        f"<pre>{_linked(text)}</pre>" + (f"<h2>Attached</h2><ul>{attached}</ul>" if attached else "")
    )


def _header(message: EmailMessage, name: str) -> str:
    return html.escape(str(message.get(name, "")))


def _linked(text: str) -> str:
    parts = re.split(r"(https?://[^\s<>\"']+)", text)
    return "".join(
        f'<a href="{html.escape(part)}">{html.escape(part)}</a>' if number % 2 else html.escape(part)
        for number, part in enumerate(parts)
    )


_numbers = itertools.count(1)
