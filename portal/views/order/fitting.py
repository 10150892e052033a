"""Text of any length in a box of fixed size: as large as it goes in, and never over the edge."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

POINTS_PER_MM = 72 / 25.4
LINE_HEIGHT = 1.2
# Widths in Inter's semibold, in parts of the size, rounded up: better a size too small than a word over the edge.
NARROW, SLIM, SMALL, MIDDLE, BROAD, BROADER, WIDEST = 0.34, 0.47, 0.61, 0.68, 0.79, 0.93, 1.12
CLASSES = {
    NARROW: "iIjl.,:;'! ",
    SLIM: "frt-/()[]{}|\\",
    SMALL: "aceksvxyz_?FJL17",
    BROADER: "mwM",
    WIDEST: "W@%…æœ",
}
WIDTHS = {character: width for width, characters in CLASSES.items() for character in characters}


@dataclass(frozen=True, slots=True)
class Fitted:
    """The lines as they are to be written, in points."""

    lines: Sequence[str]
    size: float


def fitted(lines: Sequence[str], box: tuple[float, float], sizes: Sequence[float]) -> Fitted:
    """In the first of the sizes in which all lines, wrapped, stay within `box` (width and height in millimetres).

    What is too long even for the last is cut line by line, with a mark that it was.
    """
    width, height = (side * POINTS_PER_MM for side in box)
    for size in sizes:
        rows = sum(_rows(line, width / size) for line in lines)
        if rows * size * LINE_HEIGHT <= height:
            return Fitted(lines, size)
    return Fitted([_cut(line, width / sizes[-1]) for line in lines], sizes[-1])


def _rows(line: str, width: float) -> int:
    """How many rows a line takes: broken between words, and within one that is longer than a row."""
    rows, used = 1, 0.0
    for word in line.split():
        long = measured(word)
        if used and used + NARROW + long <= width:
            used += NARROW + long
            continue
        rows += bool(used) + int(long // width)
        used = long % width if long > width else long
    return rows


def _cut(line: str, width: float) -> str:
    """As much of it as stands in one row."""
    if measured(line) <= width:
        return line
    end, used = 0, WIDEST
    while used + _width(line[end]) <= width:
        used += _width(line[end])
        end += 1
    return line[:end].rstrip() + "…"


def measured(text: str) -> float:
    """An upper bound of its width, in parts of the size."""
    return sum(map(_width, text))


@lru_cache(maxsize=1024)
def _width(character: str) -> float:
    """An accent makes a letter no wider; of other scripts the widest letter counts."""
    base = normalize("NFD", character)[0]
    if base in WIDTHS:
        return WIDTHS[base]
    if base.isascii():
        return BROAD if base.isupper() or base in "&#=+<>~" else MIDDLE
    return BROADER if base.islower() else WIDEST
