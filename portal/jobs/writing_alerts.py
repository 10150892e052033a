"""Mails about connections that do not get through, and about those that do again."""

from typing import cast

from portal.db import health
from portal.db.work import Connection
from portal.domain import mails
from portal.jobs.written import Desk, Dropped, Written
from portal.views.letters.alerts import alert_letter, disabled_letter


async def about_connection(desk: Desk) -> Written:
    """An alert that is over before it was told is not told: the all-clear says what it was."""
    mail, page = desk.mail, desk.settings.base_url
    thread = f"alert-{mail.data['alert']}"
    if mail.kind == mails.ENDPOINT_DISABLED:
        return Written(disabled_letter(mail, desk.tongue, page), thread)
    if mail.kind == mails.ALERT_RAISED:
        async with desk.pool.acquire() as conn:
            standing = await health.alert(cast("Connection", conn), int(mail.data["alert"]))
        if standing is None or standing.state == "cleared":
            raise Dropped("it is over")
    return Written(alert_letter(mail, desk.tongue, page), thread)
