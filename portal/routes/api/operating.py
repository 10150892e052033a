"""For operators: alive, ready, metrics, the simulated clock, and tokens."""

import asyncio
from typing import Any, cast

import asyncpg
from litestar import MediaType, Request, Response, Router, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from prometheus_client import CONTENT_TYPE_LATEST

from portal import clock, schema
from portal import figures as measured
from portal.adapters import heartbeat
from portal.clock import utc_now
from portal.db import health, providers
from portal.db.work import Connection, Work
from portal.domain.access import Viewer
from portal.domain.refusals import Forbidden
from portal.operations import breaking_silence, keeping_up, minding, timing, tokens
from portal.routes.api import bodies, figures, shapes
from portal.routes.api.access import NEEDS
from portal.routes.api.commands import Answer, command

ApiRequest = Request[Any, Any, Any]
LOCAL = ("127.0.0.1", "::1", "testclient")


@get(["/healthz", "/api/v1/healthz"], guards=[], opt={"public": True})
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@get("/servingz", opt={"public": True}, include_in_schema=False)
async def servingz(state: State) -> Response[dict[str, str]]:
    """For a balancer: whether this process takes requests. What all processes share is not asked: were the database
    away, people would rather be told so by any of them than by the balancer. 404 takes it out without an alarm."""
    leaving = state.get("is_leaving", False)
    return Response({"status": "leaving" if leaving else "serving"}, status_code=404 if leaving else 200)


@get(["/readyz", "/api/v1/readyz"], opt={"public": True})
async def readyz(state: State) -> Response[dict[str, Any]]:
    """Database, migrations, Valkey and a worker: each says how it is."""
    checks = {
        "database": await _said(_database(state)),
        "migrations": await _said(_migrations(state)),
        "valkey": await _said(_valkey(state)),
        "worker": await _said(_worker(state)),
    }
    ready = all(said == "ok" for said in checks.values())
    return Response(
        {"status": "ready" if ready else "not ready", "checks": checks}, status_code=200 if ready else 503
    )


async def _said(check: Any) -> str:
    # Whatever is wrong with a part, the answer says which part; the words are for an operator.
    try:
        problem: str | None = await check
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"[:200]
    return problem or "ok"


async def _database(state: State) -> str | None:
    return None if await state.pool.fetchval("select 1", timeout=2) == 1 else "no answer"


async def _migrations(state: State) -> str | None:
    """A database that is newer than this program was brought up to date for its successor: until that is there, this
    one goes on. A migration leaves whatever the release before it reads and writes."""
    there = await state.pool.fetchval("select version_num from alembic_version", timeout=2)
    if there == state.migration or not await asyncio.to_thread(schema.knows, there):
        return None
    return f"at {there}, this program needs {state.migration}"


async def _valkey(state: State) -> str | None:
    return None if await state.valkey.ping() else "no answer"


async def _worker(state: State) -> str | None:
    return None if await heartbeat.is_beating(state.valkey) else "no worker has been heard for 30 seconds"


@get(["/metrics", "/api/v1/metrics"], opt={"public": True}, media_type=MediaType.TEXT)
async def metrics(request: ApiRequest) -> Response[bytes]:
    """Prometheus metrics, for whoever asks from the machine itself."""
    if request.client is None or request.client.host not in LOCAL or "x-forwarded-for" in request.headers:
        raise NotFoundException
    return Response(
        measured.exposed() + await _connections(request.app.state), media_type=CONTENT_TYPE_LATEST
    )


async def _connections(state: State) -> bytes:
    """How other systems fare; nothing while the database is away, which `/readyz` tells."""
    try:
        async with state.pool.acquire(timeout=2) as acquired:
            conn = cast("Connection", acquired)
            found, (standing, unseen) = await health.of_all(conn, utc_now()), await health.count(conn)
            closed = [account for account, *_ in await providers.failing(conn)]
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        return b""
    return figures.exposed(found, standing, unseen, closed)


@post("/clock", opt={NEEDS: "*"}, status_code=200)
async def set_clock(
    request: ApiRequest,
    data: bodies.PostClock,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    simulated: NamedDependency[bool],
) -> Response[bytes]:
    """Set the simulated clock (demo and test mode only); it runs on from there, and promises keep up with it."""
    if not simulated:
        raise NotFoundException

    async def do() -> Answer:
        await timing.set_clock(work, data.now)
        return Answer(200, {"now": shapes.instant(data.now)})

    answer = await command(request, work, viewer, do)
    await clock.refresh(request.app.state.pool)
    await keeping_up.keep_up(request.app.state.pool, actor=viewer.actor)
    await minding.mind(request.app.state.pool, actor=viewer.actor)
    await breaking_silence.listen(request.app.state.pool, actor=viewer.actor)
    return answer


@post("/tokens", opt={NEEDS: "accounts:write"}, status_code=201)
async def issue_token(
    request: ApiRequest,
    data: bodies.PostToken,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Issue a token; it is shown this once. Nobody gives more rights than they hold."""
    beyond = [scope for scope in data.scopes if not viewer.may(scope)]
    if beyond:
        raise Forbidden(f"This token does not hold {', '.join(sorted(beyond))} itself.")

    async def do() -> Answer:
        token_id, token = await tokens.issue(
            work, account=data.account, person=data.user, scopes=data.scopes, name=data.name, now=work.now
        )
        return Answer(201, {"id": token_id, "token": token, "account": data.account, "scopes": data.scopes})

    return await command(request, work, viewer, do, tells_secret=True)


@delete("/tokens/{token_id:str}", opt={NEEDS: "accounts:write"}, status_code=204)
async def revoke_token(
    token_id: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> None:
    """The token is refused from the next request on."""
    async with work:
        await tokens.revoke(work, viewer, token_id)


public = Router(path="", tags=["Operating"], route_handlers=[healthz, servingz, readyz, metrics])
router = Router(path="", tags=["People and tokens"], route_handlers=[set_clock, issue_token, revoke_token])
