"""Reading the feed: how many events a second, and what a feed a hundred times as long costs more."""

from bench import shop
from bench.calling import Caller, caller, get
from bench.ground import Ground, pool_of, supplier_token
from bench.measuring import Sample, in_turns
from bench.telling import Findings, count, ratio, time
from tests.portals import Portal

ROUNDS = 5
SECONDS = 0.7
PAGE = 200
SHORT, LONG = 10_000, 1_000_000

FILL = """
with last as (select sequence from account_feed where account = $1)
insert into event (account, sequence, type, at, actor, data)
select $1, last.sequence + n, 'promise.changed', now() - n * interval '1 second', 'bench',
    '{"lines": [{"line": 1, "quantity": "40", "old": {"arrives_on": "2026-11-27"}, "new": {"arrives_on": "2026-12-07"}}]}'
from last, generate_series(1, $2::int) n
"""


async def run(ground: Ground) -> Findings:
    findings = Findings()
    table = findings.table(
        "feed", "events", "reads/s", "events/s", "p50", "CPU web", "CPU database", "ratio", "bar"
    )
    url = await ground.database()
    async with pool_of(url) as pool:
        await shop.open_shop(pool, accounts=2)
        for account, many in (("A0", SHORT), ("A1", LONG)):
            await pool.execute(FILL, account, many)
            await pool.execute(
                "update account_feed set sequence = sequence + $2 where account = $1", account, many
            )
        await pool.execute("vacuum analyze")
        token = await supplier_token(url)
        async with ground.portal(url) as portal, caller(lambda: ground.database_pids) as load:
            bench = _Bench(portal, load, token)
            found = await in_turns(
                {
                    "short": lambda: bench.read("A0", SHORT),
                    "long": lambda: bench.read("A1", LONG),
                    "all": lambda: bench.read(None, LONG),
                },
                rounds=ROUNDS,
            )
    base = found["short"]["web"] + found["short"]["database"]
    for name, many in (("short", SHORT), ("long", LONG), ("all", SHORT + LONG)):
        one = found[name]
        table.add(
            {"short": "an account's", "long": "an account's", "all": "all accounts'"}[name],
            f"{many:,}",
            count(one["per_second"]),
            count(one["per_second"] * PAGE),
            time(one["p50"]),
            time(one["web"]),
            time(one["database"]),
            ratio(one["web"] + one["database"], base),
            "" if name == "short" else "≤ 1.2 ×",
        )
    await ground.drop(url)
    findings.say(
        f"`GET /events` with {PAGE} events a page, from places all over the feed, 8 readers at once, each read noting how far "
        "its token has come. The ratio is of processor time per read, portal and database together, to the short feed's."
    )
    return findings


class _Bench:
    def __init__(self, portal: Portal, load: Caller, token: str) -> None:
        self.portal = portal
        self.load = load
        self.token = token

    async def read(self, account: str | None, many: int) -> Sample:
        """From places all over it: after one page comes another."""
        whose = f"&account={account}" if account else ""
        places = [(n * 7919 * PAGE) % (many - PAGE) for n in range(1, 200)]
        requests = [
            get(f"/api/v1/events?after={place}&limit={PAGE}{whose}", authorization=f"Bearer {self.token}")
            for place in places
        ]
        pids = [process.pid for process in self.portal.processes]
        cost = await self.load.call(self.portal.base_url, requests, pids, seconds=SECONDS)
        assert set(cost.statuses) == {200}, cost.statuses
        return cost.sample()
