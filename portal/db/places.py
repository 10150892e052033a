"""Locations and destinations with their calendars, as the promise engine takes them."""

from collections.abc import Container
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from portal.db.work import Connection
from portal.domain.calendars import Destination, Place
from portal.domain.dates import WEEKDAYS


@lru_cache(maxsize=512)
def public_holidays(calendar: str) -> Container[date]:
    """The holidays of a country (`GB`) or a part of one (`GB-SCT`); none for a country that is not known."""
    country, _, part = calendar.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        return frozenset()


def is_known_calendar(calendar: str) -> bool:
    """Whether holidays are known for it."""
    country, _, part = calendar.partition("-")
    supported = holidays.list_supported_countries(include_aliases=True)
    return country in supported and (not part or part in supported[country])


def is_known_zone(name: str) -> bool:
    """Whether it is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def today_at(time_zone: str, now: datetime) -> date:
    """The date that a clock on the wall there shows."""
    return now.astimezone(ZoneInfo(time_zone)).date()


async def load(conn: Connection, now: datetime) -> dict[str, Place]:
    """Every location by code."""
    rows = await conn.fetch(
        """select code, name, country, time_zone, working_days, holiday_calendar, receiving_days, handling_days,
               transit_days from location order by code"""
    )
    return {
        row["code"]: Place(
            code=row["code"],
            name=row["name"],
            country=row["country"],
            today=today_at(row["time_zone"], now),
            working_days=frozenset(WEEKDAYS.index(day) for day in row["working_days"]),
            holidays=public_holidays(row["holiday_calendar"]) if row["holiday_calendar"] else frozenset(),
            receiving_days=row["receiving_days"],
            handling_days=row["handling_days"],
            transit_days=row["transit_days"],
        )
        for row in rows
    }


async def names(conn: Connection) -> dict[str, str]:
    """What people call each location, by code."""
    return {
        row["code"]: row["name"] for row in await conn.fetch("select code, name from location order by code")
    }


@lru_cache(maxsize=4096)
def destination(city: str, country: str) -> Destination:
    """Where goods go; it closes at weekends and on its country's holidays."""
    return Destination(name=city, country=country, holidays=public_holidays(country))
