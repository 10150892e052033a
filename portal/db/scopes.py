"""Which accounts a page is about: all that a viewer may see, or one of them with those below it."""

from portal.db.work import Connection
from portal.domain.access import Viewer

# The supplier's people see all: for them an account has to be named.
BELOW = """
select number, name from account
where ($1::text is null or path @> array[$1]) and ($2::text[] is null or number = any($2))
order by cardinality(path), name, number
"""


async def accounts(conn: Connection, viewer: Viewer, top: str | None) -> list[tuple[str, str]]:
    """(number, name) of the account `top` and those below it, as far as the viewer may see them; without it all of a
    buyer's own. Empty where there is no such account, and for the supplier's people when none is named."""
    if not viewer.sees(top) if top is not None else viewer.is_supplier:
        return []
    rows = await conn.fetch(BELOW, top, viewer.accounts)
    return [(row["number"], row["name"]) for row in rows]
