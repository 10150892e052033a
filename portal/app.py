"""The web application, wired: routes, the pool, Valkey, what is provided to handlers, and how errors are told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import redis.asyncio
import structlog
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide

from portal import clock, schema
from portal.adapters import erp
from portal.db import health, supplier
from portal.db.pool import open_pool
from portal.db.work import Work
from portal.operations.placing import Supplier
from portal.routes import site, stories
from portal.routes.api import site as api
from portal.routes.api.operating import public
from portal.routes.api.problems import problem_handler
from portal.routes.static import file
from portal.settings import Settings


def create_app(settings: Settings) -> Litestar:
    """One web process. It holds no state of its own: as many as wanted run side by side."""
    own_terms = Supplier(
        time_zone=settings.supplier_time_zone,
        tax_rates=settings.tax_rates[settings.supplier_country],
    )

    async def provide_work(request: Request[Any, Any, Any], state: State) -> Work:
        viewer = request.scope["state"].get("viewer")
        return Work(state.pool, actor=viewer.actor if viewer else "portal")

    async def provide_supplier() -> Supplier:
        return own_terms

    async def provide_simulated() -> bool:
        return settings.has_simulated_clock

    return Litestar(
        route_handlers=[api.router, *api.described, public, file, *site.handlers, *_demo(settings)],
        lifespan=[_connected(settings)],
        before_request=_begin(settings),
        before_send=[site.security_headers, site.note_status],
        dependencies={
            "work": Provide(provide_work),
            "supplier": Provide(provide_supplier),
            "simulated": Provide(provide_simulated),
        },
        exception_handlers={Exception: _error},
        openapi_config=api.description,
        logging_config=None,
        debug=False,
    )


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
        app.state.erp = erp.connect(settings)
        await supplier.keep(app.state.pool, **settings.supplier)
        await health.keep_erp(app.state.pool, settings.erp_url, clock.utc_now())
        await site.start(app)
        try:
            yield
        finally:
            await site.stop(app)
            await app.state.erp.close()
            await app.state.valkey.aclose()
            await app.state.pool.close()

    return connected


def _begin(settings: Settings) -> Any:
    async def begin(request: Request[Any, Any, Any]) -> None:
        """A number for the request, in every log line of it; in demo and test mode, the time it is there."""
        request_id = uuid4().hex[:12]
        request.scope["state"]["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        if settings.has_simulated_clock:
            await clock.refresh(request.app.state.pool)

    return begin


def _error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    if api.concerns(urlsplit(str(request.url)).path):
        return problem_handler(request, error)
    return site.error_page(request, error)
