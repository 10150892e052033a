"""What an order that is tried out would get: whom it asks, why, and what would avoid it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.approvals import Chain
from portal.filters import Tongue
from portal.views.approvals.chain import Step
from portal.views.approvals.facts import avoid, reasons
from portal.views.settings.policy_words import drawn


@dataclass(frozen=True, slots=True)
class Tried:
    """What a tried order would get."""

    title: str
    steps: Sequence[Step] = ()
    why: Sequence[str] = ()
    avoid: Sequence[str] = ()
    problem: str = ""


def tried(chain: Chain | None, names: Mapping[str, str], currency: str, tongue: Tongue, today: date) -> Tried:
    """The chain that an order would get, with why, and what would avoid it."""
    _ = tongue.gettext
    if chain is None:
        return Tried(_("Nobody is asked: it is placed at once."))
    said = chain.told()
    people = sum(1 for _seat in chain.seats)
    title = tongue.ngettext("{n} person is asked", "{n} people are asked", people).format(
        n=tongue.number(people)
    )
    if len(chain.steps) > 1:
        steps = tongue.ngettext("{n} step", "{n} steps", len(chain.steps)).format(
            n=tongue.number(len(chain.steps))
        )
        title = _("{people}, in {steps}").format(people=title, steps=steps)
    return Tried(
        title=title,
        steps=drawn(chain, names, tongue, today),
        why=reasons(said["reasons"], currency, tongue),
        avoid=[avoid(fact, tongue) for fact in said["avoid"]],
    )
