"""Write mails about approvals, from the request and its order as they stand now."""

from datetime import timedelta

from portal import mail_links
from portal.db import approvals, detail, links, notices
from portal.db.mail import Mail
from portal.db.work import Work
from portal.domain import mails
from portal.domain.access import Viewer
from portal.domain.notifying import AT_ONCE, NEVER, kind_of_mail
from portal.domain.requests import Request
from portal.jobs.written import Desk, Dropped, Written
from portal.operations import gathering
from portal.views.letters.approvals import Told, letter
from portal.views.letters.asking import own_seat

# A mail tells its reader what concerns them: who that is was decided when it became due.
EVERYTHING = Viewer("portal", "portal", None, frozenset({"orders:read", "approvals:read"}))
# Of a request that never ends by itself.
LONGEST_LINK = timedelta(days=30)


async def about_request(desk: Desk) -> Written:
    mail, settings = desk.mail, desk.settings
    if mail.request_id is None:
        raise Dropped("it names no request")
    await _refuse_unwanted(desk)
    work = Work(desk.pool)
    async with work:
        number = await links.number_of(work.conn, mail.request_id)
        request = await approvals.request(work.conn, EVERYTHING, number or "", mail.person_id, work.now)
        order = await detail.detail(work.conn, EVERYTHING, request.order) if request else None
        if request is None or order is None:
            raise Dropped("there is no such request any more")
        _refuse_overtaken(mail, request)
        link = await _link(work, desk, request) if mail.kind in mails.DECIDED_FROM else ""
    told = Told(
        mail.kind,
        mail.data,
        request,
        order,
        mail.person_id,
        desk.tongue,
        desk.today,
        settings.base_url,
        link,
    )
    return Written(letter(told), f"order-{order.number}", (kind_of_mail(mail.kind),))


async def _refuse_unwanted(desk: Desk) -> None:
    """What somebody chose to hear once a day goes to the mail of their next morning."""
    mail = desk.mail
    kind = kind_of_mail(mail.kind)
    work = Work(desk.pool)
    async with work:
        how = (await notices.choice(work.conn, mail.person_id, mail.account, kind)).how
        if how == AT_ONCE:
            return
        if how != NEVER:
            await gathering.leave_for_morning(work, mail, kind, desk.settings.supplier_time_zone)
    raise Dropped("they chose not to be mailed" if how == NEVER else "it is told with the next digest")


def _refuse_overtaken(mail: Mail, request: Request) -> None:
    if mail.kind in mails.DECIDED_FROM and own_seat(request, mail.person_id) is None:
        raise Dropped("it does not wait for them any more")
    if mail.kind == mails.QUESTION and request.state != "asked":
        raise Dropped("the question is answered")


async def _link(work: Work, desk: Desk, request: Request) -> str:
    mail, settings = desk.mail, desk.settings
    token = mail_links.token(settings.secret_key, mail.id, request.id, mail.person_id)
    until = request.expires_at or work.now + LONGEST_LINK
    await links.keep(work.conn, mail_links.digest(token), request.id, mail.person_id, request.version, until)
    return f"{settings.base_url}/approvals/by-mail/{token}"
