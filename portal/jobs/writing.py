"""Write a mail that is due: look at what it is about as it stands now, and say it in its reader's language.

What is not true any more is not said: nobody is asked to decide what others have decided meanwhile. Each kind of mail
has its writer in `WRITERS`.
"""

from collections.abc import Awaitable, Callable, Mapping
from email.message import EmailMessage

from portal import stop_links
from portal.clock import utc_now
from portal.db.mail import Mail
from portal.db.work import Pool
from portal.domain import mails
from portal.filters import tongue
from portal.jobs.writing_alerts import about_connection
from portal.jobs.writing_entries import about_entry
from portal.jobs.writing_news import digest, news
from portal.jobs.writing_requests import about_request
from portal.jobs.writing_rights import about_rights
from portal.jobs.written import Desk, Dropped, Written
from portal.settings import Settings
from portal.views.letters.company_sign_ins import company_sign_in_letter
from portal.views.letters.delegations import delegation_letter
from portal.views.letters.impersonations import impersonation_letter
from portal.views.letters.letters import Envelope, Sender, message
from portal.views.letters.security import security_letter
from portal.views.letters.testing import test_letter

__all__ = ["WRITERS", "Dropped", "write"]


async def delegation(desk: Desk) -> Written:
    page = desk.settings.base_url
    return Written(delegation_letter(desk.mail, desk.tongue, desk.today, page))


async def impersonation(desk: Desk) -> Written:
    page = desk.settings.base_url
    return Written(impersonation_letter(desk.mail, desk.tongue, desk.today, page))


async def security(desk: Desk) -> Written:
    page = desk.settings.base_url
    return Written(security_letter(desk.mail, desk.tongue, desk.today, page))


async def company_sign_in(desk: Desk) -> Written:
    page = desk.settings.base_url
    return Written(company_sign_in_letter(desk.mail, desk.tongue, desk.today, page))


async def test(desk: Desk) -> Written:
    return Written(test_letter(desk.mail, desk.tongue, desk.settings))


Writer = Callable[[Desk], Awaitable[Written]]
WRITERS: Mapping[str, Writer] = {
    **dict.fromkeys(mails.ABOUT_REQUESTS, about_request),
    **dict.fromkeys(mails.ABOUT_CONNECTIONS, about_connection),
    **dict.fromkeys(mails.ABOUT_ENTRIES, about_entry),
    **dict.fromkeys(mails.ABOUT_RIGHTS, about_rights),
    **dict.fromkeys(mails.ABOUT_SIGN_INS, company_sign_in),
    mails.DELEGATED: delegation,
    mails.DELEGATION_ENDED: delegation,
    mails.IMPERSONATED: impersonation,
    mails.SECURITY_CHANGED: security,
    mails.NEWS: news,
    mails.DIGEST: digest,
    mails.TEST: test,
}


async def write(pool: Pool, settings: Settings, mail: Mail) -> EmailMessage:
    """The mail as it travels."""
    # Whoever may not sign in any more is told just that.
    if not mail.is_active and mail.kind != mails.SHUT_OUT:
        raise Dropped("they may not sign in any more")
    if mail.mail_problem:
        raise Dropped("mail to their address comes back")
    words = tongue(mail.locale, settings.supplier_time_zone)
    written = await WRITERS[mail.kind](Desk(pool, settings, mail, words))
    sender = Sender.of(
        settings.supplier_name, settings.mail_sender, settings.base_url, settings.supplier_colour
    )
    envelope = Envelope(
        mail.name, mail.email, mail.id, f"{mail.key}:{mail.written_at.isoformat()}", utc_now(), written.thread
    )
    if written.kinds:
        path = stop_links.path(settings.secret_key, mail.person_id, written.kinds)
        envelope = envelope.that_can_end(settings.base_url + path)
    return message(written.letter, envelope, sender, words)
