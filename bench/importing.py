"""The import of wholesale order lines, against COPY of the same rows into the same tables."""

import asyncio
import gzip
import os
import resource
import sys
import time as clock
from pathlib import Path

import asyncpg

from bench.ground import Ground
from bench.telling import Findings, count, ratio, size, time

ROOT = Path(__file__).parent.parent
# The whole file where it is given, else the excerpt that the demo brings along.
GIVEN = ROOT.parent / "shared" / "data" / "online-retail" / "order-lines.csv.gz"
EXCERPT = ROOT / "portal" / "seed" / "data" / "wholesale-excerpt.csv.gz"
# In the order in which they refer to each other.
TABLES = (
    "account", "account_feed", "ship_to", "location", "product", "orders", "order_line", "shipment", "stock_level",
    "inbound", "inbound_line", "receipt", "allocation_agreement", "portion", "shipment_line", "carrier_event",
    "order_status", "event",
)  # fmt: skip


async def run(ground: Ground) -> Findings:
    file = book_file()
    with gzip.open(file, "rt", encoding="utf-8", errors="replace") as lines:
        rows = sum(1 for _ in lines) - 1

    url = await ground.database()
    first, memory = await take_over(ground, file, url)
    again, _ = await take_over(ground, file, url)
    copied = await _copy(ground, url)

    findings = Findings()
    table = findings.table("what", "takes", "rows a second", "peak memory", "against COPY", "bar")
    table.add(
        f"import of {count(rows)} rows",
        time(first),
        count(rows / first),
        size(memory),
        ratio(first, copied),
        "≤ 8 ×",
    )
    table.add(
        "the same file again: nothing new", time(again), count(rows / again), "", ratio(again, copied), ""
    )
    table.add("COPY of what it wrote into the same tables", time(copied), "", "", ratio(1, 1), "")
    findings.say(
        f"`{file.name}`. The import reads, decides row by row, prices, plans the open orders and writes a report of what it left "
        "out; COPY writes the finished rows, under the same constraints and triggers. Peak memory is that of the importing "
        "process."
    )
    return findings


def book_file() -> Path:
    """What is imported: the file that is named, else the whole one where it is given, else the excerpt."""
    named = os.environ.get("PORTAL_BENCH_ORDERS")
    file = Path(named) if named else GIVEN
    return file if file.is_file() else EXCERPT


async def take_over(ground: Ground, file: Path, url: str) -> tuple[float, float]:
    """(seconds, peak memory in bytes) of `python -m portal import orders`."""
    environment = {
        **os.environ,
        "PORTAL_MODE": "production",
        "PORTAL_DATABASE_URL": url,
        "PORTAL_HOME": str(ground.home),
    }
    report = ground.home / "left-out.csv"
    began = clock.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "portal", "import", "orders", str(file), "--report", str(report),
        cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    peak = asyncio.create_task(_peak(process.pid))
    said, _ = await process.communicate()
    seconds = clock.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"the import failed:\n{said.decode()[-3000:]}")
    return seconds, await peak


async def _peak(pid: int) -> float:
    """The most memory that was seen; looked at often, because the process takes the last figure with it."""
    most = 0
    while (status := Path(f"/proc/{pid}/status")).exists():
        try:
            most = max(
                most, *(int(x.split()[1]) for x in status.read_text().splitlines() if x.startswith("VmHWM"))
            )
        except (OSError, TypeError):
            break
        await asyncio.sleep(0.05)
    return (most or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024


async def _copy(ground: Ground, url: str) -> float:
    """Seconds to COPY everything that stands in the tables into another fresh database, in one transaction."""
    target = await ground.database()
    source, sink = await asyncpg.connect(url), await asyncpg.connect(target)
    try:
        for table in TABLES:
            await source.copy_from_table(table, output=str(ground.home / f"{table}.copy"))
        began = clock.perf_counter()
        async with sink.transaction():
            for table in TABLES:
                await sink.copy_to_table(table, source=str(ground.home / f"{table}.copy"))
        return clock.perf_counter() - began
    finally:
        await source.close()
        await sink.close()
        await ground.drop(target)
