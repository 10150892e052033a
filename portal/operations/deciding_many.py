"""Decisions on many requests at once: each by itself, as if its own page had been used."""

from typing import Any

from portal.db.bulk import Claimed
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.operations import deciding
from portal.operations.deciding import Decision
from portal.operations.outside import Outside


async def approve(work: Work, viewer: Viewer, row: Claimed, outside: Outside | None) -> dict[str, Any]:
    """In the request's version that was ticked: one that has moved on since is refused, and stays as it is."""
    return await _decide(work, viewer, row, outside, "approve")


async def reject(work: Work, viewer: Viewer, row: Claimed, outside: Outside | None) -> dict[str, Any]:
    """With the one comment of the run."""
    return await _decide(work, viewer, row, outside, "reject")


async def _decide(
    work: Work, viewer: Viewer, row: Claimed, outside: Outside | None, what: str
) -> dict[str, Any]:
    if outside is None:
        raise RuntimeError("decisions need to know the supplier")
    decision = Decision(
        what=what,
        comment=row.shared.get("comment"),
        version=int(row.parameters["version"]),
        through="bulk",
    )
    heard = outside.heard.get(row.parameters["account"])
    state = await deciding.decide(work, viewer, row.subject, decision, outside.supplier, heard)
    return {"state": state}
