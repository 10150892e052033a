"""The end of a session that a company's provider began: there when it ends here, and here when it ends there."""

import asyncio
import contextlib
from typing import Any

import structlog
from litestar import Response, Router, post
from litestar.params import FromPath

from portal.adapters import sealed
from portal.adapters.attempts import Attempts
from portal.adapters.identity import Identity
from portal.adapters.issuers import ProviderFailed
from portal.adapters.sessions import Session, Sessions, SessionsAway
from portal.db import logins, providers
from portal.db.providers import Leaving
from portal.db.work import Work
from portal.routes.company_clients import client_of
from portal.routes.company_pages import show
from portal.routes.visitor import PageRequest

# Seconds that whoever signs out waits for their provider, which is asked where it ends sessions.
PATIENCE = 3

log = structlog.get_logger()


async def begun_by(request: PageRequest, session: Session) -> Leaving | None:
    """Asked before the session has ended here: at whose provider it has begun."""
    return await providers.leaving(request.app.state.pool, session.key)


async def way_out(request: PageRequest, leaving: Leaving) -> Response[Any] | None:
    """The page that ends the session at the company's provider as well; None where nobody there takes it."""
    provider = await providers.of_account(request.app.state.pool, leaving.account)
    if provider is None:
        return None
    settings = request.app.state.settings
    identity: Identity = request.app.state.identity
    try:
        token = sealed.unseal(leaving.token, settings.secret_key) if leaving.token else None
        client = await client_of(request, provider)
        async with asyncio.timeout(PATIENCE):
            url = await identity.leaving(client, token, f"{settings.base_url}/sign-in")
    except (ProviderFailed, sealed.CannotUnseal, TimeoutError) as problem:
        # Whoever signs out is signed out here, whatever becomes of it there.
        log.warning("a session cannot be ended there", account=provider.account, problem=str(problem))
        return None
    if url is None:
        return None
    return show(request, "sign_in/onward.html", url=url, host="", company=provider.account_name, leaving=True)


@post("/sign-in/company/backchannel/{account:str}", name="company-logout", status_code=200)
async def told(account: FromPath[str], request: PageRequest) -> Response[Any]:
    """A provider tells that a session has ended there (OpenID Connect Back-Channel Logout). What it has signed is the
    proof; no browser is part of it."""
    token = str((await request.form()).get("logout_token", ""))
    provider = await providers.of_account(request.app.state.pool, account.replace("\x00", "")[:80])
    if provider is None or not token:
        return _answer(400, "there is no such client, or no logout_token")
    identity: Identity = request.app.state.identity
    try:
        claims = await identity.logout(await client_of(request, provider), token)
    except ProviderFailed as problem:
        log.warning("a logout is not believed", account=provider.account, problem=problem.detail)
        return _answer(400, problem.detail)
    attempts: Attempts = request.app.state.attempts
    if not await attempts.is_told_first(provider.account, claims["jti"]):
        return _answer(400, "this logout was told before")
    sessions: Sessions = request.app.state.sessions
    try:
        async with Work(request.app.state.pool) as work:
            ended = await logins.end_of_provider(
                work.conn, provider.account, claims.get("sub"), claims.get("sid"), work.now
            )
    except BaseException:
        # Nothing has ended: the provider tells it again.
        await attempts.not_told(provider.account, claims["jti"])
        raise
    with contextlib.suppress(SessionsAway):  # they are refused by their rows
        for key in ended:
            await sessions.end(key)
    return _answer(200)


def _answer(status: int, problem: str = "") -> Response[Any]:
    body = {"error": "invalid_request", "error_description": problem} if problem else {}
    return Response(body, status_code=status, headers={"Cache-Control": "no-store"})


router = Router("/", route_handlers=[told])
