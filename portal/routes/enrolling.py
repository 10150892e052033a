"""A new factor, from the form in which it was made: a passkey that has answered, or an app that shows a right code."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup

from portal.adapters import authenticators, passkeys, sealed
from portal.adapters.passkeys import Party
from portal.clock import utc_now
from portal.db.factors import Passkey
from portal.db.work import Work
from portal.filters import Tongue
from portal.operations import factors
from portal.operations.factors import LONGEST_NAME
from portal.routes.showing import bound_to, party, pending
from portal.routes.visitor import PageRequest

__all__ = ["LONGEST_NAME", "Offer", "Unread", "new_secret", "offer", "read_authenticator", "read_passkey"]

# So long a page with a picture for an app may stand open.
GOOD_FOR = 3600
Do = Callable[[Work], Awaitable[None]]


class Unread(Exception):
    """What is wrong with what was sent, beside which field; `secret` is kept, so that the picture stays the same."""

    def __init__(self, field: str, said: str, secret: str = "") -> None:
        super().__init__(said)
        self.field, self.said, self.secret = field, said, secret


@dataclass(frozen=True, slots=True)
class Offer:
    """What an app is shown: a picture, the same in letters, and both sealed for the form. Nothing is written down
    before the app has shown that it has it."""

    party: Party
    picture: Markup
    letters: str
    sealed: str


def new_secret() -> str:
    return authenticators.new_secret()


def offer(request: PageRequest, email: str, secret: str = "") -> Offer:
    """A new secret, or the same once more."""
    secret = secret or new_secret()
    settings = request.app.state.settings
    said = authenticators.address(secret, email, settings.supplier_name)
    letters = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    kept = _serializer(request).dumps(sealed.seal(f"{email}\n{secret}", settings.secret_key).decode())
    return Offer(party(request), authenticators.picture(said), letters, str(kept))


def _unsealed(request: PageRequest, given: str, email: str) -> str:
    """The secret that was offered to this person; nothing when it was not, or too long ago."""
    try:
        said = _serializer(request).loads(given, max_age=GOOD_FOR)
        whose, _, secret = sealed.unseal(said.encode(), request.app.state.settings.secret_key).partition("\n")
    except (BadData, sealed.CannotUnseal, AttributeError):
        return ""
    return secret if secrets.compare_digest(whose.encode(), email.encode()) else ""


def _serializer(request: PageRequest) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(request.app.state.settings.secret_key, salt="authenticator")


def read_authenticator(
    request: PageRequest, form: Mapping[str, Any], person_id: int, tongue: Tongue, email: str
) -> Do:
    """What takes it on: the code that was typed shows that the app has the secret."""
    _ = tongue.gettext
    secret = _unsealed(request, str(form.get("sealed", "")), email)
    if not secret:
        raise Unread("code", _("This page stood open for too long. Scan the new picture."))
    step = authenticators.step_of(secret, str(form.get("code", ""))[:20])
    if step is None:
        said = _(
            "This is not the code that the app shows now. Type the next one; check the clock of your phone."
        )
        raise Unread("code", said, secret)
    kept = sealed.seal(secret, request.app.state.settings.secret_key)

    async def do(work: Work) -> None:
        await factors.put_authenticator(work, person_id, kept, step)

    return do


async def read_passkey(request: PageRequest, form: Mapping[str, Any], person_id: int, tongue: Tongue) -> Do:
    """The same for a passkey: its challenge is used up here."""
    _ = tongue.gettext
    refused = Unread("passkey", _("No passkey was made. Try again."))
    settings, why = request.app.state.settings, None
    for bound in bound_to(request):
        try:
            made, given = passkeys.made(
                party(request), settings.secret_key, bound, str(form.get("passkey", ""))
            )
            break
        except passkeys.Refused as error:
            why = error
    else:
        raise refused from why
    if not await pending(request).once(given, passkeys.GOOD_FOR):
        raise refused
    name = "".join(c for c in str(form.get("name", "")) if c.isprintable()).strip()[:LONGEST_NAME]

    async def do(work: Work) -> None:
        key = Passkey(
            made.id,
            person_id,
            name or _("Passkey"),
            made.public_key,
            made.sign_count,
            made.transports,
            made.is_synced,
            utc_now(),
            None,
        )
        await factors.add_passkey(work, key)

    return do
