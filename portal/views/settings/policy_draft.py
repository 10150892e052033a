"""A policy as a form holds it: text as it was typed, kept whatever is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from portal.domain.approvals import Timing
from portal.domain.chains import Policy
from portal.domain.policies import Rule, Step, When
from portal.domain.working_time import WorkingTime
from portal.filters import Tongue
from portal.views.settings.typed_money import written

T = TypeVar("T")

MOST_RULES = 40
MOST_STEPS = 10
PEOPLE = "people"
NEEDS = ("all", "any", "some")
PERIODS = ("month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class DraftStep:
    """`who` is a role, or `people`; `need` is all, any, or some (`count` of them)."""

    who: str = "approver"
    people: tuple[str, ...] = ()
    need: str = "any"
    count: str = "2"


@dataclass(frozen=True, slots=True)
class DraftRule:
    """A rule; a condition that is left empty does not matter."""

    name: str = ""
    total: str = ""
    period_total: str = ""
    period: str = "month"
    category: tuple[str, ...] = ()
    cost_centre: str = ""
    ship_to: tuple[str, ...] = ()
    deviation: str = ""
    first: bool = False
    steps: tuple[DraftStep, ...] = (DraftStep(),)


@dataclass(frozen=True, slots=True)
class Draft:
    """A policy; hours that are left empty never come."""

    rules: tuple[DraftRule, ...] = ()
    self_approval: bool = False
    expires: str = "80"
    reminds: str = "8"
    escalates: str = "24"
    days: tuple[str, ...] = ()
    begins: str = "09:00"
    ends: str = "17:00"
    time_zone: str = "UTC"
    holidays: str = ""
    version: int = 0


def of_policy(policy: Policy, tongue: Tongue) -> Draft:
    """The form of a policy as it stands."""
    timing = Timing(
        policy.working, policy.expires_after_hours, policy.remind_after_hours, policy.escalate_after_hours
    )
    return replace(
        _of_timing(timing),
        rules=tuple(_of_rule(rule, tongue) for rule in policy.rules),
        self_approval=policy.self_approval,
        version=policy.version,
    )


def fresh(working: WorkingTime) -> Draft:
    """Of an account that has none yet: the usual hours, and no rule."""
    return _of_timing(Timing(working, 80, 8, 24))


def _of_timing(timing: Timing) -> Draft:
    said = timing.working.told()

    def hours(number: int | None) -> str:
        return "" if number is None else str(number)

    return Draft(
        expires=hours(timing.expires_after_hours),
        reminds=hours(timing.remind_after_hours),
        escalates=hours(timing.escalate_after_hours),
        days=tuple(said["days"]),
        begins=said["from"],
        ends=said["to"],
        time_zone=said["time_zone"],
        holidays=said["holidays"] or "",
    )


def _of_rule(rule: Rule, tongue: Tongue) -> DraftRule:
    when: When = rule.when
    above, period = when.total_above, when.period_total_above
    return DraftRule(
        name=rule.name,
        total=written(above.amount, tongue) if above else "",
        period_total=written(period.amount, tongue) if period else "",
        period=(period.period if period else None) or "month",
        category=tuple(when.category),
        cost_centre=", ".join(when.cost_centre),
        ship_to=tuple(when.ship_to),
        deviation=written(when.price_deviation_above, tongue),
        first=when.first_order_of_product,
        steps=tuple(_of_step(step) for step in rule.steps),
    )


def _of_step(step: Step) -> DraftStep:
    need = step.need if step.need in NEEDS else "some"
    count = "2" if isinstance(step.need, str) else str(step.need)
    return DraftStep(step.role or PEOPLE, tuple(step.approvers), str(need), count)


@dataclass(frozen=True, slots=True)
class Edited:
    """The draft after a button that adds or removes a part, and where the eye shall be."""

    draft: Draft
    at: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """`add-step:2` adds a step to the third rule."""

    what: str
    places: tuple[int, ...] = field(default=())

    @classmethod
    def read(cls, raw: str) -> "Button":
        what, *places = raw.split(":")
        numbers = [int(place) for place in places if place.isascii() and place.isdigit() and len(place) < 4]
        return cls(what[:20], tuple(numbers))


def edit(draft: Draft, button: Button) -> Edited:
    """What the button does; one that points nowhere does nothing."""
    match button.what, button.places:
        case "add-rule", () if len(draft.rules) < MOST_RULES:
            return Edited(replace(draft, rules=(*draft.rules, DraftRule())), f"r{len(draft.rules)}-name")
        case "drop-rule", (rule,) if rule < len(draft.rules):
            return Edited(replace(draft, rules=_without(draft.rules, rule)), "add-rule")
        case "add-step", (rule,) if rule < len(draft.rules) and len(draft.rules[rule].steps) < MOST_STEPS:
            steps = (*draft.rules[rule].steps, DraftStep())
            return Edited(_with_steps(draft, rule, steps), f"r{rule}s{len(steps) - 1}-who")
        case "drop-step", (rule, step) if rule < len(draft.rules) and step < len(draft.rules[rule].steps):
            return Edited(
                _with_steps(draft, rule, _without(draft.rules[rule].steps, step)), f"r{rule}-add-step"
            )
    return Edited(draft)


def _with_steps(draft: Draft, number: int, steps: tuple[DraftStep, ...]) -> Draft:
    rules: Mapping[int, DraftRule] = {number: replace(draft.rules[number], steps=steps)}
    return replace(draft, rules=tuple(rules.get(place, rule) for place, rule in enumerate(draft.rules)))


def _without(parts: tuple[T, ...], place: int) -> tuple[T, ...]:
    return parts[:place] + parts[place + 1 :]
