"""`python -m bench [--write] [NAME ...]`."""

import argparse
import asyncio
import importlib
import time

from bench import machine
from bench.ground import ground
from bench.telling import write
from portal import memory

NAMES = (
    "pages",
    "scope",
    "live",
    "planning",
    "receiving",
    "placing",
    "ordering",
    "shipping",
    "importing",
    "desk",
    "documents",
    "mail",
    "webhooks",
    "feed",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the portal, as ratios.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(NAMES)):
        parser.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(NAMES)}")
    asyncio.run(_run(options.names or NAMES, into_paper=options.write))


async def _run(names: tuple[str, ...], *, into_paper: bool) -> None:
    # As the portal's own processes do.
    memory.settle()
    async with ground() as made:
        about = await machine.described(made.postgres.url)
        print(about, flush=True)
        if into_paper:
            write("machine", about)
        for name in names:
            began = time.monotonic()
            findings = await importlib.import_module(f"bench.{name}").run(made)
            print(f"\n{name} ({time.monotonic() - began:.0f} s)\n\n{findings.text()}", flush=True)
            if into_paper:
                write(name, findings.text())


if __name__ == "__main__":
    main()
