"""Write mails about getting in: those that carry a key, and those that tell what was done with somebody's access."""

from datetime import timedelta
from typing import Final
from urllib.parse import quote

from portal import entry_links
from portal.db import entries, providers
from portal.db.entries import Kind
from portal.db.work import Work
from portal.domain import mails
from portal.jobs.written import Desk, Dropped, Written
from portal.views.letters import entries as letters
from portal.views.letters.entries import About

# So long a key opens, counted from when its mail leaves.
GOOD_FOR: Final[dict[Kind, timedelta]] = {"invitation": timedelta(days=7), "reset": timedelta(hours=1)}
KINDS: Final[dict[str, Kind]] = {mails.INVITED: "invitation", mails.RESET: "reset"}


async def about_entry(desk: Desk) -> Written:
    mail, about = desk.mail, await _about(desk)
    if mail.kind not in KINDS:
        return Written(letters.told(about))
    kind, settings = KINDS[mail.kind], desk.settings
    work = Work(desk.pool)
    async with work:
        standing = await entries.standing_of(work.conn, mail.person_id)
        if standing is None or (kind == "invitation" and standing.can_enter):
            raise Dropped("they have come already")
        if await providers.only_way(work.conn, mail.person_id, work.now):
            # A password would open nothing.
            page = f"{settings.base_url}/sign-in/company?email={quote(mail.email, safe='')}"
            return Written(letters.by_company(about, page))
        key = entry_links.secret(settings.secret_key, mail.id, mail.person_id)
        until = work.now + GOOD_FOR[kind]
        is_good = await entries.keep(
            work.conn,
            entry_links.digest(key),
            mail.person_id,
            kind,
            mail_id=mail.id,
            made_at=work.now,
            expires_at=until,
        )
        if not is_good:
            raise Dropped("a later one replaces it")
    return Written(letters.with_key(about, f"{settings.base_url}/enter/{key}", until))


async def _about(desk: Desk) -> About:
    mail, settings = desk.mail, desk.settings
    async with desk.pool.acquire() as conn:
        company = await conn.fetchval("select name from account where number = $1", mail.account)
    supplier = settings.supplier_name
    return About(mail, desk.tongue, desk.today, supplier, company or supplier, settings.base_url)
