"""How far the database's log had been written when the changes of one request were committed.

Only where a standby serves reads does anybody want to know: it costs each change one trip more.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

# Later than all that was ever written.
UNKNOWN = (1 << 63) - 1
AT = "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"


@dataclass(slots=True)
class Written:
    """`at` is 0 while a request has changed nothing. `is_late`: it was answered from the standby."""

    at: int = 0
    is_late: bool = False


written: ContextVar[Written | None] = ContextVar("written", default=None)


async def note(conn: Any) -> None:
    """To be called after a commit. The change is there whatever becomes of the question how far it reaches."""
    if (here := written.get()) is None:
        return
    here.at = UNKNOWN
    try:
        here.at = await conn.fetchval(AT)
    except Exception:  # noqa: BLE001 (it stays unknown: whoever changed something reads where it is written)
        return
