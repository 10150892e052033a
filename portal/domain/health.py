"""How connections fare: what is measured of each, from when on somebody is told, and when it is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

# What somebody is told of, the worst first.
MEASURES: Final = ("disabled", "dead", "errors", "oldest", "backlog")
_ALL: Final = frozenset(MEASURES)
# Mail has no switch. What is parked waits for something to become known, as it should: only how much of it counts.
_OF_KIND: Final = {
    "webhook": _ALL,
    "erp": _ALL,
    "mail": _ALL - {"disabled"},
    "inbound": frozenset({"dead", "backlog"}),
}
# One of one that fails is no rate.
FEWEST: Final = 5
# What was told once is told again when more has failed meanwhile, but not with every message.
TELL_AGAIN: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Tried:
    """Attempts, and how many of them failed."""

    tried: int = 0
    failed: int = 0

    @property
    def percent(self) -> int | None:
        return round(100 * self.failed / self.tried) if self.tried else None

    def reaches(self, limit: int) -> bool:
        return bool(self.tried) and 100 * self.failed >= limit * self.tried


@dataclass(frozen=True, slots=True)
class Alert:
    """A threshold that was passed. `facts`: `value`, `limit`, and of messages that failed the `newest` one's id."""

    id: int
    connection_id: str
    measure: str
    state: str
    facts: Mapping[str, Any]
    raised_at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    note: str | None = None
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """A connection as it stands. Times that pass are the database's, seconds; instants are the portal's.

    `hour`, `lately` (five minutes) and `since` (the last all-clear for errors, at most an hour) count attempts.
    `dead` counts what failed for good and waits for a person.
    """

    id: str
    kind: str
    account: str | None
    account_name: str | None
    url: str | None
    description: str
    state: str
    disabled_because: str | None
    disabled_at: datetime | None
    failing_since: datetime | None
    last_success_at: datetime | None
    oldest_limit: int
    backlog_limit: int
    error_limit: int
    backlog: int
    oldest: int | None
    dead: int
    newest_dead: int | None
    hour: Tried
    lately: Tried
    since: Tried
    # What stood in the way last, and of which order.
    problem: str | None = None
    order: str | None = None
    alerts: Sequence[Alert] = field(default=())

    @property
    def is_failing(self) -> bool:
        return self.failing_since is not None

    @property
    def measured(self) -> frozenset[str]:
        """What counts at the moment: what a customer has stopped may wait, and is told of once."""
        if self.kind != "webhook" or self.state == "active":
            return _OF_KIND[self.kind]
        if self.state == "paused":
            return frozenset({"dead"})
        return frozenset({"disabled"})


@dataclass(frozen=True, slots=True)
class Change:
    """What there is to be told: `raised`, `again` (more of the same has failed), or `cleared`."""

    what: str
    measure: str
    facts: Mapping[str, Any]
    alert: Alert | None = None


def changes(health: Health, now: datetime) -> list[Change]:
    """What has come to pass, and what is over, since the alerts that stand were raised."""
    standing = {alert.measure: alert for alert in health.alerts}
    found = []
    for measure in MEASURES:
        change = _change(health, measure, standing.get(measure), now)
        if change is not None:
            found.append(change)
    return found


def _change(health: Health, measure: str, standing: Alert | None, now: datetime) -> Change | None:
    counts = measure in health.measured
    facts = figures(health, measure)
    if standing is None:
        return (
            Change("raised", measure, facts | {"told_at": now.isoformat()})
            if counts and _is_bad(health, measure)
            else None
        )
    if not counts or _is_well(health, measure):
        return Change("cleared", measure, standing.facts, standing)
    if measure == "dead" and _has_grown(health, standing, now):
        return Change("again", measure, facts | {"told_at": now.isoformat()}, standing)
    return None


def figures(health: Health, measure: str) -> dict[str, Any]:
    """The value and its limit, as they are now."""
    value, limit = {
        "oldest": (health.oldest, health.oldest_limit),
        "backlog": (health.backlog, health.backlog_limit),
        "errors": (health.since.percent, health.error_limit),
        "dead": (health.dead, 0),
        "disabled": (health.disabled_because, None),
    }[measure]
    facts: dict[str, Any] = {"value": value, "limit": limit}
    if measure == "dead":
        facts["newest"] = health.newest_dead
    if measure != "disabled":
        facts |= {name: said for name in ("problem", "order") if (said := getattr(health, name))}
    return facts


def _is_bad(health: Health, measure: str) -> bool:
    if measure == "oldest":
        return health.oldest is not None and health.oldest >= health.oldest_limit
    if measure == "backlog":
        return health.backlog >= health.backlog_limit
    if measure == "errors":
        return health.since.tried >= FEWEST and health.since.reaches(health.error_limit)
    if measure == "dead":
        return health.dead > 0
    return health.state == "disabled" and health.disabled_because != "by_hand"


def _is_well(health: Health, measure: str) -> bool:
    """Half the limit, or nothing at all: what hovers around it is not told each minute."""
    if measure == "oldest":
        return health.oldest is None or 2 * health.oldest <= health.oldest_limit
    if measure == "backlog":
        return 2 * health.backlog <= health.backlog_limit
    if measure == "errors":
        works = health.lately.tried > 0 and not health.lately.failed
        return works or (not health.is_failing and not health.hour.reaches(health.error_limit))
    return not _is_bad(health, measure)


def _has_grown(health: Health, standing: Alert, now: datetime) -> bool:
    newest = standing.facts.get("newest") or 0
    told_at = standing.facts.get("told_at")
    since = datetime.fromisoformat(str(told_at)) if told_at else standing.raised_at
    return (health.newest_dead or 0) > newest and now - since >= TELL_AGAIN
