"""What buyers call products: an account's own codes, beside ours."""

from typing import Any

from litestar import Response, Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db import own_skus, shop
from portal.db.patience import patiently
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import NotFound
from portal.operations import naming
from portal.operations.naming import OwnWord
from portal.routes.api import master_bodies
from portal.routes.api.access import NEEDS


@put("/accounts/{number:str}/own-skus", opt={NEEDS: "accounts:write"}, status_code=200)
async def put_own_skus(
    number: FromPath[str], data: master_bodies.PutOwnSkus, work: NamedDependency[Work]
) -> Response[dict[str, Any]]:
    """Write or replace what an account calls products. Its children understand its words too."""
    words = [OwnWord(item.code, item.sku) for item in data.items]

    async def once() -> Response[dict[str, Any]]:
        async with work:
            is_new = await naming.put(work, number, words)
            told = await _told(work, number)
        return Response(told, status_code=201 if is_new else 200)

    return await patiently(once)


@get("/accounts/{number:str}/own-skus")
async def get_own_skus(
    number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> dict[str, Any]:
    """What an account calls products: its own words, not those of its parents."""
    async with work:
        if not viewer.sees(number) or await shop.customer(work.conn, number) is None:
            raise NotFound(f"There is no account {number!r}.")
        return await _told(work, number)


async def _told(work: Work, number: str) -> dict[str, Any]:
    found = await own_skus.listed(work.conn, number)
    return {"account": number, "items": [{"code": code, "sku": sku} for code, sku in found]}


router = Router(path="", tags=["Master data"], route_handlers=[put_own_skus, get_own_skus])
