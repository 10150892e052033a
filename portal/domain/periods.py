"""Calendar periods in which budgets and authority are counted."""

from datetime import date, timedelta

PERIODS = ("day", "week", "month", "quarter", "year")


def period_of(name: str, day: date) -> tuple[date, date]:
    """(first, last) day of the calendar period that the day lies in; weeks begin on Monday."""
    match name:
        case "day":
            return day, day
        case "week":
            first = day - timedelta(days=day.weekday())
            return first, first + timedelta(days=6)
        case "month":
            return day.replace(day=1), _last_of(day.year, day.month)
        case "quarter":
            month = day.month - (day.month - 1) % 3
            return date(day.year, month, 1), _last_of(day.year, month + 2)
        case "year":
            return date(day.year, 1, 1), date(day.year, 12, 31)
        case _:
            raise ValueError(f"no such period: {name}")


def _last_of(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
