"""Requests that were ticked, as they are shown once more before they are decided on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.db.approval_pages import Ticked
from portal.views.approvals.heads import Eyes, total_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of those that were ticked. `is_stale`: it has changed since it was shown."""

    number: str
    order: str
    who: str
    total: str
    value: str
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Many:
    """What was ticked and still waits for the reader; `left_out` is how many others were."""

    rows: Sequence[Chosen]
    count: str
    total: str
    left_out: str


def many(eyes: Eyes, found: Sequence[Ticked], wanted: Mapping[str, int]) -> Many:
    """`wanted` is the version in which each was shown."""
    tongue = eyes.tongue
    left = len(wanted) - len(found)
    out = tongue.ngettext(
        "{n} of those that you ticked does not wait for you any more and is left out.",
        "{n} of those that you ticked do not wait for you any more and are left out.",
        left,
    )
    return Many(
        rows=[
            Chosen(
                one.number,
                one.order,
                one.requester,
                tongue.money(one.total, one.currency),
                f"{one.number}:{wanted[one.number]}",
                wanted[one.number] != one.version,
            )
            for one in found
        ],
        count=tongue.ngettext("{n} request", "{n} requests", len(found)).format(n=tongue.number(len(found))),
        total=total_of(eyes, [(one.total, one.currency) for one in found]),
        left_out=out.format(n=tongue.number(left)) if left else "",
    )
