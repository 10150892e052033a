"""What figures and their rows are called."""

from datetime import date, timedelta
from decimal import Decimal

from babel.dates import format_skeleton
from babel.numbers import format_percent

from portal.domain.insight import DAY, DAYS_BY_MONTH, DAYS_BY_WEEK, Days, Period, percent
from portal.filters import Tongue


def span_name(span: Period, whole: Period, tongue: Tongue, today: date) -> str:
    """A week by its days, a month or a year by its name."""
    if whole.days > DAYS_BY_MONTH:
        return str(span.first.year)
    if whole.days > DAYS_BY_WEEK:
        return format_skeleton("yMMM", span.first, locale=tongue.name)
    return period_name(span, tongue, today)


def period_name(period: Period, tongue: Tongue, today: date) -> str:
    """From the first day to the last."""
    if period.first == period.last:
        return tongue.day_month(period.first, today)
    return f"{tongue.day_month(period.first, today)} – {tongue.day_month(period.last, today)}"


def took_name(days: Days, tongue: Tongue) -> str:
    """Whole days that it took, as a range: under a day, 1 to 2 days."""
    _ = tongue.gettext
    least = days.least or 0
    if days.most is None:
        return _("{n} days and more").format(n=least)
    if least == 0:
        return _("under 1 day")
    return _("{least} to {most} days").format(least=least, most=days.most + 1)


def off_name(days: Days, tongue: Tongue) -> str:
    """How far from the day that was promised."""
    _ = tongue.gettext
    if days.least is None:
        return _("before the day")
    if days.least == 0:
        return _("on the day")
    if days.most is None:
        return _("{n} days late and more").format(n=days.least)
    if days.most == days.least:
        return tongue.ngettext("{n} day late", "{n} days late", days.least).format(n=days.least)
    return _("{least} to {most} days late").format(least=days.least, most=days.most)


def outcome_name(outcome: str, tongue: Tongue) -> str:
    """What became of a backorder."""
    _ = tongue.gettext
    return {
        "in_time": _("filled in time"),
        "late": _("filled too late"),
        "missed": _("not filled in time"),
        "waiting": _("waiting, time is not up"),
        "cancelled": _("cancelled before time was up"),
    }[outcome]


def length(took: timedelta, tongue: Tongue) -> str:
    """In days and hours, or in hours and minutes: 1 day 4 h."""
    days, rest = divmod(took, DAY)
    hours, rest = divmod(rest, timedelta(hours=1))
    if days:
        words = tongue.ngettext("{n} day {hours} h", "{n} days {hours} h", days)
        return words.format(n=tongue.number(days), hours=hours)
    return tongue.gettext("{hours} h {minutes} min").format(hours=hours, minutes=rest // timedelta(minutes=1))


def share_name(part: int, whole: int, tongue: Tongue) -> str:
    """A share in percent. All and none are exact; everything between is told with its one decimal."""
    share = percent(part, whole)
    if share is None:
        return ""
    return format_percent(share / 100, "#,##0%" if part in (0, whole) else "#,##0.0%", tongue.name)


def milliseconds(took: int, tongue: Tongue) -> str:
    """So many milliseconds; from a second on in seconds."""
    if took < 1000:
        return tongue.gettext("{n} ms").format(n=took)
    return tongue.gettext("{n} s").format(n=tongue.number(Decimal(took // 100) / 10))


def group_of(by: str, tongue: Tongue) -> str:
    """What a row is when figures are broken down."""
    _ = tongue.gettext
    return {
        "period": _("When"),
        "account": _("Account"),
        "location": _("Location"),
        "supplier": _("Supplier"),
    }[by]


def nobody(by: str, tongue: Tongue) -> str:
    """The row of what no supplier was waited for, or what stands nowhere."""
    _ = tongue.gettext
    return _("no supplier") if by == "supplier" else _("no location yet")
