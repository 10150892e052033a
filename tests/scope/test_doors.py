"""Every page and API path that a buyer may read comes from their scope, and is whole."""

import re
from datetime import UTC, datetime

from litestar import Litestar

from portal.db.work import Pool, Work
from portal.operations import tokens
from portal.settings import Settings
from tests.scope.walking import Door, Watched, compare, cookie_of, running

# Who takes a connection of the owner's while a buyer only looks, and why. Everything else reads in the buyer's scope.
BESIDE_THE_SCOPE = {
    "clock:refresh": "the simulated clock of demo and test",
    "db/people:asker": "who asks, and so whose scope it is",
    "db/people:viewer": "the same for whom an address was made for",
    "db/glance:glance": "the same with the order that is asked for, and whether they may see it",
    "db/behind:themselves": "who looks as them",
    "db/glance:version": "whether an order has changed that they were let see before",
    "routes/api/access:bearer": "whose token it is",
    "routes/asking:asking": "who asks",
    "routes/showing:holding": "with what people prove who they are, and above which sum an account wants it",
    "db/factors:standing": "what somebody has proved in this session",
    "routes/orders:index": "who asks",
    "routes/asking:unscoped": "what a company owes together; what came of a form; see where it is used",
    "routes/api/credit:read": "what a company owes together",
    "operations/quoting:quote": "a plan of what would be: it looks at what everybody waits for",
    "operations/quoting:outlook": "the same for an order that waits for approval",
    "operations/foreseeing:foresee": "the same for another product",
    "db/feed_readers:note": "how far a system has read",
    "routes/heard:hear": "which accounts the ERP is asked about",
    "routes/calendar:read": "whose calendar it is",
    "routes/people:_waiting": "who was invited and has not come: keys in mails are nobody's to read",
}
PAGES = [
    "/",
    "/today",
    "/orders",
    "/arrivals",
    "/new-order",
    "/invoices",
    "/returns",
    "/approvals",
    "/credit",
    "/settings",
]
BUYERS = """
select p.email from person p where supplier_roles = '{}' and active
    and exists (select from membership m where m.person_id = p.id) order by 1
"""
# By the first part of an address: numbers of the account's own.
NUMBERS = {
    "accounts": "select number from account where number = any($1)",
    "orders": "select number from orders where account = any($1) order by id desc limit 8",
    "invoices": "select number from invoice where account = any($1) order by id desc limit 4",
    "shipments": "select number from shipment where account = any($1) order by id desc limit 4",
    "returns": "select number from goods_return where account = any($1) order by id desc limit 4",
    "approvals": "select number from approval_request where account = any($1) order by id desc limit 4",
    "disputes": "select number from dispute where account = any($1) order by id desc limit 4",
}


async def test_no_buyers_page_shows_less_or_reads_beside_their_scope(book: Settings, pool: Pool) -> None:
    async with running(book, by_owner=False) as by_role, running(book, by_owner=True) as by_owner:
        for row in await pool.fetch(BUYERS):
            headers = await cookie_of(book, pool, row["email"])
            one, other = (Door(app, headers, book.base_url) for app in (by_role, by_owner))
            found = await compare(one, other, PAGES, follow=True)
            assert found.different == [], row["email"]
            assert found.shown > 20, (row["email"], found)
        assert _beside(by_role) <= set(BESIDE_THE_SCOPE)


async def test_no_answer_to_an_accounts_token_tells_less_or_reads_beside_its_scope(
    book: Settings, pool: Pool
) -> None:
    async with running(book, by_owner=False) as by_role, running(book, by_owner=True) as by_owner:
        for account in ("NORDWIND", "NORDWIND-HULL", "MERIDIAN"):
            headers = await _token(pool, account)
            one, other = (Door(app, headers, book.base_url) for app in (by_role, by_owner))
            asked = [path for route in _readings(by_role) for path in await _filled(pool, account, route)]
            found = await compare(one, other, asked, follow=False)
            assert found.different == [], account
            assert found.shown > 20, (account, found)
        assert _beside(by_role) <= set(BESIDE_THE_SCOPE)


def _readings(app: Litestar) -> list[str]:
    """Every address of the API that is read from, but for those of operators."""
    reads = (route.path for route in app.routes if "GET" in getattr(route, "methods", ()))
    return sorted(
        path for path in reads if path.startswith("/api/v1/") and not path.endswith(("/metrics", "/readyz"))
    )


def _beside(app: Litestar) -> set[str]:
    watched = app.state.pool
    assert isinstance(watched, Watched)
    return watched.taken


async def _token(pool: Pool, account: str) -> dict[str, str]:
    work = Work(pool)
    async with work:
        _, token = await tokens.issue(
            work, account=account, person=None, scopes=["orders:read"], name="walk", now=datetime.now(UTC)
        )
    return {"Authorization": f"Bearer {token}"}


async def _filled(pool: Pool, account: str, template: str) -> list[str]:
    """The addresses of a route, with numbers of the account's own in it."""
    if "{" not in template:
        return [template]
    kind = template.split("/")[3]
    below = await pool.fetch("select number from account where path @> $1", [account])
    accounts = [row["number"] for row in below]
    numbers = [account]
    if kind in NUMBERS:
        numbers = [row["number"] for row in await pool.fetch(NUMBERS[kind], accounts)]
    found = [re.sub(r"\{[^}]*\}", number, template, count=1) for number in numbers]
    return [path for path in found if "{" not in path]
