"""Words of returns: states, reasons, and where goods went; each with how it looks, never a colour without the word."""

from functools import lru_cache

from portal.domain.returns import QUARANTINE, REASONS, SCRAP, SHELF
from portal.filters import Tongue
from portal.views.order.statuses import Look

LOOKS = {
    "requested": Look("queued", "queue"),
    "authorised": Look("inbound", "returns"),
    "refused": Look("held", "cancelled"),
    "cancelled": Look("never", "cancelled"),
    "closed": Look("delivered", "tick"),
}


@lru_cache(maxsize=64)
def state_word(state: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "requested": _("Asked for"),
        "authorised": _("Authorised"),
        "refused": _("Refused"),
        "cancelled": _("Called off"),
        "closed": _("Settled"),
    }[state]


@lru_cache(maxsize=64)
def reason_word(reason: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "damaged": _("Arrived damaged"),
        "wrong_goods": _("Not what was ordered"),
        "not_needed": _("Not needed any more"),
        "faulty": _("Does not work"),
        "late": _("Came too late"),
        "other": _("Another reason"),
    }[reason]


def reasons(tongue: Tongue) -> list[tuple[str, str]]:
    """(reason, its word), as somebody chooses one."""
    return [(reason, reason_word(reason, tongue)) for reason in REASONS]


@lru_cache(maxsize=64)
def place_word(place: str, tongue: Tongue) -> str:
    """Where goods that came back went."""
    _ = tongue.gettext
    return {SHELF: _("Back on the shelf"), QUARANTINE: _("Into quarantine"), SCRAP: _("Scrapped")}[place]


def place_said(place: str, quantity: str, tongue: Tongue) -> str:
    """`2 back on the shelf`."""
    _ = tongue.gettext
    template = {
        SHELF: _("{n} back on the shelf"),
        QUARANTINE: _("{n} into quarantine"),
        SCRAP: _("{n} scrapped"),
    }[place]
    return template.format(n=quantity)


@lru_cache(maxsize=64)
def refusal_of_picture(why: str, tongue: Tongue, megabytes: int) -> str:
    """Why a picture was not taken."""
    _ = tongue.gettext
    return {
        "empty": _("This file is empty."),
        "too_large": _("This file is larger than {n} MB.").format(n=megabytes),
        "other_type": _("This is no JPEG, PNG or WebP picture."),
        "too_many_points": _("This picture has too many points. Send it smaller."),
        "broken": _("This picture is broken: it cannot be opened."),
    }[why]
