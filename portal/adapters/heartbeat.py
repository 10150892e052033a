"""Does a worker live? It writes a key that expires; whoever asks looks whether the key is there."""

from datetime import UTC, datetime
from typing import Any

KEY = "portal:worker:heartbeat"
EXPIRES_SECONDS = 30


async def beat(valkey: Any) -> None:
    """Say so, with the instant; call it every five seconds."""
    await valkey.set(KEY, datetime.now(UTC).isoformat(), ex=EXPIRES_SECONDS)


async def is_beating(valkey: Any) -> bool:
    """`valkey` is any asyncio client of the redis family."""
    return bool(await valkey.exists(KEY))
