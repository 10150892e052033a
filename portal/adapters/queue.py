"""The way to the worker: jobs are asked for by name, after the commit that makes them due.

They travel as MessagePack, because arq's pickle would run whatever somebody puts into Valkey. Nothing depends on a job
getting there: what is due stands in the database, and the worker looks for it by the clock as well.
"""

import logging
from typing import Any

import msgspec
from arq.connections import ArqRedis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def pack(job: dict[str, Any]) -> bytes:
    """Anything that MessagePack does not know, an exception above all, is stored as its text."""
    return msgspec.msgpack.encode(job, enc_hook=repr)


def unpack(job: bytes) -> dict[str, Any]:
    unpacked: dict[str, Any] = msgspec.msgpack.decode(job)
    return unpacked


async def nudge(valkey: Any, job: str, *arguments: Any, job_id: str) -> None:
    """Ask the worker to do it now. The same id asks once; while Valkey is away, the worker's clock has to do."""
    queue = ArqRedis(valkey.connection_pool, job_serializer=pack, job_deserializer=unpack)
    try:
        await queue.enqueue_job(job, *arguments, _job_id=job_id)
    except RedisError as away:
        log.warning("%s is left to the clock: %s", job_id, away)
