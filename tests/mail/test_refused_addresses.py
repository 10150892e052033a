"""What a mail server refuses while it is handed over has come back as well as what is reported later."""

import pytest

from portal.db.mail import due
from portal.db.work import Pool, Work
from portal.domain import mails
from portal.jobs.mail import send_mail
from portal.settings import Settings
from tests.mail.conftest import rows
from tests.mail.test_sending import refusing


@pytest.mark.parametrize(("reply", "stops"), [("550 5.1.1 no such user", True), ("552 5.2.2 full", False)])
async def test_nobody_writes_to_an_address_that_is_wrong_for_good(
    pool: Pool, klaus: int, post_office: Settings, reply: str, stops: bool
) -> None:
    for key in ("first", "second"):
        work = Work(pool)
        async with work:
            await due(work.conn, key, mails.TEST, klaus, at=work.now)

    async with refusing(reply) as port:
        await send_mail({"pool": pool, "settings": post_office.replace(smtp_port=port)})

    problem = await pool.fetchval("select mail_problem from person where id = $1", klaus)
    first, second = await rows(pool)
    assert (problem is not None) == stops
    assert first["state"] == "failed"
    assert first["bounced_at"] is not None
    assert second["state"] == ("dropped" if stops else "failed")
