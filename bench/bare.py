"""The least that a web process can do: the portal's own server and framework, one query, bytes that are ready.

Told once: {fd, database_url, bodies}; a body is named and comes in base64. The paths are /version/NAME/ORDER,
/unchanged/ORDER, /whole/NAME/ORDER and /relay/NAME.
"""

import asyncio
import base64
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from litestar import Litestar, Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from portal.db.detail import QUERY
from portal.db.pool import open_pool

VERSION = "select s.version from orders o join order_status s on s.order_id = o.id where o.number = $1"
HEADERS = {"Content-Encoding": "br", "Cache-Control": "private, no-cache"}

BareRequest = Request[Any, Any, Any]


@get("/ready")
async def ready() -> Response[bytes]:
    return Response(b"ready", media_type="text/plain")


@get("/version/{name:str}/{number:str}")
async def version(name: FromPath[str], number: FromPath[str], request: BareRequest) -> Response[bytes]:
    """One query of the version, then bytes."""
    await request.app.state.pool.fetchval(VERSION, number)
    return Response(request.app.state.bodies[name], media_type="text/html; charset=utf-8", headers=HEADERS)


@get("/unchanged/{number:str}")
async def unchanged(number: FromPath[str], request: BareRequest) -> Response[bytes]:
    """One query of the version, and no bytes."""
    await request.app.state.pool.fetchval(VERSION, number)
    return Response(
        b"", status_code=304, media_type="text/html", headers={"Cache-Control": "private, no-cache"}
    )


@get("/whole/{name:str}/{number:str}")
async def whole(name: FromPath[str], number: FromPath[str], request: BareRequest) -> Response[bytes]:
    """The whole order as one JSON document from the database, then bytes that do not come from it."""
    await request.app.state.pool.fetchval(QUERY, number, None)
    return Response(request.app.state.bodies[name], media_type="text/html; charset=utf-8", headers=HEADERS)


@get("/relay/{name:str}")
async def relay(name: FromPath[str], request: BareRequest) -> Stream:
    """What the database notifies, passed on as it is, with bytes that are ready."""
    body = request.app.state.bodies[name]

    async def messages() -> AsyncIterator[bytes]:
        heard: asyncio.Queue[str] = asyncio.Queue()
        request.app.state.listening.append(heard)
        yield b": hi\n\n"
        while True:
            pair = (await heard.get()).split()[0]
            yield f"id: {pair.partition(':')[2]}\ndata: ".encode() + body + b"\n\n"

    return Stream(messages(), media_type="text/event-stream")


def app(told: dict[str, Any]) -> Litestar:
    @asynccontextmanager
    async def connected(app: Litestar) -> AsyncIterator[None]:
        state = app.state
        state.bodies = {name: base64.b64decode(body) for name, body in told["bodies"].items()}
        state.pool = await open_pool(told["database_url"])
        state.listening = []
        listener = await asyncpg.connect(told["database_url"])
        await listener.add_listener(
            "portal", lambda *heard: [one.put_nowait(heard[-1]) for one in state.listening]
        )
        yield
        await listener.close()
        await state.pool.close()

    return Litestar(
        [ready, version, unchanged, whole, relay],
        lifespan=[connected],
        openapi_config=None,
        logging_config=None,
    )


def main() -> None:
    told = json.loads(sys.stdin.readline())
    config = uvicorn.Config(
        app(told), loop="uvloop", http="httptools", lifespan="on", backlog=8192, access_log=False, server_header=False,
        log_config=None,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=told["fd"])])


if __name__ == "__main__":
    main()
