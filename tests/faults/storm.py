"""A storm: the market goes on while everything befalls the town, and then it is looked at whether anything was lost."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from tests.faults.faults import FAULTS, Storm
from tests.faults.market import Market, open_market
from tests.faults.proof import everything_is_well
from tests.faults.town import Town, town
from tests.fire.machines import until

# However short a fault is, so much is traded after it began.
DURING_EACH = 12
# Nobody waits longer for a page than this, in 95 of 100 cases, whatever is slow elsewhere.
SLOWEST_PAGE = 10.0


@dataclass
class Report:
    seed: object
    struck: Counter[str] = field(default_factory=Counter)
    seconds: float = 0
    counts: dict[str, Any] = field(default_factory=dict)
    market: Market | None = None
    town: Town | None = None

    def text(self) -> str:
        market, town = self.market, self.town
        assert market is not None
        assert town is not None
        pages = sorted(market.took)
        p95 = pages[int(len(pages) * 0.95)] if pages else 0
        lines = [
            f"Seed {self.seed}, {self.seconds:.0f} s.",
            "",
            f"Faults injected: {sum(self.struck.values())}",
        ]
        lines += [f"  {many:4} {name}" for name, many in self.struck.items()]
        lines += ["", f"Requests answered: {market.asked}; asked again: {market.again} {dict(market.failed)}"]
        lines += [f"Pages: {dict(market.pages)}, 95 of 100 within {p95:.2f} s; sign-ins: {market.sign_ins}"]
        lines += [f"Started again: {dict(town.kept_up)}", "Effects, each once:"]
        lines += [f"  {many:4} {kind}" for kind, many in self.counts["effects"].items()]
        lines += [f"  {many:4} {kind}" for kind, many in self.counts.items() if kind != "effects"]
        return "\n".join([*lines, "", "Losses: 0. Every law holds."])


async def storm(
    seed: object, *, only: Collection[str] = (), rounds: int = 1, minute: float = 60, say: Any = print
) -> Report:
    """Every fault (or only some) `rounds` times, in an order and at instants that the seed says."""
    chance, report, began = random.Random(f"{seed}"), Report(seed), time.monotonic()
    async with town() as place:
        market = await open_market(place.machines, seed)
        report.market, report.town = market, place
        weather = Storm(place, market, chance, minute)
        is_over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(market.go_on(is_over))
            tasks.create_task(market.look(is_over))
            tasks.create_task(market.follow("NORDWIND", is_over))
            for _ in range(rounds):
                names = [name for name in FAULTS if not only or name in only]
                for name in chance.sample(names, len(names)):
                    await _strike(weather, name, report, say)
            await until(lambda: _has_asked(market, market.allowed), "trade goes on after all of it", 90)
            is_over.set()
        say(f"The storm is over after {time.monotonic() - began:.0f} s.")
        report.counts = await everything_is_well(place, market)
        _pages_answered(market)
    report.seconds = time.monotonic() - began
    return report


async def _strike(weather: Storm, name: str, report: Report, say: Any) -> None:
    market = weather.market
    many = market.asked + weather.chance.randint(3, 10)
    market.allowed = max(market.allowed, many + DURING_EACH)
    await until(lambda: _has_asked(market, many), f"trade goes on before {name}", 90)
    began, failed = time.monotonic(), market.again
    struck = await FAULTS[name](weather)
    report.struck[name] += struck
    market.allowed = max(market.allowed, market.asked + DURING_EACH)
    say(
        f"after {many} requests {name} ({struck}): {time.monotonic() - began:.1f} s, "
        f"{market.again - failed} asked again"
    )


async def _has_asked(market: Market, many: int) -> bool:
    return market.asked >= many


def _pages_answered(market: Market) -> None:
    """A page comes, or a page that says what is the matter; and soon."""
    assert set(market.pages) - {"200", "303", "503"} <= CUT_OFF, market.pages
    took = sorted(market.took)
    assert took[int(len(took) * 0.95)] < SLOWEST_PAGE


# The process that was to answer was killed, or the sign-in's own request met the same.
CUT_OFF = {
    "ReadError",
    "RemoteProtocolError",
    "ConnectError",
    "ReadTimeout",
    "sign-in: 303",
    "sign-in: 503",
    "sign-in: ReadError",
    "sign-in: RemoteProtocolError",
    "sign-in: AssertionError",
}
