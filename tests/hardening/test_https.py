"""As production is called: what cookies and answers say over https."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import AsyncTestClient

from portal.app import create_app
from portal.db.work import Pool
from portal.settings import Settings
from tests.routes import cast

HOST = "https://portal.example"


@pytest.fixture
async def client(settings: Settings, pool: Pool, tmp_path: Path) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """The application in this process, as if it stood behind its own name. No server would start so in test mode."""
    await pool.execute(
        "insert into person (email, name, password_hash, supplier_roles) values ($1, 'Dev', $2, '{operations}')",
        cast.DEV,
        PasswordHasher(time_cost=1, memory_cost=8192).hash(cast.PASSWORD),
    )
    app = create_app(settings.replace(base_url=HOST))
    async with AsyncTestClient(app, base_url=HOST) as client:
        yield client


async def sign_in(client: AsyncTestClient[Litestar]) -> httpx.Response:
    page = await client.get("/sign-in")
    token = page.text.partition('name="_csrf" value="')[2].partition('"')[0]
    form = {"_csrf": token, "email": cast.DEV, "password": cast.PASSWORD}
    return await client.post("/sign-in", data=form, follow_redirects=False)


async def test_over_https_every_cookie_is_for_this_host_alone(client: AsyncTestClient[Litestar]) -> None:
    signed_in = await sign_in(client)
    assert signed_in.status_code == 303, signed_in.text[-2000:]
    page = await client.get("/settings")
    token = page.text.partition('name="_csrf" value="')[2].partition('"')[0]
    coloured = await client.post("/theme", data={"_csrf": token, "theme": "dark"}, follow_redirects=False)
    fresh = await client.get("/sign-in", headers={"Cookie": ""})
    left = await client.post("/sign-out", data={"_csrf": token}, follow_redirects=False)
    made = [
        one for answer in (signed_in, coloured, fresh, left) for one in answer.headers.get_list("set-cookie")
    ]
    assert {one.partition("=")[0] for one in made} >= {"__Host-session", "__Host-theme", "__Host-device"}
    for one in made:
        said = [part.strip().lower() for part in one.split(";")]
        assert one.startswith("__Host-"), one
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(said), one
        assert not any(part.startswith("domain") for part in said), one


async def test_who_signs_out_leaves_nothing_in_the_browser(client: AsyncTestClient[Litestar]) -> None:
    await sign_in(client)
    page = await client.get("/settings")
    assert page.headers["cache-control"] == "private, no-store"
    token = page.text.partition('name="_csrf" value="')[2].partition('"')[0]
    left = await client.post("/sign-out", data={"_csrf": token}, follow_redirects=False)
    assert left.headers["clear-site-data"] == '"cache"'
    assert any(
        one.startswith("__Host-session=") and "Max-Age=0" in one
        for one in left.headers.get_list("set-cookie")
    )
    assert (await client.get("/settings", follow_redirects=False)).status_code == 303


async def test_over_https_every_answer_says_so(client: AsyncTestClient[Litestar]) -> None:
    """Also when the balancer speaks plain HTTP to the portal."""
    for path in (
        "/sign-in",
        "/nothing",
        "/brand.css",
        "/api/v1/orders",
        "/api/v1/docs",
        "/healthz",
        "/orders",
    ):
        for scheme in ("https", "http"):
            answer = await client.get(f"{scheme}://portal.example{path}", follow_redirects=False)
            assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains", path
