"""The page on which a person chooses what they hear of, how, and when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from zoneinfo import available_timezones

from portal.db.choices import Addressee
from portal.domain.access import Viewer
from portal.domain.notifying import ACCOUNT, AT_ONCE, DIGEST, GROUPS, HOWS, KINDS, WHOSE, Choice, default
from portal.filters import Tongue

# What no member of an account can come across is not asked.
NEEDED = {"approvals": "approvals:read", "money": "invoices:read"}
LANGUAGES = (("en", "English"), ("de", "Deutsch"))
REGIONS = frozenset(
    {
        "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of news. Who is asked to decide has no choice of whose."""

    kind: str
    title: str
    hint: str
    how: str
    whose: str
    asks_whose: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    title: str
    rows: Sequence[Row]


def groups(viewer: Viewer, chosen: Mapping[str, Choice], tongue: Tongue) -> list[Group]:
    """What this reader can hear of, and how it stands."""
    _ = tongue.gettext
    found = []
    for name, title in GROUPS.items():
        if name in NEEDED and not viewer.may(NEEDED[name]):
            continue
        rows = [_row(viewer, kind, chosen.get(kind), tongue) for kind in KINDS if KINDS[kind].group == name]
        found.append(Group(name, _(title), rows))
    return found


def _row(viewer: Viewer, kind: str, chosen: Choice | None, tongue: Tongue) -> Row:
    _ = tongue.gettext
    usual = default(kind, viewer.roles)
    choice = chosen or usual
    whose = choice.whose
    if choice.is_silent and chosen is None and not viewer.may("orders:place"):
        # Whoever places no orders has none of their own to hear of.
        whose = ACCOUNT
    told = KINDS[kind]
    return Row(kind, _(told.title), _(told.hint), choice.how, whose, told.group != "approvals")


def read(form: Mapping[str, object], viewer: Viewer, chosen: Mapping[str, Choice]) -> dict[str, Choice]:
    """What was chosen; a kind that the form does not name stays as it is."""
    found = {}
    for kind in KINDS:
        how = str(form.get(f"how-{kind}", ""))
        if how not in HOWS:
            continue
        before = chosen.get(kind) or default(kind, viewer.roles)
        whose = str(form.get(f"whose-{kind}", ""))
        found[kind] = Choice(how, whose if whose in WHOSE else before.whose)
    return found


def truth(shown: Collection[Group], person: Addressee, tongue: Tongue) -> str:
    """`9 kinds of news come at once, 8 every morning at 07:00.`"""
    hows = [row.how for group in shown for row in group.rows]
    at_once, daily = hows.count(AT_ONCE), hows.count(DIGEST)
    _, ngettext, number = tongue.gettext, tongue.ngettext, tongue.number
    hour = clock(person.digest_hour, tongue)
    now = ngettext("{n} kind of news comes at once", "{n} kinds of news come at once", at_once)
    gathered = ngettext("{n} comes daily at {hour}", "{n} come daily at {hour}", daily)
    said = [now.format(n=number(at_once))] if at_once else []
    said += [gathered.format(n=number(daily), hour=hour)] if daily else []
    return _("{news}.").format(news="; ".join(said)) if said else _("You hear of nothing by mail.")


def words_of(kinds: Collection[str], tongue: Tongue) -> list[str]:
    """What kinds are called, in the order of the page."""
    return [tongue.gettext(KINDS[kind].title) for kind in KINDS if kind in kinds]


def still_on(
    kinds: Collection[str], roles: Collection[str], chosen: Mapping[str, Choice], tongue: Tongue
) -> list[str]:
    """What they go on hearing of when these kinds have stopped."""
    heard = [kind for kind in KINDS if not (chosen.get(kind) or default(kind, roles)).is_silent]
    return words_of([kind for kind in heard if kind not in kinds], tongue)


def hours(tongue: Tongue) -> list[tuple[int, str]]:
    return [(hour, clock(hour, tongue)) for hour in range(24)]


def clock(hour: int, tongue: Tongue) -> str:
    """ "07:00"."""
    return tongue.clock(datetime(2026, 1, 1, hour, tzinfo=tongue.zone).astimezone(UTC))


@lru_cache(maxsize=1)
def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Under each part of the world (name, its place): `Europe/London`, `London`."""
    named = sorted(zone for zone in available_timezones() if zone.partition("/")[0] in REGIONS)
    return [
        (region, [(zone, zone.partition("/")[2].replace("_", " ")) for zone in found])
        for region, found in groupby(named, key=lambda zone: zone.partition("/")[0])
    ]
