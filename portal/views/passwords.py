"""What is wrong with a password, in words."""

from collections.abc import Iterable

from portal.domain.passwords import LONGEST, SHORTEST, Weakness
from portal.filters import Tongue


def said(found: Iterable[Weakness], tongue: Tongue) -> str:
    """What to do instead; the worst comes first."""
    _ = tongue.gettext
    words = {
        Weakness.SHORT: _("Take at least {n} characters: several words make a good password.").format(
            n=SHORTEST
        ),
        Weakness.LONG: _("Take at most {n} characters.").format(n=LONGEST),
        Weakness.COMMON: _("Take another one: this is among the first that anybody tries."),
        Weakness.REPEATED: _(
            "Take another one: this repeats itself, or follows the keyboard, and is soon tried."
        ),
        Weakness.KNOWN: _("Take another one: a name that anybody knows is most of this one."),
    }
    return " ".join(words[one] for one in found)


def advice(tongue: Tongue) -> str:
    """Beside the field."""
    return tongue.gettext(
        "At least {n} characters. Several words that mean something to nobody else are easy to keep and hard to guess."
    ).format(n=SHORTEST)
