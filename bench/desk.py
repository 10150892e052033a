"""The desk, the supplier's figures, and the list of orders over a whole imported book, against a small part of it."""

import gzip
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from zlib import crc32

from argon2 import PasswordHasher

from bench.calling import Caller, caller, get
from bench.ground import Ground, pool_of
from bench.importing import book_file, take_over
from bench.measuring import Sample, in_turns
from bench.telling import Findings, count, ratio, time
from portal.db.work import Pool
from tests.portals import Portal

SMALL = 20
ROUNDS = 5
SECONDS = 0.6
# Few at once: what a page costs is what is asked, not how many wait for it.
CONNECTIONS = 2
DEV = "dev@example.com"
PAGES = {
    "desk board": "/desk",
    "ready list": "/desk/ready",
    "back-order list": "/desk/backorders",
    "figures of 90 days": "/insight?from=2011-07-03&to=2011-09-30",
    "figures of the whole book": "/insight?from=2010-12-01&to=2011-09-30",
    "figures of 90 days, by supplier": "/insight?from=2011-07-03&to=2011-09-30&by=supplier",
    "figures of the whole book, by account": "/insight?from=2010-12-01&to=2011-09-30&by=account",
    "orders, first page": "/orders",
    "orders, by a number": "/orders?q={number}",
    "orders, by the beginning of a number": "/orders?q={beginning}",
    "orders, by a product": "/orders?q={sku}",
    "orders, by nothing there is": "/orders?q=NOTHING-LIKE-THIS",
}
# Lists of a page's length must not grow with the book; the others show or count more when there is more.
BARS = {name: "≤ 1.2 ×" for name in PAGES if name.startswith("orders")}
COUNTS = """
select (select count(*) from orders) as orders, (select count(*) from order_line) as lines,
    (select count(*) from portion where stage = 'waiting') as waiting,
    (select count(*) from portion where stage = 'allocated') as ready
"""


async def run(ground: Ground) -> Findings:
    findings = Findings()
    table = findings.table("page", "small book", "whole book", "CPU", "whole's", "ratio", "bar")
    file = book_file()
    books = {
        "small": await _import(ground, _part_of(file, ground.home)),
        "whole": await _import(ground, file),
    }
    sizes = {}
    asked = {}
    for name, url in books.items():
        async with pool_of(url, size=2) as pool:
            await _employ(pool)
            sizes[name] = dict((await pool.fetch(COUNTS))[0])
            asked[name] = await _questions(pool)
    async with (
        ground.portal(books["small"]) as small,
        ground.portal(books["whole"]) as whole,
        caller(lambda: ground.database_pids) as load,
    ):
        sides = {
            "small": _Side(small, load, (await ground.sign_in(books["small"], [DEV]))[0], asked["small"]),
            "whole": _Side(whole, load, (await ground.sign_in(books["whole"], [DEV]))[0], asked["whole"]),
        }
        for page, path in PAGES.items():
            found = await in_turns(
                {name: lambda side=side, path=path: side.ask(path) for name, side in sides.items()},  # type: ignore[misc]
                rounds=ROUNDS,
            )
            less, more = found["small"], found["whole"]
            table.add(
                page, time(less["p50"]), time(more["p50"]), time(less["cpu"]), time(more["cpu"]),
                ratio(more["cpu"], less["cpu"]), BARS.get(page, ""),
            )  # fmt: skip
    for url in books.values():
        await ground.drop(url)
    findings.say(
        f"`{file.name}` and each {SMALL}th order of it, imported: {_told(sizes['whole'])}; against {_told(sizes['small'])}. "
        "Signed in as somebody of the supplier's; CPU is the processor time of the web process and of PostgreSQL together, "
        f"per page, with {CONNECTIONS} requests at a time. The figures are counted from events each time; the lists have 50 "
        "rows a page."
    )
    return findings


def _told(sizes: Mapping[str, int]) -> str:
    words = ", ".join(
        f"{count(number)} {name}" for name, number in sizes.items() if name in ("orders", "lines")
    )
    return f"{words}, {count(sizes['waiting'])} portions waiting, {count(sizes['ready'])} ready"


def _part_of(file: Path, folder: Path) -> Path:
    """Each so-manieth order with all of its rows, and each such cancellation."""
    part = folder / "part.csv.gz"
    with (
        gzip.open(file, "rt", encoding="utf-8", errors="replace", newline="") as whole,
        gzip.open(part, "wt", encoding="utf-8", newline="", compresslevel=1) as some,
    ):
        some.write(next(whole))
        for row in whole:
            if crc32(row.partition(",")[0].encode()) % SMALL == 0:
                some.write(row)
    return part


async def _import(ground: Ground, file: Path) -> str:
    url = await ground.database()
    await take_over(ground, file, url)
    async with pool_of(url, size=1) as pool:
        await pool.execute("vacuum analyze")
    return url


async def _employ(pool: Pool) -> None:
    await pool.execute(
        "insert into person (email, name, password_hash, supplier_roles) values ($1, 'Dev Patel', $2, '{operations}')",
        DEV,
        PasswordHasher().hash(os.urandom(16).hex()),
    )


async def _questions(pool: Pool) -> dict[str, str]:
    """What one types to find something of this book."""
    numbers = [row["number"] for row in await pool.fetch("select number from orders order by id")]
    sku = await pool.fetchval("select sku from order_line group by sku order by count(*) desc, sku limit 1")
    middle = numbers[len(numbers) // 2]
    return {"number": middle, "beginning": middle[:-2], "sku": sku}


class _Side:
    """One of the two books, with a portal in front of it."""

    def __init__(self, portal: Portal, load: Caller, cookie: str, asked: Mapping[str, str]) -> None:
        self.portal = portal
        self.load = load
        self.cookie = cookie
        self.asked = asked

    @property
    def pids(self) -> Sequence[int]:
        return [process.pid for process in self.portal.processes]

    async def ask(self, path: str) -> Sample:
        request = get(path.format(**self.asked), cookie=self.cookie, accept_encoding="br, gzip")
        cost = await self.load.call(
            self.portal.base_url, [request], self.pids, connections=CONNECTIONS, seconds=SECONDS
        )
        assert set(cost.statuses) == {200}, f"{path}: {cost.statuses}\n{self.portal.said()[-3000:]}"
        return {"p50": cost.p50, "cpu": cost.web + cost.database}
