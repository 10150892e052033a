"""A portal that asks the sandbox ERP, over HTTP, for some of its accounts."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from portal import clock
from portal.adapters.erp import connect
from portal.adapters.erp.sandbox import Sandbox, serve
from portal.db.pool import open_pool
from portal.jobs.credit import recheck_credit
from portal.settings import Settings
from tests.fixtures import starting
from tests.portals import Portal
from tests.scenarios.driver import Json, World
from tests.servers import Servers

TOKEN = "what the sandbox wants to hear"
TAGS = count(1)


@dataclass
class Erp:
    """The sandbox as the tests set it."""

    sandbox: Sandbox
    url: str

    def says(self, account: str, **figures: object) -> None:
        """What it knows of an account from now on; without a word it is one without debts and without a limit."""
        blank = {"currency": "GBP", "credit_limit": None, "credit_hold": False}
        nothing = dict.fromkeys(("invoiced_unpaid", "other_orders", "portal_invoiced"), "0.00")
        self.sandbox.know(account, {**blank, **nothing, **figures})

    def is_(self, behaviour: str) -> None:
        self.sandbox.behave(behaviour)


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    sandbox = Sandbox(tmp_path_factory.mktemp("erp") / "sandbox.json", TOKEN)
    server = serve(sandbox, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Erp(sandbox, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _well_again(erp: Erp) -> Iterator[None]:
    yield
    erp.is_("ok")
    clock._ahead = timedelta()


@pytest.fixture(scope="module")
def connected(erp: Erp, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal that finds nothing wrong with itself when everybody has left."""
    with starting(servers, tmp_path_factory) as start:
        portal = start(environment={"PORTAL_ERP_URL": erp.url, "PORTAL_ERP_TOKEN": TOKEN})
        yield portal
        portal.check()


@dataclass
class Books(World):
    """A world whose BUYER the ERP knows; `again` is what the worker does every few seconds."""

    portal: Portal
    erp_system: Erp
    tag: str = ""
    orders: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        World.__init__(self, self.portal, self.tag, now=None)

    def buyer(self, number: str = "BUYER", **terms: object) -> Json:
        """An account that pays no tax, so that its figures read easily."""
        return self.account(number, tax_status="exempt", **{"credit_source": "erp", **terms})

    def says(self, account: str = "BUYER", **figures: object) -> None:
        self.erp_system.says(self.code(account), **figures)

    def credit(self, account: str = "BUYER") -> Json:
        return self.get(f"accounts/{self.code(account)}/credit")

    def owes(self, account: str = "BUYER") -> tuple[str, ...]:
        told = self.credit(account)["exposure"]
        return told["open_orders"], told["shipped_not_invoiced"], told["invoiced_unpaid"]

    def ledger(self, account: str = "BUYER") -> list[Json]:
        """All of it, the first first."""
        items: list[Json] = []
        params: Json = {"limit": 3}
        while True:
            page = self.get(f"accounts/{self.code(account)}/credit/ledger", **params)
            items += page["items"]
            if page["next"] is None:
                return items[::-1]
            params["cursor"] = page["next"]

    def again(self) -> int:
        settings: Settings = self.portal.settings

        async def run() -> int:
            erp: Any = connect(settings)
            async with await open_pool(settings.database_url, size=2) as pool:
                settled = await recheck_credit({"pool": pool, "settings": settings, "erp": erp})
            await erp.close()
            return settled

        return asyncio.run(run())


@pytest.fixture
def books(connected: Portal, erp: Erp) -> Books:
    """Goods for 10.00 each, as many as anybody wants; the account BUYER is not there yet."""
    made = Books(connected, erp, f"K{next(TAGS)}")
    made.location("MAIN")
    made.product("BOLT", price="10.00")
    made.stock("MAIN", "BOLT", 1000)
    # What others left.
    made.again()
    return made
