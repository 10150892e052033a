"""Why something was not done. A refusal is a sentence with its numbers; nothing has changed when it is raised."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One place in the input (a JSON pointer such as `/lines/0/quantity`) and what is wrong with it."""

    pointer: str
    detail: str


class Refused(Exception):
    """Something the portal will not do. Subclasses say which kind; `problems` point into the input."""

    def __init__(self, detail: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problems = tuple(problems)


class Malformed(Refused):
    """The input cannot be read: not JSON, an unknown or mistyped field."""


class Unacceptable(Refused):
    """Well formed, but a rule refuses it: unknown reference, value out of range, more than there is."""


class Conflict(Refused):
    """The present state does not allow it, or it was done already."""


class Stale(Refused):
    """It was decided on an older version than the present one."""


class Forbidden(Refused):
    """Known who asks, but not allowed."""


class NotFound(Refused):
    """There is no such thing, or it belongs to somebody else: the two are never told apart."""


def refuse_any(problems: Sequence[Problem]) -> None:
    """Refuse when anything is wrong, with all that is wrong at once."""
    if problems:
        raise Unacceptable("; ".join(problem.detail for problem in problems) + ".", problems)


def unknown(noun: str, name: str, pointer: str) -> Unacceptable:
    """A reference in the input that leads nowhere."""
    return Unacceptable(f"There is no {noun} {name!r}.", [Problem(pointer, f"unknown {noun} {name!r}")])
