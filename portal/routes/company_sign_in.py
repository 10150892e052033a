"""Signing in by one's company: out to its identity provider, and back with what that says.

The browser is sent there from a page of ours and not from a form: the policy of our pages lets forms lead nowhere else.
What it brings back is believed once, from the browser that began, and only what the provider has signed.
"""

import re
from typing import Any

import structlog
from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.adapters import sealed
from portal.adapters.attempts import Attempt, Attempts
from portal.adapters.identity import Identity, Said
from portal.adapters.issuers import ProviderFailed
from portal.db import providers
from portal.db.logins import Via
from portal.db.patience import patiently
from portal.db.people import Person
from portal.db.providers import Provider
from portal.db.work import Work
from portal.domain.company_sign_in import NotLetIn, domain_of, wanted_claims
from portal.domain.refusals import Conflict
from portal.filters import LOCALES
from portal.operations import federating
from portal.pages import local_path
from portal.routes import signing
from portal.routes.company_clients import COOKIE, client_of, failed, set_out
from portal.routes.company_pages import HERE, address, show, turned_away
from portal.routes.company_trial import tried
from portal.routes.proving import proved
from portal.routes.visitor import (
    PageRequest,
    cookie,
    cookie_of,
    locale_of,
    maybe_signed_in,
    ours,
    session_of,
    with_cookies,
)
from portal.views.company_entry import DENIED, LOST, NONE, OFF, OTHER, REFUSED, STALE

# They may have signed in there long ago: to prove who they are they do it again.
ANEW = {"prompt": "login", "max_age": "0"}
ERROR = re.compile(r"[a-z_]{1,40}")

log = structlog.get_logger()


@get(HERE, name="company-sign-in")
async def ask(request: PageRequest) -> Response[Any]:
    """For the e-mail address, by whose domain the company is found."""
    following = local_path(request.query_params.get("next"), "/")
    return show(request, "sign_in/company.html", email="", problem="", next=following)


@post(HERE, name="company-sign-in-find", status_code=200)
async def find(request: PageRequest) -> Response[Any]:
    """The company of this address, and on to it."""
    form = await request.form()
    email, following = str(form.get("email", "")).strip()[:320], local_path(str(form.get("next", "")), "/")
    domain = domain_of(email).replace("\x00", "")
    provider = await providers.of_domain(request.app.state.pool, domain) if domain else None
    if provider is None:
        _ = request.app.state.pages.tongue(locale_of(request)).gettext
        problem = _(
            "No company has arranged its own sign-in for this address. Sign in with your password or a passkey."
        )
        return show(request, "sign_in/company.html", 422, email=email, problem=problem, next=following)
    return await set_out(request, provider, "enter", following, {"login_hint": email})


@get(HERE + "/{account:str}", name="company-sign-in-begin")
async def begin(account: FromPath[str], request: PageRequest) -> Response[Any]:
    """On to this company. Also where a provider's own page of applications leads; `prove`: who is signed in shows once
    more who they are."""
    query = request.query_params
    provider = await providers.of_account(request.app.state.pool, account.replace("\x00", "")[:80])
    if provider is None:
        return turned_away(request, NONE, "", HERE)
    if not provider.active:
        return turned_away(request, OFF, provider.account_name, "/sign-in")
    # A provider that begins by itself says who it is (OpenID Connect Core, 4).
    if query.get("iss", provider.issuer) != provider.issuer:
        return turned_away(request, NONE, "", HERE)
    following = local_path(query.get("next"), "/")
    if "prove" in query and (session := session_of(request)) is not None:
        return await set_out(request, provider, "prove", following, ANEW, session.person_id)
    hint = query.get("login_hint", "")[:320]
    return await set_out(request, provider, "enter", following, {"login_hint": hint} if hint else {})


@get(HERE + "/callback", name="company-sign-in-back")
async def come_back(request: PageRequest) -> Response[Any]:
    """What came of it: a session, what the provider says, or why nobody comes in."""
    attempts: Attempts = request.app.state.attempts
    query = request.query_params
    attempt = await attempts.take(query.get("state", ""), cookie_of(request, COOKIE))
    if attempt is None:
        return turned_away(request, LOST, "", HERE)
    provider = await providers.of_account(request.app.state.pool, attempt.account)
    if provider is None or (provider.issuer, provider.client_id) != (attempt.issuer, attempt.client_id):
        return turned_away(request, STALE, provider.account_name if provider else "", HERE)
    if not provider.active and attempt.purpose != "try":
        return turned_away(request, OFF, provider.account_name, "/sign-in")
    response = await _come_back(request, attempt, provider)
    return with_cookies(response, cookie(request, COOKIE, "", 0))


async def _come_back(request: PageRequest, attempt: Attempt, provider: Provider) -> Response[Any]:
    query = request.query_params
    error = query.get("error")
    if error is not None or "code" not in query:
        return await _refused(request, attempt, provider, error or "no_code")
    try:
        said = await _finish(request, attempt, provider, query["code"], query.get("iss"))
    except ProviderFailed as problem:
        return await failed(request, provider, problem, attempt.purpose)
    try:
        if attempt.purpose == "try":
            return await tried(request, provider, said)
        if attempt.purpose == "prove":
            return await _prove(request, attempt, provider, said)
        return await _enter(request, attempt, provider, said)
    except NotLetIn as why:
        log.warning("not let in by their company", account=provider.account, why=why.why)
        return turned_away(request, why.why, provider.account_name, address(provider.account))
    except Conflict:
        return turned_away(request, STALE, provider.account_name, address(provider.account))


async def _refused(request: PageRequest, attempt: Attempt, provider: Provider, error: str) -> Response[Any]:
    said = error if ERROR.fullmatch(error) else "unknown"
    log.warning("a company's provider refuses", account=provider.account, error=said)
    if attempt.purpose == "try":
        return await tried(request, provider, problem=f"The provider answers with the error {said}.")
    why = DENIED if said in {"access_denied", "login_required", "interaction_required"} else REFUSED
    return turned_away(request, why, provider.account_name, address(provider.account, attempt.following))


async def _finish(
    request: PageRequest, attempt: Attempt, provider: Provider, code: str, answering: str | None
) -> Said:
    identity: Identity = request.app.state.identity
    return await identity.finish(
        await client_of(request, provider),
        code,
        nonce=attempt.nonce,
        verifier=attempt.verifier,
        answering=answering,
        wants=wanted_claims(provider.terms),
        proved_since=attempt.began_at if attempt.purpose == "prove" else None,
    )


async def _enter(request: PageRequest, attempt: Attempt, provider: Provider, said: Said) -> Response[Any]:
    person = await patiently(lambda: _let_in(request, provider, said))
    key = request.app.state.settings.secret_key
    via = Via(provider.account, said.subject, said.session, sealed.seal(said.id_token, key))
    return await signing.begin(request, person, ["provider"], via, following=attempt.following)


async def _let_in(request: PageRequest, provider: Provider, said: Said) -> Person:
    spoken = str(said.claims.get("locale", "")).replace("_", "-").partition("-")[0].lower()
    async with Work(request.app.state.pool) as work:
        return await federating.enter(
            work,
            provider.account,
            provider.issuer,
            said.subject,
            said.claims,
            locale=spoken if spoken in LOCALES else locale_of(request),
        )


async def _prove(request: PageRequest, attempt: Attempt, provider: Provider, said: Said) -> Response[Any]:
    """Whoever is signed in has shown there, just now, who they are."""
    session = session_of(request)
    async with request.app.state.pool.acquire() as conn:
        person_id = await providers.linked(conn, provider.account, said.subject)
    if session is None or person_id is None or not session.person_id == person_id == attempt.person_id:
        return turned_away(request, OTHER, provider.account_name, attempt.following)
    renewed = await proved(request, ("provider",))
    return with_cookies(Redirect(attempt.following, status_code=303), renewed)


router = Router("/", route_handlers=[ask, find, begin, come_back], guards=[maybe_signed_in, ours])
