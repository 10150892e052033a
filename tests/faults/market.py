"""What goes on meanwhile: people buy, approve, pay, send back and look; staff ship; systems push and read."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields

import httpx

from tests.fire.machines import Machines
from tests.fire.shop import Ask, Json, client, post, send
from tests.fire.trade import BUYERS, Trade, opened
from tests.routes import cast

BOSS, CLERK = "boss@asks.example", "clerk@asks.example"
# Pages give up after this; a person would have before.
PAGE_LIMIT = 20.0


@dataclass
class Market(Trade):
    """`done` has the keys of what was acknowledged, by the kind of its effect: the database must have each once."""

    done: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    # How requests were answered that had to be asked again.
    failed: Counter[str] = field(default_factory=Counter)
    # Pages by what they answered, and how long each took.
    pages: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    sign_ins: int = 0
    read: dict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))

    async def insist(self, ask: Ask, account: str = "") -> Json:
        async with client(self.portal, self.tokens.get(account)) as sender:
            while True:
                try:
                    answer = await send(sender, ask)
                except httpx.TransportError as problem:
                    await self._again(type(problem).__name__)
                    continue
                if answer.is_success:
                    self.asked += 1
                    told: Json = answer.json()
                    return told
                is_ours = answer.status_code >= 500 or "still running" in answer.text
                assert is_ours, f"{ask.method} {ask.path}: {answer.status_code} {answer.text}"
                assert answer.headers["content-type"] == "application/problem+json", answer.text
                assert answer.status_code != 500, f"{ask.method} {ask.path}: {self.portal.said()[-6000:]}"
                await self._again(f"{answer.status_code}")

    async def _again(self, why: str) -> None:
        self.again += 1
        self.failed[why] += 1
        await asyncio.sleep(0.1)

    async def do(self, kind: str, ask: Ask, account: str = "") -> Json:
        """Something that has one effect however often it is asked for."""
        assert ask.key is not None
        told = await self.insist(ask, account)
        self.done[kind].add(ask.key)
        return told

    async def order(self, account: str, lines: object, key: str) -> str:
        told = [{"line": n, "sku": sku, "quantity": str(many)} for n, (sku, many) in enumerate(lines, 1)]  # type: ignore[arg-type,var-annotated]
        answer = await self.do("orders", post("/orders", {"account": account, "lines": told}, key), account)
        number = str(answer["number"])
        self.orders[number] = account
        return number

    async def one_order(self, name: str) -> None:
        mine = random.Random(f"{self.seed} {name}")
        if mine.random() < 0.2:
            await self.one_approved(name)
            return
        account = mine.choice(["NORDWIND", "NORDWIND", "HULL"])
        number = await self.order(account, [("BOLT", 10), ("NUT", 5)], f"place {name}")
        for part, many in enumerate(mine.choice([(10,), (4, 6), (3, 7)])):
            shipment = await self.ship(number, many, f"{name} {part}", account)
            if mine.random() < 0.7:
                await self.deliver(shipment, f"deliver {name} {part}")
                self.done["deliveries"].add(f"deliver {name} {part}")
                if mine.random() < 0.4:
                    await self.send_back(shipment, f"{name} {part}")
        if mine.random() < 0.6:
            gone = {"lines": [{"line": 2, "quantity": str(mine.randint(1, 3))}]}
            await self.do("cancellations", post(f"/orders/{number}/cancellations", gone, f"cancel {name}"))
        if mine.random() < 0.6:
            await self.pay(number, name)

    async def ship(self, number: str, many: int, name: str, account: str) -> str:
        tracking = f"TRACK-{name.replace(' ', '-')}"
        self.tracked[tracking] = account
        body = {
            "location": "MAIN",
            "lines": [{"line": 1, "quantity": str(many)}],
            "carrier": "Parcel Force",
            "packages": [{"tracking_number": tracking}],
        }
        told = await self.do("shipments", post(f"/orders/{number}/shipments", body, f"ship {name}"))
        return str(told["number"])

    async def send_back(self, shipment: str, name: str) -> None:
        line = {"line": 1, "quantity": "1", "reason": "other", "note": "too long"}
        body = {"shipment": shipment, "lines": [line], "origin": "wms", "external_id": name}
        made = await self.do("returns", post("/returns", body, f"return {name}"))
        came = {"lines": [{"line": 1, "received": "1", "closed": True}]}
        await self.do("receipts", post(f"/returns/{made['number']}/receipts", came, f"receive {name}"))

    async def pay(self, number: str, name: str) -> None:
        """Something of the first invoice: each shipment is billed as it leaves."""
        found = (await self.insist(Ask("GET", f"/invoices?order={number}")))["items"]
        first = next(one for one in found if one["kind"] == "invoice")
        paid = {
            "amount": "1.00",
            "received_on": self.now.date().isoformat(),
            "origin": "bank",
            "external_id": name,
        }
        await self.do("payments", post(f"/invoices/{first['number']}/payments", paid, f"pay {name}"))

    async def one_approved(self, name: str) -> None:
        """The clerk asks, the boss says yes, and it ships."""
        number = await self.order("ASKS", [("BOLT", 2)], f"place {name}")
        found = (await self.insist(Ask("GET", "/approvals?account=ASKS&state=pending")))["items"]
        [request] = [one for one in found if one["order"] == number]
        yes = {"decision": "approve"}
        await self.do("decisions", post(f"/approvals/{request['id']}/decisions", yes, f"yes {name}"), BOSS)
        await self.ship(number, 2, f"{name} 0", "ASKS")

    async def look(self, is_over: asyncio.Event) -> None:
        """Petra keeps looking at her orders; when she is not known any more, she signs in again."""
        guest, chance = cast.guest(self.portal), random.Random(f"{self.seed} looks")
        guest.client.timeout = httpx.Timeout(PAGE_LIMIT)
        while not is_over.is_set():
            mine = [number for number, account in self.orders.items() if account == "NORDWIND"]
            path = chance.choice(["/orders", "/", *(f"/orders/{number}" for number in mine[-3:])])
            began = time.monotonic()
            try:
                answer = await asyncio.to_thread(guest.client.get, path)
            except httpx.TransportError as problem:
                self.pages[type(problem).__name__] += 1
            else:
                self.pages[str(answer.status_code)] += 1
                self.took.append(time.monotonic() - began)
                if "/sign-in" in answer.headers.get("location", ""):
                    await self._sign_in(guest)
            await asyncio.sleep(0.1)

    async def _sign_in(self, guest: cast.Guest) -> None:
        try:
            answer = await asyncio.to_thread(guest.sign_in, BUYERS["NORDWIND"])
        except (httpx.TransportError, AssertionError) as problem:
            self.pages[f"sign-in: {type(problem).__name__}"] += 1
            return
        self.pages[f"sign-in: {answer.status_code}"] += 1
        self.sign_ins += answer.status_code == 303

    async def follow(self, account: str, is_over: asyncio.Event) -> None:
        """The account's own system reads its feed on, and never back."""
        while not is_over.is_set():
            await self.read_on(account)
            await asyncio.sleep(0.5)

    async def read_on(self, account: str) -> None:
        known = self.read[account]
        while True:
            after = known[-1]["sequence"] if known else 0
            ask = Ask("GET", f"/events?account={account}&limit=200&after={after}")
            page = (await self.insist(ask, account))["items"]
            if not page:
                return
            known += page


async def open_market(machines: Machines, seed: object) -> Market:
    """As the trade, and ASKS, where everything has to be approved. Petra has a password."""
    trade = await opened(machines, seed)
    world = trade.world
    people = {"petra": ("NORDWIND", BUYERS["NORDWIND"], "buyer")}
    for name, (account, email, role) in people.items():
        body = {"name": name, "roles": [role], "password": cast.PASSWORD}
        world.put(f"accounts/{account}/users/{email}", body)
    world.account("ASKS")
    world.put(f"accounts/ASKS/users/{BOSS}", {"name": "boss", "roles": ["approver"]})
    world.put(f"accounts/ASKS/users/{CLERK}", {"name": "clerk", "roles": ["buyer"]})
    steps = [{"approvers": [BOSS]}]
    rules = [{"name": "all", "when": {"total_above": {"amount": "0", "currency": "GBP"}}, "steps": steps}]
    world.put("accounts/ASKS/approval-policy", {"rules": rules, "expires_after_hours": 2000})
    market = Market(**{one.name: getattr(trade, one.name) for one in fields(trade)})
    for whose, email in (("ASKS", CLERK), (BOSS, BOSS)):
        market.tokens[whose] = world.post("tokens", {"scopes": ["*"], "name": email, "user": email})["token"]
    return market
