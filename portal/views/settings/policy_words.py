"""Policies in plain words: when a rule applies, and whom it asks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.approvals import Chain, Seat
from portal.domain.asking import Crowd, Member
from portal.domain.chains import Policy
from portal.domain.policies import Rule, Step, When
from portal.filters import Tongue
from portal.views.approvals.chain import Seat as DrawnSeat
from portal.views.approvals.chain import Step as DrawnStep
from portal.views.approvals.words import need, why
from portal.views.order.statuses import Look

PLAIN = Look("muted", "queue")


@dataclass(frozen=True, slots=True)
class Said:
    """A rule in words: its conditions, and its steps one by one."""

    name: str
    when: str
    steps: Sequence[str]


def rule_in_words(rule: Rule, crowd: Crowd, names: Mapping[str, str], tongue: Tongue) -> Said:
    """`names`: the accounts'."""
    _ = tongue.gettext
    found = list(_conditions(rule.when, tongue))
    when = _("When {conditions}").format(conditions=_joined(found, tongue)) if found else _("For every order")
    return Said(rule.name, when, [_step(step, crowd, names, tongue) for step in rule.steps])


def _conditions(when: When, tongue: Tongue) -> Iterable[str]:
    _ = tongue.gettext
    if when.total_above is not None:
        above = tongue.money(when.total_above.amount, when.total_above.currency)
        yield _("it comes to more than {amount}").format(amount=above)
    if when.period_total_above is not None:
        period = when.period_total_above
        template = {
            "month": _("more than {amount} are ordered in the month"),
            "quarter": _("more than {amount} are ordered in the quarter"),
            "year": _("more than {amount} are ordered in the year"),
        }[period.period or "month"]
        yield template.format(amount=tongue.money(period.amount, period.currency))
    if when.category:
        yield _("something of it is {categories}").format(categories=_either(when.category, tongue))
    if when.cost_centre:
        yield _("the cost centre is {names}").format(names=_either(when.cost_centre, tongue))
    if when.ship_to:
        yield _("it goes to {places}").format(places=_either(when.ship_to, tongue))
    if when.price_deviation_above is not None:
        yield _("a price is more than {percent} % above what was agreed").format(
            percent=tongue.number(when.price_deviation_above)
        )
    if when.first_order_of_product:
        yield _("a product is ordered for the first time")


def _step(step: Step, crowd: Crowd, names: Mapping[str, str], tongue: Tongue) -> str:
    """`one of Klaus Brandt, Anna Ek (approvers of Nordwind)`."""
    _ = tongue.gettext
    members = asked(step, crowd)
    people = ", ".join(member.name for member in members) or _("nobody yet")
    if step.role is not None:
        account = names.get(members[0].account, members[0].account) if members else ""
        if members and members[0].account == crowd.accounts[0]:
            account = ""
        people = (
            f"{people} ({role_of(step.role, account, tongue)})"
            if members
            else f"{people} ({role(step.role, tongue)})"
        )
    if len(members) == 1:
        return people
    if step.need == "all":
        return _("all of: {people}").format(people=people)
    if step.need == "any":
        return _("one of: {people}").format(people=people)
    return _("{n} of: {people}").format(n=tongue.number(int(step.need)), people=people)


def asked(step: Step, crowd: Crowd) -> list[Member]:
    """Who would be asked today, the requester left aside."""
    if step.role is not None:
        return crowd.nearest([step.role])
    found = (crowd.named(email) for email in step.approvers)
    return [member for member in found if member is not None]


def role(name: str, tongue: Tongue) -> str:
    """A role of a buying company, of several people."""
    _ = tongue.gettext
    return {
        "approver": _("approvers"),
        "finance": _("finance"),
        "account_admin": _("administrators"),
        "buyer": _("buyers"),
        "reader": _("readers"),
    }.get(name, name)


def role_of(name: str, account: str, tongue: Tongue) -> str:
    """`approvers`, and of which account where that is not the one that is looked at."""
    if not account:
        return role(name, tongue)
    return tongue.gettext("{role} of {account}").format(role=role(name, tongue), account=account)


def one_role(name: str, tongue: Tongue) -> str:
    """A role, of one person."""
    _ = tongue.gettext
    return {
        "approver": _("Approver"),
        "finance": _("Finance"),
        "account_admin": _("Administrator"),
        "buyer": _("Buyer"),
        "reader": _("Reader"),
    }.get(name, name)


def timing_in_words(policy: Policy, tongue: Tongue) -> list[str]:
    """What time does to a request."""
    _ = tongue.gettext
    said = [
        (policy.remind_after_hours, _("reminded after {n} working hours")),
        (policy.escalate_after_hours, _("asked further up after {n} working hours")),
        (policy.expires_after_hours, _("rejected by itself after {n} working hours")),
    ]
    return [template.format(n=tongue.number(hours)) for hours, template in said if hours is not None]


def drawn(chain: Chain, names: Mapping[str, str], tongue: Tongue, today: date) -> list[DrawnStep]:
    """A chain that nobody was asked yet, as requests draw theirs."""
    return [
        DrawnStep(
            position=step.position,
            title=tongue.gettext("Step {n}").format(n=tongue.number(step.position)),
            rules=", ".join(_rule_name(rule, tongue) for rule in step.rules),
            need=need(step.need, len(step.seats), tongue),
            state="waiting",
            word="",
            look=PLAIN,
            seats=[_seat(seat, names, tongue, today) for seat in step.seats],
        )
        for step in chain.steps
    ]


def _rule_name(name: str, tongue: Tongue) -> str:
    return tongue.gettext("Authority") if name == "authority" else name


def _seat(seat: Seat, names: Mapping[str, str], tongue: Tongue, today: date) -> DrawnSeat:
    away = seat.away
    return DrawnSeat(
        name=seat.name,
        why=why(seat.why, names.get(seat.account, seat.account), tongue),
        look=PLAIN,
        word="",
        by="",
        when="",
        comment="",
        condition="",
        away=tongue.gettext("{name} decides for them until {day}").format(
            name=away.name, day=tongue.day(away.until, today)
        )
        if away
        else "",
        habit="",
        is_mine=False,
    )


def _either(words: Sequence[str], tongue: Tongue) -> str:
    if len(words) == 1:
        return words[0]
    return tongue.gettext("{some} or {last}").format(some=", ".join(words[:-1]), last=words[-1])


def _joined(parts: Sequence[str], tongue: Tongue) -> str:
    if len(parts) == 1:
        return parts[0]
    return tongue.gettext("{some}, and {last}").format(some=", ".join(parts[:-1]), last=parts[-1])
