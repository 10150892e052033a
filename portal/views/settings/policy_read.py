"""What a browser sends of a policy's form, as a draft."""

import re
from collections.abc import Sequence
from typing import Protocol

from portal.domain.dates import WEEKDAYS
from portal.domain.policies import ROLES
from portal.views.settings.policy_draft import (
    MOST_RULES,
    MOST_STEPS,
    NEEDS,
    PEOPLE,
    PERIODS,
    Draft,
    DraftRule,
    DraftStep,
)

LONGEST = 400
# What a rule of the form is called: r<rule>-<name>, and of its steps r<rule>s<step>-<name>.
RULE = re.compile(r"r(\d{1,3})-name")
STEP = re.compile(r"r(\d{1,3})s(\d{1,3})-who")


class Form(Protocol):
    """What was sent: a name may stand in it more than once."""

    def get(self, key: str, default: str = "") -> object: ...
    def getall(self, key: str, default: list[object]) -> Sequence[object]: ...
    def keys(self) -> Sequence[str]: ...


def read(form: Form) -> Draft:
    """What was sent."""
    rules = sorted({int(found[1]) for key in form.keys() if (found := RULE.fullmatch(key))})  # noqa: SIM118
    version = _said(form, "version")
    return Draft(
        rules=tuple(_read_rule(form, number) for number in rules[:MOST_RULES]),
        self_approval=bool(_said(form, "self_approval")),
        expires=_said(form, "expires"),
        reminds=_said(form, "reminds"),
        escalates=_said(form, "escalates"),
        days=tuple(day for day in WEEKDAYS if day in form.getall("days", [])),
        begins=_said(form, "begins"),
        ends=_said(form, "ends"),
        time_zone=_said(form, "time_zone"),
        holidays=_said(form, "holidays"),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 18 else 0,
    )


def _read_rule(form: Form, number: int) -> DraftRule:
    at = f"r{number}-"
    steps = sorted(
        {int(found[2]) for key in form.keys() if (found := STEP.fullmatch(key)) and int(found[1]) == number}  # noqa: SIM118
    )
    period = _said(form, f"{at}period")
    return DraftRule(
        name=_said(form, f"{at}name"),
        total=_said(form, f"{at}total"),
        period_total=_said(form, f"{at}period_total"),
        period=period if period in PERIODS else "month",
        category=_several(form, f"{at}category"),
        cost_centre=_said(form, f"{at}cost_centre"),
        ship_to=_several(form, f"{at}ship_to"),
        deviation=_said(form, f"{at}deviation"),
        first=bool(_said(form, f"{at}first")),
        steps=tuple(_read_step(form, f"r{number}s{step}-") for step in steps[:MOST_STEPS]),
    )


def _read_step(form: Form, at: str) -> DraftStep:
    who, need = _said(form, f"{at}who"), _said(form, f"{at}need")
    return DraftStep(
        who=who if who in (*ROLES, PEOPLE) else ROLES[0],
        people=_several(form, f"{at}people"),
        need=need if need in NEEDS else "any",
        count=_said(form, f"{at}count"),
    )


def _said(form: Form, name: str) -> str:
    return "".join(c for c in str(form.get(name, "")) if c.isprintable()).strip()[:LONGEST]


def _several(form: Form, name: str) -> tuple[str, ...]:
    found = [str(value).replace("\x00", "").strip()[:LONGEST] for value in form.getall(name, [])]
    return tuple(value for value in dict.fromkeys(found) if value)
