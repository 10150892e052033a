"""Child processes that end with us: when the process that started them is killed, the kernel tells them (on Linux).

The kernel does so when the *thread* that started a child ends: start it from one that lives as long as it shall.
"""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import IO, Any

STOP_LIMIT = 20.0
SET_PARENT_DEATH_SIGNAL = 1
ARE_TOLD = sys.platform == "linux"

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(with_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before its program starts, so that the kernel ends it when its parent is gone."""
    if _libc is None:
        return None
    libc = _libc
    parent = os.getpid()

    def ask_kernel() -> None:
        libc.prctl(SET_PARENT_DEATH_SIGNAL, with_signal, 0, 0, 0)
        if os.getppid() != parent:  # it died in between: the signal would never come
            os._exit(1)

    return ask_kernel


def end_with_parent(with_signal: signal.Signals) -> None:
    """The same for this process itself."""
    if _libc is not None:
        _libc.prctl(SET_PARENT_DEATH_SIGNAL, with_signal, 0, 0, 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def spawn(
    command: list[str], *, log: IO[bytes], parent_death: signal.Signals, **identity: Any
) -> asyncio.subprocess.Process:
    # A session of its own: a terminal's Ctrl-C must not reach a server before its clients have finished.
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        start_new_session=True,
        preexec_fn=dies_with_parent(parent_death),
        **identity,
    )


async def end(process: asyncio.subprocess.Process | None, with_signal: signal.Signals) -> None:
    if process is None or process.returncode is not None:
        return
    process.send_signal(with_signal)
    try:
        await asyncio.wait_for(process.wait(), STOP_LIMIT)
    except TimeoutError:
        process.kill()
        await process.wait()
