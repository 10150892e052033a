"""Out to a company's provider: as whom we are known there, what the attempt is, and what is said when it fails."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from litestar import Response
from litestar.response import Redirect

from portal.adapters import sealed
from portal.adapters.attempts import GOOD_FOR, Attempt, Attempts, Purpose
from portal.adapters.identity import Client, Identity, new_secret
from portal.adapters.issuers import ProviderFailed
from portal.db import providers
from portal.db.providers import Provider
from portal.db.work import Work
from portal.routes.company_pages import address, show, turned_away
from portal.routes.company_trial import tried
from portal.routes.visitor import PageRequest, cookie, with_cookies
from portal.views.company_entry import AWAY, BUSY, REFUSED

COOKIE = "company"
BACK = "/sign-in/company/callback"

log = structlog.get_logger()


async def client_of(request: PageRequest, provider: Provider) -> Client:
    """With its secret, which is kept sealed."""
    settings = request.app.state.settings
    kept = await providers.secret(request.app.state.pool, provider.account)
    try:
        secret = sealed.unseal(kept, settings.secret_key) if kept is not None else None
    except sealed.CannotUnseal as error:
        raise ProviderFailed("The client's secret cannot be read any more: enter it again.") from error
    return Client(
        provider.issuer,
        provider.client_id,
        tuple(provider.scopes),
        f"{settings.base_url}{BACK}",
        secret,
    )


async def set_out(
    request: PageRequest,
    provider: Provider,
    purpose: Purpose,
    following: str,
    more: Mapping[str, str],
    person_id: int = 0,
) -> Response[Any]:
    """Send the browser to the provider. After a form a page of ours does: the policy of our pages lets a form lead to
    nobody else."""
    attempts: Attempts = request.app.state.attempts
    identity: Identity = request.app.state.identity
    if not await attempts.admits(request.client.host if request.client else ""):
        return turned_away(request, BUSY, provider.account_name)
    attempt = Attempt(
        account=provider.account,
        issuer=provider.issuer,
        client_id=provider.client_id,
        purpose=purpose,
        nonce=new_secret(),
        verifier=new_secret(),
        following=following,
        person_id=person_id,
        began_at=time.time(),
    )
    state, browser = await attempts.begin(attempt)
    try:
        client = await client_of(request, provider)
        url = await identity.begin(client, state, nonce=attempt.nonce, verifier=attempt.verifier, more=more)
    except ProviderFailed as problem:
        return await failed(request, provider, problem, purpose)
    kept = cookie(request, COOKIE, browser, GOOD_FOR)
    if request.method == "GET":
        return with_cookies(Redirect(url, status_code=303), kept)
    host = urlsplit(url).hostname or ""
    page = show(
        request, "sign_in/onward.html", url=url, host=host, company=provider.account_name, leaving=False
    )
    return with_cookies(page, kept)


async def failed(
    request: PageRequest, provider: Provider, problem: ProviderFailed, purpose: Purpose
) -> Response[Any]:
    """Say so, and write down what stands in everybody's way."""
    log.warning("company sign-in failed", account=provider.account, problem=problem.detail)
    if problem.is_theirs:
        async with Work(request.app.state.pool) as work:
            await providers.failed(work.conn, provider.account, work.now, problem.detail)
    if purpose == "try":
        return await tried(request, provider, problem=problem.detail)
    why = AWAY if problem.is_theirs else REFUSED
    return turned_away(request, why, provider.account_name, address(provider.account))
