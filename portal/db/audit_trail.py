"""The audit chain as it is read: the newest first, what was done to one thing, by one person, in some days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.db.audit import COLUMNS
from portal.db.work import Connection
from portal.domain.audit import Entry

FOREVER = (date(1970, 1, 1), date(2200, 1, 1))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose chains, and what of them; the days are both included, where the supplier is."""

    accounts: Sequence[str]
    zone: str = "UTC"
    action: str | None = None
    subject: str | None = None
    actor: str | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry with its place among those of all accounts."""

    id: int
    entry: Entry


FILTER = """account = any($1::text[])
    and ($2::text is null or action = $2)
    and ($3::text is null or subject = $3)
    and ($4::text is null or actor ilike '%' || $4 || '%')
    and at >= ($5::date)::timestamp at time zone $7
    and at < ($6::date + 1)::timestamp at time zone $7"""


def _filter(wanted: Wanted) -> list[object]:
    typed = wanted.actor
    actor = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") if typed else None
    first, last = wanted.first or FOREVER[0], wanted.last or FOREVER[1]
    return [list(wanted.accounts), wanted.action, wanted.subject, actor, first, last, wanted.zone]


async def listed(
    conn: Connection, wanted: Wanted, *, limit: int | None, before: int | None = None
) -> list[Listed]:
    """The newest first, those older than `before`; without a limit all of them."""
    rows = await conn.fetch(
        f"""select id, {COLUMNS} from audit_entry where {FILTER} and ($8::bigint is null or id < $8)
            order by id desc limit $9""",
        *_filter(wanted),
        before,
        limit,
    )
    return [Listed(row["id"], Entry(*list(row.values())[1:])) for row in rows]


async def count(conn: Connection, wanted: Wanted) -> int:
    return await conn.fetchval(  # type: ignore[no-any-return]
        f"select count(*) from audit_entry where {FILTER}", *_filter(wanted)
    )


async def actions(conn: Connection, accounts: Sequence[str]) -> list[str]:
    """What was ever done in these accounts."""
    rows = await conn.fetch(
        "select distinct action from audit_entry where account = any($1::text[]) order by action",
        list(accounts),
    )
    return [row["action"] for row in rows]


async def of_account(conn: Connection, account: str, after: int, limit: int) -> list[Entry]:
    """An account's chain after a sequence number, in the order in which it is verified."""
    rows = await conn.fetch(
        f"select {COLUMNS} from audit_entry where account = $1 and sequence > $2 order by sequence limit $3",
        account,
        after,
        limit,
    )
    return [Entry(*row.values()) for row in rows]


async def entry(conn: Connection, account: str, sequence: int) -> Entry | None:
    row = await conn.fetchrow(
        f"select {COLUMNS} from audit_entry where account = $1 and sequence = $2", account, sequence
    )
    return Entry(*row.values()) if row else None
