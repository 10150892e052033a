"""Every POST of the API runs through `command`: one transaction, one effect however often it is repeated."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from litestar import Request, Response

from portal.adapters import sealed
from portal.db import answers, orders
from portal.db.answers import Stored
from portal.db.patience import patiently
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, Malformed, Problem, Refused, Stale, Unacceptable
from portal.routes.api import problems

LONGEST_KEY = 255

ApiRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command comes to."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    version: int | None = None


async def command(
    request: ApiRequest,
    work: Work,
    viewer: Viewer,
    do: Callable[[], Awaitable[Answer]],
    *,
    order: str | None = None,
    tells_secret: bool = False,
) -> Response[bytes]:
    """Run `do` once for the request's Idempotency-Key and answer what it answers, or what it answered before.

    `order` is the order that an If-Match speaks of. An answer that `tells_secret` is kept sealed. A refusal is kept
    like any answer; a failure of ours is not, so that the same request can be sent again.
    """
    key = _key(request)
    payload = hashlib.sha256(await request.body()).digest()
    box = _Sealed(request.app.state.settings.secret_key) if tells_secret else _Open()
    return await patiently(lambda: _once(request, work, viewer, do, order, key, payload, box))


class _Open:
    """Answers are kept as they are."""

    def close(self, body: bytes) -> bytes:
        return body

    def open(self, body: bytes) -> bytes:
        return body


class _Sealed(_Open):
    """What was answered is a secret: a copy of the database must not tell it."""

    def __init__(self, secret_key: str) -> None:
        self.secret_key = secret_key

    def close(self, body: bytes) -> bytes:
        return sealed.seal(body.decode(), self.secret_key)

    def open(self, body: bytes) -> bytes:
        # Answers of before anything was sealed are gone after three days.
        if body.startswith(b"{"):
            return body
        try:
            return sealed.unseal(body, self.secret_key).encode()
        except sealed.CannotUnseal as wrong:
            raise Conflict(
                "This was answered before, and what was told then cannot be told again."
            ) from wrong


async def _once(
    request: ApiRequest,
    work: Work,
    viewer: Viewer,
    do: Callable[[], Awaitable[Answer]],
    order: str | None,
    key: str | None,
    payload: bytes,
    box: _Open,
) -> Response[bytes]:
    expected = _expected(request)
    try:
        async with work:
            if key is not None and (before := await _before(request, work, viewer, key, payload, box)):
                return before
            if order is not None and expected is not None:
                await _refuse_stale(work, viewer, order, expected)
            answer = await do()
            # Between the look above and the order's lock somebody else may have changed it.
            if expected is not None and answer.version not in (None, expected, expected + 1):
                raise Stale(f"The order is at version {answer.version}, not {expected}: read it again.")
            stored = Stored(payload, answer.status, answer.headers, msgspec.json.encode(answer.body))
            if key is not None:
                kept = replace(stored, body=box.close(stored.body))
                await answers.keep(work.conn, viewer.actor, request.url.path, key, kept, work.now)
    except (_Running, _OtherPayload):
        raise
    except Refused as refusal:
        if key is not None and problems.status_of(refusal) < 500:
            await _keep_refusal(request, work, viewer, key, payload, refusal)
        raise
    return _response(stored)


class _Running(Conflict):
    """The same key is at work right now; that is no answer to keep."""


class _OtherPayload(Unacceptable):
    """The key was used for something else; the first answer stays."""


def _key(request: ApiRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise Malformed(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable characters.")
    return key


def _expected(request: ApiRequest) -> int | None:
    raw = request.headers.get("If-Match")
    if raw is None or raw.strip() == "*":
        return None
    bare = raw.strip().strip('"')
    if not (bare.isascii() and bare.isdigit() and len(bare) < 18):
        raise Stale(f'If-Match is {raw}; a version is written like "7".')
    return int(bare)


async def _refuse_stale(work: Work, viewer: Viewer, order: str, expected: int) -> None:
    found = await orders.find(work.conn, viewer, order)
    if found is not None and found[1] != expected:
        raise Stale(f"Order {order} is at version {found[1]}, not {expected}: read it again.")


async def _before(
    request: ApiRequest, work: Work, viewer: Viewer, key: str, payload: bytes, box: _Open
) -> Response[bytes] | None:
    path = request.url.path
    if not await answers.claim(work.conn, viewer.actor, path, key):
        raise _Running("The first request with this Idempotency-Key is still running.")
    stored = await answers.get(work.conn, viewer.actor, path, key)
    if stored is None:
        return None
    if stored.payload_sha256 != payload:
        raise _OtherPayload(
            "This Idempotency-Key was used with another payload.",
            [Problem("", "another payload than the first time")],
        )
    if stored.status < 400:
        stored = replace(stored, body=box.open(stored.body))
    return _response(stored, {"Idempotency-Replayed": "true"})


async def _keep_refusal(
    request: ApiRequest, work: Work, viewer: Viewer, key: str, payload: bytes, refusal: Refused
) -> None:
    status = problems.status_of(refusal)
    body = msgspec.json.encode(problems.document(status, refusal.detail, refusal.problems))
    async with work:
        await answers.keep(
            work.conn, viewer.actor, request.url.path, key, Stored(payload, status, {}, body), work.now
        )


def _response(stored: Stored, more: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        stored.body,
        status_code=stored.status,
        media_type="application/json" if stored.status < 400 else problems.MEDIA_TYPE,
        headers={**stored.headers, **(more or {})},
    )
