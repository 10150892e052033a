"""Which passwords are good enough: long, not among those that everybody tries, and not made of what anybody knows.

Nothing is asked of their kinds of characters, and they never age: both only lead to weaker ones. What is refused is
what is tried first: the commonest passwords with figures and signs around them, one thing again and again, rows of the
keyboard, and the names of the person, their company and the portal.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

SHORTEST: Final = 12
# Beyond that hashing it would only be a burden.
LONGEST: Final = 256
# Two words of which both are among so many are tried soon after each of them alone.
FIRST_TRIED: Final = 2_000
# What is left when all that is known of somebody is taken out of their password.
LEAST_OWN: Final = 6
SHORTEST_WORD: Final = 4
LISTED = Path(__file__).with_name("common_passwords.txt")
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "01234567890",
)
# How letters are written by those who were once told to use figures.
DISGUISED = str.maketrans("013457@$!", "oieastasi")


class Weakness(StrEnum):
    """What is wrong with a password."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    REPEATED = "repeated"
    KNOWN = "known"


def weaknesses(password: str, about: Iterable[str] = ()) -> list[Weakness]:
    """All that is wrong with it; nothing for a good one. `about` is what anybody knows of whoever chooses it: their
    name and address, their company, the portal."""
    if len(password) < SHORTEST:
        return [Weakness.SHORT]
    if len(password) > LONGEST:
        return [Weakness.LONG]
    plain = _plain(password)
    found = []
    if _is_common(plain):
        found.append(Weakness.COMMON)
    elif _is_repeated(plain):
        found.append(Weakness.REPEATED)
    if _is_known(plain, about):
        found.append(Weakness.KNOWN)
    return found


def _plain(text: str) -> str:
    """As it sounds: without case, accents and widths."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _is_common(plain: str) -> bool:
    listed = _listed()
    for said in (plain, plain.translate(DISGUISED)):
        core = re.sub(r"[\W\d_]+", "", said)
        if said in listed or core in listed:
            return True
        if any(_tried_early(core[:at]) and _tried_early(core[at:]) for at in range(3, len(core) - 2)):
            return True
    return False


def _tried_early(word: str) -> bool:
    return _listed().get(word, FIRST_TRIED) < FIRST_TRIED


def _is_repeated(plain: str) -> bool:
    """One thing again and again, or a walk along a row; each with little beside it."""
    if len(set(plain)) < 5:
        return True
    rest = re.sub(r"(.+?)\1{2,}|(.{4,})\2", "", plain)
    for row in ROWS:
        rest = _without_runs(_without_runs(rest, row), row[::-1])
    return len(rest) < LEAST_OWN


def _without_runs(text: str, row: str) -> str:
    """Without pieces of at least four that stand in the row in this order."""
    kept, at = [], 0
    while at < len(text):
        length = 1
        while at + length < len(text) and text[at : at + length + 1] in row:
            length += 1
        if length < SHORTEST_WORD:
            kept.append(text[at])
            length = 1
        at += length
    return "".join(kept)


def _is_known(plain: str, about: Iterable[str]) -> bool:
    words = {word for one in about for word in re.split(r"[\W_]+", _plain(one)) if len(word) >= SHORTEST_WORD}
    rest = plain
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != plain and len(re.sub(r"[\W\d_]+", "", rest)) < LEAST_OWN


@cache
def _listed() -> dict[str, int]:
    """The commonest passwords, each with its place."""
    lines = LISTED.read_text(encoding="utf-8").splitlines()
    return {word: place for place, word in enumerate(lines) if not word.startswith("#")}
