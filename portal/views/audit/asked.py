"""Which entries of the audit log were asked for: the address read, and addresses of others like it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from portal.filters import Tongue

FIELDS = ("account", "action", "subject", "who", "from", "to")
FIRST_YEAR, LAST_YEAR = 1970, 2199


@dataclass(frozen=True, slots=True)
class Asked:
    """`typed` is what stands in the form, `problems` what is wrong with it, both by the names of its fields."""

    typed: Mapping[str, str]
    first: date | None = None
    last: date | None = None
    # Only entries older than this one.
    before: int | None = None
    is_checking: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        return self.typed[name] or None

    @property
    def is_narrowed(self) -> bool:
        return any(self.typed[name] for name in FIELDS if name != "account")

    def href(self, path: str = "/audit", **more: object) -> str:
        """The same entries on another page, or as a file."""
        pairs = {name: value for name, value in self.typed.items() if value}
        pairs |= {name: str(value) for name, value in more.items() if value}
        return f"{path}?{urlencode(pairs)}" if pairs else path


def asked(query: Mapping[str, str], tongue: Tongue) -> Asked:
    _ = tongue.gettext
    typed = {name: query.get(name, "").replace("\x00", "").strip()[:80] for name in FIELDS}
    days = {name: _day(typed[name]) for name in ("from", "to")}
    problems = {
        name: _("This is not a day: write it as 2026-11-18.")
        for name, day in days.items()
        if typed[name] and day is None
    }
    if (first := days["from"]) and (last := days["to"]) and last < first:
        problems["from"] = _("The period ends before it begins.")
    return Asked(
        typed, days["from"], days["to"], _number(query.get("before", "")), "check" in query, problems
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
