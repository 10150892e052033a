"""One return as a page: how it stands, what is on it, what came, and what whoever looks may do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup

from portal.domain.access import Viewer
from portal.domain.quantities import ZERO, text
from portal.domain.returns import PLACES, Picture, Receipt, Return, ReturnLine
from portal.filters import Tongue
from portal.views.order.rows import is_web
from portal.views.order.statuses import Look, mode_word
from portal.views.papers.return_labels import label_text
from portal.views.returns.story import Happened, story
from portal.views.returns.words import LOOKS, place_said, reason_word, state_word

MOST_PICTURES = 8


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody typed for one line of a receipt, and what they saw of it when they did."""

    line: int
    typed: Mapping[str, str] = field(default_factory=dict)
    is_closed: bool = False
    seen: str = ""

    @property
    def says_something(self) -> bool:
        return self.is_closed or any(self.typed.values())


@dataclass(frozen=True, slots=True)
class Row:
    """A line, with its field of the receipt's form."""

    line: int
    sku: str
    name: str
    reason: str
    note: str
    announced: str
    came: str
    where: str
    outstanding: str
    is_done: bool
    is_closed: bool
    unit: str
    seen: str
    typed: Mapping[str, str]
    ticked: bool
    problems: Mapping[str, str]
    changed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture; `what` says what it is of."""

    href: str
    what: str
    caption: str
    by: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class May:
    """What whoever looks may do now."""

    decide: bool = False
    receive: bool = False
    call_off: bool = False
    add: bool = False
    print: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    number: str
    href: str | None
    weight: str


@dataclass(frozen=True, slots=True)
class Page:
    number: str
    look: Look
    state: str
    truth: Markup
    may: May
    rows: Sequence[Row]
    pictures: Sequence[Shown]
    story: Sequence[Happened]
    parcels: Sequence[Parcel]
    carrier: str
    to: Sequence[str]
    # Of which line a picture may be, when one is added.
    lines: Sequence[tuple[int, str]]
    room: int


def page(
    value: Return,
    viewer: Viewer,
    tongue: Tongue,
    today: date,
    supplier: str,
    *,
    typed: Sequence[Entered] = (),
    problems: Mapping[str, str] | None = None,
    changed: Sequence[int] = (),
    fill: bool = False,
) -> Page:
    return Page(
        number=value.number,
        look=LOOKS[value.state],
        state=state_word(value.state, tongue),
        truth=_truth(value, viewer, tongue),
        may=_may(value, viewer),
        rows=_rows(value, tongue, {one.line: one for one in typed}, problems or {}, changed, fill=fill),
        pictures=[_shown(value, one, n, tongue, today) for n, one in enumerate(value.pictures, 1)],
        story=story(value, tongue, today),
        parcels=[
            Parcel(
                one.tracking_number or "",
                one.tracking_url if is_web(one.tracking_url) else None,
                f"{tongue.number(one.weight_kg)} kg" if one.weight_kg else "",
            )
            for one in value.packages
        ],
        carrier=", ".join(filter(None, (mode_word(value.mode, tongue), value.carrier))),
        to=label_text(value, supplier, tongue)[0],
        lines=[(line.line, f"{line.line}, {line.sku}") for line in value.lines],
        room=max(MOST_PICTURES - len(value.pictures), 0),
    )


def _may(value: Return, viewer: Viewer) -> May:
    speaks = viewer.may("returns:ask", value.account)
    nothing_came = not value.has_received
    return May(
        decide=viewer.may("returns:decide") and value.state == "requested",
        receive=viewer.may("returns:receive") and value.state == "authorised",
        call_off=speaks and value.is_standing and nothing_came,
        # What is settled is not argued about any more; another system may still keep a picture with it.
        add=speaks and value.is_standing and len(value.pictures) < MOST_PICTURES,
        print=value.state == "authorised",
    )


def _truth(value: Return, viewer: Viewer, tongue: Tongue) -> Markup:
    """One sentence that answers where it is."""
    _ = tongue.gettext
    place = value.location_name
    announced, received = _sums(value, tongue)
    if value.state == "requested":
        said = (
            _("{goods} shall come back to {place}. Decide whether they may.")
            if viewer.is_supplier
            else _(
                "{goods} shall come back to {place}. We look at it and answer here; please keep the goods until then."
            )
        )
        return tongue.strong(said, goods=announced, place=place)
    if value.state == "refused":
        return tongue.strong(_("{goods} do not come back: the return was refused."), goods=announced)
    if value.state == "cancelled":
        return tongue.strong(_("{goods} do not come back: the return was called off."), goods=announced)
    credited = _credited(value, tongue)
    if value.state == "closed":
        said = _("{received} of {goods} came back to {place}, and nothing more is expected.")
        told = tongue.strong(said, received=received, goods=announced, place=place)
    elif value.has_received:
        told = tongue.strong(
            _("{received} of {goods} came back to {place}; the rest is still expected."),
            received=received,
            goods=announced,
            place=place,
        )
    else:
        told = tongue.strong(
            _("{goods} may come back, and are expected in {place}."), goods=announced, place=place
        )
    return Markup("{} {}").format(told, credited) if credited else told


def _sums(value: Return, tongue: Tongue) -> tuple[str, str]:
    """What was announced and what came, in words; lines are counted where units differ."""
    if len(value.units) == 1:
        announced = sum((line.quantity for line in value.lines), ZERO)
        received = sum((line.received for line in value.lines), ZERO)
        return tongue.quantity(announced, value.lines[0].unit), tongue.number(received)
    lines = tongue.ngettext("{n} line", "{n} lines", len(value.lines)).format(
        n=tongue.number(len(value.lines))
    )
    some = sum(bool(line.received) for line in value.lines)
    return lines, tongue.number(some)


def _credited(value: Return, tongue: Tongue) -> Markup:
    """`Credited: CN-2026-000001.`"""
    if not value.credit_notes:
        return Markup("")
    links = Markup(", ").join(
        Markup('<a href="/invoices/{0}">{0}</a>').format(number) for number in value.credit_notes
    )
    return Markup("{} {}.").format(tongue.gettext("Credited:"), links)


def _rows(
    value: Return,
    tongue: Tongue,
    typed: Mapping[int, Entered],
    problems: Mapping[str, str],
    changed: Sequence[int],
    *,
    fill: bool,
) -> list[Row]:
    receipts: dict[int, list[Receipt]] = {}
    for receipt in value.receipts:
        receipts.setdefault(receipt.line, []).append(receipt)
    drawn = []
    for line in value.lines:
        one = typed.get(line.line, Entered(line.line))
        said = dict(one.typed)
        if fill and line.outstanding:
            said[PLACES[0]] = text(line.outstanding)
        own = {name: problems[f"{name}-{line.line}"] for name in PLACES if f"{name}-{line.line}" in problems}
        drawn.append(
            _row(line, receipts.get(line.line, []), said, own, tongue, one, is_changed=line.line in changed)
        )
    return drawn


def _row(
    line: ReturnLine,
    receipts: Sequence[Receipt],
    said: Mapping[str, str],
    problems: Mapping[str, str],
    tongue: Tongue,
    entered: Entered,
    *,
    is_changed: bool,
) -> Row:
    went = {place: sum((r.quantity for r in receipts if r.went_to == place), ZERO) for place in PLACES}
    where = [place_said(place, tongue.number(n), tongue) for place, n in went.items() if n]
    return Row(
        line=line.line,
        sku=line.sku,
        name=line.name,
        reason=reason_word(line.reason, tongue),
        note=line.note or "",
        announced=tongue.quantity(line.quantity, line.unit),
        came=tongue.number(line.received),
        where=", ".join(where),
        outstanding=tongue.number(line.outstanding),
        is_done=not line.outstanding,
        is_closed=line.closed,
        unit=tongue.unit(line.unit, line.outstanding or line.quantity),
        seen=line.seen,
        typed=said,
        ticked=entered.is_closed,
        problems=problems,
        changed=is_changed,
    )


def _shown(value: Return, one: Picture, nth: int, tongue: Tongue, today: date) -> Shown:
    _ = tongue.gettext
    line = value.line(one.line) if one.line is not None else None
    of = _("Line {line}, {sku}").format(line=line.line, sku=line.sku) if line else _("All of it")
    return Shown(
        href=f"/returns/{value.number}/pictures/{one.id}",
        what=_("Picture {n}: {what}").format(n=nth, what=of),
        caption=of,
        by=_("{who}, {when}").format(who=value.name(one.added_by), when=tongue.moment(one.at, today)),
        width=one.width,
        height=one.height,
    )
