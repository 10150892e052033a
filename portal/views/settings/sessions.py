"""The page of a person's sessions: with what, from where, since when, and which of them ended how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.db.logins import Login
from portal.domain import devices
from portal.filters import Tongue
from portal.views.devices import device_words


@dataclass(frozen=True, slots=True)
class Row:
    """A session that lasts, or (with `ended`) one that did."""

    id: int
    device: str
    icon: str
    address: str
    began: str
    by: str
    seen: str
    is_here: bool = False
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    former: Sequence[Row]

    @property
    def others(self) -> int:
        return sum(not row.is_here for row in self.rows)


def page(lasting: Sequence[Login], ended: Sequence[Login], here: str, tongue: Tongue, today: date) -> Page:
    """The one in which the page is looked at comes first."""
    rows = [_row(one, here, tongue, today) for one in lasting]
    former = [_row(one, here, tongue, today) for one in ended]
    return Page(sorted(rows, key=lambda row: not row.is_here), former)


def _row(login: Login, here: str, tongue: Tongue, today: date) -> Row:
    _ = tongue.gettext
    is_here = login.key == here
    return Row(
        login.id,
        device_words(login.agent, tongue),
        "phone" if devices.is_pocket(login.agent) else "screen",
        login.address,
        _("since {moment}").format(moment=tongue.moment(login.began_at, today)),
        _by(login, tongue),
        _("now") if is_here else _("last used {moment}").format(moment=tongue.moment(login.seen_at, today)),
        is_here,
        _ended(login, tongue, today),
    )


def _by(login: Login, tongue: Tongue) -> str:
    """How they proved who they are."""
    _ = tongue.gettext
    if login.provider is not None:
        return _("signed in by {company}").format(company=login.company or login.provider)
    words = {
        "password": _("password"),
        "passkey": _("passkey"),
        "totp": _("authenticator app"),
        "recovery": _("recovery code"),
        "mail": _("link in a mail"),
    }
    return ", ".join(words[one] for one in words if one in login.factors)


def _ended(login: Login, tongue: Tongue, today: date) -> str:
    if login.ended_at is None:
        return ""
    _ = tongue.gettext
    why = {
        "signed_out": _("signed out"),
        "revoked": _("ended"),
        "provider": _("ended by your company"),
        "expired": _("unused for too long"),
        "disabled": _("ended with your access"),
    }.get(login.ended_why or "", _("ended"))
    return f"{why} {tongue.moment(login.ended_at, today)}"
