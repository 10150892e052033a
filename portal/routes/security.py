"""How a person signs in, arranged by themselves: their password, passkeys, authenticator app and recovery codes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.adapters import passkeys, recovery
from portal.db import factors
from portal.db.work import LawBroken, Work
from portal.domain.passwords import SHORTEST
from portal.domain.proving import AUTHENTICATOR, PASSKEY, PASSWORD
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused
from portal.operations import factors as operations
from portal.operations import passwords
from portal.operations.passwords import Weak
from portal.routes import shown_once
from portal.routes.asking import Asked, asking
from portal.routes.enrolling import LONGEST_NAME, Unread, offer, read_authenticator, read_passkey
from portal.routes.once import Outcome, new_form, once
from portal.routes.proving import proved, renewed
from portal.routes.showing import bound_to, challenge, holding, key, party, show
from portal.routes.visitor import PageRequest, ours, recognise, session_of, signed_in, with_cookies
from portal.views.settings import security as views

HERE = "/settings/security"
PASSKEYS, APP, CODES = f"{HERE}/passkeys", f"{HERE}/authenticator", f"{HERE}/codes"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was not done, and why: sentences by the name of the field that they stand beside."""

    problems: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@get(HERE, name="settings-security")
async def index(request: PageRequest) -> Response[Any]:
    """All of it as it stands."""
    return await _draw(await asking(request, is_own=True), Sent())


@post(f"{HERE}/password", name="settings-security-password", status_code=200)
async def password(request: PageRequest) -> Response[Any]:
    """Another one; whoever else is signed in as them is not any more."""
    asked = await asking(request, is_own=True)
    if (first := await asked.prove()) is not None:
        return first
    form, person_id = await request.form(), asked.viewer.person_id or 0
    _ = asked.tongue.gettext
    new = str(form.get("new", ""))[:1000]
    if not str(form.get("password", "")):
        return await _draw(asked, Sent({"password": _("Type the password that you have now.")}, 422))
    shown = await show(request, person_id, {"password": form.get("password")}, (PASSWORD,), asked.tongue)
    if not shown.factor:
        return await _draw(asked, Sent({"password": shown.problem}, shown.status))
    settings, session = request.app.state.settings, session_of(request) or await recognise(request)
    try:
        async with asked.work() as work:
            await passwords.refuse_weak(work, person_id, new, [settings.supplier_name])
        hashed = await asyncio.to_thread(passwords.hasher.hash, new)
        async with asked.work() as work:
            epoch = await passwords.keep_hash(work, person_id, hashed, keep=session.key)
    except Weak as weak:
        said = " ".join(views.said(one, asked.tongue) for one in weak.found)
        return await _draw(asked, Sent({"new": said}, 422))
    return with_cookies(Redirect(f"{HERE}?done=password", status_code=303), await renewed(request, epoch))


@get(f"{PASSKEYS}/new", name="settings-security-passkey")
async def passkey(request: PageRequest) -> Response[Any]:
    """A name, and the button that makes it."""
    asked = await asking(request, is_own=True)
    if (first := await asked.prove()) is not None:
        return first
    return await _draw_passkey(asked, Sent())


@post(PASSKEYS, name="settings-security-passkey-add", status_code=200)
async def add_passkey(request: PageRequest) -> Response[Any]:
    asked = await asking(request, is_own=True)
    if (first := await asked.prove()) is not None:
        return first
    form = await request.form()
    try:
        do = await read_passkey(request, form, asked.viewer.person_id or 0, asked.tongue)
        async with asked.work() as work:
            await do(work)
    except Unread as unread:
        return await _draw_passkey(asked, Sent({unread.field: unread.said}, 422))
    except LawBroken:
        raise
    except Refused as refused:
        return await _draw_passkey(asked, Sent({"form": refused.detail}, _status(refused)))
    return await _taken_on(asked, PASSKEY, "passkey")


@post(f"{PASSKEYS}/{{key_id:str}}/removal", name="settings-security-passkey-remove")
async def remove_passkey(key_id: FromPath[str], request: PageRequest) -> Response[Any]:
    asked = await asking(request, is_own=True)
    if (first := await asked.prove()) is not None:
        return first

    async def do(work: Work, *, is_needed: bool) -> None:
        await operations.remove_passkey(
            work, asked.viewer.person_id or 0, passkeys.id_of(key_id), is_needed=is_needed
        )

    return await _removed(asked, do, "passkey-removed")


@get(APP, name="settings-security-app")
async def app(request: PageRequest) -> Response[Any]:
    """A picture for the app, and a field for its first code."""
    asked = await asking(request, is_own=True)
    if (first := await asked.prove()) is not None:
        return first
    return await _draw_app(asked, Sent())


@post(APP, name="settings-security-app-add", status_code=200)
async def add_app(request: PageRequest) -> Response[Any]:
    asked = await asking(request, is_own=True)
    if (first := await asked.prove()) is not None:
        return first
    form, viewer = await request.form(), asked.viewer
    try:
        do = read_authenticator(request, form, viewer.person_id or 0, asked.tongue, viewer.email or "")
        async with asked.work() as work:
            await do(work)
    except Unread as unread:
        return await _draw_app(asked, Sent({unread.field: unread.said}, 422), unread.secret)
    return await _taken_on(asked, AUTHENTICATOR, "app")


@post(f"{APP}/removal", name="settings-security-app-remove")
async def remove_app(request: PageRequest) -> Response[Any]:
    asked = await asking(request, is_own=True)
    if (first := await asked.prove()) is not None:
        return first

    async def do(work: Work, *, is_needed: bool) -> None:
        await operations.remove_authenticator(work, asked.viewer.person_id or 0, is_needed=is_needed)

    return await _removed(asked, do, "app-removed")


@get(CODES, name="settings-security-codes")
async def codes(request: PageRequest) -> Response[Any]:
    """What they are for; those that were made once are never shown again."""
    asked = await asking(request, is_own=True)
    return await _draw_codes(asked)


@post(CODES, name="settings-security-codes-make", status_code=200)
async def make_codes(request: PageRequest) -> Response[Any]:
    """Ten new ones, on the page that answers and nowhere else."""
    asked = await asking(request, is_own=True)
    if (first := await asked.prove()) is not None:
        return first
    form, person_id = await request.form(), asked.viewer.person_id or 0
    secret: str = request.app.state.settings.secret_key

    async def do(work: Work) -> Outcome:
        nonce = shown_once.new_nonce()
        made = recovery.codes(shown_once.seed_of_codes(asked, nonce))
        await operations.put_codes(work, person_id, [recovery.digest(secret, person_id, one) for one in made])
        return {"nonce": nonce}

    try:
        outcome = await once(asked, form, CODES, do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refused:
        return await _draw_codes(asked, Sent({"form": refused.detail}, _status(refused)))
    return await _draw_codes(asked, made=recovery.codes(shown_once.seed_of_codes(asked, outcome["nonce"])))


def _status(refused: Refused) -> int:
    return 409 if isinstance(refused, Conflict) else 422


async def _taken_on(asked: Asked, factor: str, done: str) -> Response[Any]:
    """Showing it was a proof; whoever has no codes yet gets them next."""
    async with holding(asked.request) as conn:
        standing = await factors.standing(conn, asked.viewer.person_id or 0)
    renewed = await proved(asked.request, (factor,))
    to = f"{CODES}?first=1" if standing and not standing.held.codes else f"{HERE}?done={done}"
    return with_cookies(Redirect(to, status_code=303), renewed)


async def _removed(asked: Asked, do: Any, done: str) -> Response[Any]:
    try:
        async with asked.work() as work:
            await do(work, is_needed=await _is_needed(asked, work))
    except operations.LastFactor:
        return await _draw(asked, Sent({"form": views.last_one(asked.tongue)}, 409))
    return Redirect(f"{HERE}?done={done}", status_code=303)


async def _is_needed(asked: Asked, work: Work) -> bool:
    """Whether they have to hold a second factor."""
    of_whom = asked.request.app.state.settings.second_factor
    return await factors.is_second_needed(work.conn, asked.viewer.person_id or 0, of_whom)


async def _draw(asked: Asked, sent: Sent) -> Response[Any]:
    person_id = asked.viewer.person_id or 0
    async with holding(asked.request) as conn:
        standing = await factors.standing(conn, person_id)
        keys = await factors.passkeys(conn, person_id)
        authenticator = await factors.authenticator(conn, person_id)
    return asked.page(
        "settings/security.html",
        section="settings",
        status=sent.status,
        held=standing.held if standing else None,
        keys=[views.row(one, asked.tongue, asked.today) for one in keys],
        app=views.since(authenticator.made_at, asked.tongue, asked.today) if authenticator else "",
        problems=sent.problems,
        done=views.done(asked.request.query_params.get("done", ""), asked.tongue),
        works=party(asked.request).works,
        shortest=SHORTEST,
        path=HERE,
    )


async def _draw_passkey(asked: Asked, sent: Sent) -> Response[Any]:
    who, options, viewer = party(asked.request), None, asked.viewer
    async with holding(asked.request) as conn:
        known = await factors.passkeys(conn, viewer.person_id or 0)
    if who.works:
        options = passkeys.to_make(
            who,
            challenge(asked.request, bound_to(asked.request)[0]),
            viewer.person_id or 0,
            viewer.email or "",
            viewer.name,
            [key(one) for one in known],
        )
    return asked.page(
        "settings/passkey.html",
        section="settings",
        status=sent.status,
        options=options,
        problems=sent.problems,
        named=views.name_for(asked.request.headers.get("user-agent", ""), asked.tongue),
        longest_name=LONGEST_NAME,
        path=HERE,
    )


async def _draw_app(asked: Asked, sent: Sent, secret: str = "") -> Response[Any]:
    return asked.page(
        "settings/authenticator.html",
        section="settings",
        status=sent.status,
        offer=offer(asked.request, asked.viewer.email or "", secret),
        problems=sent.problems,
        path=HERE,
    )


async def _draw_codes(asked: Asked, sent: Sent = Sent(), made: list[str] | None = None) -> Response[Any]:
    async with holding(asked.request) as conn:
        standing = await factors.standing(conn, asked.viewer.person_id or 0)
    return asked.page(
        "settings/codes.html",
        section="settings",
        status=sent.status,
        held=standing.held if standing else None,
        made=made or [],
        problems=sent.problems,
        is_first="first" in asked.request.query_params,
        form_id=new_form(),
        path=HERE,
    )


router = Router(
    "/",
    route_handlers=[
        index,
        passkey,
        app,
        codes,
        Router(
            "/",
            route_handlers=[password, add_passkey, remove_passkey, add_app, remove_app, make_codes],
            guards=[signed_in, ours],
        ),
    ],
)
