"""When a day begins for somebody, wherever they are."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def next_morning(now: datetime, zone: str, hour: int) -> datetime:
    """The next time that clocks there show this hour, which is never now."""
    local = now.astimezone(ZoneInfo(zone))
    # On the day on which clocks go forward over that hour, it is the hour after.
    begins = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    if begins.astimezone(UTC) <= now:
        begins += timedelta(days=1)
    return begins.astimezone(UTC)
