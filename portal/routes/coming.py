"""Somebody comes by: what is noted of their session with each page, by the minute at most."""

import time
from datetime import timedelta
from typing import Any

from portal.clock import utc_now
from portal.db import logins
from portal.db.behind import Behind
from portal.db.logins import Device
from portal.db.work import Connection
from portal.routes.visitor import PageRequest, session_of

# What is kept of what a browser says of itself.
LONGEST_AGENT = 400


async def note(request: PageRequest, conn: Connection | Any, behind: Behind) -> None:
    """That the session is used. One that began before sign-ins were kept is kept from now on."""
    now, here = utc_now(), behind.here
    if here is not None:
        if abs(now - here.seen_at) > logins.NOTED:
            await logins.seen(conn, here.id, now)
        return
    if (session := session_of(request)) is None:
        return
    age = timedelta(seconds=max(0.0, time.time() - session.started_at))
    await logins.insert(
        conn,
        key=session.key,
        person_id=session.person_id,
        at=now - age,
        factors=("password",),
        device=device_of(request),
        age=age,
    )


def device_of(request: PageRequest) -> Device:
    """From where this request comes."""
    agent = request.headers.get("user-agent", "")[:LONGEST_AGENT]
    said = "".join(c if c.isprintable() else " " for c in agent)
    return Device(request.client.host if request.client else "", said)
