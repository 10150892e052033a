"""Invoices that gather: on which day what has left since is billed."""

from datetime import date, datetime, time, timedelta

from portal.domain.dates import WEEKDAYS

# What leaves on the last day of a period is in it: it is billed when the warehouses have closed.
CLOSES = time(18)


def period_ended(consolidation: str | None, weekly_day: str, now: datetime) -> date:
    """The last day of the newest period that is over, by the supplier's clock: weekly on the account's day, else with
    the month."""
    today = now.date() if now.time() >= CLOSES else now.date() - timedelta(days=1)
    if consolidation == "weekly":
        return today - timedelta(days=(today.weekday() - WEEKDAYS.index(weekly_day)) % 7)
    tomorrow = today + timedelta(days=1)
    return today if tomorrow.month != today.month else today.replace(day=1) - timedelta(days=1)


def period(consolidation: str | None, ended: date, billed_until: date | None) -> tuple[date, date]:
    """The days that a run bills: since the last one, or the whole of the period."""
    if billed_until is not None:
        return billed_until + timedelta(days=1), ended
    if consolidation == "weekly":
        return ended - timedelta(days=6), ended
    return ended.replace(day=1), ended
