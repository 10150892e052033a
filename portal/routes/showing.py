"""What somebody shows to prove who they are: a passkey, a code of their app, a recovery code, or their password.

It is looked at the same way for the second step of a sign-in and for a proof in between. Codes can be guessed, so wrong
ones are counted for each person; passkeys cannot, and are never in anybody's way.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from portal.adapters import authenticators, passkeys, recovery, sealed
from portal.adapters.passkeys import Key, Party
from portal.adapters.pending import MOST_FAILURES, WINDOW_SECONDS, Pending
from portal.db import factors
from portal.db.factors import Passkey
from portal.db.work import Connection, Work
from portal.domain.proving import AUTHENTICATOR, PASSKEY, PASSWORD, RECOVERY
from portal.filters import Tongue
from portal.operations import factors as operations
from portal.operations import passwords
from portal.routes.coming import device_of
from portal.routes.visitor import PageRequest, cookie_of, session_of

# So many wrong answers after a right password, and its owner is told.
SUSPICIOUS = 5
# Where an answer is given: in a session; in the doorway, by a browser that they have signed in with before; by another.
WITHIN, KNOWN, NEW = "within", "known", "new"
# What is typed, by the name of its field.
TYPED = (("code", AUTHENTICATOR), ("recovery", RECOVERY), ("password", PASSWORD))
# Each look at a password takes memory and a core for a moment: so many at once, the others wait their turn.
AT_ONCE = 2
checking = asyncio.Semaphore(AT_ONCE)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """With what they have proved it; or, where `factor` is empty, a sentence why they have not."""

    factor: str = ""
    problem: str = ""
    field: str = ""
    status: int = 422


@asynccontextmanager
async def holding(request: PageRequest) -> AsyncIterator[Connection]:
    """A connection that sees how people prove who they are: no buyer's own sees anything of it."""
    async with request.app.state.pool.acquire() as acquired:
        yield cast("Connection", acquired)


def pending(request: PageRequest) -> Pending:
    state = request.app.state
    return Pending(state.valkey, state.settings.secret_key)


def party(request: PageRequest) -> Party:
    """Who asks for passkeys. In the demo, which is open under two names of this machine, the one that is called: keys
    belong to names, never to a number."""
    settings = request.app.state.settings
    own = Party.of(settings.base_url, settings.supplier_name)
    called = request.headers.get("host", "")
    if settings.has_simulated_clock and urlsplit(f"//{called}").hostname == "localhost":
        return Party.of(f"http://{called}", settings.supplier_name)
    return own


def passkeys_work(request: PageRequest) -> bool:
    """Whether passkeys can be asked for here. In production nothing weaker stands in for one that cannot."""
    return bool(request.app.state.settings.is_production) or party(request).works


def bound_to(request: PageRequest) -> list[str]:
    """As what this browser is known: challenges are made for the first and taken from any of them."""
    session = session_of(request)
    visitor = cookie_of(request, "visitor")
    found = [session.key, session.former] if session else []
    return [one for one in (*found, visitor) if one]


def challenge(request: PageRequest, bound: str) -> bytes:
    return passkeys.challenge(request.app.state.settings.secret_key, bound)


def key(one: Passkey) -> Key:
    return Key(one.id, one.public_key, one.sign_count, one.transports)


async def show(
    request: PageRequest,
    person_id: int,
    form: Mapping[str, Any],
    ways: Sequence[str],
    tongue: Tongue,
    *,
    seat: str = WITHIN,
) -> Shown:
    """What came in the form, if it is one of the ways that are open. `seat`: where wrong ones are counted."""
    _ = tongue.gettext
    if (answer := str(form.get("passkey", ""))) and PASSKEY in ways:
        found = await use_passkey(request, answer, person_id)
        return Shown(PASSKEY) if found else Shown(problem=_refused_passkey(tongue), field="passkey")
    if not any(str(form.get(name, "")).strip() for name, way in TYPED if way in ways):
        return Shown(problem=_("Type what is asked for, or press the button."), field="form")
    waiting = pending(request)
    if (count := await waiting.tried(person_id, seat)) > MOST_FAILURES:
        said = _("Too many wrong tries. Wait {n} minutes and try again.").format(n=WINDOW_SECONDS // 60)
        return Shown(problem=said, field="code", status=429)
    shown = await _typed(request, person_id, form, ways, tongue)
    if shown.factor:
        await waiting.succeeded(person_id, seat)
    else:
        log.warning("a factor of person %s was not accepted, for the %s. time", person_id, count)
        if seat != WITHIN and count == SUSPICIOUS:
            await _tell(request, person_id)
    return shown


def _refused_passkey(tongue: Tongue) -> str:
    return tongue.gettext("This passkey was not accepted. Try again, or use another one.")


async def _typed(
    request: PageRequest, person_id: int, form: Mapping[str, Any], ways: Sequence[str], tongue: Tongue
) -> Shown:
    _ = tongue.gettext
    if (code := str(form.get("code", "")).strip()) and AUTHENTICATOR in ways:
        if await _use_code(request, person_id, code[:20]):
            return Shown(AUTHENTICATOR)
        return Shown(
            problem=_("This code is not right, or was used before. Wait for the next one."), field="code"
        )
    if (typed := str(form.get("recovery", "")).strip()) and RECOVERY in ways:
        secret: str = request.app.state.settings.secret_key
        async with Work(request.app.state.pool) as work:
            is_right = await operations.use_code(
                work, person_id, recovery.digest(secret, person_id, typed[:100])
            )
        if is_right:
            return Shown(RECOVERY)
        return Shown(problem=_("This recovery code is not right, or was used before."), field="recovery")
    if await fits(request, person_id, str(form.get("password", ""))[:1000]):
        return Shown(PASSWORD)
    return Shown(problem=_("This is not your password."), field="password")


async def fits(request: PageRequest, person_id: int, password: str) -> bool:
    """Whether it is this person's password; hashed anew where that has become dearer."""
    pool = request.app.state.pool
    stored = await pool.fetchval("select password_hash from person where id = $1 and active", person_id)
    async with checking:
        if not await asyncio.to_thread(passwords.fits, stored, password):
            return False
        if passwords.is_dated(stored):
            await passwords.refresh(pool, person_id, stored, password)
    return True


async def _use_code(request: PageRequest, person_id: int, code: str) -> bool:
    """A code of the app, of now or beside, and of no step that was used before."""
    pool = request.app.state.pool
    async with holding(request) as conn:
        held = await factors.authenticator(conn, person_id)
    if held is None:
        return False
    try:
        secret = sealed.unseal(held.secret, request.app.state.settings.secret_key)
    except sealed.CannotUnseal:
        log.exception("the authenticator of person %s was sealed with another key", person_id)
        return False
    step = authenticators.step_of(secret, code)
    if step is None:
        return False
    async with Work(pool) as work:
        return await factors.use_step(work.conn, person_id, step)


async def use_passkey(request: PageRequest, answer: str, person_id: int | None = None) -> Passkey | None:
    """The passkey that has signed, now and for us; of this person, where it is known who it must be."""
    try:
        return await _used(request, answer, person_id)
    except passkeys.Refused as why:
        log.warning("a passkey was refused: %s", why)
        return None


async def _used(request: PageRequest, answer: str, person_id: int | None) -> Passkey:
    state = request.app.state
    async with holding(request) as conn:
        found = await factors.passkey(conn, passkeys.key_of(answer))
    if found is None or person_id not in (None, found.person_id):
        raise passkeys.Refused("nobody has such a passkey, or somebody else")
    used, given = _of_any(request, answer, found)
    if not await pending(request).once(given, passkeys.GOOD_FOR):
        raise passkeys.Refused("its challenge was answered before")
    async with Work(state.pool) as work:
        is_there = await factors.use_passkey(
            work.conn, found.id, found.sign_count, used.sign_count, work.now, is_synced=used.is_synced
        )
    if not is_there:
        raise passkeys.Refused("it was removed or used meanwhile")
    return found


def _of_any(request: PageRequest, answer: str, found: Passkey) -> tuple[passkeys.Used, bytes]:
    """The browser may have got another id since the challenge was made for it."""
    secret: str = request.app.state.settings.secret_key
    why = passkeys.Refused("this browser is not known")
    for bound in bound_to(request):
        try:
            return passkeys.used(party(request), secret, bound, answer, key(found), found.person_id)
        except passkeys.Refused as refused:
            why = refused
    raise why


async def _tell(request: PageRequest, person_id: int) -> None:
    device = device_of(request)
    async with Work(request.app.state.pool) as work:
        await operations.tell_of_guesses(work, person_id, {"address": device.address, "agent": device.agent})
