"""Work that was asked for in bulk: runs, and what became of each of their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.db.work import Connection

Parameters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of a run before it is written: what it is about (an order's number) and what is to be known of it."""

    subject: str
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that this transaction works on, with what its run says of all of them."""

    run_id: int
    row: int
    subject: str
    parameters: Parameters
    what: str
    shared: Parameters
    person_id: int
    actor: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row as people read it. `state` is waiting, done or refused."""

    row: int
    subject: str
    parameters: Parameters
    state: str
    result: Parameters | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """A run with all of its rows."""

    id: int
    what: str
    shared: Parameters
    actor: str
    who: str
    asked_at: datetime
    rows: Sequence[Row]

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)

    @property
    def is_over(self) -> bool:
        return not self.count("waiting")


async def insert(
    conn: Connection,
    what: str,
    shared: Parameters,
    person_id: int,
    actor: str,
    form: str,
    rows: Sequence[Asked],
    now: datetime,
) -> tuple[int, bool]:
    """(the run's id, whether it is new): the same form of the same person asks once."""
    run_id = await conn.fetchval(
        """insert into bulk_run (what, parameters, person_id, actor, form, asked_at) values ($1, $2, $3, $4, $5, $6)
           on conflict (person_id, form) do nothing returning id""",
        what,
        shared,
        person_id,
        actor,
        form,
        now,
    )
    if run_id is None:
        known = await conn.fetchval(
            "select id from bulk_run where person_id = $1 and form = $2", person_id, form
        )
        return known, False
    await conn.executemany(
        "insert into bulk_row (run_id, row, subject, parameters) values ($1, $2, $3, $4)",
        [(run_id, number, row.subject, row.parameters) for number, row in enumerate(rows, 1)],
    )
    return run_id, True


async def claim(conn: Connection, run_id: int) -> Claimed | None:
    """The first row that waits and that nobody else works on; it is ours until commit."""
    row = await conn.fetchrow(
        """select r.run_id, r.row, r.subject, r.parameters, b.what, b.parameters as shared, b.person_id, b.actor
           from bulk_row r join bulk_run b on b.id = r.run_id
           where r.run_id = $1 and r.state = 'waiting' order by r.row limit 1 for update of r skip locked""",
        run_id,
    )
    return Claimed(*row.values()) if row else None


async def settle(
    conn: Connection, run_id: int, row: int, state: str, result: Parameters, now: datetime
) -> None:
    """What became of a row, once and for all."""
    await conn.execute(
        """update bulk_row set state = $3, result = $4, settled_at = $5
           where run_id = $1 and row = $2 and state = 'waiting'""",
        run_id,
        row,
        state,
        result,
        now,
    )


async def waiting(conn: Connection, run_id: int) -> int:
    """How many rows are still to be done."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        "select count(*) from bulk_row where run_id = $1 and state = 'waiting'", run_id
    )


async def accounts(conn: Connection, run_id: int) -> list[str]:
    """The accounts that rows name which are still to be done."""
    rows = await conn.fetch(
        """select distinct parameters ->> 'account' as account from bulk_row
           where run_id = $1 and state = 'waiting' and parameters ? 'account' order by 1""",
        run_id,
    )
    return [row["account"] for row in rows]


async def unfinished(conn: Connection, person_id: int | None = None) -> list[int]:
    """Runs with rows that wait, the oldest first; all, or those that one person asked for."""
    rows = await conn.fetch(
        """select distinct r.run_id from bulk_row r join bulk_run b on b.id = r.run_id
           where r.state = 'waiting' and ($1::bigint is null or b.person_id = $1) order by r.run_id""",
        person_id,
    )
    return [row["run_id"] for row in rows]


async def find(conn: Connection, run_id: int) -> Run | None:
    """A run as it stands now."""
    run = await conn.fetchrow(
        """select b.id, b.what, b.parameters, b.actor, p.name, b.asked_at
           from bulk_run b join person p on p.id = b.person_id where b.id = $1""",
        run_id,
    )
    if run is None:
        return None
    rows = await conn.fetch(
        "select row, subject, parameters, state, result, settled_at from bulk_row where run_id = $1 order by row",
        run_id,
    )
    return Run(*(*run.values(), [Row(*row.values()) for row in rows]))
