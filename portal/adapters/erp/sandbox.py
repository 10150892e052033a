"""An ERP to try the portal with: it answers as docs/erp.md says, and can be told to be slow, down, or wrong.

It runs as a process of its own, keeps what it was told in a file, and has a page with switches. It answers on this
machine only, and only when asked for by that name: no web site reads or sets it through a browser. Demo and test mode
only.
"""

import json
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.adapters.erp.sandbox_page import page

Json = dict[str, Any]

# How it behaves, and what it is called on the page.
BEHAVIOURS = {
    "ok": "answers at once",
    "slow": "answers after three seconds",
    "down": "hangs up without an answer",
    "failing": "answers 503",
    "wrong_figures": "answers with figures that cannot be right",
    "wrong_account": "answers for another account",
    "old_figures": "answers with figures of last month",
    "garbage": "answers with something that is no JSON",
    "unknown_customers": "refuses what concerns customers that it does not know",
}
SLOW_SECONDS = 3.0
# Of what it was told the page shows so many; ids it has seen are known for good.
MOST_KEPT = 200
LARGEST_EVENT = 32 * 1024 * 1024
LAST_MONTH = timedelta(days=30)
LARGEST_FORM = 16 * 1024
AMOUNTS = ("credit_limit", "invoiced_unpaid", "other_orders", "portal_invoiced")
# What it knows before anybody tells it.
FIRST: Json = {
    "NORDWIND": {
        "currency": "GBP",
        "credit_limit": "250000.00",
        "credit_hold": False,
        "invoiced_unpaid": "18412.60",
        "other_orders": "4250.00",
        "portal_invoiced": "0.00",
    },
    "NORDWIND-HULL": {
        "currency": "GBP",
        "credit_limit": "40000.00",
        "credit_hold": False,
        "invoiced_unpaid": "2960.00",
        "other_orders": "0.00",
        "portal_invoiced": "0.00",
    },
}


@dataclass
class Sandbox:
    """What the ERP knows and how it behaves: kept in a file, so that it outlives a restart."""

    file: Path
    token: str = ""
    behaviour: str = "ok"
    accounts: Json = field(default_factory=lambda: json.loads(json.dumps(FIRST)))
    # What it was told, the oldest first, and all ids of that.
    told: deque[Json] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    ids: set[str] = field(default_factory=set)
    # Whoever sends a form must have seen the page.
    form: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if self.file.exists():
            kept = json.loads(self.file.read_text())
            self.behaviour, self.accounts = kept["behaviour"], kept["accounts"]
        if self.booked.exists():
            for line in self.booked.read_text().splitlines():
                self._note(json.loads(line))

    @property
    def booked(self) -> Path:
        return self.file.with_suffix(".told")

    def behave(self, behaviour: str) -> None:
        if behaviour not in BEHAVIOURS:
            raise ValueError(behaviour)
        with self.lock:
            self.behaviour = behaviour
            self._keep()

    def know(self, account: str, figures: Json) -> None:
        """What it says of an account from now on; without figures it does not know it any more."""
        with self.lock:
            if figures:
                self.accounts[account] = figures
            else:
                self.accounts.pop(account, None)
            self._keep()

    def _keep(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.file.with_suffix(".draft")
        draft.write_text(json.dumps({"behaviour": self.behaviour, "accounts": self.accounts}, indent=2))
        draft.replace(self.file)

    def hear(self, key: str, event: Json) -> tuple[HTTPStatus, Json]:
        """Book an event once, as docs/erp.md says."""
        customer = str(event.get("customer_number") or "")
        with self.lock:
            if key in self.ids:
                return HTTPStatus.CONFLICT, {"type": "known", "detail": f"{key} is booked already."}
            if self.behaviour == "unknown_customers" and customer not in self.accounts:
                return HTTPStatus.UNPROCESSABLE_ENTITY, {
                    "type": "unknown_customer",
                    "detail": f"There is no customer {customer}.",
                }
            order = event.get("order") or {}
            kept = {
                "id": key,
                "type": event["type"],
                "customer": customer,
                "order": order.get("number"),
                "state": order.get("state"),
                "version": order.get("version"),
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            self.booked.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.booked.open("a") as file:
                file.write(json.dumps(kept) + "\n")
            self._note(kept)
        return HTTPStatus.CREATED, {"booked": key}

    def _note(self, kept: Json) -> None:
        self.told.append(kept)
        self.ids.add(kept["id"])

    def answer(self, asked: list[str], behaviour: str) -> bytes:
        """The body for these accounts, as it behaves."""
        if behaviour == "garbage":
            return b"<html>500 OUT OF CHEESE</html>"
        known = [
            {"account": account, **self.accounts[account]} for account in asked if account in self.accounts
        ]
        if behaviour == "wrong_account":
            known = [told | {"account": f"{told['account']}-2"} for told in known]
        if behaviour == "wrong_figures":
            known = [told | {"invoiced_unpaid": "-1000000.00"} for told in known]
        if behaviour == "old_figures":
            at = (datetime.now(UTC) - LAST_MONTH).isoformat()
            known = [told | {"as_of": at} for told in known]
        return json.dumps({"accounts": known}).encode()


def serve(sandbox: Sandbox, port: int) -> ThreadingHTTPServer:
    """Listening on this machine; `serve_forever()` answers."""

    class Answer(_Answer):
        played = sandbox

    server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
    server.daemon_threads = True
    return server


class _Answer(BaseHTTPRequestHandler):
    played: Sandbox
    server_version = "erp-sandbox"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        if not self._is_local():
            self._send(HTTPStatus.FORBIDDEN, b"Ask for 127.0.0.1.", "text/plain")
        elif (at := urlsplit(self.path)).path == "/credit":
            self._credit(parse_qs(at.query).get("account", []))
        elif at.path == "/events" and self._has_token():
            self._send(HTTPStatus.OK, json.dumps(list(self.played.told)).encode(), "application/json")
        elif at.path == "/":
            played = self.played
            drawn = page(played.behaviour, BEHAVIOURS, played.accounts, played.form, list(played.told))
            self._send(HTTPStatus.OK, drawn.encode(), "text/html; charset=utf-8")
        else:
            self._send(HTTPStatus.NOT_FOUND, b"There is no such page.", "text/plain")

    def do_POST(self) -> None:
        """The page's forms, and the same as JSON for whoever has the token; and what happened to orders."""
        size = int(self.headers.get("Content-Length") or 0)
        if urlsplit(self.path).path == "/events":
            self._event(size)
            return
        body = self.rfile.read(min(size, LARGEST_FORM))
        if not self._is_local() or size > LARGEST_FORM:
            self._send(HTTPStatus.FORBIDDEN, b"Ask for 127.0.0.1.", "text/plain")
            return
        try:
            if self.headers.get("Content-Type", "").startswith("application/json") and self._has_token():
                self._told(json.loads(body))
                self._send(HTTPStatus.OK, b"{}", "application/json")
                return
            form = {name: values[0].strip() for name, values in parse_qs(body.decode()).items()}
            if not secrets.compare_digest(form.pop("form", ""), self.played.form):
                self._send(HTTPStatus.FORBIDDEN, b"Reload the page and try again.", "text/plain")
                return
            self._told(_typed(form))
        except (ValueError, KeyError, TypeError, ArithmeticError):
            self._send(HTTPStatus.UNPROCESSABLE_ENTITY, b"That is no figure.", "text/plain")
            return
        self._send(HTTPStatus.SEE_OTHER, b"", "text/plain", {"Location": "/"})

    def log_message(self, *_: object) -> None:
        """The page says what it does."""

    def _told(self, said: Json) -> None:
        if "behaviour" in said:
            self.played.behave(said["behaviour"])
        if "account" in said:
            self.played.know(said.pop("account"), {name: said[name] for name in said if name != "behaviour"})

    def _credit(self, asked: list[str]) -> None:
        behaviour = self.played.behaviour
        if not self._has_token():
            self._send(HTTPStatus.UNAUTHORIZED, b"{}", "application/json")
        elif behaviour == "down":
            self.close_connection = True
        elif behaviour == "failing":
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, b"{}", "application/json")
        else:
            if behaviour == "slow":
                time.sleep(SLOW_SECONDS)
            self._send(HTTPStatus.OK, self.played.answer(asked, behaviour), "application/json")

    def _event(self, size: int) -> None:
        behaviour, key = self.played.behaviour, self.headers.get("Idempotency-Key", "")
        body = self.rfile.read(size) if size <= LARGEST_EVENT else b""
        if not self._is_local() or not self._has_token():
            self._send(HTTPStatus.UNAUTHORIZED, b"{}", "application/json")
        elif behaviour == "down":
            self.close_connection = True
        elif behaviour == "failing":
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, b"{}", "application/json")
        else:
            if behaviour == "slow":
                time.sleep(SLOW_SECONDS)
            try:
                status, said = self.played.hear(key, json.loads(body))
            except (ValueError, KeyError, TypeError, AttributeError):
                status, said = HTTPStatus.BAD_REQUEST, {"detail": "That is no event."}
            self._send(status, json.dumps(said).encode(), "application/problem+json")

    def _has_token(self) -> bool:
        given = self.headers.get("Authorization", "")
        return not self.played.token or secrets.compare_digest(given, f"Bearer {self.played.token}")

    def _is_local(self) -> bool:
        return self.headers.get("Host", "").rsplit(":", 1)[0] in {"127.0.0.1", "localhost"}

    def _send(self, status: HTTPStatus, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in (more or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
            )
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has gone: it was slow


def _typed(form: dict[str, str]) -> Json:
    """A form as the same in JSON; a limit that is left empty is none."""
    if "behaviour" in form:
        return {"behaviour": form["behaviour"]}
    account = form["account"]
    if form.get("forget"):
        return {"account": account}
    figures: Json = {"account": account, "currency": form["currency"].upper()[:3]}
    for name in AMOUNTS:
        typed = form.get(name, "")
        figures[name] = f"{Decimal(typed):.2f}" if typed else (None if name == "credit_limit" else "0.00")
    return figures | {"credit_hold": "credit_hold" in form}
