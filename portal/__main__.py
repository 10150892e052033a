"""`python -m portal COMMAND`: what the portal does from a terminal."""

import argparse
import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from portal import logs, memory
from portal.settings import BadSettings, Settings

INTERRUPTED = 130
# What a mail server understands as: keep it, and try again later.
TRY_AGAIN = 75


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except _expected() as failure:
        print(f"portal: {failure}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portal", description="The buyer portal.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    demo = command(
        "demo", _demo, "Run everything on this machine, with servers of its own and a story to look at."
    )
    demo.add_argument("--fresh", action="store_true", help="throw away what an earlier demo has kept")
    demo.add_argument("--end-with-parent", action="store_true", help="stop when whoever started this is gone")
    serve = command("serve", _serve, "Run the web processes (PORTAL_WEB_PROCESSES).")
    serve.add_argument("--fd", type=int, help="serve in this one process on a socket that listens already")
    live = command("live", _live, "Run one process for the live streams alone; a balancer sends them to it.")
    live.add_argument("--fd", type=int, help="answer on a socket that listens already")
    command("worker", _worker, "Run one worker.")
    command("migrate", _migrate, "Bring the database's shape up to date.")
    command("seed", _seed, "Tell the demo's story to the database.")
    importing = command("import", None, "Take over data from files.").add_subparsers(
        required=True, metavar="WHAT"
    )
    orders = importing.add_parser(
        "orders", help="wholesale order lines; safe to run twice, resumes after a kill"
    )
    orders.add_argument("file", type=Path, metavar="FILE")
    orders.add_argument("--report", type=Path, help="where to list the rows that were left out, and why")
    orders.add_argument(
        "--supply", type=Path, help="supplier deliveries that stock and supply are modelled on"
    )
    orders.set_defaults(run=_import_orders)
    command("check", _check, "Say whether every law holds on the data as it is.")
    keep = command(
        "backup", _backup, "Write everything that has to be kept into a folder, while the portal runs."
    )
    keep.add_argument("folder", type=Path, metavar="FOLDER", help="a folder that is not there yet")
    keep.add_argument("--jobs", type=int, default=2, help="tables that are read at once")
    back = command(
        "restore", _restore, "Bring a backup back into an empty database, and check every law on it."
    )
    back.add_argument(
        "folder", type=Path, nargs="?", metavar="FOLDER",
        help="the backup; without one, put a database in order that other programs have restored",
    )  # fmt: skip
    back.add_argument(
        "--jobs", type=int, default=1, help="tables that are written at once; 1: all or nothing"
    )
    back.add_argument(
        "--any-key", action="store_true", help="the secret key is lost: sealed secrets are, too"
    )
    back.add_argument(
        "--skip-numbers", type=int, default=0, metavar="MANY",
        help="leave out so many numbers of orders and shipments, as many as may have been given since the backup",
    )  # fmt: skip
    audit = command("audit", None, "Look after the audit chain.").add_subparsers(
        required=True, metavar="WHAT"
    )
    verify = audit.add_parser("verify", help="say whether every entry is as it was written")
    verify.add_argument("--account", help="this account's chain only")
    verify.set_defaults(run=_verify_audit)
    bounce = command(
        "bounce", _bounce, "Read a mail that came back from standard input, as a mail server hands it over."
    )
    bounce.add_argument("address", nargs="?", default="", help="to which address it came, if that is known")
    sandbox = command(
        "erp-sandbox", _erp_sandbox, "Run an ERP to try the portal with; demo and test mode only."
    )
    sandbox.add_argument("--port", type=int, help="where it listens; by default where PORTAL_ERP_URL says")
    sample = command(
        "sample-receiver",
        _sample_receiver,
        "Run a customer's system that takes webhooks, to try them out; demo and test mode only.",
    )
    sample.add_argument(
        "--port", type=int, default=0, help="where it listens; by default where there is room"
    )
    command("assets", _assets, "Build the static files.")
    return parser


def _demo(options: argparse.Namespace) -> None:
    from portal.adapters.children import end_with_parent
    from portal.supervisor import Supervisor

    if options.end_with_parent:
        end_with_parent(signal.SIGTERM)
    settings = Settings.from_env(_environment(demo=True))
    if settings.mode != "demo":
        raise BadSettings(
            f"PORTAL_MODE is {settings.mode}: the demo has known passwords and runs in demo mode only."
        )
    logs.configure("warning", readable=True)
    asyncio.run(Supervisor(settings).demo(fresh=options.fresh, announce=_welcome))


def _welcome(facts: Mapping[str, Any]) -> None:
    print(f"Portal ready at {facts['base_url']}")
    for user in facts["users"]:
        print(
            f"  {user['email']}  password {user['password']}  ({user['role']}, {user['account'] or 'supplier'})"
        )
    print(f"  stories play at {facts['base_url']}/demo")
    if facts.get("erp_url"):
        print(f"  the sandbox ERP and its switches are at {facts['erp_url']}/")
    if facts.get("sample_url"):
        print(f"  a customer's system that is told by webhook is at {facts['sample_url']}/")
    print(f"  mail goes to {facts['mailbox_url']}; Ctrl-C stops everything and keeps the data", flush=True)


def _serve(options: argparse.Namespace) -> None:
    settings = Settings.from_env()
    logs.configure(settings.log_level)
    if options.fd is not None:
        _serve_here(settings, socket.socket(fileno=options.fd))
    elif settings.web_processes == 1:
        from portal.supervisor import listen

        _serve_here(settings, listen(settings))
    else:
        from portal.supervisor import Supervisor

        asyncio.run(Supervisor(settings).web())


def _serve_here(settings: Settings, listener: socket.socket) -> None:
    memory.load()
    from portal import server

    server.run(settings, listener)


def _live(options: argparse.Namespace) -> None:
    """The streams stay open for hours: in a process of their own, pages wait for none of them, and a page's process
    that is replaced cuts none off."""
    settings = Settings.from_env()
    logs.configure(settings.log_level)
    memory.load()
    from portal import server
    from portal.supervisor import listen

    server.run(settings, listen(settings) if options.fd is None else socket.socket(fileno=options.fd), "live")


def _worker(_: argparse.Namespace) -> None:
    memory.load()
    from portal import worker

    settings = Settings.from_env()
    logs.configure(settings.log_level)
    memory.settle()
    worker.run(settings)


def _migrate(_: argparse.Namespace) -> None:
    from portal import schema
    from portal.db import supplier
    from portal.db.pool import open_pool

    async def run(settings: Settings) -> None:
        await asyncio.to_thread(schema.upgrade, settings.database_url)
        async with await open_pool(settings.database_url) as pool:
            await supplier.begin(pool, **settings.supplier)

    asyncio.run(_with_database(run))
    print("The database is up to date.")


def _seed(_: argparse.Namespace) -> None:
    from portal.clock import utc_now
    from portal.db.pool import open_pool
    from portal.seed import seed

    async def run(settings: Settings) -> None:
        if settings.is_production:
            raise BadSettings("The demo's story has known passwords: it is told in demo and test mode only.")
        async with await open_pool(settings.database_url) as pool:
            await seed(pool, settings, utc_now())

    asyncio.run(_with_database(run))
    print("The story is in the database.")


def _import_orders(options: argparse.Namespace) -> None:
    from portal.db.pool import open_pool
    from portal.importing import Bar, Report, import_orders

    bar = Bar()

    async def run(settings: Settings) -> Report:
        async with await open_pool(settings.database_url) as pool:
            return await import_orders(
                pool, settings, options.file, supply=options.supply, report=options.report, progress=bar
            )

    try:
        told = asyncio.run(_with_database(run))
    finally:
        bar.close()
    print(told.text())


def _check(_: argparse.Namespace) -> int:
    from portal.db.pool import open_pool
    from portal.operations import checking

    async def run(settings: Settings) -> list[str]:
        async with await open_pool(settings.database_url) as pool:
            return await checking.broken_laws(pool)

    broken = asyncio.run(_with_database(run))
    print("\n".join(broken) or "Every law holds.")
    return 1 if broken else 0


def _backup(options: argparse.Namespace) -> None:
    from portal import backups

    async def run(settings: Settings) -> dict[str, Any]:
        return await backups.backup(
            settings, settings.database_url, options.folder.absolute(), max(options.jobs, 1)
        )

    facts = asyncio.run(_with_database(run))
    print(f"{options.folder} holds everything up to {facts['made_at']}, with {facts['events']:,} events.")
    print(
        "Keep PORTAL_SECRET_KEY with it in mind, and not beside it: without that key its secrets stay sealed."
    )


def _restore(options: argparse.Namespace) -> int:
    from portal import backups

    async def run(settings: Settings) -> list[str]:
        url = settings.database_url
        if options.folder is None:
            said = await backups.settle(url, skip_numbers=options.skip_numbers)
        else:
            said = await backups.restore(
                settings,
                url,
                options.folder.absolute(),
                jobs=max(options.jobs, 1),
                any_key=options.any_key,
                skip_numbers=options.skip_numbers,
            )
        print("\n".join(said))
        return await backups.broken(url)

    broken = asyncio.run(_with_database(run))
    print("\n".join(broken) or "Every law holds, and every entry of the audit chain is as it was written.")
    return 1 if broken else 0


def _verify_audit(options: argparse.Namespace) -> int:
    from portal.db.pool import open_pool
    from portal.operations import checking

    async def run(settings: Settings) -> tuple[list[str], tuple[int, int]]:
        async with await open_pool(settings.database_url) as pool:
            return await checking.broken_chain(pool, options.account)

    broken, (entries, chains) = asyncio.run(_with_database(run))
    if options.account and not entries and not broken:
        print(f"Account {options.account} has no entries in the audit chain.")
        return 0
    noun = "chain is" if chains == 1 else "chains are"
    print("\n".join(broken) or f"{entries:,} entries in {chains:,} {noun} as they were written.")
    return 1 if broken else 0


def _bounce(options: argparse.Namespace) -> int:
    """A mail server keeps what could not be taken now and tries again; it must never answer a report with another."""
    import asyncpg

    from portal import bounce_addresses
    from portal.db.pool import open_pool
    from portal.db.work import Work
    from portal.domain import bounces
    from portal.domain.refusals import NotFound
    from portal.operations import bouncing

    raw = sys.stdin.buffer.read(bounces.LARGEST)

    async def run(settings: Settings) -> str:
        if not settings.secret_key:
            raise BadSettings("PORTAL_SECRET_KEY is needed to tell whether a report is about a mail of ours.")
        report = bounces.read(
            raw, lambda text: bounce_addresses.read(settings.secret_key, f"{options.address} {text}")
        )
        if report is None:
            return "It reports nothing about a mail of ours."
        async with await open_pool(settings.database_url, size=1) as pool:
            work = Work(pool)
            async with work:
                outcome = await bouncing.bounced(work, report)
        goes_on = "goes on" if outcome.is_written_to else "is stopped"
        return f"Mail {report.mail} came back ({report.kind}); mail to {outcome.email} {goes_on}."

    try:
        print(asyncio.run(_with_database(run)))
    except NotFound as gone:
        print(gone)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as away:
        print(f"portal: not now: {away}", file=sys.stderr)
        return TRY_AGAIN
    return 0


def _erp_sandbox(options: argparse.Namespace) -> None:
    from urllib.parse import urlsplit

    from portal.adapters.erp.sandbox import Sandbox, serve

    settings = Settings.from_env(_environment(demo=False), serves=False)
    if settings.is_production:
        raise BadSettings("The sandbox ERP says whatever it is told: it runs in demo and test mode only.")
    port = options.port if options.port is not None else urlsplit(settings.erp_url).port or 0
    server = serve(Sandbox(settings.home / "erp" / "sandbox.json", settings.erp_token), port)
    with contextlib.suppress(KeyboardInterrupt):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        print(f"The sandbox ERP answers at http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()
    server.server_close()


def _sample_receiver(options: argparse.Namespace) -> None:
    from portal.adapters.sample import HOOK, Receiver, serve

    settings = Settings.from_env(_environment(demo=False), serves=False)
    if settings.is_production:
        raise BadSettings("The sample customer system is for demo and test mode only.")
    server = serve(Receiver(settings.home / "sample"), options.port)
    address = f"http://127.0.0.1:{server.server_port}"
    with contextlib.suppress(KeyboardInterrupt):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        print(
            f"The sample customer system takes webhooks at {address}{HOOK} and shows them at {address}/",
            flush=True,
        )
        server.serve_forever()
    server.server_close()


def _assets(_: argparse.Namespace) -> None:
    from portal import assets

    print(f"{len(assets.build())} static files are built.")


async def _with_database(run: Any) -> Any:
    """Run with the database that is named, or that a running demo has, or that the demo's home keeps."""
    settings = Settings.from_env(_environment(demo=False), serves=False)
    memory.settle()
    async with _database(settings) as url:
        return await run(settings.replace(database_url=url))


@contextlib.asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[str]:
    from portal.adapters.embedded import Postgres, only_here
    from portal.supervisor import read_private

    if settings.database_url:
        yield settings.database_url
    elif _is_held(settings.home):
        yield read_private(settings.home / "servers.json")["database_url"]
    else:
        with only_here(settings.home):
            server = Postgres(settings.home)
            await server.start()
            try:
                yield server.url
            finally:
                await server.stop()


def _is_held(home: Path) -> bool:
    try:
        with (home / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return (home / "servers.json").exists()
    return False


def _environment(*, demo: bool) -> dict[str, str]:
    """Where no mode is named, the demo is a demo, and a database that is named is a real one."""
    mode = "demo" if demo or not os.environ.get("PORTAL_DATABASE_URL") else "production"
    return {**os.environ, "PORTAL_MODE": os.environ.get("PORTAL_MODE") or mode}


def _expected() -> tuple[type[Exception], ...]:
    """What a person can mend: told in one sentence, without a traceback."""
    from portal.adapters.embedded import AlreadyRunning, CannotStart
    from portal.assets import NotBuilt
    from portal.backups import CannotKeep
    from portal.importing import CannotImport
    from portal.supervisor import CannotRun

    return (BadSettings, AlreadyRunning, CannotImport, CannotKeep, CannotStart, CannotRun, NotBuilt)


if __name__ == "__main__":
    sys.exit(main())
