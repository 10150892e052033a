"""The worker: runs what was committed to be done outside of a request, and what is due by the clock.

It is arq's, with two changes: jobs travel as MessagePack, because arq's pickle would run whatever somebody puts into
Valkey; and a heartbeat tells `/readyz` that somebody works.
"""

import asyncio
import dataclasses
import time
from typing import Any

import structlog
from arq import cron
from arq.connections import RedisSettings
from arq.worker import Worker

from portal import figures, jobs, tracing
from portal.adapters import erp
from portal.adapters.heartbeat import beat
from portal.adapters.queue import pack, unpack
from portal.clock import utc_now
from portal.db import health, supplier
from portal.db.pool import open_pool
from portal.jobs.bundles import Packer
from portal.jobs.couriers import Courier
from portal.jobs.documents import Press
from portal.jobs.watching import Watched
from portal.settings import Settings

# A job killed with its process is run again when the longest time limit has passed: so all limits are short.
LONGEST_JOB = 30
LAST_WORDS = 10
# Of connections to the database: whatever the jobs do with theirs, deliveries go out.
COURIERS_OWN = 4
EVERY_FIVE = set(range(0, 60, 5))


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; jobs get ten seconds to finish, or are run again by the next worker."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    figures.begin(settings.home)
    tracing.begin(settings.otel_endpoint, "worker")
    try:
        Worker(**worker_options(settings)).run()
    finally:
        tracing.end()


def worker_options(settings: Settings) -> dict[str, Any]:
    async def start(ctx: dict[str, Any]) -> None:
        ctx["settings"] = settings
        ctx["pool"] = await open_pool(settings.database_url)
        ctx["erp"] = erp.connect(settings)
        await supplier.keep(ctx["pool"], **settings.supplier)
        await health.keep_erp(ctx["pool"], settings.erp_url, utc_now())
        ctx["press"] = Press(ctx["pool"], settings)
        ctx["packer"] = Packer(ctx["pool"])
        ctx["couriers_pool"] = await open_pool(settings.database_url, size=COURIERS_OWN, only_by_index=True)
        ctx["courier"] = Courier(ctx["couriers_pool"], settings)
        ctx["courier"].start()
        ctx["watched"] = Watched()

    async def stop(ctx: dict[str, Any]) -> None:
        await ctx["courier"].stop()
        await ctx["couriers_pool"].close()
        await ctx["packer"].stop()
        await ctx["press"].stop()
        await ctx["erp"].close()
        await ctx["pool"].close()

    return {
        "functions": [_told(function) for function in jobs.FUNCTIONS],
        "cron_jobs": [
            *(_told(job) for job in jobs.CRON_JOBS),
            cron(heartbeat, second=EVERY_FIVE, run_at_startup=True, unique=False),
        ],
        "redis_settings": RedisSettings.from_dsn(settings.valkey_url),
        "on_startup": start,
        "on_shutdown": stop,
        "job_serializer": pack,
        "job_deserializer": unpack,
        "job_timeout": LONGEST_JOB,
        "job_completion_wait": LAST_WORDS,
        "keep_result": 0,
        "poll_delay": 0.1,
        "log_results": False,
    }


def _told(job: Any) -> Any:
    """The same job, with its name in each line of its log, as a trace, and measured."""
    name, do = job.name.removeprefix("cron:"), job.coroutine

    async def told(ctx: dict[str, Any], *arguments: Any) -> Any:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(job=name, run=ctx.get("job_id"))
        began = time.monotonic()
        try:
            with tracing.span(f"job {name}", "consumer"):
                return await do(ctx, *arguments)
        finally:
            figures.figures().jobs.labels(name).observe(time.monotonic() - began)

    return dataclasses.replace(job, coroutine=told)


async def heartbeat(ctx: dict[str, Any]) -> None:
    """A job like others: it shows that jobs are run, not only that a process is there."""
    await beat(ctx["redis"])
