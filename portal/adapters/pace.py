"""How fast a token may ask. Counted in Valkey, so that all web processes share one count."""

import time
from typing import Any

import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()
WINDOW_SECONDS = 10


async def seconds_to_wait(valkey: Any, token: str, per_minute: int) -> int:
    """0 when the token may ask now, else for how long it shall wait.

    Without Valkey nobody is slowed down: the limit protects the service, it is no lock on a door.
    """
    window, into = divmod(time.time(), WINDOW_SECONDS)
    key = f"api:pace:{token}:{int(window)}"
    try:
        async with valkey.pipeline(transaction=False) as pipe:
            pipe.incr(key)
            pipe.expire(key, WINDOW_SECONDS * 2)
            count, _ = await pipe.execute()
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("requests are not counted", error=repr(error))
        return 0
    return 0 if count <= per_minute * WINDOW_SECONDS // 60 else int(WINDOW_SECONDS - into) + 1
