"""How somebody signs in, in words."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.adapters.passkeys import text_of
from portal.db.factors import Passkey
from portal.domain.passwords import LONGEST, SHORTEST, Weakness
from portal.filters import Tongue
from portal.views.devices import device_words


@dataclass(frozen=True, slots=True)
class Row:
    """A passkey as the list shows it."""

    id: str
    name: str
    kind: str
    made: str
    used: str


def row(one: Passkey, tongue: Tongue, today: date) -> Row:
    _ = tongue.gettext
    return Row(
        id=text_of(one.id),
        name=one.name,
        kind=_("on all your devices that share it") if one.is_synced else _("on this one device"),
        made=tongue.moment(one.made_at, today),
        used=tongue.moment(one.used_at, today) if one.used_at else _("not yet"),
    )


def since(at: datetime, tongue: Tongue, today: date) -> str:
    return tongue.moment(at, today)


def name_for(agent: str, tongue: Tongue) -> str:
    """What a new passkey is called, unless they know better: for where it is made."""
    return device_words(agent, tongue)


def said(weakness: Weakness, tongue: Tongue) -> str:
    """What is wrong with a password, and what would do."""
    _ = tongue.gettext
    return {
        Weakness.SHORT: _(
            "It needs at least {n} characters. Several words with blanks between them do well."
        ),
        Weakness.LONG: _("It may have {most} characters at most."),
        Weakness.COMMON: _(
            "It is among the first that are tried, whatever figures are added. Take several words that have nothing "
            "to do with each other."
        ),
        Weakness.REPEATED: _(
            "It is one thing again and again, or a row of the keyboard. Take several words instead."
        ),
        Weakness.KNOWN: _("It is made of a name that anybody knows: yours, your company's or the portal's."),
    }[weakness].format(n=SHORTEST, most=LONGEST)


def last_one(tongue: Tongue) -> str:
    _ = tongue.gettext
    return _(
        "You need a second factor to sign in, and this is your last one. Add another one, then remove this one."
    )


def done(what: str, tongue: Tongue) -> str:
    """What has just been done; nothing for a word that is none of ours."""
    _ = tongue.gettext
    return {
        "password": _("Your password is changed. You are signed out everywhere else."),
        "passkey": _("The passkey is added. You can sign in with it from now on."),
        "passkey-removed": _("The passkey is removed. It opens nothing here any more."),
        "app": _("The app is set up. Its codes are asked for from your next sign-in on."),
        "app-removed": _("The app is removed. Its codes are not asked for any more."),
    }.get(what, "")
