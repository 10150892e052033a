"""Merge what several rules ask into one chain in which nobody is asked twice.

A person stays in the earliest step in which they are asked; in later steps their approval counts as well. Whatever the
decisions are, when all steps of the chain have passed, every rule has had the approvals it asks for. So somebody is
taken off a later step only where their earlier approval is certain. Where it is not and nobody else could give it, the
earlier step is narrowed to those who can satisfy both, or asks all of its people.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from portal.domain.approvals import ChainStep, Seat


@dataclass(frozen=True, slots=True)
class Asking:
    """What a step of a rule asks: `need` of these people. `said` is how the policy puts it."""

    rule: str
    need: int
    said: str
    seats: tuple[Seat, ...]

    @property
    def people(self) -> frozenset[int]:
        return frozenset(seat.person_id for seat in self.seats)

    @property
    def asks_all(self) -> bool:
        return self.need >= len(self.people)


@dataclass(slots=True)
class _Step:
    rule_need: int
    need: int
    said: str
    rules: list[str]
    seats: list[Seat]
    also: set[int] = field(default_factory=set)

    @property
    def people(self) -> set[int]:
        return {seat.person_id for seat in self.seats}

    @property
    def least(self) -> int:
        """How many of its own people approve at least, however many of earlier steps count here."""
        return max(0, self.rule_need - len(self.also))

    def sure(self, wanted: frozenset[int]) -> int:
        """How many of these people have certainly approved when the step has passed."""
        return max(0, self.least - len(self.people - wanted))

    def narrow(self, wanted: frozenset[int]) -> set[int]:
        """Ask only those who are wanted, where they are enough; answers who is not asked any more."""
        kept = [seat for seat in self.seats if seat.person_id in wanted]
        if not kept or len(kept) < self.need:
            return set()
        gone = self.people - wanted
        self.seats = kept
        self._count_own()
        return gone

    def ask_all(self) -> None:
        """Everybody of the step must approve."""
        self._count_own()
        self.rule_need = self.need = len(self.seats)
        self.said = "all"

    def _count_own(self) -> None:
        # What the step still needs is enough for its rules; whom it counted besides is certain, or needed no more.
        self.also.clear()
        self.rule_need = self.need


def merge(levels: Sequence[Sequence[Asking]]) -> tuple[ChainStep, ...]:
    """The chain of rules whose first steps are `levels[0]`, whose second steps are `levels[1]`, and so on.

    Everybody who must approve anyway is asked at once within a level; steps where some of several suffice follow.
    """
    steps: list[_Step] = []
    for level in levels:
        for asking in _together(level):
            _add(steps, asking)
    return _numbered(steps)


def extend(levels: Sequence[Sequence[Asking]], more: Asking) -> tuple[ChainStep, ...]:
    """The same with one more step at the end."""
    return merge([*levels, [more]])


def _together(level: Iterable[Asking]) -> list["_United"]:
    """Steps that ask all of their people are one step; the others stay by themselves, in their order."""
    united: list[_United] = []
    everybody: _United | None = None
    for asking in level:
        if not asking.seats:
            continue
        one = _United([asking.rule], min(asking.need, len(asking.people)), asking.said, list(asking.seats))
        if asking.asks_all and everybody is not None:
            everybody.join(one)
        else:
            united.append(one)
            everybody = one if asking.asks_all else everybody
    return sorted(united, key=lambda one: one is not everybody)


@dataclass(slots=True)
class _United:
    rules: list[str]
    need: int
    said: str
    seats: list[Seat]

    def join(self, other: "_United") -> None:
        known = {seat.person_id for seat in self.seats}
        self.seats += [seat for seat in other.seats if seat.person_id not in known]
        self.rules += [rule for rule in other.rules if rule not in self.rules]
        self.need, self.said = len(self.seats), "all"


def _add(steps: list[_Step], asking: _United) -> None:
    wanted = frozenset(seat.person_id for seat in asking.seats)
    seated = {person for step in steps for person in step.people}
    fresh = [seat for seat in asking.seats if seat.person_id not in seated]
    sure = _make_sure(steps, wanted, asking.need - len(fresh))
    if sure >= asking.need:
        _credit(steps, wanted, asking.rules)
        return
    also = {person for step in steps for person in step.people} & wanted
    steps.append(
        _Step(asking.need, asking.need - sure, asking.said, list(asking.rules), fresh, also)
    )  # fmt: skip


def _sure(steps: Iterable[_Step], wanted: frozenset[int]) -> int:
    return sum(step.sure(wanted) for step in steps)


def _make_sure(steps: Sequence[_Step], wanted: frozenset[int], at_least: int) -> int:
    """Narrow earlier steps until so many of the wanted people have certainly approved before; answers how many have."""
    for step in steps:
        if _sure(steps, wanted) >= at_least:
            break
        gone = step.narrow(wanted)
        for later in steps:
            later.also -= gone
    for step in steps:
        if _sure(steps, wanted) >= at_least:
            break
        if step.people & wanted:
            step.ask_all()
    return _sure(steps, wanted)


def _credit(steps: Iterable[_Step], wanted: frozenset[int], rules: Iterable[str]) -> None:
    for step in steps:
        if step.sure(wanted):
            step.rules += [rule for rule in rules if rule not in step.rules]


def _numbered(steps: Sequence[_Step]) -> tuple[ChainStep, ...]:
    done: list[ChainStep] = []
    for position, step in enumerate(steps, 1):
        sure = _sure(steps[: position - 1], frozenset(step.also))
        done.append(
            ChainStep(
                position, max(step.rule_need - sure, 1), step.said, tuple(step.rules), tuple(step.seats),
                step.rule_need, frozenset(step.also),
            )
        )  # fmt: skip
    return tuple(done)
