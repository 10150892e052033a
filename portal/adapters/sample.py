"""A customer's system to try webhooks with: it checks what it is sent as Standard Webhooks says, and shows it.

It can be told to be slow, busy, down or gone, so that one sees what the portal then does. It is a process of its own,
answers on this machine only, and knows nothing of the portal but the secret that somebody has pasted into it: what it
does in `verify` is what a customer has to write. Demo and test mode only.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.adapters.sample_page import page

Json = dict[str, Any]

HOOK = "/webhooks"
# How it behaves, and what it is called on the page.
BEHAVIOURS = {
    "ok": "takes what comes",
    "slow": "takes what comes, after three seconds",
    "busy": "answers 429 and wants to be left alone for 30 seconds",
    "failing": "answers 503",
    "down": "hangs up without an answer",
    "moved": "answers 302 and names another address",
    "gone": "answers 410: it is gone for good",
}
ANSWERS: Mapping[str, tuple[int, Mapping[str, str]]] = {
    "busy": (429, {"Retry-After": "30"}),
    "failing": (503, {}),
    "moved": (302, {"Location": "http://127.0.0.1/elsewhere"}),
    "gone": (410, {}),
}
SLOW_SECONDS = 3.0
MOST_KEPT = 500
LARGEST = 64 * 1024
# A message that is older, or from a future further away, is not of now: somebody sends it again who recorded it.
TOLERANCE_SECONDS = 300


def verify(keys: Sequence[str], headers: Mapping[str, str], body: bytes, now: float) -> str | None:
    """What is wrong with a message, or None: Standard Webhooks 1.0.0, as a receiver checks it.

    `keys` are the secrets that are valid, `whsec_...`: while one is being replaced there are two.
    """
    said = {name.lower(): value for name, value in headers.items()}
    webhook_id, timestamp = said.get("webhook-id", ""), said.get("webhook-timestamp", "")
    if not webhook_id or not (timestamp.isascii() and timestamp.isdigit()):
        return "its headers are missing"
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return "its timestamp is more than five minutes off"
    if not keys:
        return "this system has no secret yet"
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    given = [
        one.removeprefix("v1,") for one in said.get("webhook-signature", "").split() if one.startswith("v1,")
    ]
    for key in keys:
        try:
            raw = base64.b64decode(key.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            continue
        right = base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest())
        if any(hmac.compare_digest(right, one.encode()) for one in given):
            return None
    return "its signature is not made with the secret that is known here"


@dataclass
class Receiver:
    """What it was told to be, in one file, and what it received, a line each in another: both outlive a restart."""

    directory: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    received: deque[Json] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    # Whoever sends a form must have seen the page.
    form: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._log.exists():
            with self._log.open() as lines:
                self.received.extend(json.loads(line) for line in lines)
            self._log.write_text("".join(json.dumps(one) + "\n" for one in self.received))

    @property
    def _log(self) -> Path:
        return self.directory / "received.jsonl"

    @property
    def told(self) -> Json:
        """`behaviour` and `keys`, as they are now: others write them, too."""
        return read(self.directory)

    def take(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str]]:
        """Check and keep a message; answers the status and headers to answer with."""
        told = self.told
        behaviour = told["behaviour"]
        problem = verify(told["keys"], headers, body, time.time())
        status, more = ANSWERS.get(behaviour, (401 if problem else 204, {}))
        self._keep(headers, body, problem, 0 if behaviour == "down" else status)
        return status, more

    def _keep(self, headers: Mapping[str, str], body: bytes, problem: str | None, status: int) -> None:
        try:
            event = json.loads(body)
        except ValueError:
            event = {}
        data = event.get("data") if isinstance(event, dict) else None
        data = data if isinstance(data, dict) else {}
        shown = {
            name: value
            for name, value in headers.items()
            if name.lower().startswith(("webhook-", "content-", "user-"))
        }
        one = {
            "at": datetime.now(UTC).isoformat(),
            "id": headers.get("webhook-id", ""),
            "type": str(event.get("type", "")) if isinstance(event, dict) else "",
            "order": data.get("order"),
            "account": data.get("account"),
            "sequence": data.get("sequence"),
            "problem": problem,
            "status": status,
            "headers": shown,
            "body": body.decode(errors="replace"),
        }
        with self.lock:
            self.received.append(one)
            with self._log.open("a") as log:
                log.write(json.dumps(one) + "\n")

    def forget(self) -> None:
        with self.lock:
            self.received.clear()
            self._log.unlink(missing_ok=True)


def read(directory: Path) -> Json:
    """What it was told: how to behave, and the secrets, the newest first."""
    try:
        told = json.loads((directory / "told.json").read_text())
    except (FileNotFoundError, ValueError):
        told = {}
    found: Json = {"behaviour": "ok", "keys": []} | told
    return found


def tell(directory: Path, **said: Any) -> None:
    """Let it behave so (`behaviour`), or know another secret (`key`); the one before stays valid, too."""
    told = read(directory)
    if "behaviour" in said:
        if said["behaviour"] not in BEHAVIOURS:
            raise ValueError(said["behaviour"])
        told["behaviour"] = said["behaviour"]
    if key := said.get("key"):
        told["keys"] = [key, *(one for one in told["keys"] if one != key)][:2]
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = directory / f".told.{secrets.token_hex(4)}"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(told, indent=2))
    draft.replace(directory / "told.json")


def serve(receiver: Receiver, port: int) -> ThreadingHTTPServer:
    """Listening on this machine; `serve_forever()` answers."""

    class Answer(_Answer):
        played = receiver

    server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
    server.daemon_threads = True
    return server


class _Answer(BaseHTTPRequestHandler):
    played: Receiver
    server_version = "sample-receiver"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not self._is_local():
            self._send(HTTPStatus.FORBIDDEN, b"Ask for 127.0.0.1.", "text/plain")
        elif path == "/":
            told = self.played.told
            drawn = page(
                told["behaviour"], BEHAVIOURS, len(told["keys"]), list(self.played.received), self.played.form
            )
            self._send(HTTPStatus.OK, drawn.encode(), "text/html; charset=utf-8")
        elif path == "/received.json":
            body = json.dumps(list(self.played.received)).encode()
            self._send(HTTPStatus.OK, body, "application/json")
        else:
            self._send(HTTPStatus.NOT_FOUND, b"There is no such page.", "text/plain")

    def do_POST(self) -> None:
        """A webhook, or one of the page's forms."""
        raw = self.headers.get("Content-Length") or "0"
        size = int(raw) if raw.isascii() and raw.isdigit() else LARGEST + 1
        if not self._is_local() or size > LARGEST:
            self.close_connection = True
            self._send(HTTPStatus.FORBIDDEN, b"Ask for 127.0.0.1.", "text/plain")
            return
        body = self.rfile.read(size)
        if urlsplit(self.path).path == HOOK:
            self._take(body)
        else:
            self._told(body)

    def log_message(self, *_: object) -> None:
        """The page says what it does."""

    def _take(self, body: bytes) -> None:
        behaviour = self.played.told["behaviour"]
        status, more = self.played.take({name.lower(): value for name, value in self.headers.items()}, body)
        if behaviour == "down":
            self.close_connection = True
            return
        if behaviour == "slow":
            time.sleep(SLOW_SECONDS)
        words = b"" if status == HTTPStatus.NO_CONTENT else BEHAVIOURS.get(behaviour, "").encode()
        if status == HTTPStatus.UNAUTHORIZED:
            words = b"the signature is not right"
        self._send(HTTPStatus(status), words, "text/plain; charset=utf-8", more)

    def _told(self, body: bytes) -> None:
        form = {name: values[0].strip() for name, values in parse_qs(body.decode(errors="replace")).items()}
        if not secrets.compare_digest(form.pop("form", ""), self.played.form):
            self._send(HTTPStatus.FORBIDDEN, b"Reload the page and try again.", "text/plain")
            return
        try:
            if "forget" in form:
                self.played.forget()
            else:
                tell(self.played.directory, **form)
        except (ValueError, TypeError):
            self._send(HTTPStatus.UNPROCESSABLE_ENTITY, b"It cannot be told that.", "text/plain")
            return
        self._send(HTTPStatus.SEE_OTHER, b"", "text/plain", {"Location": "/"})

    def _is_local(self) -> bool:
        return self.headers.get("Host", "").rsplit(":", 1)[0] in {"127.0.0.1", "localhost"}

    def _send(
        self, status: HTTPStatus, body: bytes, kind: str, more: Mapping[str, str] | None = None
    ) -> None:
        try:
            self.send_response(status)
            for name, value in (more or {}).items():
                self.send_header(name, value)
            if status != HTTPStatus.NO_CONTENT:
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
            )
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "same-origin")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has gone: it was slow
