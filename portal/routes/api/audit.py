"""An account's audit chain, oldest first, with everything that is needed to verify it elsewhere."""

from typing import Annotated, Any

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from portal.db import audit_trail
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.audit import Entry
from portal.domain.refusals import NotFound
from portal.routes.api import shapes
from portal.routes.api.orders import read_cursor, write_cursor

# No chain is longer: what a forged cursor holds may be any number.
FURTHEST = 2**62


def entry_document(entry: Entry) -> dict[str, Any]:
    """`hash` is the SHA-256 of the bytes of `previous_hash` followed by `body` in UTF-8."""
    return {
        "account": entry.account,
        "sequence": entry.sequence,
        "at": shapes.instant(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "snapshot": entry.snapshot,
        "body": entry.body,
        "previous_hash": entry.previous_hash.hex(),
        "hash": entry.hash.hex(),
    }


@get("/accounts/{number:str}/audit", opt={"query": ("limit", "cursor")})
async def read(
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Who decided what, and on what, in the order in which it is chained. `body` is exactly what was hashed: `hash` is
    the SHA-256 of the bytes of `previous_hash` followed by it in UTF-8."""
    async with work:
        known = await work.conn.fetchval("select 1 from account where number = $1", number)
        if known is None or not viewer.sees(number):
            raise NotFound(f"There is no account {number!r}.")
        found = await audit_trail.of_account(
            work.conn, number, min(read_cursor(cursor) or 0, FURTHEST), limit + 1
        )
    last = found[limit - 1].sequence if len(found) > limit else None
    return {"items": [entry_document(one) for one in found[:limit]], "next": write_cursor(last)}


router = Router(path="", tags=["Master data"], route_handlers=[read])
