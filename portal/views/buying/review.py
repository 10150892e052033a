"""An order before it is placed, in words: what it comes to, when it is there, what each way of delivering it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup, escape

from portal.domain.approvals import Chain
from portal.domain.credit_words import Tone
from portal.domain.credit_words import sentence as credit_sentence
from portal.domain.quotes import PlannedShipment, Quote, Way
from portal.filters import Tongue
from portal.views.approvals.chain import Step
from portal.views.approvals.facts import avoid, reasons
from portal.views.approvals.words import roughly
from portal.views.order.statuses import mode_word
from portal.views.settings.policy_words import drawn


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to deliver the order, to be chosen. `then` says what it does, `cost` what it costs beside the others."""

    preference: str
    word: str
    then: str
    first: str
    complete: str
    shipments: str
    freight: str
    total: str
    cost: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Card:
    """Goods that would leave together."""

    title: str
    where: str
    leaves: str
    arrives: str
    lines: str
    weight: str
    freight: str


@dataclass(frozen=True, slots=True)
class Needed:
    """Who would have to agree: why, in which steps, and what would avoid it."""

    reasons: Sequence[str]
    steps: Sequence[Step]
    avoid: Sequence[str]
    until: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the button does. `icon` and `role` are of the state that the order will have."""

    button: str
    word: str
    credit: str
    is_covered: bool


def truth(quote: Quote, tongue: Tongue, today: date) -> Markup:
    """`38 lines for £1,204.50: all of it by Mon 30 Nov, the first on Fri 20 Nov.`"""
    _, way, count = tongue.gettext, quote.chosen, len(quote.lines)
    lines = tongue.ngettext("{n} line", "{n} lines", count).format(n=tongue.number(count))
    total = tongue.money(way.totals.total, quote.currency)
    head = tongue.strong(_("{lines} for {total}"), lines=lines, total=total)
    return Markup("{}: {}").format(head, _when(way, tongue, today))


def _when(way: Way, tongue: Tongue, today: date) -> Markup:
    _ = tongue.gettext
    if way.complete_on is not None and way.first_on is not None:
        whole = tongue.day(way.complete_on, today)
        if way.first_on == way.complete_on:
            return tongue.strong(_("all of it arrives on {day}."), day=whole)
        first = tongue.day(way.first_on, today)
        return tongue.strong(
            _("the first of it arrives on {first}, all of it by {day}."), first=first, day=whole
        )
    count = len(way.undated)
    if way.first_on is None:
        return escape(_("nobody can name a day for it yet."))
    undated = tongue.ngettext("{n} line has no date yet", "{n} lines have no date yet", count).format(
        n=tongue.number(count)
    )
    first = tongue.day(way.first_on, today)
    return tongue.strong(_("the first of it arrives on {first}; {undated}."), first=first, undated=undated)


def choices(quote: Quote, weekly_day: str, tongue: Tongue, today: date) -> list[Choice]:
    """In the order in which they are offered."""
    return [_choice(quote, way, weekly_day, tongue, today) for way in quote.ways.values()]


def _choice(quote: Quote, way: Way, weekly_day: str, tongue: Tongue, today: date) -> Choice:
    _ = tongue.gettext
    word, then = preference_words(way.preference, weekly_day, tongue)
    count = len(way.shipments)
    return Choice(
        preference=way.preference,
        word=word,
        then=then,
        first=tongue.day(way.first_on, today) if way.first_on else _("no date yet"),
        complete=_complete(way, tongue, today),
        shipments=tongue.ngettext("{n} shipment", "{n} shipments", count).format(n=tongue.number(count)),
        freight=_freight(way.freight, quote.currency, tongue),
        total=tongue.money(way.totals.total, quote.currency),
        cost=_beside(quote, way, tongue),
        is_chosen=way.preference == quote.preference,
    )


def _complete(way: Way, tongue: Tongue, today: date) -> str:
    if way.complete_on is not None:
        return tongue.day(way.complete_on, today)
    count = len(way.undated)
    return tongue.ngettext("no date for {n} line", "no date for {n} lines", count).format(
        n=tongue.number(count)
    )


def _beside(quote: Quote, way: Way, tongue: Tongue) -> str:
    """How it differs from what is chosen now."""
    if way.preference == quote.preference:
        return ""
    _, chosen = tongue.gettext, quote.chosen
    said = []
    saved = chosen.totals.total - way.totals.total
    if saved:
        amount = tongue.money(abs(saved), quote.currency)
        said.append((_("saves {amount}") if saved > 0 else _("costs {amount} more")).format(amount=amount))
    if way.complete_on and chosen.complete_on and way.complete_on != chosen.complete_on:
        days = (way.complete_on - chosen.complete_on).days
        template = (
            tongue.ngettext("complete {n} day later", "complete {n} days later", abs(days))
            if days > 0
            else tongue.ngettext("complete {n} day sooner", "complete {n} days sooner", abs(days))
        )
        said.append(template.format(n=tongue.number(abs(days))))
    return ", ".join(said)


def preference_words(preference: str, weekly_day: str, tongue: Tongue) -> tuple[str, str]:
    """(its word, what it does)."""
    _ = tongue.gettext
    return {
        "as_available": (_("As available"), _("Each part leaves as soon as it can.")),
        "complete_only": (_("Complete only"), _("Nothing leaves before all of it is there.")),
        "weekly": (
            _("Weekly"),
            _("What is ready leaves together on your delivery day, {day}.").format(
                day=_weekday(weekly_day, tongue)
            ),
        ),
    }[preference]


def _weekday(code: str, tongue: Tongue) -> str:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return str(tongue.locale.days["format"]["wide"][days.index(code)])


def _freight(amount: Decimal, currency: str, tongue: Tongue) -> str:
    return tongue.money(amount, currency) if amount else tongue.gettext("free")


def cards(quote: Quote, tongue: Tongue, today: date) -> list[Card]:
    """The planned shipments of the chosen way, the first to leave first."""
    return [_card(quote, one, tongue, today) for one in quote.chosen.shipments]


def _card(quote: Quote, one: PlannedShipment, tongue: Tongue, today: date) -> Card:
    _ = tongue.gettext
    place = quote.locations.get(one.location or "")
    where = place.name if place else one.location or ""
    count = len(one.lines)
    lines = tongue.ngettext("{n} line", "{n} lines", count).format(n=tongue.number(count))
    goods = tongue.money(one.goods, quote.currency)
    return Card(
        title=mode_word(one.mode, tongue),
        where=_("from {place}").format(place=where) if where else _("from where is not known yet"),
        leaves=_("leaves {day}").format(day=tongue.day(one.ships_on, today)) if one.ships_on else "",
        arrives=tongue.day(one.arrives_on, today) if one.arrives_on else _("no date yet"),
        lines=_("{lines}, goods for {amount}").format(lines=lines, amount=goods),
        weight=_weight(one, tongue),
        freight=_freight(one.freight, quote.currency, tongue),
    )


def _weight(one: PlannedShipment, tongue: Tongue) -> str:
    _ = tongue.gettext
    if not one.weight_kg:
        return _("not known")
    weight = f"{tongue.number(one.weight_kg)} kg"
    return weight if one.is_weighed else _("{weight} and what has no weight on file").format(weight=weight)


def totals(quote: Quote, tongue: Tongue) -> list[tuple[str, str, bool]]:
    """(label, amount, whether it is the sum)."""
    _, found = tongue.gettext, quote.chosen.totals
    rows = [(_("Goods"), found.goods, False)]
    if found.discount:
        rows.append((_("Discount"), -found.discount, False))
    rows += [
        (_("Freight"), found.freight, False), (_("VAT"), found.tax, False), (_("Total"), found.total, True),
    ]  # fmt: skip
    return [(label, tongue.money(amount, quote.currency), is_sum) for label, amount, is_sum in rows]


def outcome(quote: Quote, tongue: Tongue, tone: Tone) -> Outcome:
    """What happens when the button is pressed."""
    _ = tongue.gettext
    button, word = {
        "open": (
            _("Place the order"),
            _("It is placed at once: its stock is yours and its dates are promised."),
        ),
        "held": (
            _("Place it on hold"),
            _("It takes no stock until our finance team has released it; the dates are as of today."),
        ),
        "pending_approval": (
            _("Send it for approval"),
            _("It takes no stock until all have agreed; its prices are kept, the dates are as of today."),
        ),
    }[quote.state]
    return Outcome(button, word, credit_sentence(quote.credit, tone), quote.credit.is_covered)


def needed(
    chain: Chain | None,
    names: Mapping[str, str],
    habits: Mapping[int, timedelta],
    currency: str,
    tongue: Tongue,
    today: date,
) -> Needed | None:
    """`habits`: how long people have usually taken, by their id."""
    if chain is None:
        return None
    _ = tongue.gettext
    seats = {(step.position, seat.name): seat for step in chain.steps for seat in step.seats}
    steps = []
    for step in drawn(chain, names, tongue, today):
        told = []
        for seat in step.seats:
            usual = habits.get(seats[step.position, seat.name].person_id)
            habit = _("usually decides within {time}").format(time=roughly(usual, tongue)) if usual else ""
            told.append(replace(seat, why="; ".join(filter(None, (seat.why, habit)))))
        steps.append(replace(step, seats=told))
    hours = chain.timing.expires_after_hours
    until = (
        _("If nobody decides, the request ends after {n} working hours, and nothing is ordered.").format(
            n=tongue.number(hours)
        )
        if hours
        else ""
    )
    told_reasons = [
        {"rule": one.rule, "account": one.account, "because": [dict(fact) for fact in one.because]}
        for one in chain.reasons
    ]
    return Needed(
        reasons(told_reasons, currency, tongue), steps, [avoid(fact, tongue) for fact in chain.avoid], until
    )
