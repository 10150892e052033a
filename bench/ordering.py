"""Ordering through checkout, against the same rows written by one plain SQL script; the review before it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count as counter

from bench import placing, shop
from bench.calling import Caller, caller, get
from bench.ground import Ground, pool_of
from bench.measuring import Sample, in_turns
from bench.telling import Findings, Table, count, ratio, time
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.domain.checkout import Shown, ShownLine
from portal.operations import quoting, submitting
from portal.operations.placing import Wanted, WantedLine
from portal.operations.submitting import Said
from tests.portals import Portal

PRODUCTS = 600
# A person has one cart: so many can be ordered before they are filled again.
ACCOUNTS = 64
AT_ONCE = placing.AT_ONCE
SIZES = (38, 500)
MANY = {38: 48, 500: 8}
ARRIVES = datetime(2099, 1, 1, tzinfo=UTC).date()
TARIFF = """insert into freight_tariff (location, mode, currency, per_shipment, per_kg, free_from)
values ('MAIN', 'parcel', 'GBP', 6.50, 0.40, 250)"""
FILL = """
with put as (
    insert into cart (account, person_id, ship_to, changed_at) values ($1, $2, 'LEEDS', now())
    on conflict (account, person_id) do update set version = cart.version + 1, changed_at = now()
    returning id, version
), emptied as (
    delete from cart_line where cart_id in (select id from put)
)
select id, version from put
"""
LINES = """
insert into cart_line (cart_id, position, typed, sku, quantity, unit_price, price_source)
select $1, l.position, l.sku, l.sku, 3, 1.5, 'list' from unnest($2::int[], $3::text[]) as l(position, sku)
"""
# What becomes of the cart, in the same transaction and in plain SQL.
CLEAR = """begin;
select from cart where id = {cart} for no key update;
delete from cart_line where cart_id = {cart};
update cart set version = version + 1, changed_at = now() where id = {cart};
"""


async def run(ground: Ground) -> Findings:
    findings = Findings()
    ordered = findings.table(
        "what", "at once", "portal", "portal/s", "plain SQL", "plain SQL/s", "ratio", "bar"
    )
    review = findings.table(
        "lines", "at once", "dry run", "page, p50", "pages/s", "web CPU", "PostgreSQL's", "bar"
    )
    url = await ground.database()
    async with pool_of(url) as pool:
        await shop.open_shop(pool, accounts=ACCOUNTS, products=PRODUCTS)
        await pool.execute(TARIFF)
        bench = _Bench(pool, await _people(pool))
        await pool.execute("vacuum analyze")
        await _order(ordered, bench)
        [cookie] = await ground.sign_in(url, [shop.email_of(0)])
        async with ground.portal(url) as portal, caller(lambda: ground.database_pids) as load:
            for length in SIZES:
                await _review(review, bench, length, portal, load, cookie)
    findings.say(
        f"A cart of {placing.LINES} lines is ordered as it was reviewed: the cart's version, every price, the purchase order "
        "number and every date are looked at again under the locks, and the cart is emptied. *Plain SQL* is the script of "
        "`placing` with the cart's own rows. A *dry run* is the promise engine over all lines in all three ways of "
        "delivering them, with freight, credit and the chain of approvals; the page is all of that drawn for a signed-in "
        "buyer."
    )
    return findings


async def _people(pool: Pool) -> list[Viewer]:
    """A buyer of each account."""
    rows = await pool.fetch("select id, email from person order by id")
    by_email = {row["email"]: row["id"] for row in rows}
    return [
        Viewer(
            shop.email_of(n), f"Buyer {n}", (f"A{n}",), frozenset({"orders:place"}),
            by_email[shop.email_of(n)], shop.email_of(n), f"A{n}", ("buyer",),
        )
        for n in range(ACCOUNTS)
    ]  # fmt: skip


@dataclass(slots=True)
class _Bench:
    pool: Pool
    people: Sequence[Viewer]
    numbers: Iterator[int] = field(default_factory=lambda: counter(1))
    # Carts that are filled and not ordered yet: their number, whose they are, and their review.
    ready: list[tuple[int, int, Shown]] = field(default_factory=list)

    async def fill(self, who: int, skus: Sequence[str]) -> Shown:
        """Somebody's cart holds these products; answers it as its review would show it."""
        viewer = self.people[who]
        positions = list(range(1, len(skus) + 1))
        async with self.pool.acquire() as conn, conn.transaction():
            row = await conn.fetchrow(FILL, f"A{who}", viewer.person_id)
            assert row is not None
            cart_id, version = row
            await conn.execute(LINES, cart_id, positions, list(skus))
        lines = {position: ShownLine(Decimal("1.5"), ARRIVES) for position in positions}
        now = datetime.now(UTC)
        return Shown(cart_id, version, "LEEDS", "as_available", None, None, Decimal("6.50"), lines, now)

    async def portal(self) -> None:
        n, who, shown = self.next()
        work = Work(self.pool, actor=self.people[who].actor)
        async with work:
            said = Said(purchase_order_number=f"45{n:08}")
            await submitting.submit(work, self.people[who], shop.SUPPLIER, shown, said)

    async def plain(self) -> None:
        n, _who, shown = self.next()
        script = placing.script_of(n, ACCOUNTS).replace("begin;", CLEAR.format(cart=shown.cart_id), 1)
        async with self.pool.acquire() as conn:
            await conn.execute(script)

    def next(self) -> tuple[int, int, Shown]:
        return self.ready.pop()

    async def prepare(self, many: int) -> None:
        """One cart for each account, as many as are at once; whoever has ordered fills the next one first."""
        self.ready.clear()
        for _ in range(many):
            n = next(self.numbers)
            who = n % ACCOUNTS
            skus = [sku for _, sku in placing.wanted_of(n)]
            self.ready.append((n, who, await self.fill(who, skus)))


async def _order(table: Table, bench: _Bench) -> None:
    for wide in AT_ONCE:
        many = ACCOUNTS if wide > 1 else ACCOUNTS // 2

        async def once(what: str, wide: int = wide, many: int = many) -> Sample:
            await bench.prepare(many)
            return await placing.at_once(bench.portal if what == "portal" else bench.plain, many, wide)

        found = await in_turns(
            {"portal": lambda: once("portal"), "plain": lambda: once("plain")}, rounds=placing.ROUNDS
        )
        ours, base = found["portal"], found["plain"]
        table.add(
            f"a cart of {placing.LINES} lines is ordered", wide, time(ours["p50"]), count(many / ours["seconds"]),
            time(base["p50"]), count(many / base["seconds"]), ratio(ours["seconds"], base["seconds"]), "≤ 3 ×",
        )  # fmt: skip


async def _review(
    table: Table, bench: _Bench, length: int, portal: Portal, load: Caller, cookie: str
) -> None:
    skus = [f"P{n:03}" for n in range(length)]
    await bench.fill(0, skus)
    wanted = Wanted("A0", [WantedLine(n, sku, Decimal(3)) for n, sku in enumerate(skus, 1)])

    async def look() -> None:
        await quoting.quote(bench.pool, bench.people[0], shop.SUPPLIER, wanted)

    dry = await placing.at_once(look, MANY[length], 1)
    pids = [process.pid for process in portal.processes]
    for wide in (1, 8):
        requests = [get("/new-order/review", cookie=cookie)] * MANY[length]
        await load.call(portal.base_url, requests[:4], pids, connections=1, once=True)
        cost = await load.call(portal.base_url, requests, pids, connections=wide, once=True)
        assert set(cost.statuses) == {200}, cost.statuses
        table.add(
            length, wide, time(dry["p50"]) if wide == 1 else "", time(cost.p50), count(cost.per_second),
            time(cost.web), time(cost.database), "first rows < 300 ms" if wide == 1 else "",
        )  # fmt: skip
