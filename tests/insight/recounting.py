"""The figures once more, from the feed alone and in plain Python: slow, and easy to agree with.

It goes by what happened, not by what events say of the order as a whole: an order left in one go when it is closed and
nothing of it shipped or was cancelled later; a backorder is filled when as much as was missing has been set aside.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Recount:
    whole: int
    partial: int
    took: list[timedelta]
    outcomes: Counter[str]
    first: Counter[int | None]
    last: Counter[int | None]

    def quantile(self, share: Decimal) -> timedelta:
        """The least time in which at least this share of the orders had left."""
        return next(
            took for place, took in enumerate(sorted(self.took), start=1) if place >= share * len(self.took)
        )


def recount(
    events: Iterable[Json],
    first: date,
    last: date,
    today: date,
    *,
    account: str | None = None,
    location: str | None = None,
    target: int = 14,
) -> Recount:
    """`events` are all there are, in the order of the feed."""
    stories: dict[str, list[Json]] = defaultdict(list)
    for event in events:
        if account in (None, event["account"]):
            stories[event["order"]].append(event)

    def counts(event: Json) -> bool:
        return first <= day(event["at"]) <= last and location in (
            None,
            event["data"].get("location", location),
        )

    dispatched = [
        found for story in stories.values() if (found := first_dispatch(story)) and counts(found[0])
    ]
    delivered = [
        (event["data"], line)
        for story in stories.values()
        for event in story
        if event["type"] == "shipment.delivered" and counts(event)
        for line in event["data"]["lines"]
    ]
    return Recount(
        whole=sum(in_one_go for _, in_one_go, _ in dispatched),
        partial=sum(not in_one_go for _, in_one_go, _ in dispatched),
        took=[took for _, _, took in dispatched],
        outcomes=Counter(
            outcome
            for story in stories.values()
            if first <= day(story[0]["at"]) <= last
            for outcome, place in backorders(story, target, today)
            if location in (None, place)
        ),
        first=Counter(off(data["delivered_on"], line["first_promise"]) for data, line in delivered),
        last=Counter(off(data["delivered_on"], data["expected_on"]) for data, _ in delivered),
    )


def first_dispatch(story: list[Json]) -> tuple[Json, bool, timedelta] | None:
    """(the event, whether the order left in one go with it, how long it took)."""
    cancelled = {event["data"]["shipment"] for event in story if event["type"] == "shipment.cancelled"}
    for place, event in enumerate(story):
        if event["type"] == "shipment.shipped" and event["data"]["shipment"] not in cancelled:
            later = {one["type"] for one in story[place + 1 :]}
            in_one_go = "order.closed" in later and not later & {"shipment.shipped", "line.cancelled"}
            took = instant(event["data"]["shipped_at"]) - instant(story[0]["data"]["placed_at"])
            return event, in_one_go, max(took, timedelta())
    return None


def backorders(story: list[Json], target: int, today: date) -> Iterator[tuple[str, str | None]]:
    """What became of each line that had no stock at first, and where it was filled or will be."""
    for place, event in enumerate(story):
        if "waiting" in event["data"] and event["type"] != "order.still_waiting":
            since = day(event["data"].get("placed_at", event["at"]))
            for missing in event["data"]["waiting"]:
                became, settled = outcome(story[place + 1 :], missing, since + timedelta(days=target), today)
                told = story if settled is None else story[: place + 1 + settled + 1]
                yield became, where(told, missing["line"])


def where(told: list[Json], line: int) -> str | None:
    """The place that was told of a line last."""
    for event in reversed(told):
        data = event["data"]
        entries = (
            data.get("lines")
            if event["type"] in ("portion.allocated", "promise.changed")
            else data.get("waiting")
        )
        places = [
            (one.get("supplier", "\uffff"), one["location"])
            for one in entries or ()
            if one["line"] == line and one.get("location")
        ]
        if places:
            return min(places)[1]
    return None


def outcome(later: list[Json], missing: Json, due: date, today: date) -> tuple[str, int | None]:
    """And the place, among what came later, of the event that settled it."""
    left = Decimal(missing["quantity"])
    for place, event in enumerate(later):
        for line in event["data"].get("lines") or () if event["type"] in SETTLING else ():
            if line["line"] == missing["line"]:
                left -= Decimal(line["quantity"])
                if left <= 0:
                    return SETTLING[event["type"]][day(event["at"]) > due], place
    return "waiting" if today <= due else "missed", None


SETTLING = {"portion.allocated": ("in_time", "late"), "line.cancelled": ("cancelled", "missed")}


def off(delivered: str, promised: str | None) -> int | None:
    return (date.fromisoformat(delivered) - date.fromisoformat(promised)).days if promised else None


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def day(at: str) -> date:
    return instant(at).astimezone(LONDON).date()
