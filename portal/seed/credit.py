"""In the demo the ERP knows what Nordwind may owe; its sandbox says so, and can be told to be slow, down, or wrong."""

from portal.db.work import Work
from portal.settings import Settings

# Nordwind's own figures, and its subsidiary's, which counts against Nordwind's limit too.
HAND_OVER = """
update account set credit_source = 'erp', erp_silence = 'last_known', erp_figures_age_hours = 24,
    draws_on_parent = parent is not null
where number in ('NORDWIND', 'NORDWIND-HULL')
"""


async def hand_over(work: Work, settings: Settings) -> None:
    """From now on the ERP is asked; without one the portal's own tables go on being the master."""
    if not settings.erp_url:
        return
    async with work:
        await work.conn.execute(HAND_OVER)
