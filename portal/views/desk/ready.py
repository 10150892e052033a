"""What can ship now: the table of places and modes, the orders of one page, and the form for many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from markupsafe import Markup

from portal.db.bulk import Asked
from portal.db.ready import Count, Key, ReadyRow, Wanted
from portal.filters import Tongue
from portal.views.order.statuses import hold_word, mode_word

PER_PAGE = 50
MODES = ("parcel", "freight")
VERBS = ("pick", "pack", "ship")


@dataclass(frozen=True, slots=True)
class Asking:
    """The address of the page: what it shows, and where its page begins."""

    location: str = ""
    mode: str = ""
    due: bool = False
    stopped: bool = False
    after: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asking":
        """Unknown values are left out, not refused."""
        mode = query.get("mode", "")
        return cls(
            location=query.get("location", "").replace("\x00", "").strip()[:64],
            mode=mode if mode in MODES else "",
            due=query.get("due") == "1",
            stopped=query.get("stopped") == "1",
            after=query.get("after", "").replace("\x00", "")[:120],
        )

    @property
    def href(self) -> str:
        said = {
            "location": self.location,
            "mode": self.mode,
            "due": "1" if self.due else "",
            "stopped": "1" if self.stopped else "",
            "after": self.after,
        }
        pairs = {name: value for name, value in said.items() if value}
        return "/desk/ready" + (f"?{urlencode(pairs)}" if pairs else "")

    @property
    def is_filtered(self) -> bool:
        return bool(self.location or self.mode or self.due)

    def wanted(self, today: date) -> Wanted:
        return Wanted(
            self.location or None,
            self.mode or None,
            today if self.due else None,
            self.stopped,
            _key(self.after),
        )


def _key(raw: str) -> Key | None:
    """`2026-11-20_318_parcel_MAIN`."""
    parts = raw.split("_", 3)
    if len(parts) != 4 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 19):
        return None
    try:
        day = date.fromisoformat(parts[0])
    except ValueError:
        return None
    return Key(day, int(parts[1]), parts[3], parts[2])


def _after(key: Key) -> str:
    return f"{key.promised.isoformat()}_{key.order_id}_{key.mode}_{key.location}"


@dataclass(frozen=True, slots=True)
class Cell:
    orders: str
    lines: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PlaceRow:
    name: str
    code: str
    href: str
    is_chosen: bool
    cells: Sequence[Cell | None]


@dataclass(frozen=True, slots=True)
class Row:
    value: str
    number: str
    href: str
    account: str
    ship_to: str
    place: str
    mode: str
    promised: Markup
    late: str
    requested: Markup
    lines: str
    allocated: str
    picking: str
    packed: str
    weight: str
    stopped: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class TypedBulk:
    """The form for many at once, as it was typed."""

    selected: frozenset[str] = frozenset()
    carrier: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class ReadyPage:
    asking: Asking
    modes: Sequence[tuple[str, str]]
    places: Sequence[PlaceRow]
    rows: Sequence[Row]
    has_requested: bool
    has_weight: bool
    count: str
    not_offered: str
    show_stopped: str
    show_free: str
    following: str | None
    first: str | None
    location_options: Sequence[tuple[str, str, bool]]
    mode_options: Sequence[tuple[str, str, bool]]
    typed: TypedBulk


def page(
    tongue: Tongue,
    today: date,
    asking: Asking,
    counts: Sequence[Count],
    found: Sequence[ReadyRow],
    following: Key | None,
    names: Mapping[str, str],
    typed: TypedBulk,
) -> ReadyPage:
    return ReadyPage(
        asking=asking,
        modes=[(mode, mode_word(mode, tongue)) for mode in MODES],
        places=_places(tongue, asking, counts, names),
        rows=[_row(tongue, today, row, names, typed) for row in found],
        has_requested=any(row.requested_on for row in found),
        has_weight=any(row.weight is not None for row in found),
        count=_count(tongue, len(found), is_part=bool(following or asking.after)),
        not_offered=_not_offered(tongue, counts),
        show_stopped=replace(asking, stopped=True, after="").href,
        show_free=replace(asking, stopped=False, after="").href,
        following=replace(asking, after=_after(following)).href if following else None,
        first=replace(asking, after="").href if asking.after else None,
        location_options=[(code, name, code == asking.location) for code, name in names.items()],
        mode_options=[(mode, mode_word(mode, tongue), mode == asking.mode) for mode in MODES],
        typed=typed,
    )


def _places(
    tongue: Tongue, asking: Asking, counts: Sequence[Count], names: Mapping[str, str]
) -> list[PlaceRow]:
    """A row for each place at which something may leave, a cell for each mode."""
    free = {(count.location, count.mode): count for count in counts if count.stopped is None}
    codes = sorted({location for location, _ in free}, key=lambda code: names.get(code, code))
    rows = []
    for code in codes:
        cells = [_cell(tongue, asking, code, mode, free.get((code, mode))) for mode in MODES]
        chosen = code == asking.location and not asking.mode
        href = replace(asking, location=code, mode="", after="", stopped=False).href
        rows.append(PlaceRow(names.get(code, code), code, href, chosen, cells))
    return rows


def _cell(tongue: Tongue, asking: Asking, code: str, mode: str, count: Count | None) -> Cell | None:
    if count is None:
        return None
    return Cell(
        orders=tongue.ngettext("{n} order", "{n} orders", count.orders).format(n=tongue.number(count.orders)),
        lines=tongue.ngettext("{n} line", "{n} lines", count.lines).format(n=tongue.number(count.lines)),
        href=replace(asking, location=code, mode=mode, after="", stopped=False).href,
        is_chosen=code == asking.location and mode == asking.mode,
    )


def _row(tongue: Tongue, today: date, row: ReadyRow, names: Mapping[str, str], typed: TypedBulk) -> Row:
    value = value_of(row)
    return Row(
        value=value,
        number=row.number,
        href=f"/desk/orders/{row.number}?{urlencode({'location': row.location})}",
        account=f"{row.account_name} ({row.account})",
        ship_to=row.ship_to,
        place=names.get(row.location, row.location),
        mode=mode_word(row.mode, tongue),
        promised=tongue.day_html(row.promised, today),
        late=_late(tongue, row.promised, today),
        requested=tongue.day_html(row.requested_on, today) if row.requested_on else Markup(""),
        lines=tongue.number(row.lines),
        allocated=tongue.number(row.allocated) if row.allocated else "",
        picking=tongue.number(row.picking) if row.picking else "",
        packed=tongue.number(row.packed) if row.packed else "",
        weight=_weight(tongue, row.weight),
        stopped=_stopped(tongue, row),
        is_selected=value in typed.selected,
    )


def value_of(row: ReadyRow) -> str:
    """What the box of a row says when it is ticked; a location's code has no slash."""
    return f"{row.number}/{row.mode}/{row.location}"


def asked_rows(values: Sequence[str]) -> list[Asked]:
    """The ticked boxes as rows of a run, each once; what is no row of this page is left out."""
    asked = []
    for value in dict.fromkeys(values):
        number, _, rest = value.partition("/")
        mode, _, location = rest.partition("/")
        if number and location and mode in MODES and len(value) < 200 and value.isprintable():
            asked.append(Asked(number, {"location": location, "mode": mode}))
    return asked


def _late(tongue: Tongue, promised: date, today: date) -> str:
    days = (today - promised).days
    if days <= 0:
        return ""
    return tongue.ngettext("{n} day late", "{n} days late", days).format(n=days)


def _weight(tongue: Tongue, weight: Decimal | None) -> str:
    return f"{tongue.number(weight.quantize(Decimal('0.1')))} kg" if weight is not None else ""


def _stopped(tongue: Tongue, row: ReadyRow) -> str:
    if row.stopped_by:
        words = ", ".join(hold_word(reason, tongue) for reason in row.stopped_by)
        return tongue.gettext("Held {reason}").format(reason=words)
    return tongue.gettext("Ships complete only, and the rest still waits")


def _count(tongue: Tongue, found: int, *, is_part: bool) -> str:
    if is_part:
        return tongue.ngettext("{n} row on this page", "{n} rows on this page", found).format(n=found)
    return tongue.ngettext("{n} row", "{n} rows", found).format(n=found)


def _not_offered(tongue: Tongue, counts: Sequence[Count]) -> str:
    """What stands ready and may not leave, so that nobody looks for it here in vain."""
    held = sum(count.lines for count in counts if count.stopped == "hold")
    incomplete = sum(count.lines for count in counts if count.stopped == "incomplete")
    said = []
    if held:
        template = tongue.ngettext("{n} line is held", "{n} lines are held", held)
        said.append(template.format(n=tongue.number(held)))
    if incomplete:
        template = tongue.ngettext(
            "{n} line waits for the rest of an order that ships complete only",
            "{n} lines wait for the rest of orders that ship complete only",
            incomplete,
        )
        said.append(template.format(n=tongue.number(incomplete)))
    return "; ".join(said)
