"""From what was typed to a policy, or to what is wrong with it, beside the field that says it."""

from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from zoneinfo import available_timezones

from portal.db.places import is_known_calendar, public_holidays
from portal.domain.chains import Policy
from portal.domain.dates import WEEKDAYS
from portal.domain.policies import Above, Rule, Step, When
from portal.domain.refusals import Problem
from portal.domain.working_time import WorkingTime
from portal.filters import Tongue
from portal.views.desk.words import Mistyped
from portal.views.settings.policy_draft import PEOPLE, Draft, DraftRule, DraftStep
from portal.views.settings.typed_money import amount

MOST_HOURS = 2_000
LONGEST_NAME = 80
Problems = dict[str, str]


def policy(draft: Draft, account: str, currency: str, tongue: Tongue) -> tuple[Policy, Problems]:
    """The policy as far as it can be read; it may be used only when there are no problems."""
    problems: Problems = {}
    made = Policy(
        account=account,
        rules=tuple(
            _rule(rule, f"r{number}-", currency, tongue, problems) for number, rule in enumerate(draft.rules)
        ),
        self_approval=draft.self_approval,
        expires_after_hours=_hours(draft.expires, "expires", tongue, problems),
        remind_after_hours=_hours(draft.reminds, "reminds", tongue, problems),
        escalate_after_hours=_hours(draft.escalates, "escalates", tongue, problems),
        working=_working(draft, tongue, problems),
    )
    names = [rule.name for rule in made.rules]
    for number, name in enumerate(names):
        if name and name in names[:number]:
            problems[f"r{number}-name"] = tongue.gettext("There is a rule of this name already.")
    return made, problems


def _rule(draft: DraftRule, at: str, currency: str, tongue: Tongue, problems: Problems) -> Rule:
    _ = tongue.gettext
    if not draft.name or len(draft.name) > LONGEST_NAME:
        problems[f"{at}name"] = _("Give the rule a name of at most {n} letters.").format(n=LONGEST_NAME)
    total = _amount(draft.total, f"{at}total", tongue, problems)
    period_total = _amount(draft.period_total, f"{at}period_total", tongue, problems)
    deviation = _amount(draft.deviation, f"{at}deviation", tongue, problems)
    if not draft.steps:
        problems[f"{at}add-step"] = _("Nobody is asked: add a step.")
    return Rule(
        name=draft.name,
        steps=tuple(
            _step(step, f"{at[:-1]}s{number}-", tongue, problems) for number, step in enumerate(draft.steps)
        ),
        when=When(
            total_above=Above(total, currency) if total is not None else None,
            period_total_above=Above(period_total, currency, draft.period)
            if period_total is not None
            else None,
            category=draft.category,
            cost_centre=tuple(filter(None, (word.strip() for word in draft.cost_centre.split(",")))),
            ship_to=draft.ship_to,
            price_deviation_above=deviation,
            first_order_of_product=draft.first,
        ),
    )


def _step(draft: DraftStep, at: str, tongue: Tongue, problems: Problems) -> Step:
    _ = tongue.gettext
    if draft.who == PEOPLE and not draft.people:
        problems[f"{at}people"] = _("Tick at least one person.")
    if draft.who != PEOPLE and draft.people:
        problems[f"{at}who"] = _("People are ticked below: choose “people I tick”, or untick them.")
    need: str | int = draft.need
    if draft.need == "some":
        count = draft.count
        need = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
        if not need:
            problems[f"{at}count"] = _("How many of them? Write a number.")
        elif draft.who == PEOPLE and need > len(draft.people):
            problems[f"{at}count"] = _("More than are ticked.")
    is_named = draft.who == PEOPLE
    return Step(draft.people if is_named else (), None if is_named else draft.who, need)


def _amount(raw: str, name: str, tongue: Tongue, problems: Problems) -> Decimal | None:
    try:
        return amount(raw, tongue)
    except Mistyped as wrong:
        problems[name] = str(wrong)
        return None


def _hours(raw: str, name: str, tongue: Tongue, problems: Problems) -> int | None:
    if not raw:
        return None
    if raw.isascii() and raw.isdigit() and len(raw) < 6 and 1 <= int(raw) <= MOST_HOURS:
        return int(raw)
    problems[name] = tongue.gettext(
        "Write whole hours from 1 to {most}, or leave it empty for never."
    ).format(most=tongue.number(MOST_HOURS))
    return None


def _working(draft: Draft, tongue: Tongue, problems: Problems) -> WorkingTime:
    _ = tongue.gettext
    usual = WorkingTime()
    begins, ends = _time(draft.begins), _time(draft.ends)
    if not draft.days:
        problems["days"] = _("Tick at least one day.")
    if begins is None or ends is None or begins >= ends:
        problems["begins"] = _("Write when work begins and ends, such as 09:00 and 17:00.")
    if draft.time_zone not in available_timezones():
        problems["time_zone"] = _("There is no such time zone. It is written like Europe/London.")
    if draft.holidays and not is_known_calendar(draft.holidays):
        problems["holidays"] = _("Write a country as its two letters, like GB.")
    if problems.keys() & {"days", "begins", "time_zone", "holidays"}:
        return usual
    return WorkingTime(
        frozenset(WEEKDAYS.index(day) for day in draft.days),
        begins or usual.begins,
        ends or usual.ends,
        draft.time_zone,
        draft.holidays or None,
        public_holidays(draft.holidays) if draft.holidays else frozenset(),
    )


def _time(raw: str) -> time | None:
    try:
        return time.fromisoformat(raw)
    except ValueError:
        return None


FIELDS = {"name": "name", "steps": "add-step"}


def placed(found: Sequence[Problem]) -> Problems:
    """What the operation found wrong, at its field: `/rules/0/steps/1/need` belongs to the second step's number."""
    problems: Problems = {}
    for problem in found:
        parts = problem.pointer.strip("/").split("/")
        match parts:
            case ["rules", rule, "steps", step, what, *_rest]:
                name = "count" if what == "need" else "people"
                problems.setdefault(f"r{rule}s{step}-{name}", problem.detail)
            case ["rules", rule, what]:
                problems.setdefault(f"r{rule}-{FIELDS.get(what, what)}", problem.detail)
            case _:
                problems.setdefault("policy", problem.detail)
    return problems
