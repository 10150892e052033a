"""An account's own sign-in as the supplier's people see it: how it stands, and what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.db.providers import Provider
from portal.filters import Tongue
from portal.views.settings.sign_in import Standing


@dataclass(frozen=True, slots=True)
class SignIn:
    """`to_confirm` are the mail domains that wait for us; `can_open` and `can_close`: a way back in."""

    issuer: str
    standing: Standing
    problem: str
    domains: Sequence[str]
    to_confirm: Sequence[str]
    can_open: bool
    can_close: bool


def sign_in(provider: Provider, now: datetime, tongue: Tongue, today: date) -> SignIn:
    is_open = provider.open_until is not None and provider.open_until > now
    return SignIn(
        issuer=provider.issuer,
        standing=_standing(provider, now, tongue, today, is_open=is_open),
        problem=provider.problem or "",
        domains=provider.trusted,
        to_confirm=provider.unconfirmed,
        can_open=provider.active and provider.is_only_way and not is_open,
        can_close=is_open,
    )


def _standing(provider: Provider, now: datetime, tongue: Tongue, today: date, *, is_open: bool) -> Standing:
    _ = tongue.gettext
    if provider.problem and provider.active:
        since = tongue.moment(provider.problem_at or now, today)
        text = _("Nobody gets through since {when}.").format(when=since)
        return Standing("held", "held", _("does not work"), text)
    if is_open and provider.open_until is not None:
        text = _("Passwords and passkeys are good as well until {when}.")
        until = tongue.moment(provider.open_until, today)
        return Standing("inbound", "unsure", _("way back in is open"), text.format(when=until))
    if not provider.active:
        return Standing(
            "queued", "pause", _("not switched on"), _("Its people sign in by passwords and passkeys.")
        )
    if provider.is_only_way:
        return Standing(
            "delivered", "tick", _("the only way"), _("Its people sign in by it, and in no other way.")
        )
    return Standing("delivered", "tick", _("switched on"), _("Its people can sign in by it."))
