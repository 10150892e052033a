"""The second step of signing in: another factor is shown, or a first one is set up, before any session begins.

What was right so far is kept for minutes under a cookie of this browser, and opens nothing but these two pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from portal.adapters import passkeys
from portal.adapters.pending import Half
from portal.adapters.throttle import Throttle
from portal.db import factors, people
from portal.db.people import Person
from portal.db.work import LawBroken, Work
from portal.domain.proving import PASSKEY, PASSWORD, Held
from portal.domain.refusals import Refused
from portal.filters import Tongue
from portal.pages import Pages
from portal.routes import signing
from portal.routes.answers import html
from portal.routes.enrolling import (
    LONGEST_NAME,
    Offer,
    Unread,
    new_secret,
    offer,
    read_authenticator,
    read_passkey,
)
from portal.routes.showing import (
    KNOWN,
    NEW,
    Shown,
    challenge,
    holding,
    key,
    party,
    passkeys_work,
    pending,
    show,
)
from portal.routes.visitor import (
    PageRequest,
    cookie,
    cookie_of,
    maybe_signed_in,
    name_of,
    ours,
    reader,
    stranger_token,
    with_cookies,
)
from portal.views.devices import device_words

COOKIE = "second"
SHOW, ENROL = "/sign-in/second", "/sign-in/enrol"
# An app has to be found, and maybe installed, before it can be set up.
SECONDS = {SHOW: 5 * 60, ENROL: 20 * 60}
# Where somebody who has set up their first factor reads their codes.
CODES = "/settings/security/codes"


# The token of a stranger's form, and the cookie that it is bound to where that is new.
Door = tuple[str, Cookie | None]


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody in the doorway: whose first factor was right, and who is not in yet."""

    request: PageRequest
    half: Half
    person: Person

    @property
    def tongue(self) -> Tongue:
        pages: Pages = self.request.app.state.pages
        return pages.tongue(self.person.locale)


async def ask(
    request: PageRequest, person: Person, following: str, shown: Sequence[str]
) -> Response[Any] | None:
    """Where they go on, when what they have shown is not enough; None when it is."""
    settings = request.app.state.settings
    async with holding(request) as conn:
        standing = await factors.standing(conn, person.id)
        is_needed = await factors.is_second_needed(conn, person.id, settings.second_factor)
    if standing is None:
        return None
    if _has_to_show(request, standing.held):
        where = SHOW
    elif is_needed:
        where = ENROL
    else:
        return None
    half = Half(person.id, person.session_epoch, person.email, following, list(shown), where)
    token = await pending(request).begin(half, SECONDS[where])
    return with_cookies(Redirect(where, status_code=303), cookie(request, COOKIE, token, SECONDS[where]))


def _has_to_show(request: PageRequest, held: Held) -> bool:
    """Whether they hold a second factor that can be asked for here."""
    return held.has_second and PASSWORD not in held.ways(passkeys_work=passkeys_work(request))


@get(SHOW, name="sign-in-second")
async def second(request: PageRequest) -> Response[Any]:
    """What can be shown."""
    guest = await _guest(request, SHOW)
    return await _draw(guest, Shown(status=200)) if guest else _anew()


@post(SHOW, name="sign-in-second-try")
async def attempt(request: PageRequest) -> Response[Any]:
    """Right, and their session begins."""
    guest = await _guest(request, SHOW)
    if guest is None:
        return _anew()
    form = await request.form()
    ways = await _ways(guest)
    shown = await show(request, guest.person.id, form, ways, guest.tongue, seat=_seat(guest))
    if not shown.factor:
        return await _draw(guest, shown)
    return await _begin(guest, shown.factor, guest.half.following)


@get(ENROL, name="sign-in-enrol")
async def enrol(request: PageRequest) -> Response[Any]:
    """A passkey or an app: one of them is needed from now on."""
    guest = await _guest(request, ENROL)
    return _draw_enrol(guest, offer(request, guest.person.email)) if guest else _anew()


@post(ENROL, name="sign-in-enrol-try")
async def take_on(request: PageRequest) -> Response[Any]:
    """It is set up, and their session begins; next they are given codes for when they lose it."""
    guest = await _guest(request, ENROL)
    if guest is None:
        return _anew()
    form = await request.form()
    person = guest.person
    try:
        if form.get("passkey"):
            factor, do = PASSKEY, await read_passkey(request, form, person.id, guest.tongue)
        else:
            factor, do = "totp", read_authenticator(request, form, person.id, guest.tongue, person.email)
        async with Work(request.app.state.pool, actor=person.email) as work:
            await factors.lock(work.conn, person.id)
            standing = await factors.standing(work.conn, person.id)
            if standing is None or _has_to_show(request, standing.held):
                # Set up meanwhile, by whoever it was: who has only a password shows that one.
                return _anew()
            await do(work)
    except Unread as unread:
        again = offer(request, person.email, unread.secret or new_secret())
        return _draw_enrol(guest, again, {unread.field: unread.said}, 422)
    except LawBroken:
        raise
    except Refused as refused:
        return _draw_enrol(guest, offer(request, person.email), {"form": refused.detail}, 409)
    return await _begin(guest, factor, CODES)


async def _begin(guest: Guest, factor: str, following: str) -> Response[Any]:
    """Once: of two who come with the same cookie, one gets in."""
    request = guest.request
    if not await pending(request).end(cookie_of(request, COOKIE) or ""):
        return _anew()
    answer = await signing.begin(request, guest.person, (*guest.half.factors, factor), following=following)
    answer.delete_cookie(name_of(request, COOKIE), path="/")
    return answer


async def _guest(request: PageRequest, purpose: str) -> Guest | None:
    """None when it took too long, or something about them has changed meanwhile."""
    half = await pending(request).half(cookie_of(request, COOKIE))
    if half is None or half.purpose != purpose:
        return None
    async with holding(request) as conn:
        person = await people.by_email(conn, half.email)
    if (
        person is None
        or not person.active
        or (person.id, person.session_epoch) != (half.person_id, half.epoch)
    ):
        return None
    return Guest(request, half, person)


def _seat(guest: Guest) -> str:
    throttle: Throttle = guest.request.app.state.throttle
    return KNOWN if throttle.knows(cookie_of(guest.request, "device"), guest.person.email) else NEW


async def _ways(guest: Guest) -> Sequence[str]:
    async with holding(guest.request) as conn:
        standing = await factors.standing(conn, guest.person.id)
    if standing is None:
        return ()
    held = standing.held
    # At the door either will do; for what is worth more, the stronger one is asked for.
    both = ["totp"] if held.has_authenticator else []
    ways = held.ways(passkeys_work=passkeys_work(guest.request))
    return tuple(dict.fromkeys([*(way for way in ways if way != PASSWORD), *both]))


async def _draw(guest: Guest, shown: Shown) -> Response[Any]:
    request, ways, door = guest.request, await _ways(guest), stranger_token(guest.request)
    options = None
    if PASSKEY in ways:
        async with holding(request) as conn:
            known = await factors.passkeys(conn, guest.person.id)
        given = challenge(request, _visitor(request, door))
        options = passkeys.to_use(party(request), given, [key(one) for one in known])
    return _page(guest, door, "sign_in/second.html", shown.status, ways=ways, options=options, problem=shown)


def _draw_enrol(
    guest: Guest, made: Offer, problems: Mapping[str, str] | None = None, status: int = 200
) -> Response[Any]:
    request, door = guest.request, stranger_token(guest.request)
    options = None
    if made.party.works:
        person = guest.person
        given = challenge(request, _visitor(request, door))
        options = passkeys.to_make(made.party, given, person.id, person.email, person.name, ())
    return _page(
        guest,
        door,
        "sign_in/enrol.html",
        status,
        offer=made,
        options=options,
        problems=problems or {},
        named=device_words(request.headers.get("user-agent", ""), guest.tongue),
        longest_name=LONGEST_NAME,
    )


def _visitor(request: PageRequest, door: Door) -> str:
    """What challenges of somebody who is not in yet are bound to."""
    made = door[1]
    return made.value or "" if made is not None else cookie_of(request, "visitor") or ""


def _page(guest: Guest, door: Door, template: str, status: int, **values: object) -> Response[Any]:
    request, (token, made) = guest.request, door
    pages: Pages = request.app.state.pages
    text = pages.page(
        template,
        locale=guest.person.locale,
        reader=reader(request, csrf=token, here="/sign-in"),
        person=guest.person,
        **values,
    )
    return with_cookies(html(request, text, status), made)


def _anew() -> Response[Any]:
    return Redirect("/sign-in", status_code=303)


router = Router("/", route_handlers=[second, attempt, enrol, take_on], guards=[maybe_signed_in, ours])
