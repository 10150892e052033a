"""Answers in HTML: compressed, with the headers of a strict page, and with a page for everything that goes wrong."""

import gzip
import logging
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import brotli
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.response.base import ASGIResponse
from litestar.types import Message, Scope

from portal.adapters.sessions import SessionsAway
from portal.db.work import LawBroken
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused, Stale
from portal.pages import Pages
from portal.routes.api.problems import BUSY, UNSTORABLE
from portal.routes.impersonated import DrawnForAnother, Over, path_of
from portal.routes.visitor import (
    Forged,
    PageRequest,
    SignedOut,
    behind_of,
    here_of,
    locale_of,
    reader,
    stranger_token,
    with_cookies,
)

log = logging.getLogger(__name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types htmx"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
}
# Of a page that shows another page of ours within it.
FRAMES = f"{POLICY}; frame-src 'self'"
# Demo and test mode only: the story player shows the order's page beside its steps.
FRAMED = HEADERS | {
    b"content-security-policy": POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'").encode(),
    b"x-frame-options": b"SAMEORIGIN",
}
SMALL = 860
# What somebody tried who may not, or tried too often, or with more than anybody sends.
SUSPICIOUS = frozenset({401, 403, 413, 429})
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
# What says nothing else is kept by nobody.
KEPT_BY_NOBODY = (b"cache-control", b"no-store")
# Where one is told that an impersonation is over.
OVER = "/impersonation"
VARY = "Accept-Encoding, Cookie"
# Beside the statuses of HTTP: cases that need their own words.
FORGED, UNRECOGNISED = 1, 2


async def security_headers(message: Message, scope: Scope) -> None:
    """On every answer, errors too; a handler that has set one of them keeps its own."""
    if message["type"] != "http.response.start":
        return
    headers = message["headers"] = list(message.get("headers", ()))
    present = {name.lower() for name, _ in headers}
    strict = FRAMED if _may_be_framed(scope) else HEADERS
    headers.extend((name, value) for name, value in strict.items() if name not in present)
    if b"cache-control" not in present:
        headers.append(KEPT_BY_NOBODY)
    if b"x-request-id" not in present and (request_id := scope["state"].get("request_id")):
        headers.append((b"x-request-id", request_id.encode()))
    # Behind a balancer the connection is none of https; what people are told to call is.
    if scope["scheme"] == "https" or scope["litestar_app"].state.settings.secure_cookies:
        headers.append(STRICT_TRANSPORT)


def _may_be_framed(scope: Scope) -> bool:
    path = scope["path"]
    is_an_orders = path == "/orders" or path.startswith("/orders/")
    return is_an_orders and bool(scope["litestar_app"].state.settings.has_simulated_clock)


def html(
    request: PageRequest, text: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    """A page nobody keeps unless its headers say otherwise."""
    encoding = best_encoding(request.headers.get("accept-encoding", ""))
    every = {"Vary": VARY, "Cache-Control": "private, no-store", **(headers or {})}
    body = text.encode()
    if encoding and len(body) >= SMALL:
        body, every["Content-Encoding"] = compress(body, encoding), encoding
    return Response(body, media_type="text/html", status_code=status, headers=every)


def page_of(body: bytes, encoding: str, headers: Mapping[str, str], status: int = 200) -> ASGIResponse:
    """A page that is compressed already, with nothing left to find out about it."""
    every = {"Vary": VARY, **headers}
    if encoding:
        every["Content-Encoding"] = encoding
    return ASGIResponse(body=body, status_code=status, headers=every, media_type="text/html; charset=utf-8")


def best_encoding(accepted: str) -> str:
    """`br`, `gzip`, or nothing."""
    names = {
        part.split(";")[0].strip()
        for part in accepted.split(",")
        if not part.replace(" ", "").endswith(";q=0")
    }
    return "br" if "br" in names else "gzip" if "gzip" in names else ""


def compress(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(body, quality=4))
    return gzip.compress(body, 5, mtime=0) if encoding == "gzip" else body


def error_page(request: PageRequest, error: Exception) -> Response[Any]:
    """What a person sees when it did not work: what happened, what to do, and the id that finds the log line."""
    if isinstance(error, SignedOut):
        return to_sign_in(request)
    if isinstance(error, Over):
        return to_the_end(request)
    status = _status(error)
    request_id = _request_id(request)
    write_down(request, error, status)
    pages: Pages = request.app.state.pages
    locale = locale_of(request)
    title, text = _as_another(request, error) or _said(pages, locale, error, status)
    token, made = stranger_token(request)
    page = pages.page(
        "errors/show.html",
        locale=locale,
        reader=reader(request, csrf=token, here="/orders"),
        title=title,
        text=text,
        status=status,
        request_id=request_id,
    )
    headers = {"X-Request-Id": request_id}
    if isinstance(error, HTTPException) and error.headers and "Allow" in error.headers:
        headers["Allow"] = error.headers["Allow"]
    if status == 503:
        headers["Retry-After"] = "10"
    return with_cookies(html(request, page, status, headers), made)


def write_down(request: PageRequest, error: Exception, status: int) -> None:
    """The line that the number on the page finds: what was asked for, and why it was not done."""
    said = f"{request.method} {path_of(request)} was answered {status}: {type(error).__name__}"
    if status >= 500:
        log.error(said, exc_info=error)
    elif status in SUSPICIOUS:
        log.warning(said)
    else:
        log.info(said)


def to_the_end(request: PageRequest) -> Response[Any]:
    """Whoever impersonated somebody is told that it is over, before anything else."""
    target = f"/impersonation?next={quote(here_of(request), safe='')}" if request.method == "GET" else OVER
    if "text/event-stream" in request.headers.get("accept", ""):
        # The page is loaded anew, and comes here by itself.
        return Response(b"", status_code=403, media_type="text/plain")
    if "hx-request" in request.headers:
        return Response(b"", status_code=403, headers={"HX-Redirect": OVER}, media_type="text/html")
    return Redirect(target, status_code=303)


def _as_another(request: PageRequest, error: Exception) -> tuple[str, str] | None:
    """A refusal that has to do with whose pages they are, in its own words."""
    pages: Pages = request.app.state.pages
    _ = pages.tongue(locale_of(request)).gettext
    if isinstance(error, DrawnForAnother):
        return (
            _("This page was drawn for somebody else"),
            _("As whom you look has changed since it was drawn, so nothing was done. Load it again."),
        )
    acting = behind_of(request).impersonator
    if acting is None or not isinstance(error, Forbidden):
        return None
    said = _("You look as somebody else: decisions, secrets and addresses stay with them.")
    if acting.level == "order":
        more = _("The account lets you look, order, announce returns and dispute for them.")
    else:
        more = _("The account lets you look only.")
    back = _("Your own pages are there again when you end it.")
    return _("This stays with them"), f"{said} {more} {back}"


def to_sign_in(request: PageRequest) -> Response[Any]:
    """A person goes to the sign-in page and comes back; a script is told, and sees to that itself."""
    here = here_of(request) if request.method == "GET" else "/orders"
    target = f"/sign-in?next={quote(here, safe='')}"
    if "text/event-stream" in request.headers.get("accept", ""):
        return Response(b"", status_code=401, media_type="text/plain")
    if "hx-request" in request.headers:
        return Response(b"", status_code=401, headers={"HX-Redirect": "/sign-in"}, media_type="text/html")
    return Redirect(target, status_code=303)


def _request_id(request: PageRequest) -> str:
    return str(getattr(request.state, "request_id", None) or secrets.token_hex(8))


def _status(error: Exception) -> int:
    match error:
        case NotFound():
            return 404
        case Forbidden():
            return 403
        case LawBroken():
            return 500
        case Conflict() | Stale():
            return 409
        case Refused():
            return 422
        case SessionsAway():
            return 503
        case HTTPException():
            return error.status_code
    if isinstance(error, UNSTORABLE):
        return 400
    return 503 if isinstance(error, BUSY) else 500


def _said(pages: Pages, locale: str, error: Exception, status: int) -> tuple[str, str]:
    """A title and what to do."""
    _ = pages.tongue(locale).gettext
    if isinstance(error, Forged):
        status = FORGED
    if isinstance(error, SessionsAway):
        status = UNRECOGNISED
    known = {
        FORGED: (
            _("This form is out of date"),
            _(
                "It comes from an earlier session or another site, so nothing was done. Reload the page and try again."
            ),
        ),
        UNRECOGNISED: (
            _("Nobody can be recognised right now"),
            _("The store of sessions does not answer. Try again in a moment; you may have to sign in again."),
        ),
        403: (
            _("Not allowed"),
            _("Your account may not do this. Whoever administers your account can change that."),
        ),
        404: (
            _("There is no such page"),
            _("Check the number, or search for it. It may also belong to an account that you do not see."),
        ),
        405: (_("That does not work this way"), _("The page exists, but not for this kind of request.")),
        413: (_("That is too much"), _("What was sent is larger than this page takes.")),
        503: (
            _("Not available right now"),
            _("Something the portal needs does not answer. Try again in a moment."),
        ),
    }
    ours = (
        _("Something went wrong"),
        _("It is our fault, and it has been written down. Try again in a moment."),
    )
    theirs = (_("That cannot be read"), _("What was sent is not what this page expects."))
    if isinstance(error, Refused) and status in (409, 422):
        # The sentence with its numbers; nothing was done.
        return _("That was not done"), error.detail
    return known.get(status, ours if status >= 500 else theirs)
