"""Clocks: the processor time of processes, quantiles, and rounds in which all variants take their turns."""

import math
import statistics
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path

NANO = 1_000_000_000

Sample = Mapping[str, float]


def processor_seconds(pids: Iterable[int]) -> dict[int, float]:
    """What each of these processes has computed so far, all its threads together."""
    return {pid: _of_process(pid) for pid in pids if Path(f"/proc/{pid}").exists()}


def spent(before: Mapping[int, float], after: Mapping[int, float]) -> float:
    """What was computed in between, also by processes that are new."""
    return sum(seconds - before.get(pid, 0) for pid, seconds in after.items())


def _of_process(pid: int) -> float:
    total = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has just ended
    return total / NANO


def with_children(pid: int) -> list[int]:
    """The process and those that it has started: PostgreSQL has one for each connection."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def peak_memory(pid: int) -> int:
    """The most that the process has had in memory so far, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"process {pid} tells nothing of its memory")


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest rank."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


async def in_turns(
    variants: Mapping[str, Callable[[], Awaitable[Sample]]], *, rounds: int
) -> dict[str, dict[str, float]]:
    """Run each variant once to warm up, then `rounds` times in changing order; answers the medians.

    Whatever else the machine does meanwhile hits all of them alike.
    """
    names = list(variants)
    for name in names:
        await variants[name]()
    samples: dict[str, list[Sample]] = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            samples[name].append(await variants[name]())
    return {name: medians(taken) for name, taken in samples.items()}


def medians(samples: Sequence[Sample]) -> dict[str, float]:
    return {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}
