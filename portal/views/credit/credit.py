"""An account's credit as it is read: what is free, what it owes by kind, and how well that is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from markupsafe import Markup

from portal.db.ledger import Waiting
from portal.domain.credit import Exposure, Verdict
from portal.domain.credit_words import Tone, problem_text, sentence
from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.operations.owing import Credit, Owing
from portal.views.insight.charts import Part


def tone(tongue: Tongue, today: date) -> Tone:
    """How sentences about credit are written for this reader."""
    return Tone(tongue.gettext, tongue.money, lambda at: tongue.stamp(at, today))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of what is owed: the word, the amount, and how its part of the bar is drawn."""

    name: str
    amount: str
    css: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit and what counts against it. `bar` is as wide as the limit, or as what is owed where that is more."""

    account: str
    truth: Markup
    kinds: Sequence[Kind]
    bar: Sequence[Part]
    problem: str
    since: str
    shared: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """An order that waits for credit, and why."""

    order: str
    purchase_order_number: str
    what: str
    is_held: bool
    value: str
    why: str
    since: str


class Drawn:
    """One account's credit in one language."""

    def __init__(self, credit: Credit, tongue: Tongue, today: date) -> None:
        self.credit = credit
        self.tongue = tongue
        self.today = today

    @property
    def truth(self) -> Markup:
        """What may still be ordered, in one sentence."""
        _, own = self.tongue.gettext, self.credit.own
        strong = self.tongue.strong
        if self.credit.is_stopped:
            return strong(_("The account is on credit hold: orders wait until it is lifted."))
        if not self.credit.is_known:
            return strong(_("What may still be ordered on credit cannot be said now: orders wait."))
        if (available := self.credit.available) is None:
            return strong(_("No limit is set: any amount may be ordered on credit."))
        return strong(_("{amount} may still be ordered on credit."), amount=self._money(available, own))

    @property
    def limits(self) -> list[Limit]:
        """The account's own, and those of the parents it draws on."""
        return [self._limit(owing) for owing in (self.credit.own, *self.credit.lenders)]

    def _limit(self, owing: Owing) -> Limit:
        _ = self.tongue.gettext
        kinds = _kinds(owing.exposure, self.tongue)
        return Limit(
            owing.account,
            self._used(owing),
            [Kind(name, self._money(amount, owing), css) for name, amount, css in kinds],
            bar([(amount, css) for _name, amount, css in kinds], owing.seen.limit),
            self._problem(owing),
            self._since(owing),
            _("The orders of the accounts that draw on it are counted.") if owing.is_shared else "",
        )

    def _used(self, owing: Owing) -> Markup:
        _ = self.tongue.gettext
        used = self._money(owing.exposure.total, owing)
        if owing.seen.basis == "silent":
            return self.tongue.strong(_("{used} are used; the limit is not known now."), used=used)
        if owing.seen.limit is None:
            return self.tongue.strong(_("{used} are used; there is no limit."), used=used)
        return self.tongue.strong(
            _("{used} of {limit} are used, {left} are left."),
            used=used,
            limit=self._money(owing.seen.limit, owing),
            left=self._money(owing.left or ZERO, owing),
        )

    def _problem(self, owing: Owing) -> str:
        _ = self.tongue.gettext
        seen = owing.seen
        if seen.problem is None:
            return ""
        problem = problem_text(seen.problem, tone(self.tongue, self.today))
        if seen.basis == "last_known":
            return _(
                "{problem}: orders are accepted on its last figures, and looked at again when it answers."
            ).format(problem=problem)
        return _("{problem}: orders are taken, and wait for its figures.").format(problem=problem)

    def _since(self, owing: Owing) -> str:
        _ = self.tongue.gettext
        if owing.source == "portal":
            return _("As it is now, by the portal's own books.")
        if owing.seen.as_of is None:
            return _("The ERP has given no figures yet.")
        return _("Limit and invoices as the ERP gave them, {moment}; orders as they are now.").format(
            moment=self.tongue.stamp(owing.seen.as_of, self.today)
        )

    def stopped(self, waiting: Sequence[Waiting], currency: str) -> list[Stopped]:
        """Orders that wait for credit, or for a second look."""
        _ = self.tongue.gettext
        what = {
            "held": _("the whole order"),
            "stopped": _("what has not left yet"),
            "accepted": _("accepted for now"),
        }
        return [
            Stopped(
                one.order,
                one.purchase_order_number or "",
                what[one.what],
                one.what != "accepted",
                self.tongue.money(one.value, currency),
                why(one, self.credit.own.account, self.tongue, self.today),
                self.tongue.moment(one.set_at, self.today),
            )
            for one in waiting
        ]

    def _money(self, amount: Decimal, owing: Owing) -> str:
        return self.tongue.money(amount, owing.currency)


def _kinds(exposure: Exposure, tongue: Tongue) -> list[tuple[str, Decimal, str]]:
    _ = tongue.gettext
    return [
        (_("Open orders"), exposure.open_orders, "open"),
        (_("Shipped, not invoiced"), exposure.shipped_not_invoiced, "shipped"),
        (_("Invoiced, not paid"), exposure.invoiced_unpaid, "invoiced"),
    ]


def bar(parts: Sequence[tuple[Decimal, str]], limit: Decimal | None) -> list[Part]:
    """The kinds one after the other, in percent of the whole."""
    total = sum((amount for amount, _ in parts), ZERO)
    whole = max(total, limit or ZERO)
    found, x = [], ZERO
    for amount, css in parts:
        if amount > 0:
            width = amount * 100 / whole
            found.append(Part(f"{x:.2f}%", f"{width:.2f}%", css))
            x += width
    return found


def why(one: Waiting, account: str, tongue: Tongue, today: date) -> str:
    """What was said when it was judged, in the reader's language; what a person wrote stays as it was written."""
    said = one.said
    if said is None or not said.get("currency"):
        return one.note or ""
    outcome = said["outcome"] or "unknown"
    verdict = Verdict(
        outcome == "covered",
        outcome=outcome,
        basis=said["basis"] or "silent",
        problem=said["problem"],
        account=said["account"],
        is_group=said["account"] != account,
        currency=said["currency"],
        more=_amount(said["order"]) or ZERO,
        exposure=_amount(said["exposure"]) or ZERO,
        limit=_amount(said["limit"]),
        as_of=_instant(said["as_of"]),
    )
    return sentence(verdict, tone(tongue, today))


def _amount(raw: str | None) -> Decimal | None:
    return Decimal(raw) if raw is not None else None


def _instant(raw: str | None) -> datetime | None:
    return datetime.fromisoformat(raw) if raw is not None else None
