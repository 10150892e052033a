"""A provider that says whatever a test wants it to: a real server on this machine, with keys of its own."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import RSAKey

CLIENT, SECRET, NONCE = "portal", "a secret", "the nonce of this sign-in"
PERSON = {"email": "petra@nordwind.example", "email_verified": True, "name": "Petra Vogt"}


@lru_cache
def new_key(kid: str = "one", which: int = 0, bits: int = 2048) -> RSAKey:
    """The same each time for the same words: to make one takes long."""
    return RSAKey.generate_key(bits, {"kid": kid, "use": "sig"}, auto_kid=False)


@dataclass
class Answer:
    """What is sent for a path; a callable is asked each time."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Lying:
    """`claims` change what the ID token says, None takes one away; `answers` replace a whole answer, by path."""

    issuer: str
    key: RSAKey = field(default_factory=new_key)
    published: list[Any] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    exchanged: list[dict[str, list[str]]] = field(default_factory=list)
    # Instead of the token that would be made.
    token: str | None = None
    nonce: str = NONCE

    def told(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/leave",
            **self.metadata,
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": self.published or [self.key.as_dict(private=False)]}

    def said(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "petra", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": self.nonce,
            **PERSON, **self.claims, **changes,
        }  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, claims: dict[str, Any], key: Any = None, **header: Any) -> str:
        key = key or self.key
        said = {"alg": "RS256", "kid": self.key.kid, **self.header, **header}
        return jws.serialize_compact(said, json.dumps(claims), key, algorithms=[said["alg"]])

    def id_token(self) -> str:
        return self.token if self.token is not None else self.signed(self.said())

    def logout_token(self, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": f"jti-{time.monotonic_ns()}",
            "sub": "petra", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, **changes,
        }  # fmt: skip
        return self.signed({n: v for n, v in claims.items() if v is not None}, typ="logout+jwt")

    def answer(self, path: str) -> Answer:
        if path in self.answers:
            return self.answers[path]()
        match path:
            case "/.well-known/openid-configuration":
                return Answer(self.told())
            case "/keys":
                return Answer(self.keys())
            case "/token":
                return Answer(
                    {"access_token": "an access token", "token_type": "Bearer", "id_token": self.id_token()}
                )
            case _:
                return Answer({"error": "there is nothing"}, 404)


def unsigned(claims: dict[str, Any]) -> str:
    """As `alg: none` writes it."""
    parts = (json.dumps({"alg": "none", "typ": "JWT"}), json.dumps(claims))
    return ".".join(_encoded(part.encode()) for part in parts) + "."


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def confused(provider: Lying, secret: bytes) -> str:
    """Signed with a secret that is no secret: the provider's public key."""
    said = (json.dumps({"alg": "HS256", "kid": provider.key.kid}), json.dumps(provider.said()))
    signed = ".".join(_encoded(part.encode()) for part in said)
    return f"{signed}.{_encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


@contextmanager
def lying() -> Iterator[Lying]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            provider.exchanged.append(parse_qs(body.decode()))
            self._send()

        def _send(self) -> None:
            path = urlsplit(self.path).path
            provider.asked.append(path)
            answer = provider.answer(path)
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            try:
                self.send_response(answer.status)
                for name, value in {"content-type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # whoever asked has heard enough

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = Lying(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
