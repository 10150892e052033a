"""Signing in with a passkey alone: it names who it belongs to, and was unlocked by their finger, face or number."""

from typing import Any

from litestar import Response, Router, get, post

from portal.adapters import passkeys
from portal.clock import utc_now
from portal.db import people, providers
from portal.domain.proving import PASSKEY
from portal.pages import Pages, local_path
from portal.routes import signing
from portal.routes.answers import html
from portal.routes.showing import challenge, holding, party, use_passkey
from portal.routes.visitor import (
    PageRequest,
    cookie_of,
    locale_of,
    maybe_signed_in,
    ours,
    reader,
    stranger_token,
    with_cookies,
)

HERE = "/sign-in/passkey"


@get(HERE, name="sign-in-passkey-options")
async def options(request: PageRequest) -> Response[Any]:
    """What the page's script asks the browser for: any passkey that it has for us."""
    _token, made = stranger_token(request)
    bound = made.value if made is not None else cookie_of(request, "visitor")
    said = passkeys.to_use(party(request), challenge(request, bound or ""))
    headers = {"Cache-Control": "private, no-store"}
    return with_cookies(Response(said, media_type="application/json", headers=headers), made)


@post(HERE, name="sign-in-passkey", status_code=200)
async def enter(request: PageRequest) -> Response[Any]:
    """A passkey is two factors in one: nothing else is asked."""
    form = await request.form()
    following = local_path(str(form.get("next", "")), "/")
    key = await use_passkey(request, str(form.get("passkey", "")))
    if key is None:
        return _refused(request, following)
    async with holding(request) as conn:
        email = await conn.fetchval("select email from person where id = $1", key.person_id)
        person = await people.by_email(conn, email)
        company = await providers.only_way(conn, key.person_id, utc_now())
    if person is None or not person.active:
        return _refused(request, following)
    if company is not None:
        return _refused(request, following, company.account)
    return await signing.begin(request, person, (PASSKEY,), following=following)


def _refused(request: PageRequest, following: str, company: str = "") -> Response[Any]:
    token, made = stranger_token(request)
    pages: Pages = request.app.state.pages
    text = pages.page(
        "sign_in/passkey_refused.html",
        locale=locale_of(request),
        reader=reader(request, csrf=token, here="/sign-in"),
        next=following,
        company=company,
    )
    return with_cookies(html(request, text, 422), made)


router = Router("/", route_handlers=[options, enter], guards=[maybe_signed_in, ours])
