"""Every error of the API as a problem document (RFC 9457)."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    SerializationException,
    ValidationException,
)

from portal.domain.refusals import (
    Conflict,
    Forbidden,
    Malformed,
    NotFound,
    Problem,
    Refused,
    Stale,
    Unacceptable,
)

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
LONGEST_SAID = 300
# What somebody tried who may not, or tried too often, or with more than anybody sends.
SUSPICIOUS = frozenset({401, 403, 413, 429})
# Query parameters whose own name is a word of the framework's.
SAID_AS = {"order_state": "state"}
STATUS: dict[type[Refused], int] = {
    Malformed: 400,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    Unacceptable: 422,
}
TITLES = {
    400: "The request cannot be read",
    401: "A valid token is needed",
    403: "Not allowed",
    404: "Not found",
    405: "This method is not possible here",
    409: "In conflict with the present state",
    412: "Decided on an older version",
    413: "Too large",
    422: "Refused by a rule",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "Busy, try again",
}
# What PostgreSQL says when a value cannot be stored at all: a NUL character, a number beyond all range.
UNSTORABLE = (asyncpg.DataError, asyncpg.exceptions.DataError)
# A database that lets somebody else go first, is away, breaks off, or has no room; and its driver, when what it
# talked to has gone in the middle of a word. Nothing was changed, and asking again is all there is to do.
BUSY = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.PostgresSystemError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
)


class ProblemDocument(msgspec.Struct, omit_defaults=False):
    """RFC 9457. `errors` point into the input."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = msgspec.field(default_factory=list)


def document(status: int, detail: str, problems: Sequence[Problem] = ()) -> dict[str, Any]:
    """The body of an error."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"/problems/{HTTPStatus(status).phrase.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if problems:
        body["errors"] = [{"pointer": problem.pointer, "detail": problem.detail} for problem in problems]
    return body


def respond(
    status: int, detail: str, problems: Sequence[Problem] = (), headers: dict[str, str] | None = None
) -> Response[bytes]:
    """A problem document as an answer."""
    return Response(
        msgspec.json.encode(document(status, detail, problems)),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def status_of(refusal: Refused) -> int:
    """The HTTP status of a refusal; a kind that is not listed is our own fault."""
    return next((status for kind, status in STATUS.items() if isinstance(refusal, kind)), 500)


def answer_to(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The problem document for whatever was raised."""
    answer = _answer_to(error)
    _write_down(request, error, answer.status_code or 500)
    return answer


def _answer_to(error: Exception) -> Response[bytes]:
    if isinstance(error, Refused) and status_of(error) < 500:
        return respond(status_of(error), error.detail, error.problems)
    if isinstance(error, ValidationException):
        return _malformed(error)
    if isinstance(error, SerializationException | msgspec.DecodeError | UnicodeDecodeError):
        return respond(400, "The body is not JSON.", [Problem("", "not JSON")])
    if isinstance(error, HTTPException):
        headers = dict(error.headers or {})
        if error.status_code == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return respond(error.status_code, str(error.detail), headers=headers)
    if isinstance(error, asyncpg.UniqueViolationError):
        return respond(409, "Somebody else has just done the same; read it again.")
    if isinstance(error, UNSTORABLE):
        return respond(
            400, "A value of the request cannot be stored: a character or number outside of all range."
        )
    if isinstance(error, BUSY):
        return respond(
            503, "The portal is busy with the same thing; try again.", headers={"Retry-After": "1"}
        )
    return respond(500, "Something went wrong on our side; nothing was changed.")


def is_gone(error: Exception) -> bool:
    """Whoever asked went away, or was cut off, before all of it had come: nobody is there to be told."""
    return isinstance(error, InternalServerException) and error.detail == "client disconnected prematurely"


def _write_down(request: Request[Any, Any, Any], error: Exception, status: int) -> None:
    """One line for each refusal: what was asked for and why it was not done; never what was sent."""
    said = {
        "asked": f"{request.method} {_printable(request.scope['path'])}",
        "status": status,
        "because": type(error).__name__,
    }
    if is_gone(error):
        log.info("gone", **said)
    elif status == 503:
        log.warning("busy", error=repr(error)[:LONGEST_SAID], **said)
    elif status >= 500:
        log.error("failed", exc_info=error, **said)
    elif status in SUSPICIOUS:
        log.warning("refused", **said)
    else:
        log.info("refused", **said)


def _printable(path: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in path)[:LONGEST_SAID]


def _malformed(error: ValidationException) -> Response[bytes]:
    problems = [
        Problem(_pointer(str(item.get("key") or ""), str(item.get("message", ""))), _words(item))
        for item in (error.extra if isinstance(error.extra, list) else [])
        if isinstance(item, dict)
    ]
    detail = "; ".join(problem.detail for problem in problems) or str(error.detail)
    return respond(400, detail, problems)


def _words(item: dict[str, Any]) -> str:
    """What the decoder says, in the words of somebody who sends JSON."""
    said = re.sub(r"\s+-\s+at `\$.*`$", "", str(item.get("message", "is not valid")))
    if said == "'data'":
        return "a JSON body is needed"
    if "int | str" in said or "str | int" in said:
        return "a number is sent as a string that holds a decimal, or as a JSON integer"
    return said


def _pointer(key: str, message: str) -> str:
    """`$.lines[0]` and "unknown field `sku`" as the JSON pointer `/lines/0/sku`."""
    found = re.search(r"at `\$\.?([^`]*)`", message)
    path = found[1] if found else ("" if key == "data" else SAID_AS.get(key, key))
    field = re.search(r"(?:unknown|missing required) field `([^`]*)`", message)
    parts = [part for part in re.findall(r"[^.\[\]]+", path) if part != "..."]
    return "".join(f"/{part}" for part in (*parts, *([field[1]] if field else [])))


def problem_handler(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """For Litestar's `exception_handlers`, under `/api`."""
    answer = answer_to(request, error)
    return Response(
        answer.content, status_code=answer.status_code, media_type=MEDIA_TYPE, headers=dict(answer.headers)
    )


__all__ = ["ProblemDocument", "answer_to", "document", "problem_handler", "respond", "status_of"]
