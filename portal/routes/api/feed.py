"""The feed: everything that happened, in an order in which a reader can prove that nothing was missed."""

from typing import Annotated, Any

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.params import FromQuery, QueryParameter

from portal.db import events, feed_readers
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import NotFound


def event_document(event: events.Recorded) -> dict[str, Any]:
    """One event as the feed tells it."""
    return event.told()


@get("/events", opt={"query": ("after", "limit", "account")})
async def feed(
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    after: Annotated[str | None, QueryParameter(max_length=40)] = None,
    account: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """An account's events after a sequence number, or, for the supplier, all events after a position.

    Asking for what comes after a number says that all up to it has arrived: the account's people see how far it is.
    """
    start = _number(after)
    async with work:
        if account is None and viewer.account is not None:
            account = viewer.account
        if account is None:
            rows = await events.of_all(work.conn, start, limit)
        else:
            known = await work.conn.fetchval("select 1 from account where number = $1", account)
            if known is None or not viewer.sees(account):
                raise NotFound(f"There is no account {account!r}.")
            rows = await events.of_account(work.conn, account, start, limit)
    await feed_readers.note(work.pool, viewer.actor, account, start, work.now)
    last = (str(rows[-1].sequence) if account is not None else str(rows[-1].id)) if rows else None
    return {"items": [event_document(row) for row in rows], "next": last if len(rows) == limit else None}


def _number(after: str | None) -> int:
    if after is None:
        return 0
    bare = after.removeprefix("evt_")
    if not (bare.isascii() and bare.isdigit() and len(bare) < 18):
        raise ValidationException(
            extra=[{"message": "not a sequence or position that was given", "key": "after"}]
        )
    return int(bare)


router = Router(path="", tags=["Feed"], route_handlers=[feed])
