"""Write a mail that is due: look at what it is about as it stands now, and say it in its reader's language.

What is not true any more is not said: nobody is asked to decide what others have decided meanwhile.
"""

from datetime import timedelta
from email.message import EmailMessage

from portal import mail_links
from portal.clock import utc_now
from portal.db import approvals, detail, links
from portal.db.mail import Mail
from portal.db.work import Pool, Work
from portal.domain import mails
from portal.domain.access import Viewer
from portal.domain.requests import Request
from portal.filters import Tongue, tongue
from portal.settings import Settings
from portal.views.letters.approvals import Told, letter
from portal.views.letters.asking import own_seat
from portal.views.letters.delegations import delegation_letter
from portal.views.letters.letters import Envelope, Letter, Sender, message

# A mail tells its reader what concerns them: who that is was decided when it became due.
EVERYTHING = Viewer("portal", "portal", None, frozenset({"orders:read", "approvals:read"}))
# Of a request that never ends by itself.
LONGEST_LINK = timedelta(days=30)


class Dropped(Exception):
    """There is nothing to say any more, or nobody to tell."""


async def write(pool: Pool, settings: Settings, mail: Mail) -> EmailMessage:
    """The mail as it travels."""
    if not mail.is_active:
        raise Dropped("they may not sign in any more")
    words = tongue(mail.locale, settings.supplier_time_zone)
    envelope = Envelope(
        mail.name, mail.email, mail.id, f"{mail.key}:{mail.written_at.isoformat()}", utc_now()
    )
    sender = Sender.of(
        settings.supplier_name, settings.mail_sender, settings.base_url, settings.supplier_colour
    )
    if mail.kind in (mails.DELEGATED, mails.DELEGATION_ENDED):
        said = delegation_letter(mail, words, words.on(utc_now()), settings.base_url)
        return message(said, envelope, sender, words)
    said, thread = await _about_request(pool, settings, mail, words)
    return message(said, envelope.of_thread(thread), sender, words)


async def _about_request(pool: Pool, settings: Settings, mail: Mail, words: Tongue) -> tuple[Letter, str]:
    if mail.request_id is None:
        raise Dropped("it names no request")
    work = Work(pool)
    async with work:
        number = await links.number_of(work.conn, mail.request_id)
        request = await approvals.request(work.conn, EVERYTHING, number or "", mail.person_id, work.now)
        order = await detail.detail(work.conn, EVERYTHING, request.order) if request else None
        if request is None or order is None:
            raise Dropped("there is no such request any more")
        _refuse_overtaken(mail, request)
        link = await _link(work, settings, mail, request) if mail.kind in mails.DECIDED_FROM else ""
    told = Told(
        mail.kind,
        mail.data,
        request,
        order,
        mail.person_id,
        words,
        words.on(work.now),
        settings.base_url,
        link,
    )
    return letter(told), request.number


def _refuse_overtaken(mail: Mail, request: Request) -> None:
    if mail.kind in mails.DECIDED_FROM and own_seat(request, mail.person_id) is None:
        raise Dropped("it does not wait for them any more")
    if mail.kind == mails.QUESTION and request.state != "asked":
        raise Dropped("the question is answered")


async def _link(work: Work, settings: Settings, mail: Mail, request: Request) -> str:
    token = mail_links.token(settings.secret_key, mail.id, request.id, mail.person_id)
    until = request.expires_at or work.now + LONGEST_LINK
    await links.keep(work.conn, mail_links.digest(token), request.id, mail.person_id, request.version, until)
    return f"{settings.base_url}/approvals/by-mail/{token}"
