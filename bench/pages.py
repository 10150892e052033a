"""The order page, signed in: warm, unchanged, and cold, with 38, 200 and 2,000 lines."""

import base64

import brotli

from bench import shop
from bench.calling import Caller, Cost, caller, get
from bench.ground import Ground, bare, pool_of
from bench.measuring import Sample, in_turns
from bench.telling import Findings, count, ratio, size, time
from portal.db.work import Pool
from tests.portals import Portal

ROUNDS = 5
SECONDS = 0.7
# Lines of an order, and how many such orders are asked for once each when nothing is kept of them.
SIZES = {38: 32, 200: 8, 2000: 2}
BARS = {38: "≤ 6 ×", 200: "≤ 20 ×", 2000: "first rows < 300 ms"}
AGAIN = """
with newer as (update order_status set version = version + 1 where order_id = any($1::bigint[]) returning order_id, version)
update order_line l set version = n.version from newer n where l.order_id = n.order_id
"""


async def run(ground: Ground) -> Findings:
    findings = Findings()
    warm = findings.table("lines", "page", "limit", "pages/s", "limit/s", "CPU", "limit's", "ratio", "bar")
    cold = findings.table(
        "lines", "limit", "first byte to last, p50", "CPU", "limit's", "ratio", "with PostgreSQL's", "bar"
    )
    sizes = findings.table("lines", "HTML", "as sent", "bar")
    url = await ground.database()
    async with pool_of(url) as pool:
        orders = await _orders(pool)
        [cookie] = await ground.sign_in(url, [shop.email_of(0)])
        async with ground.portal(url) as portal, caller(lambda: ground.database_pids) as load:
            bench = _Bench(pool, portal, load, cookie)
            for length, numbers in orders.items():
                page, tag = await bench.fetch(numbers[0])
                html = brotli.decompress(page)
                sizes.add(length, size(len(html)), size(len(page)), "< 30 kB" if length == 38 else "")
                told = {"database_url": url, "bodies": {"page": base64.b64encode(page).decode()}}
                async with bare(told) as (address, pid):
                    await bench.compare_warm(warm, length, numbers[0], tag, address, pid)
                    await bench.compare_cold(cold, length, numbers, address, pid)
    findings.say(
        "`page` is what a browser gets that has the page open in front of a signed-in buyer. CPU is the processor time of "
        "the web process per request; `limit` is a bare handler in the same server and framework: *version* asks the "
        "database for the order's version and returns the same compressed bytes, *unchanged* asks for it and returns a 304, "
        "*whole* fetches the order as one JSON document and returns bytes that were ready. Cold: every order and line has a "
        "version that was never seen, so that nothing kept can be used."
    )
    return findings


async def _orders(pool: Pool) -> dict[int, list[str]]:
    await shop.open_story(pool)
    orders = {
        length: [await shop.place_story(pool, "A0", length) for _ in range(number)]
        for length, number in SIZES.items()
    }
    # The supply slips, so that a sixth of all lines has a promise that moved.
    await shop.late_supply(pool, 21)
    await pool.execute("vacuum analyze")
    return orders


class _Bench:
    def __init__(self, pool: Pool, portal: Portal, load: Caller, cookie: str) -> None:
        self.pool = pool
        self.portal = portal
        self.load = load
        self.cookie = cookie

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self.portal.processes]

    def request(self, number: str, **headers: str) -> str:
        return get(f"/orders/{number}", cookie=self.cookie, accept_encoding="br, gzip", **headers)

    async def fetch(self, number: str) -> tuple[bytes, str]:
        """The page as it is sent, and its tag."""
        client = self.portal.browser(headers={"Cookie": self.cookie, "Accept-Encoding": "br, gzip"})
        with client.stream("GET", f"/orders/{number}") as answer:
            body = b"".join(answer.iter_raw())
            assert answer.status_code == 200, answer.status_code
            assert answer.headers["content-encoding"] == "br"
        return body, answer.headers["etag"]

    async def compare_warm(
        self, table: object, length: int, number: str, tag: str, address: str, pid: int
    ) -> None:
        async def ours(*requests: str) -> Sample:
            return (await self.load.call(self.portal.base_url, requests, self.pids, seconds=SECONDS)).sample()

        async def base(path: str) -> Sample:
            return (await self.load.call(address, [get(path)], [pid], seconds=SECONDS)).sample()

        found = await in_turns(
            {
                "warm": lambda: ours(self.request(number)),
                "version": lambda: base(f"/version/page/{number}"),
                "304": lambda: ours(self.request(number, if_none_match=tag)),
                "unchanged": lambda: base(f"/unchanged/{number}"),
            },
            rounds=ROUNDS,
        )
        for page, limit, bar in (("warm", "version", "≤ 1.5 ×"), ("304", "unchanged", "≤ 1.1 ×")):
            mine, least = found[page], found[limit]
            table.add(  # type: ignore[attr-defined]
                length, page, limit, count(mine["per_second"]), count(least["per_second"]), time(mine["web"]),
                time(least["web"]), ratio(mine["web"], least["web"]), bar,
            )  # fmt: skip

    async def compare_cold(
        self, table: object, length: int, numbers: list[str], address: str, pid: int
    ) -> None:
        ids = [
            row["id"]
            for row in await self.pool.fetch("select id from orders where number = any($1::text[])", numbers)
        ]

        async def ours() -> Sample:
            await self.pool.execute(AGAIN, ids)
            requests = [self.request(number) for number in numbers]
            return self._fine(
                await self.load.call(self.portal.base_url, requests, self.pids, connections=1, once=True)
            )

        async def base(kind: str) -> Sample:
            requests = [get(f"/{kind}/page/{number}") for number in numbers]
            return self._fine(await self.load.call(address, requests, [pid], connections=1, once=True))

        found = await in_turns(
            {"ours": ours, "whole": lambda: base("whole"), "version": lambda: base("version")}, rounds=ROUNDS
        )
        mine = found["ours"]
        for limit in ("whole", "version"):
            least = found[limit]
            table.add(  # type: ignore[attr-defined]
                length, limit, time(mine["p50"]), time(mine["web"]), time(least["web"]), ratio(mine["web"], least["web"]),
                ratio(mine["web"] + mine["database"], least["web"] + least["database"]),
                BARS[length] if limit == "whole" else "",
            )  # fmt: skip

    @staticmethod
    def _fine(cost: Cost) -> Sample:
        assert set(cost.statuses) == {200}, cost.statuses
        return cost.sample()
