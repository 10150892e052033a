"""Papers in one language or in two: each label and sentence is said in the first and, smaller, in the other."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup, escape

from portal.filters import Tongue


@dataclass(frozen=True, slots=True)
class Voice:
    """Figures, days and names of countries are written once, as the first language writes them."""

    tongue: Tongue
    also: Tongue | None = None

    def __call__(self, message: str) -> Markup:
        """What `gettext` is on a paper of one language; a template calls it `_`."""
        return self.both(lambda tongue: tongue.gettext(message))

    def both(self, write: Callable[[Tongue], str]) -> Markup:
        """`both(lambda tongue: …)`: a whole sentence in each language."""
        first = escape(write(self.tongue))
        if self.also is None or (other := write(self.also)) == write(self.tongue):
            return first
        return Markup('{} <span class="also" lang="{}">{}</span>').format(first, self.also.tag, other)
