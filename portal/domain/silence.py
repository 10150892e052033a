"""An order of which nothing was heard for longer than its account waits, and when the next news is expected."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.domain.quantities import text
from portal.domain.words import Words

STILL_WAITING = "order.still_waiting"
# Where nobody knows a date, somebody asks, and so many working days later the buyer hears what was answered.
WORKING_DAYS_TO_ASK = 2
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What still waits of a line, and the day on which something of it is expected, if anybody has said one that is
    not over."""

    line: int
    sku: str
    quantity: Decimal
    expected: date | None


@dataclass(frozen=True, slots=True)
class NextNews:
    """When the buyer hears of it again. `is_known`: on that day something is expected; otherwise we have asked by
    then."""

    on: date
    is_known: bool


def next_news(waiting: Sequence[Waiting], today: date, open_on_or_after: Callable[[date], date]) -> NextNews:
    """The first day that is known of anything that waits; else the supplier's second working day from today."""
    known = [one.expected for one in waiting if one.expected is not None]
    if known:
        return NextNews(min(known), is_known=True)
    day = today
    for _ in range(WORKING_DAYS_TO_ASK):
        day = open_on_or_after(day + DAY)
    return NextNews(day, is_known=False)


def as_data(since: date, news: NextNews, waiting: Sequence[Waiting]) -> dict[str, Any]:
    """What the event says: since when nothing was heard, when the next news is expected, and what waits."""
    return {
        "since": since.isoformat(),
        "next_news_on": news.on.isoformat(),
        "is_known": news.is_known,
        "waiting": [
            {
                "line": one.line,
                "sku": one.sku,
                "quantity": text(one.quantity),
                "expected": one.expected.isoformat() if one.expected else None,
            }
            for one in waiting
        ],
    }


def sentence(data: Mapping[str, Any], words: Words) -> str:
    """`3 lines still wait, and there was nothing new since 16 Nov.`: the same on every page and in mails."""
    count = int(data.get("lines") or len(data.get("waiting") or ()))
    said = words.ngettext(
        "{n} line still waits, and there was nothing new since {day}.",
        "{n} lines still wait, and there was nothing new since {day}.",
        count,
    )
    return said.format(n=words.quantity(Decimal(count)), day=_day(data, "since", words))


def promise(data: Mapping[str, Any], words: Words) -> str:
    """When the next news comes, or by when we have asked."""
    _ = words.gettext
    template = (
        _("The next news is expected on {day}.")
        if data.get("is_known")
        else _("We ask, and you hear from us by {day}.")
    )
    return template.format(day=_day(data, "next_news_on", words))


def _day(data: Mapping[str, Any], name: str, words: Words) -> str:
    return words.day(date.fromisoformat(str(data[name])))
