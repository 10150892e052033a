"""How far a customer's systems have read the feed of what happened, and how they prove that they missed nothing."""

from typing import Any

from litestar import Response, Router, get

from portal.db import feed_readers, scopes
from portal.domain.refusals import NotFound
from portal.routes.asking import Asked, asking
from portal.routes.buying import choose_account, named_account
from portal.routes.visitor import PageRequest
from portal.views.settings import feed as views

HERE = "/settings/feed"


@get(HERE, name="settings-feed")
async def show(request: PageRequest) -> Response[Any]:
    """For an account's administrators; the supplier's people name an account."""
    asked = (await asking(request)).within(supplier="connections:read", buyer="tokens:write")
    viewer = asked.viewer
    account = named_account(request.query_params.get("account", ""))
    if viewer.is_supplier and not account:
        return choose_account(asked, "connections", HERE, "")
    return await _draw(asked, account)


async def _draw(asked: Asked, account: str) -> Response[Any]:
    viewer = asked.viewer
    async with asked.reading() as conn:
        found = await scopes.accounts(conn, viewer, account or None)
        if not found and viewer.is_supplier:
            return choose_account(asked, "connections", HERE, account)
        if not found:
            raise NotFound(f"There is no account {account}.")
        numbers = [number for number, _ in found]
        owners = numbers if viewer.accounts is None else list(viewer.accounts)
        feeds = await feed_readers.feeds(conn, numbers)
        readers = await feed_readers.readers(conn, numbers, with_suppliers=viewer.is_supplier)
        told = await feed_readers.told(conn, numbers, owners)
    return asked.page(
        "settings/feed.html",
        section="connections" if viewer.is_supplier else "settings",
        feeds=[views.of_account(one, readers, told, asked.tongue, asked.today) for one in feeds],
    )


router = Router("/", route_handlers=[show])
