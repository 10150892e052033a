"""The files of invoices and credit notes: read by whoever may see the invoice, made by whoever claims them.

An invoice is issued with a row that waits. A worker claims it for a while, makes the files, and writes them once; a
worker that dies in the middle loses its claim when that while is over. What is ready is never made again: the database
refuses it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from portal.db.work import Connection
from portal.domain.access import Viewer

Kind = Literal["pdf", "cii", "ubl"]
State = Literal["waiting", "ready", "failed"]

MEDIA_TYPES: dict[Kind, str] = {"pdf": "application/pdf", "cii": "application/xml", "ubl": "application/xml"}
# Of the addresses, and of what is kept when somebody saves it.
ENDINGS: dict[Kind, str] = {"pdf": "pdf", "cii": "xml", "ubl": "ubl"}
SAVED_AS: dict[Kind, str] = {"pdf": ".pdf", "cii": "-cii.xml", "ubl": "-ubl.xml"}


@dataclass(frozen=True, slots=True)
class File:
    """A file of one invoice, or how far it is. Ready without content: there can be no such file, and `problem` says
    why (its currency has more digits than the standard allows)."""

    number: str
    kind: Kind
    state: State
    content: bytes | None
    # In hexadecimal; of the PDF as it was kept on the day, of XML as it is.
    sha256: str
    # en16931, extended, or none.
    profile: str | None
    problem: str

    @property
    def name(self) -> str:
        return f"{self.number}{SAVED_AS[self.kind]}"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.kind]

    @property
    def is_impossible(self) -> bool:
        return self.state == "ready" and self.content is None


FILE = """
select i.number, d.state, d.profile, coalesce(d.problem, '') as problem,
    case $3 when 'pdf' then d.pdf when 'cii' then d.cii else d.ubl end as content,
    encode(case $3 when 'pdf' then d.pdf_sha256 when 'cii' then sha256(d.cii) else sha256(d.ubl) end, 'hex') as sha256
from invoice i join invoice_document d on d.invoice_id = i.id
where i.number = $1 and ($2::text[] is null or i.account = any($2))
"""


async def file(conn: Connection, viewer: Viewer, number: str, kind: Kind) -> File | None:
    """The file of an invoice or credit note as far as it is; None where the viewer sees no such invoice."""
    row = await conn.fetchrow(FILE, number, viewer.accounts, kind)
    if row is None:
        return None
    return File(
        row["number"],
        kind,
        row["state"],
        row["content"],
        row["sha256"] or "",
        row["profile"],
        row["problem"],
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """An invoice whose files nobody else makes, as long as the claim is renewed."""

    invoice_id: int
    number: str
    facts: Mapping[str, Any]
    issued_at: datetime
    # This one included.
    attempts: int


# Claims are timed by the database's own clock: the portal's may be moved while somebody works.
CLAIM = """
with next as (
    select d.invoice_id from invoice_document d
    where d.state = 'waiting' and (d.claimed_until is null or d.claimed_until < clock_timestamp())
        and ($2::int is null or not exists (
            select from invoice_line l where l.invoice_id = d.invoice_id and l.position > $2))
    order by d.invoice_id limit 1
    for update of d skip locked
)
update invoice_document d set claimed_until = clock_timestamp() + $1::interval, attempts = d.attempts + 1
from next join invoice i on i.id = next.invoice_id where d.invoice_id = next.invoice_id
returning d.invoice_id, i.number, i.facts, i.issued_at, d.attempts
"""


async def claim(conn: Connection, lease: timedelta, *, most_lines: int | None = None) -> Claimed | None:
    """The oldest invoice that waits for its files, ours for the time of the lease; None when none waits, or none of at
    most so many lines."""
    row = await conn.fetchrow(CLAIM, lease, most_lines)
    return Claimed(*row.values()) if row else None


async def renew(conn: Connection, invoice_id: int, lease: timedelta) -> None:
    """It takes longer: nobody else shall begin."""
    await conn.execute(
        """update invoice_document set claimed_until = clock_timestamp() + $2::interval
           where invoice_id = $1 and state = 'waiting'""",
        invoice_id,
        lease,
    )


KEEP = """
update invoice_document set state = 'ready', claimed_until = null, problem = nullif($7, ''), profile = $2, pdf = $3,
    pdf_sha256 = sha256($3), cii = $4, ubl = $5, made_at = $6
where invoice_id = $1 and state <> 'ready'
returning invoice_id
"""


@dataclass(frozen=True, slots=True)
class Files:
    """All files of an invoice. `lacks` says why no valid XML can be, where there is none."""

    pdf: bytes
    profile: str | None = None
    cii: bytes | None = None
    ubl: bytes | None = None
    lacks: str = ""


async def keep(conn: Connection, invoice_id: int, files: Files, now: datetime) -> bool:
    """Write them for good; False when somebody else was first, whose files then stand."""
    kept = await conn.fetchval(
        KEEP, invoice_id, files.profile or "none", files.pdf, files.cii, files.ubl, now, files.lacks
    )
    return kept is not None


async def put_off(conn: Connection, invoice_id: int, problem: str, pause: timedelta) -> None:
    """Try again after a pause."""
    await conn.execute(
        """update invoice_document set problem = $2, claimed_until = clock_timestamp() + $3::interval
           where invoice_id = $1 and state = 'waiting'""",
        invoice_id,
        problem,
        pause,
    )


async def give_back(conn: Connection, invoice_id: int, problem: str | None = None) -> None:
    """It was not tried, or not for a reason of its own: it counts as if it had not been claimed."""
    await conn.execute(
        """update invoice_document set claimed_until = null, attempts = attempts - 1, problem = coalesce($2, problem)
           where invoice_id = $1 and state = 'waiting' and attempts > 0""",
        invoice_id,
        problem,
    )


async def give_up(conn: Connection, invoice_id: int, problem: str) -> None:
    """Somebody has to look into it: the finance page shows it."""
    await conn.execute(
        """update invoice_document set state = 'failed', claimed_until = null, problem = $2
           where invoice_id = $1 and state = 'waiting'""",
        invoice_id,
        problem,
    )


async def again(conn: Connection, number: str) -> bool:
    """What was given up waits once more; False when nothing was."""
    found = await conn.fetchval(
        """update invoice_document d set state = 'waiting', attempts = 0, claimed_until = null
           from invoice i where i.id = d.invoice_id and i.number = $1 and d.state = 'failed'
           returning i.number, pg_notify('portal_documents', '')""",
        number,
    )
    return found is not None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An invoice without its files: given up, or in difficulties."""

    number: str
    kind: str
    order: str
    account: str
    account_name: str
    state: State
    problem: str
    attempts: int
    issued_at: datetime


UNFINISHED = """
select i.number, i.kind, o.number as "order", i.account, a.name, d.state, coalesce(d.problem, '') as problem,
    d.attempts, i.issued_at
from invoice_document d
join invoice i on i.id = d.invoice_id
join orders o on o.id = i.order_id
join account a on a.number = i.account
where d.state <> 'ready' and (d.state = 'failed' or d.problem is not null)
order by d.state, d.invoice_id limit $1
"""


async def unfinished(conn: Connection, most: int = 100) -> list[Unfinished]:
    """Those that were given up first, the oldest of them on top; then those that are tried again."""
    rows = await conn.fetch(UNFINISHED, most)
    return [Unfinished(*row.values()) for row in rows]
