"""`make faults`: whatever can befall a portal does, while it is at work; the counts, and that nothing was lost."""

import argparse
import asyncio
import signal
import sys
import time

from tests.faults.faults import FAULTS
from tests.faults.storm import storm


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "--seed", default=str(time.time_ns() % 1_000_000), help="of an earlier run, to repeat it"
    )
    parser.add_argument("--rounds", type=int, default=1, help="how often each fault strikes")
    parser.add_argument(
        "--only", action="append", default=[], metavar="WORD", help="faults whose names have it"
    )
    parser.add_argument("--minute", type=float, default=60, help="seconds for which Valkey is away")
    options = parser.parse_args()
    only = [name for name in FAULTS if any(word in name for word in options.only)]
    # Whoever is told to end takes the disk off again.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"Seed {options.seed}", flush=True)
    report = asyncio.run(
        storm(
            options.seed,
            only=only,
            rounds=options.rounds,
            minute=options.minute,
            say=lambda line: print(line, flush=True),
        )
    )
    print(f"\n{report.text()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
