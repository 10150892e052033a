"""What goes on in a portal while its machines are hurt: orders that ship, arrive, slip and are cancelled, by a seed."""

import asyncio
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import httpx

from tests.fire.machines import Machines
from tests.fire.shop import Ask, Json, client, post, put, send
from tests.mail.newsroom import PETRA, RUTH, STRANGER
from tests.portals import Portal
from tests.scenarios.driver import World

MONDAY = "2026-11-16T09:00:00+00:00"
AT_A_TIME = 2
EVE = STRANGER
BUYERS = {"NORDWIND": PETRA, "HULL": EVE}
# Ruth buys nothing, and wants to hear of everything that her company bought.
RUTH_HEARS = ("order_placed", "shipped", "delivered", "promise_moved", "line_cancelled")


@dataclass
class Trade:
    """`tokens` are the buyers' own, by account; `asked` counts what was answered."""

    machines: Machines
    world: World
    tokens: dict[str, str]
    seed: object
    # The endpoints hear of what comes after it.
    mark: int
    ahead: timedelta = timedelta.min
    asked: int = 0
    # No further order is begun when it has come so far.
    allowed: int = 0
    # Asked again, because no answer came or none that counts.
    again: int = 0
    orders: dict[str, str] = field(default_factory=dict)
    # Shipments by their tracking numbers, and whose they are.
    tracked: dict[str, str] = field(default_factory=dict)

    @property
    def portal(self) -> Portal:
        return self.machines.portal

    async def insist(self, ask: Ask, account: str = "") -> Json:
        """As a good client does: no answer, or a failure of ours, and it is asked again with the same key."""
        token = self.tokens.get(account)
        async with client(self.portal, token) as sender:
            while True:
                try:
                    answer = await send(sender, ask)
                except httpx.TransportError:
                    self.again += 1
                    await asyncio.sleep(0.1)
                    continue
                if answer.is_success:
                    self.asked += 1
                    told: Json = answer.json()
                    return told
                is_ours = answer.status_code >= 500 or "still running" in answer.text
                assert is_ours, f"{ask.method} {ask.path}: {answer.status_code} {answer.text}"
                self.again += 1
                await asyncio.sleep(0.1)

    async def order(self, account: str, lines: Sequence[tuple[str, int]], key: str) -> str:
        told = [{"line": n, "sku": sku, "quantity": str(many)} for n, (sku, many) in enumerate(lines, 1)]
        answer = await self.insist(post("/orders", {"account": account, "lines": told}, key), account)
        number = str(answer["number"])
        self.orders[number] = account
        return number

    async def slip(self, reference: str, skus: Sequence[str], each: int, day: str) -> None:
        lines = [
            {"line": n, "sku": sku, "quantity": str(each), "expected_on": day}
            for n, sku in enumerate(skus, 1)
        ]
        body = {"location": "MAIN", "confirmed": True, "supplier": "Acme", "lines": lines}
        await self.insist(put(f"/inbound/purchase_order/{reference}", body))

    async def one_order(self, name: str) -> None:
        """10 of it are there and ship in one or two parcels; 5 wait, and some of these are cancelled."""
        mine = random.Random(f"{self.seed} {name}")
        account = mine.choice(["NORDWIND", "NORDWIND", "HULL"])
        number = await self.order(account, [("BOLT", 10), ("NUT", 5)], f"place {name}")
        for part, many in enumerate(mine.choice([(10,), (4, 6), (3, 7)])):
            tracking = f"TRACK-{name}-{part}"
            self.tracked[tracking] = account
            body = {
                "location": "MAIN",
                "lines": [{"line": 1, "quantity": str(many)}],
                "carrier": "Parcel Force",
                "packages": [{"tracking_number": tracking}],
            }
            shipped = await self.insist(post(f"/orders/{number}/shipments", body, f"ship {name} {part}"))
            if mine.random() < 0.7:
                await self.deliver(shipped["number"], f"deliver {name} {part}")
        if mine.random() < 0.6:
            gone = {"lines": [{"line": 2, "quantity": str(mine.randint(1, 3))}]}
            await self.insist(post(f"/orders/{number}/cancellations", gone, f"cancel {name}"))

    async def deliver(self, shipment: str, key: str) -> None:
        body = {"state": "delivered", "at": self.now.isoformat()}
        await self.insist(post(f"/shipments/{shipment}/events", body, key))

    async def set_clock(self, now: datetime) -> None:
        """It never goes back."""
        self.ahead = max(now - datetime.now(UTC), self.ahead)
        await self.insist(post("/clock", {"now": self.now.isoformat()}))

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def go_on(self, is_over: asyncio.Event) -> None:
        """Orders, some at a time, while their supplier is later and later."""
        numbers = itertools.count()

        async def trader() -> None:
            while not is_over.is_set():
                if self.asked >= self.allowed:
                    await asyncio.sleep(0.05)
                    continue
                number = next(numbers)
                await self.one_order(f"{number:03}")
                if number % 6 == 5:
                    day = date(2027, 1, 11) + timedelta(days=number // 2)
                    await self.slip("4711", ["NUT"], 1000, day.isoformat())

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_A_TIME):
                tasks.create_task(trader())

    async def feed(self) -> list[Json]:
        """All events of all accounts since there were endpoints."""
        found: list[Json] = []
        after = self.mark
        while True:
            page = (await self.insist(Ask("GET", f"/events?limit=200&after={after}")))["items"]
            if not page:
                return found
            found += page
            after = page[-1]["position"]


async def opened(machines: Machines, seed: object) -> Trade:
    """NORDWIND and HULL buy; an endpoint of NORDWIND's is told, and one of the supplier's own, which hears of all."""
    world = World(machines.portal, now=MONDAY)
    world.shop({"BOLT": 10_000, "NUT": 0})
    for account, buyer in BUYERS.items():
        world.account(account)
        world.put(f"accounts/{account}/users/{buyer}", {"name": buyer.split("@")[0], "roles": ["buyer"]})
    world.put(f"accounts/NORDWIND/users/{RUTH}", {"name": "ruth", "roles": ["reader"]})
    for kind in RUTH_HEARS:
        await machines.ask(
            """insert into notification_choice (person_id, kind, how, whose, changed_at)
               select id, $2, 'at_once', 'account', now() from person where email = $1""",
            RUTH, kind,
        )  # fmt: skip
    for path, whose in (("/nordwind", {"account": "NORDWIND"}), ("/all", {})):
        body = {"url": machines.url(path)} | whose
        machines.secrets[path] = world.post("webhook-endpoints", body)["secret"]
    mark = max((event["position"] for event in world.get("events", limit=200)["items"]), default=0)
    tokens = {
        account: world.post("tokens", {"scopes": ["*"], "name": buyer, "user": buyer})["token"]
        for account, buyer in BUYERS.items()
    }
    trade = Trade(machines, world, tokens, seed, mark)
    await trade.set_clock(datetime.fromisoformat(MONDAY))
    await trade.slip("4711", ["NUT"], 1000, "2027-01-11")
    return trade
