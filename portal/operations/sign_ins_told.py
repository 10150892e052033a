"""Whoever administers an account is told how its people sign in from now on; the supplier what is to be agreed to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from portal.db import mail
from portal.db.providers import Provider
from portal.db.work import Work
from portal.domain import mails
from portal.domain.access import Viewer


async def changed(work: Work, viewer: Viewer, account: str, what: str, told: Mapping[str, Any]) -> None:
    """Enter it, and tell whoever administers the account: whoever changes how people sign in changes who comes in."""
    work.audit(account, f"provider.{what}", account, told)
    rows = await work.conn.fetch(
        """select distinct p.id, a.name from person p join membership m on m.person_id = p.id
           join account a on a.number = $1 and a.path @> array[m.account]
           where p.active and 'account_admin' = any(m.roles) order by p.id""",
        account,
    )
    data = {"what": what, "by": viewer.name, "account_name": "", "at": work.now.isoformat()}
    for place in ("until", "domains"):
        if place in told:
            data[place] = told[place].isoformat() if isinstance(told[place], datetime) else told[place]
    for row in rows:
        key = f"sign-in:{account}:{what}:{work.now.isoformat()}:{row['id']}"
        await mail.due(
            work.conn,
            key,
            mails.SIGN_IN_CHANGED,
            row["id"],
            at=work.now,
            account=account,
            data={**data, "account_name": row["name"]},
        )


async def ask_to_confirm(work: Work, viewer: Viewer, provider: Provider, domains: Sequence[str]) -> None:
    """Those of the supplier who may agree are told that somebody waits for it."""
    rows = await work.conn.fetch(
        "select id from person where active and 'admin' = any(supplier_roles) order by id"
    )
    for row in rows:
        key = f"sign-in:{provider.account}:domains:{work.now.isoformat()}:{row['id']}"
        data = {
            "by": viewer.name,
            "account": provider.account,
            "account_name": provider.account_name,
            "domains": list(domains),
        }
        await mail.due(work.conn, key, mails.DOMAINS_NAMED, row["id"], at=work.now, data=data)
