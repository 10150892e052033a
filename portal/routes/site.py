"""The pages as a whole: what the application takes over from here."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from litestar import Litestar, Response, Router, get
from litestar.response import Redirect

from portal.adapters.attempts import Attempts
from portal.adapters.documents import Documents
from portal.adapters.identity import Identity
from portal.adapters.issuers import Issuers
from portal.adapters.live import Hub
from portal.adapters.pdf import Printer
from portal.adapters.queue import nudge
from portal.adapters.sessions import IDLE_SECONDS, LONGEST_SECONDS, Sessions
from portal.adapters.throttle import Throttle
from portal.clock import refresh, utc_now
from portal.db import logins
from portal.db.glance import glance
from portal.db.work import Pool
from portal.pages import Pages, Site
from portal.routes import (
    access_log,
    accounts,
    appearance,
    approval,
    approvals,
    arrivals,
    audit,
    bundles,
    by_mail,
    calendar,
    cart,
    changing,
    company_help,
    company_leaving,
    company_settings,
    company_sign_in,
    confirmation,
    connections,
    credit,
    delegation,
    delivery,
    desk,
    disputes,
    documents,
    endpoint_forms,
    endpoint_page,
    endpoints,
    feed_page,
    finance,
    impersonation,
    insight,
    invoices,
    letting_in,
    list_forms,
    lists,
    live,
    notifications,
    offers,
    orders,
    own_tokens,
    passkey_sign_in,
    people,
    policy,
    prove,
    reconciliation,
    reorder,
    return_form,
    return_papers,
    return_steps,
    returns,
    review,
    roles,
    second,
    security,
    sessions,
    settings,
    sign_in,
    staff,
    statement,
    tasks,
    today,
    unsubscribe,
    uploads,
)
from portal.routes.answers import error_page, security_headers
from portal.routes.impersonated import Over, note_status
from portal.routes.looking import Looking
from portal.routes.static import assets
from portal.routes.visitor import PageRequest, SignedOut, recognise

__all__ = ["error_page", "handlers", "note_status", "security_headers", "start", "stop"]

# Forms of the pages are small; nothing is uploaded here.
LARGEST_FORM = 64 * 1024


@get("/", name="home")
async def home(request: PageRequest) -> Response[Any]:
    """Where one's day begins: the buyer's own; for whoever looks after accounts these; the desk of others."""
    session = await recognise(request)
    seen = await glance(request.app.state.pool, session.person_id, session=session.key)
    if seen is None or seen.epoch != session.epoch:
        raise SignedOut
    if seen.behind.over is not None:
        raise Over("You do not look as somebody else any more.")
    if not seen.is_supplier:
        return Redirect("/today", status_code=303)
    return Redirect("/accounts" if set(seen.roles) == {"account_manager"} else "/desk", status_code=303)


handlers = [
    Router(
        "/",
        route_handlers=[
            home,
            sign_in.router,
            company_sign_in.router,
            company_leaving.router,
            company_settings.router,
            passkey_sign_in.router,
            second.router,
            prove.router,
            security.router,
            letting_in.router,
            today.router,
            arrivals.router,
            orders.router,
            offers.router,
            approvals.router,
            approval.router,
            changing.router,
            credit.router,
            connections.router,
            desk.router,
            disputes.router,
            finance.router,
            documents.router,
            confirmation.router,
            bundles.router,
            insight.router,
            statement.router,
            reconciliation.router,
            invoices.router,
            cart.router,
            review.router,
            returns.router,
            return_form.router,
            return_steps.router,
            return_papers.router,
            delivery.router,
            uploads.router,
            reorder.router,
            lists.router,
            list_forms.router,
            audit.router,
            by_mail.router,
            settings.router,
            sessions.router,
            endpoints.router,
            endpoint_page.router,
            endpoint_forms.router,
            own_tokens.router,
            people.router,
            roles.router,
            staff.router,
            feed_page.router,
            notifications.router,
            unsubscribe.router,
            calendar.router,
            impersonation.router,
            access_log.router,
            policy.router,
            delegation.router,
            accounts.router,
            company_help.router,
            tasks.router,
            live.router,
            appearance.router,
        ],
        include_in_schema=False,
        request_max_body_size=LARGEST_FORM,
    )
]


async def start(app: Litestar) -> None:
    """After settings, pool and valkey stand in `app.state`."""
    settings, state = app.state.settings, app.state
    site = Site(
        settings.supplier_name,
        appearance.brand_href(settings.supplier_colour),
        has_stories=settings.mode == "demo",
    )
    state.pages = Pages(site=site, asset=assets.url, zone=settings.supplier_time_zone)
    state.sessions = Sessions(state.valkey, secure=settings.secure_cookies)
    state.sessions.remembers = partial(_remembered, state.pool)
    state.throttle = Throttle(state.valkey, settings.secret_key)
    state.attempts = Attempts(state.valkey)
    state.identity = Identity(Issuers(simulated=settings.has_simulated_clock))
    state.looking = Looking(state.pages)
    state.documents = Documents(settings.home / "documents", Printer())
    state.hub = Hub(
        settings.database_url, live.Teller(state.readers, state.looking), today=lambda: _today(state.pages)
    )
    state.hub.on_session = state.sessions.forget
    state.hub.on_listening = state.sessions.told
    if settings.has_simulated_clock:
        state.hub.on_clock = partial(refresh, state.pool)
    state.hub.on_mail = partial(nudge, state.valkey, "send_mail", job_id="send-mail")
    state.hub.on_documents = partial(nudge, state.valkey, "make_documents", job_id="make-documents")
    await state.hub.start()


async def _remembered(pool: Pool, key: str) -> tuple[int, int, float] | None:
    return await logins.remembered(
        pool,
        key,
        utc_now(),
        idle=timedelta(seconds=IDLE_SECONDS),
        longest=timedelta(seconds=LONGEST_SECONDS),
    )


async def stop(app: Litestar) -> None:
    """Before the pool is closed."""
    if (hub := getattr(app.state, "hub", None)) is not None:
        await hub.stop()
    if (identity := getattr(app.state, "identity", None)) is not None:
        await identity.issuers.close()
    if (papers := getattr(app.state, "documents", None)) is not None:
        await papers.stop()


def _today(pages: Pages) -> date:
    return pages.tongue("en").on(utc_now())
