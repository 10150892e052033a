"""Write mails about what somebody may do: where and what, as it was said when it was changed."""

from portal.jobs.written import Desk, Written
from portal.views.letters import rights


async def about_rights(desk: Desk) -> Written:
    async with desk.pool.acquire() as conn:
        company = await conn.fetchval("select name from account where number = $1", desk.mail.account)
    settings = desk.settings
    return Written(
        rights.letter(
            desk.mail,
            desk.tongue,
            company or settings.supplier_name,
            settings.supplier_name,
            settings.base_url,
        )
    )
