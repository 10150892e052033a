"""The web application, wired: routes, the pool, Valkey, what is provided to handlers, and how errors are told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import redis.asyncio
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide

from portal import clock, schema
from portal.adapters import erp, replica
from portal.db import health, supplier
from portal.db.pool import open_pool
from portal.db.row_policies import ROLE as BUYERS_ROLE
from portal.db.scoped import Readers
from portal.db.work import Work
from portal.gate import number
from portal.operations.placing import Supplier
from portal.routes import late, live, site, stories
from portal.routes.api import site as api
from portal.routes.api.operating import public
from portal.routes.api.problems import is_gone, problem_handler
from portal.routes.static import file
from portal.settings import Part, Settings

LOOKS = frozenset({"GET", "HEAD"})


def create_app(settings: Settings, part: Part = "web") -> Litestar:
    """One process for the web, or for the live streams. It holds no state: as many as wanted run side by side."""
    own_terms = Supplier(
        time_zone=settings.supplier_time_zone,
        tax_rates=settings.tax_rates[settings.supplier_country],
    )

    async def provide_work(request: Request[Any, Any, Any], state: State) -> Work:
        """Whoever only looks is handed what only looks."""
        viewer = request.scope["state"].get("viewer")
        if viewer is not None and request.method in LOOKS:
            readers: Readers = state.readers
            return readers.work(viewer)
        return Work(state.pool, actor=viewer.actor if viewer else "portal")

    async def provide_supplier() -> Supplier:
        return own_terms

    async def provide_simulated() -> bool:
        return settings.has_simulated_clock

    return Litestar(
        route_handlers=_live() if part == "live" else _web(settings),
        lifespan=[_connected(settings)],
        before_request=_begin(settings),
        before_send=[site.security_headers, site.note_status, late.carry_on],
        dependencies={
            "work": Provide(provide_work),
            "supplier": Provide(provide_supplier),
            "simulated": Provide(provide_simulated),
        },
        exception_handlers={Exception: _error},
        openapi_config=None if part == "live" else api.description,
        logging_config=None,
        debug=False,
    )


def _web(settings: Settings) -> list[Any]:
    return [api.router, *api.described, public, file, *site.handlers, *_demo(settings)]


def _live() -> list[Any]:
    """The streams alone, and what a balancer and an operator ask every process."""
    return [live.router, public]


def _demo(settings: Settings) -> list[Any]:
    """What is there in demo and test mode only: it moves the clock, and knows passwords."""
    return [stories.router] if settings.has_simulated_clock else []


def _connected(settings: Settings) -> Any:
    @asynccontextmanager
    async def connected(app: Litestar) -> AsyncIterator[None]:
        app.state.settings = settings
        app.state.migration = next(iter(schema.heads()))
        app.state.pool = await open_pool(settings.database_url)
        app.state.valkey = redis.asyncio.from_url(  # type: ignore[no-untyped-call]
            settings.valkey_url, socket_timeout=2, socket_connect_timeout=2
        )
        app.state.buyer_pool = await open_pool(
            settings.buyer_database_url or settings.database_url, role=BUYERS_ROLE
        )
        app.state.readers = Readers(app.state.pool, app.state.buyer_pool)
        app.state.replica = await replica.connect(settings, app.state.readers)
        app.state.erp = erp.connect(settings)
        await supplier.keep(app.state.pool, **settings.supplier)
        await health.keep_erp(app.state.pool, settings.erp_url, clock.utc_now())
        await site.start(app)
        try:
            yield
        finally:
            await site.stop(app)
            await app.state.replica.stop()
            await app.state.erp.close()
            await app.state.valkey.aclose()
            await app.state.buyer_pool.close()
            await app.state.pool.close()

    return connected


def _begin(settings: Settings) -> Any:
    async def begin(request: Request[Any, Any, Any]) -> None:
        """A number for the request, where its server has given it none; in demo and test mode, the time it is there."""
        number(request.scope)
        late.begin(request)
        if settings.has_simulated_clock:
            await clock.refresh(request.app.state.pool)

    return begin


def _error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    if is_gone(error):
        return Response(b"", status_code=400, media_type="text/plain")
    if api.concerns(urlsplit(str(request.url)).path):
        return problem_handler(request, error)
    return late.instead(request, error) or site.error_page(request, error)
