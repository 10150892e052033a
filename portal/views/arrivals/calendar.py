"""The arrivals as a calendar: a week with a row for each site, a month with a field for each day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from babel.dates import format_interval
from markupsafe import Markup

from portal.domain.arrivals import Amount, Delivery, Month, Week
from portal.filters import Tongue
from portal.views.arrivals.arrivals import Eyes, day_title
from portal.views.order.bars import bar
from portal.views.order.certainty import SHOWN, kind_word
from portal.views.sites import address_of

DAY = timedelta(days=1)
SEVEN = DAY * 7
THURSDAY, SATURDAY = 3, 5
# So many sites stand in a field of the month, and so many rows in a week; the list has all of them.
SITES_IN_A_FIELD = 4
ROWS = 60
# Where so many deliveries stand in a field of the week, each has room for the buyer's own number.
ROOMY = 3
WEEKS = 5


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that arrives: a delivery in the week, a site or a certainty in the month."""

    href: str
    role: str
    icon: str
    bar: Markup
    text: str
    notes: Sequence[str]
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A day, of one site in the week. `title` is the whole day, for where no column says it."""

    day: date
    number: str
    title: str
    href: str
    is_today: bool
    is_past: bool
    items: Sequence[Item]
    more: str


@dataclass(frozen=True, slots=True)
class Row:
    """A site of the week; in the month a week, by its number."""

    name: str
    note: str
    href: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a day, or of a weekday."""

    name: str
    note: str = ""
    is_today: bool = False
    is_weekend: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """`previous` is empty where the days begin today, as nothing arrives before."""

    kind: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    previous: str
    present: str
    following: str
    left_out: str
    is_quiet_at_weekends: bool


def week_of(day: date, first_weekday: int) -> tuple[date, date]:
    """The first and the last day of its week; `first_weekday` is 0 for Monday."""
    first = day - DAY * ((day.weekday() - first_weekday) % 7)
    return first, first + DAY * 6


def begins(eyes: Eyes) -> date:
    """The day that was asked for, but none that is over: nothing arrives in the past."""
    return max(eyes.asked.on or eyes.today, eyes.today)


def days_of(eyes: Eyes) -> tuple[date, date]:
    """Seven days from the first; or the weeks of a month, from that of the first day, whole as the columns are."""
    first = begins(eyes)
    if eyes.asked.view == "week":
        return first, first + DAY * 6
    monday = week_of(first, first_weekday(eyes))[0]
    return monday, monday + SEVEN * WEEKS - DAY


def first_weekday(eyes: Eyes) -> int:
    """0 where weeks begin on Mondays."""
    return int(eyes.tongue.locale.first_week_day)


def span(first: date, last: date, tongue: Tongue, *, year: bool = False) -> str:
    """`22–28 Nov`."""
    return str(format_interval(first, last, skeleton="yMMMd" if year else "MMMd", locale=tongue.name))


def week(eyes: Eyes, week: Week) -> Calendar:
    """A row for each site that something comes to; within a field the surest first."""
    first, last = days_of(eyes)
    days = [first + DAY * n for n in range(7)]
    sites = [(key, list(inside)) for key, inside in groupby(week.found, key=lambda d: (d.account, d.site))]
    rows = [_site_row(eyes, days, inside) for _, inside in sites[:ROWS]]
    columns = [
        Column(eyes.day(day), _week_number(eyes, day), day == eyes.today, day.weekday() >= SATURDAY)
        for day in days
    ]
    return _calendar(
        eyes, columns, rows, (first, last), {d.day for d in week.found}, sites_left=len(sites) - ROWS
    )


def _site_row(eyes: Eyes, days: Sequence[date], found: Sequence[Delivery]) -> Row:
    by_day: defaultdict[date, list[Delivery]] = defaultdict(list)
    for delivery in found:
        by_day[delivery.day].append(delivery)
    where = found[0]
    site = address_of(where)
    return Row(
        name=where.city,
        note=f"{where.site_name} ({where.account})" if len(eyes.accounts) > 1 else where.site_name,
        href=eyes.asked.but(site=site).href,
        fields=[
            _field(
                eyes,
                day,
                [_delivery(eyes, delivery) for delivery in by_day[day]],
                by_day[day][0].of if by_day[day] else 0,
                site,
            )
            for day in days
        ],
    )


def _delivery(eyes: Eyes, delivery: Delivery) -> Item:
    look, is_roomy = SHOWN[delivery.kind], delivery.of <= ROOMY
    text = eyes.lines(delivery.lines)
    if delivery.quantity is not None and delivery.unit is not None:
        text = f"{eyes.tongue.quantity(delivery.quantity, delivery.unit)} {delivery.sku}"
    return Item(
        href=f"/orders/{delivery.order}?view=arrival#g-on-{delivery.day:%Y%m%d}",
        role=look.role,
        icon=look.icon,
        bar=Markup(""),
        text=text,
        notes=[note for note in (delivery.order, delivery.purchase_order if is_roomy else "") if note],
        spoken=kind_word(delivery.kind, eyes.tongue).lower(),
    )


def month(eyes: Eyes, month: Month) -> Calendar:
    """A row for each week; in a field the sites, or for who has but one, how certain it is."""
    first, last = days_of(eyes)
    by_day: defaultdict[date, list[Amount]] = defaultdict(list)
    for amount in month.found:
        by_day[amount.day].append(amount)
    weeks = [first + SEVEN * n for n in range((last - first).days // 7 + 1)]
    rows = [_week_row(eyes, monday, by_day) for monday in weeks]
    columns = [
        Column(eyes.tongue.weekday(day), is_weekend=day.weekday() >= SATURDAY)
        for day in (first + DAY * n for n in range(7))
    ]
    return _calendar(eyes, columns, rows, (first, last), set(by_day), sites_left=0)


def _week_row(eyes: Eyes, first: date, by_day: Mapping[date, Sequence[Amount]]) -> Row:
    days = [first + DAY * n for n in range(7)]
    return Row(
        name=str(_number(first)),
        note=span(days[0], days[-1], eyes.tongue),
        href=eyes.asked.but(view="week", on=max(first, eyes.today)).href,
        fields=[_month_field(eyes, day, by_day.get(day, ())) for day in days],
    )


def _number(first: date) -> int:
    """The number of the week that begins on this day, wherever weeks begin: its Thursday decides (ISO 8601)."""
    return (first + DAY * ((THURSDAY - first.weekday()) % 7)).isocalendar().week


def _week_number(eyes: Eyes, day: date) -> str:
    if day.weekday() != first_weekday(eyes):
        return ""
    return eyes.tongue.gettext("week {n}").format(n=_number(day))


def _month_field(eyes: Eyes, day: date, found: Sequence[Amount]) -> Field:
    if not eyes.names.are_several:
        items = [
            _certainty(eyes, day, kind, lines) for amount in found for kind, lines in _kinds(amount).items()
        ]
        return _field(eyes, day, items, len(items), "")
    # One more is shown where it takes no more room than to say that there is one more.
    room = SITES_IN_A_FIELD if len(found) > SITES_IN_A_FIELD + 1 else SITES_IN_A_FIELD + 1
    return _field(eyes, day, [_site(eyes, amount) for amount in found[:room]], len(found), "")


def _kinds(amount: Amount) -> dict[str, int]:
    return {kind: lines for kind, lines in amount.kinds.items() if lines}


def _certainty(eyes: Eyes, day: date, kind: str, lines: int) -> Item:
    look = SHOWN[kind]
    return Item(
        href=_list(eyes, day, only=kind),
        role=look.role,
        icon=look.icon,
        bar=Markup(""),
        text=eyes.lines(lines),
        notes=[kind_word(kind, eyes.tongue)],
    )


def _site(eyes: Eyes, amount: Amount) -> Item:
    kinds = _kinds(amount)
    number = eyes.tongue.number
    return Item(
        href=_list(eyes, amount.day, site=address_of(amount)),
        role="",
        icon="",
        bar=bar({SHOWN[kind].role: Decimal(lines) for kind, lines in kinds.items()}),
        text=eyes.names.of(amount),
        notes=[number(amount.lines)],
        spoken=", ".join(f"{number(n)} {kind_word(kind, eyes.tongue).lower()}" for kind, n in kinds.items()),
    )


def _field(eyes: Eyes, day: date, items: Sequence[Item], of: int, site: str) -> Field:
    tongue = eyes.tongue
    more = tongue.ngettext("{n} more", "{n} more", of - len(items)) if of > len(items) else ""
    return Field(
        day=day,
        number=eyes.tongue.day_month(day, eyes.today) if day.day == 1 else str(day.day),
        title=day_title(eyes, day),
        href=_list(eyes, day, site=site) if site else _list(eyes, day),
        is_today=day == eyes.today,
        is_past=day < eyes.today,
        items=items,
        more=more.format(n=tongue.number(of - len(items))),
    )


def _list(eyes: Eyes, day: date, **changes: str) -> str:
    """The list of that day alone."""
    changed: Mapping[str, object] = changes
    return eyes.asked.but(view="list", on=None, part="", first=day, last=day, **changed).href


def _calendar(
    eyes: Eyes,
    columns: Sequence[Column],
    rows: Sequence[Row],
    days: tuple[date, date],
    busy: Iterable[date],
    *,
    sites_left: int,
) -> Calendar:
    asked, tongue = eyes.asked, eyes.tongue
    step = SEVEN if asked.view == "week" else SEVEN * (WEEKS - 1)
    is_present = days[0] <= eyes.today
    left_out = ""
    if sites_left > 0:
        said = tongue.ngettext("{n} more site: see the list", "{n} more sites: see the list", sites_left)
        left_out = said.format(n=tongue.number(sites_left))
    return Calendar(
        kind=asked.view,
        title=span(*days, tongue, year=True),
        columns=columns,
        rows=rows,
        previous="" if is_present else asked.but(on=max(days[0] - step, eyes.today)).href,
        present="" if is_present else asked.but(on=None).href,
        following=asked.but(on=days[0] + step).href,
        left_out=left_out,
        is_quiet_at_weekends=not any(one.weekday() >= SATURDAY for one in busy),
    )
