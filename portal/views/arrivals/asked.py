"""The address of the arrivals: which of them, from when to when, as a list or a calendar; to be kept and sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from portal.domain.arrivals import Place
from portal.views.order.certainty import ONLY

VIEWS = ("list", "week", "month")
# Parts that can fill a list of their own.
ALONE = ("late", "undated")
# Nobody plans further ahead; an address with a later day is none of ours.
FURTHEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class AskedArrivals:
    """`on` is any day of a calendar's week or month; `first` and `last` bound the days of a list.

    `everything`: as many as there are on one page, to be printed.
    """

    view: str = "list"
    part: str = ""
    on: date | None = None
    first: date | None = None
    last: date | None = None
    site: str = ""
    account: str = ""
    only: str = ""
    q: str = ""
    everything: bool = False
    after: Place | None = None

    @classmethod
    def read(cls, query: Mapping[str, str], today: date) -> "AskedArrivals":
        """Unknown values are left out, not refused: an old link must still open."""
        view, part, only = query.get("view", ""), query.get("part", ""), query.get("only", "")
        return cls(
            view=view if view in VIEWS else "list",
            part=part if part in ALONE else "",
            on=_day(query.get("on", ""), today),
            first=_day(query.get("from", ""), today),
            last=_day(query.get("to", ""), today),
            site=_plain(query.get("site", ""), 160),
            account=_plain(query.get("account", ""), 80),
            only=only if only in ONLY else "",
            q=_plain(query.get("q", ""), 80),
            everything=query.get("all") == "1",
            after=_place(query.get("after", "")),
        )

    def but(self, **changes: object) -> "AskedArrivals":
        """Another address; it begins at its first page."""
        return replace(self, **{"after": None, "everything": False, **changes})  # type: ignore[arg-type]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The fields of the address, always in the same order."""
        said = {
            "view": "" if self.view == "list" else self.view,
            "part": self.part,
            "on": str(self.on or ""),
            "from": str(self.first or ""),
            "to": str(self.last or ""),
            "account": self.account,
            "site": self.site,
            "only": self.only,
            "q": self.q,
            "all": "1" if self.everything else "",
            "after": _written(self.after) if self.after else "",
        }
        return [(name, value) for name, value in said.items() if value]

    @property
    def query(self) -> str:
        """`?view=week&on=2026-11-18`, or nothing."""
        return f"?{urlencode(self.pairs, safe='/')}" if self.pairs else ""

    @property
    def href(self) -> str:
        return f"/arrivals{self.query}"

    @property
    def is_filtered(self) -> bool:
        """Whether something is left out that the page could show."""
        return bool(self.site or self.only or self.q or self.has_range)

    @property
    def has_range(self) -> bool:
        return self.first is not None or self.last is not None

    def days(self, today: date) -> tuple[date, date]:
        """From the first day, at the earliest today, to the last."""
        first = max(self.first or today, today)
        return first, max(self.last or date.max, first)


def _day(text: str, today: date) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if today - FURTHEST < day < today + FURTHEST else None


def _plain(text: str, longest: int) -> str:
    return text.replace("\x00", "").strip()[:longest]


def _written(place: Place) -> str:
    """No code has a slash in it."""
    return f"{place.day}/{place.account}/{place.site}/{place.order_id}/{place.line_id}"


def _place(text: str) -> Place | None:
    parts = text.replace("\x00", "").split("/")
    if len(parts) != 5 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts[3:]):
        return None
    try:
        day = date.fromisoformat(parts[0])
    except ValueError:
        return None
    return Place(day, parts[1], parts[2], int(parts[3]), int(parts[4]))
