"""How numbers, money, days and instants are written in each language, for templates and views alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from markupsafe import Markup, escape

from portal.domain.words import Words, unit_name

TRANSLATIONS = Path(__file__).parent / "translations"
# What a person or a browser may ask for, and the conventions that come with it.
LOCALES = {"en": "en_GB", "de": "de_DE"}
DEFAULT = "en"


@dataclass(frozen=True, slots=True, eq=False)
class Tongue:
    """One language in one time zone: its catalogue and its way of writing things down. There is one of each."""

    code: str
    name: str
    zone: tzinfo
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]

    @property
    def locale(self) -> Locale:
        """What Babel knows of it: names of countries and the like."""
        return Locale.parse(self.name)

    @property
    def tag(self) -> str:
        """For `lang`: en-GB."""
        return self.name.replace("_", "-")

    def number(self, value: Decimal | int) -> str:
        return _number(value, self.name)

    def money(self, amount: Decimal, currency: str) -> str:
        """With the digits of the currency: £1,234.50."""
        return _money(amount, currency, self.name)

    def price(self, amount: Decimal, currency: str) -> str:
        """A unit price, with as many digits as it has but not fewer than the currency's."""
        return _price(amount, currency, self.name)

    def unit(self, code: str, quantity: Decimal) -> str:
        """The short word for a UN/ECE Recommendation 20 code; the code itself where there is none."""
        return _unit(self, code, quantity)

    def quantity(self, value: Decimal, unit: str) -> str:
        return f"{self.number(value)} {self.unit(unit, value)}"

    def weekday(self, day: date) -> str:
        return _weekday(day, self.name)

    def day_month(self, day: date, today: date) -> str:
        """ "20 Nov", with the year when it is not this one."""
        return _day_month(day, day.year == today.year, self.name)

    def day(self, day: date, today: date) -> str:
        """ "Fri 20 Nov"."""
        return f"{self.weekday(day)} {self.day_month(day, today)}"

    def day_html(self, day: date, today: date) -> Markup:
        """A day for a column of days: the weekday in the quieter ink."""
        return _day_html(day, day.year == today.year, self.name)

    def full_day(self, day: date) -> str:
        """ "Friday"-long form for a sentence: "Friday 20 November 2026"."""
        return format_date(day, "full", locale=self.name)

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def on(self, instant: datetime) -> date:
        """The day of an instant where the supplier is."""
        return self.local(instant).date()

    def clock(self, instant: datetime) -> str:
        """ "14:12"."""
        return _clock(self.local(instant).replace(second=0, microsecond=0), self.name)

    def moment(self, instant: datetime, today: date) -> str:
        """ "18 Nov 10:20", the day left out when it is today."""
        local = self.local(instant)
        return (
            self.clock(instant)
            if local.date() == today
            else f"{self.day_month(local.date(), today)} {self.clock(instant)}"
        )

    def stamp(self, instant: datetime, today: date) -> str:
        """ "Wed 18 Nov, 15:20"."""
        return f"{self.day(self.on(instant), today)}, {self.clock(instant)}"

    def away(self, day: date, today: date) -> str:
        """ "today", "tomorrow", "in 5 days", "2 days ago"."""
        days = (day - today).days
        near = {0: self.gettext("today"), 1: self.gettext("tomorrow"), -1: self.gettext("yesterday")}
        if days in near:
            return near[days]
        return format_timedelta(
            day - today, granularity="day", threshold=100, add_direction=True, locale=self.name
        )

    def words(self, today: date, *, weekdays: bool = False) -> Words:
        """What sentences are made with; `weekdays` for "Fri 20 Nov" where a sentence stands alone."""
        write = self.day if weekdays else self.day_month
        return Words(
            gettext=self.gettext,
            ngettext=self.ngettext,
            day=lambda day: write(day, today),
            quantity=self.number,
            today=today,
        )

    def strong(self, template: str, **values: object) -> Markup:
        """Fill a translated sentence, each figure in bold: `strong(_("{n} lines"), n=3)`."""
        bold = {name: Markup("<b>{}</b>").format(value) for name, value in values.items()}
        return escape(template).format(**bold)


@lru_cache(maxsize=64)
def tongue(code: str, zone: str) -> Tongue:
    """The language for `en`, `de-AT`, `de_DE`; English for one we do not have."""
    short = code.replace("_", "-").split("-")[0].lower()
    short = short if short in LOCALES else DEFAULT
    catalogue = _catalogue(short)
    return Tongue(short, LOCALES[short], ZoneInfo(zone), catalogue.gettext, catalogue.ngettext)


@lru_cache(maxsize=8)
def _catalogue(code: str) -> GNUTranslations:
    """Compiled when the program starts: what is kept are the texts that people edit."""
    compiled = BytesIO()
    with (TRANSLATIONS / code / "LC_MESSAGES" / "portal.po").open("rb") as texts:
        write_mo(compiled, read_po(texts, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def accepted(header: str) -> str:
    """The first language of an Accept-Language header that we have."""
    wanted: list[tuple[float, int, str]] = []
    for place, entry in enumerate(header.split(",")[:12]):
        name, _, weight = entry.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, name.split("-")[0].lower()))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(wanted) if name in LOCALES), DEFAULT)


@lru_cache(maxsize=4096)
def _unit(tongue: Tongue, code: str, quantity: Decimal) -> str:
    return unit_name(code, quantity, tongue.words(date.min))


@lru_cache(maxsize=8192)
def _number(value: Decimal | int, locale: str) -> str:
    return format_decimal(value, format="#,##0.######", locale=locale)


@lru_cache(maxsize=8192)
def _money(amount: Decimal, currency: str, locale: str) -> str:
    return format_currency(amount, currency, locale=locale)


@lru_cache(maxsize=8192)
def _price(amount: Decimal, currency: str, locale: str) -> str:
    return format_currency(amount, currency, locale=locale, decimal_quantization=False)


@lru_cache(maxsize=4096)
def _weekday(day: date, locale: str) -> str:
    return format_date(day, "EEE", locale=locale).rstrip(".")


@lru_cache(maxsize=4096)
def _day_month(day: date, is_this_year: bool, locale: str) -> str:
    skeleton = "MMMd" if is_this_year else "yMMMd"
    return format_skeleton(skeleton, datetime(day.year, day.month, day.day, tzinfo=UTC), locale=locale)


@lru_cache(maxsize=4096)
def _day_html(day: date, is_this_year: bool, locale: str) -> Markup:
    return Markup('<time datetime="{}"><i>{}</i> {}</time>').format(
        day.isoformat(), _weekday(day, locale), _day_month(day, is_this_year, locale)
    )


@lru_cache(maxsize=4096)
def _clock(instant: datetime, locale: str) -> str:
    return format_time(instant, "HH:mm", locale=locale)
