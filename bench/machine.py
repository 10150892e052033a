"""The machine that the figures come from: they mean little without it."""

import os
import platform
import sys
from pathlib import Path

import asyncpg


async def described(database_url: str) -> str:
    connection = await asyncpg.connect(database_url)
    try:
        version = connection.get_server_version()
    finally:
        await connection.close()
    return (
        f"Measured on {_processor()}, {os.cpu_count()} cores, {_memory():.0f} GB, {platform.system()} "
        f"{platform.release().split('-')[0]}; Python {platform.python_version()}, PostgreSQL {version.major}."
        f"{version.minor} with its defaults, but that no commit waits for the disk. Load and measuring ran on the "
        f"same cores; load average {os.getloadavg()[0]:.1f} at the start."
    )


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
