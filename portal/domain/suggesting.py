"""What was probably meant by a word that leads to no product."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

# As many as one reads at a glance.
MOST = 3
LEAST_LIKE = 0.6


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`word` is the SKU or the buyer's own code that is like what was typed."""

    word: str
    sku: str
    name: str


def rank(typed: str, candidates: Iterable[tuple[str, str, str]]) -> list[Suggestion]:
    """The most alike first: letters and digits only, whatever stands between them. `candidates` are (word, SKU, name);
    one whose name has the words counts as alike enough."""
    bare = _bare(typed)
    scored: dict[str, tuple[float, Suggestion]] = {}
    for word, sku, name in candidates:
        score = _likeness(bare, _bare(word))
        if typed.casefold() in name.casefold():
            score = max(score, LEAST_LIKE)
        if score >= LEAST_LIKE and score > scored.get(sku, (0.0, None))[0]:
            scored[sku] = (score, Suggestion(word, sku, name))
    best = sorted(scored.values(), key=lambda one: (-one[0], one[1].sku))
    return [suggestion for _score, suggestion in best[:MOST]]


def _bare(word: str) -> str:
    return re.sub(r"[\W_]", "", word).upper()


def _likeness(one: str, other: str) -> float:
    """From 0 to 1. A word that the other begins with is much alike: the rest was left out."""
    if not one or not other:
        return 0.0
    if other.startswith(one) or one.startswith(other):
        return max(0.8, min(len(one), len(other)) / max(len(one), len(other)))
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
