"""The pages as a whole: what the application takes over from here."""

from datetime import date
from functools import partial
from typing import Any

from litestar import Litestar, Response, Router, get
from litestar.response import Redirect

from portal.adapters.documents import Documents
from portal.adapters.live import Hub
from portal.adapters.pdf import Printer
from portal.adapters.queue import nudge
from portal.adapters.sessions import Sessions
from portal.adapters.throttle import Throttle
from portal.clock import refresh, utc_now
from portal.db.glance import glance
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
    list_forms,
    lists,
    live,
    notifications,
    offers,
    orders,
    own_tokens,
    policy,
    reconciliation,
    reorder,
    return_form,
    return_papers,
    return_steps,
    returns,
    review,
    settings,
    sign_in,
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
            endpoints.router,
            endpoint_page.router,
            endpoint_forms.router,
            own_tokens.router,
            feed_page.router,
            notifications.router,
            unsubscribe.router,
            calendar.router,
            impersonation.router,
            access_log.router,
            policy.router,
            delegation.router,
            accounts.router,
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
    state.throttle = Throttle(state.valkey, settings.secret_key)
    state.looking = Looking(state.pages)
    state.documents = Documents(settings.home / "documents", Printer())
    state.hub = Hub(
        settings.database_url, live.Teller(state.pool, state.looking), today=lambda: _today(state.pages)
    )
    state.hub.on_session = state.sessions.forget
    state.hub.on_listening = state.sessions.told
    if settings.has_simulated_clock:
        state.hub.on_clock = partial(refresh, state.pool)
    state.hub.on_mail = partial(nudge, state.valkey, "send_mail", job_id="send-mail")
    state.hub.on_documents = partial(nudge, state.valkey, "make_documents", job_id="make-documents")
    await state.hub.start()


async def stop(app: Litestar) -> None:
    """Before the pool is closed."""
    if (hub := getattr(app.state, "hub", None)) is not None:
        await hub.stop()
    if (papers := getattr(app.state, "documents", None)) is not None:
        await papers.stop()


def _today(pages: Pages) -> date:
    return pages.tongue("en").on(utc_now())
