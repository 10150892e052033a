"""The settings as those see them who are looked at, and those who look."""

from collections.abc import Sequence
from datetime import date, datetime

from portal.db.impersonations import Row
from portal.domain.access import Viewer
from portal.filters import Tongue
from portal.views.settings.settings import Card

# What somebody who looks as a buyer may read; the other parts are that person's alone.
READABLE = frozenset({"/settings/approvals", "/settings/delegation", "/settings/roles"})


def arranged(viewer: Viewer, cards: Sequence[Card], log: Card) -> list[Card]:
    """The parts of the settings, with who looked as the last; to whoever looks only what they may read."""
    if viewer.impersonator is not None:
        return [card for card in cards if card.href in READABLE]
    return [*cards, log]


def log_card(latest: Row | None, now: datetime, tongue: Tongue, today: date) -> Card:
    """Who looked, and whether somebody does right now."""
    _ = tongue.gettext
    if latest is None:
        stands = _("Nobody has looked yet.")
    elif latest.ended(now) is None:
        stands = _("{who} is looking right now.").format(who=latest.actor_name)
    else:
        stands = _("Last: {who}, {time}.").format(
            who=latest.actor_name, time=tongue.stamp(latest.began_at, today)
        )
    return Card(
        "/settings/access-log",
        "eye",
        _("Who looked"),
        _("Which of our people saw the portal as you, why, and what they looked at."),
        stands,
    )
