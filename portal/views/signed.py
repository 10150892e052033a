"""Who signed an event, where one person did something as another."""

from portal.domain.access import both_of
from portal.filters import Tongue


def in_whose_name(actor: str | None, tongue: Tongue) -> str:
    """Said wherever somebody of the supplier's did it as a buyer; nothing elsewhere."""
    both = both_of(actor)
    if both is None:
        return ""
    return tongue.gettext("({who} did this in the name of {whose})").format(who=both[0], whose=both[1])
