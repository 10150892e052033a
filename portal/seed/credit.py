"""In the demo the ERP knows what Nordwind may owe; its sandbox says so, and can be told to be slow, down, or wrong."""

from portal.db import credit
from portal.db.work import Work
from portal.settings import Settings

# Nordwind's own figures, and its subsidiary's, which counts against Nordwind's limit too.
HAND_OVER = """
update account set credit_source = 'erp', erp_silence = 'last_known', erp_figures_age_hours = 24,
    draws_on_parent = parent is not null
where number in ('NORDWIND', 'NORDWIND-HULL') and credit_source <> 'erp' returning number
"""


async def hand_over(work: Work, settings: Settings) -> None:
    """From now on the ERP is asked; without one the portal's own tables go on being the master."""
    if not settings.erp_url:
        return
    async with work:
        handed_over = [row["number"] for row in await work.conn.fetch(HAND_OVER)]
        for number in handed_over:
            await credit.rebook(work.conn, number, work.now, by_erp=True)
