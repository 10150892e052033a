"""What a person hears of by mail: which news, how, when, and in which language; and whether mail reaches them."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.adapters.queue import nudge
from portal.db import choices
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused
from portal.operations import bouncing, choosing
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.settings import notifications as views

PATH = "/settings/notifications"
# What a form of this page has done, as the address of the page that follows says it.
DONE = ("kept", "usual", "reading", "test", "works")


@get(PATH, name="settings-notifications")
async def show(request: PageRequest) -> Response[Any]:
    """Each kind of news, with how it is told; language, morning, and a mail to try it."""
    return await _draw(await asking(request, is_own=True))


@post(PATH, name="settings-notifications-keep")
async def keep(request: PageRequest) -> Response[Any]:
    """All kinds at once, or each as the reader's roles have it."""
    asked = await asking(request, is_own=True)
    form = await request.form()
    is_usual = form.get("do") == "usual"

    async def do(work: Work) -> Outcome:
        if is_usual:
            await choosing.choose_nothing(work, asked.viewer)
        else:
            before = await choices.chosen(work.conn, asked.viewer.person_id or 0)
            await choosing.choose(work, asked.viewer, views.read(form, asked.viewer, before))
        return {}

    return await _do(asked, form, "usual" if is_usual else "kept", do)


@post(PATH + "/reading", name="settings-notifications-reading")
async def reading(request: PageRequest) -> Response[Any]:
    """Language, time zone, and the hour of the daily mail."""
    asked = await asking(request, is_own=True)
    form = await request.form()
    raw = str(form.get("hour", ""))
    hour = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 3 else -1
    zone, locale = str(form.get("time_zone", "")) or None, str(form.get("locale", ""))

    async def do(work: Work) -> Outcome:
        await choosing.read_at(work, asked.viewer, locale, zone, hour)
        return {}

    return await _do(asked, form, "reading", do)


@post(PATH + "/test", name="settings-notifications-test")
async def test(request: PageRequest) -> Response[Any]:
    """A mail to oneself."""
    asked = await asking(request, is_own=True)
    form = await request.form()

    async def do(work: Work) -> Outcome:
        await choosing.write_a_test(work, asked.viewer, str(form["form"]))
        return {}

    return await _do(asked, form, "test", do)


@post(PATH + "/address", name="settings-notifications-address")
async def address(request: PageRequest) -> Response[Any]:
    """Their mailbox works again: mail is sent from now on, beginning with one to see that it does."""
    asked = await asking(request, is_own=True)
    form = await request.form()

    async def do(work: Work) -> Outcome:
        await bouncing.works_again(work, asked.viewer)
        await choosing.write_a_test(work, asked.viewer, str(form["form"]))
        return {}

    return await _do(asked, form, "works", do)


async def _do(asked: Asked, form: Any, what: str, do: Any) -> Response[Any]:
    try:
        await once(asked, form, f"{PATH}:{what}", do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await _draw(asked, refusal, 409 if isinstance(refusal, Conflict) else 422)
    if what in ("test", "works"):
        await nudge(asked.request.app.state.valkey, "send_mail", job_id="send-mail")
    return Redirect(f"{PATH}?{urlencode({what: form['form']})}", status_code=303)


async def _draw(asked: Asked, refusal: Refused | None = None, status: int = 200) -> Response[Any]:
    viewer, tongue = asked.viewer, asked.tongue
    query = asked.request.query_params
    done = ""
    for what in DONE:
        if await came_of(asked, f"{PATH}:{what}", query.get(what)) is not None:
            done = what
    async with asked.reading() as conn:
        person = await choices.addressee(conn, viewer.person_id or 0)
        chosen = await choices.chosen(conn, viewer.person_id or 0)
    if person is None:
        raise NotFound("There is nobody to write to.")
    shown = [] if viewer.is_supplier else views.groups(viewer, chosen, tongue)
    return asked.page(
        "settings/notifications.html",
        section="settings",
        status=status,
        person=person,
        groups=shown,
        truth=views.truth(shown, person, tongue) if shown else "",
        is_usual=not chosen,
        zones=views.zones(),
        hours=views.hours(tongue),
        languages=views.LANGUAGES,
        supplier_zone=asked.request.app.state.pages.zone,
        problem_since=tongue.moment(person.mail_problem_at, asked.today) if person.mail_problem_at else "",
        refusal=refusal,
        done=done,
        form_id=new_form(),
        path=PATH,
    )


router = Router(
    "/",
    route_handlers=[
        show,
        Router("/", route_handlers=[keep, reading, test, address], guards=[signed_in, ours]),
    ],
)
