"""What was sent from the page of a policy, and what came of it, short of being saved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.domain.refusals import Refused
from portal.views.settings.policy_draft import Draft
from portal.views.settings.policy_tried import Tried

FIELD = re.compile(r"r(\d{1,3})(?:s\d{1,3})?-")
HOURS = {"expires", "reminds", "escalates", "days", "begins", "time_zone", "holidays"}
# What is said of an order that is tried out.
TRIAL = ("total", "requester", "category", "ship_to", "cost_centre")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent and what came of it, short of being saved."""

    draft: Draft | None = None
    at: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    trial: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(TRIAL, ""))
    tried: Tried | None = None
    status: int = 200

    @property
    def open_rules(self) -> frozenset[int]:
        """Rules that stand open: where the last button was, what is new, and what is wrong."""
        found = {place for name in (*self.problems, self.at) for place in _rule_of(name)}
        rules = self.draft.rules if self.draft else ()
        return frozenset(found | {place for place, rule in enumerate(rules) if not rule.name})

    @property
    def opens_hours(self) -> bool:
        return bool(self.problems.keys() & HOURS)

    @property
    def is_wrong(self) -> bool:
        """Whether something of the policy itself cannot stay as it was typed."""
        return any(name != "try-total" for name in self.problems)


def _rule_of(name: str) -> list[int]:
    """The rule that a field belongs to: 2 for `r2s0-who`."""
    found = FIELD.match(name)
    return [int(found[1])] if found else []
