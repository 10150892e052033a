"""Approvals on the order's page: who is asked now, and how each request before ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.requests import Request
from portal.views.approvals.chain import Step, chain
from portal.views.approvals.facts import reasons
from portal.views.approvals.thread import Said, said
from portal.views.approvals.truth import standing
from portal.views.approvals.words import state
from portal.views.order.scene import Scene
from portal.views.order.statuses import Look


@dataclass(frozen=True, slots=True)
class Told:
    """One request. `href` is empty for readers who may not open it."""

    number: str
    href: str
    title: str
    state: str
    look: Look
    is_open: bool
    total: str
    text: str
    until: str
    ends: str
    why: Sequence[str]
    steps: Sequence[Step]
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Approvals:
    """`open` is what waits now, if anything does; `all` are all of them, the newest first."""

    open: Told | None
    all: Sequence[Told]


# What the chain does not show already.
SHOWN = frozenset(
    {"ask", "answer", "reject", "reject_lines", "withdraw", "change", "escalate", "expire", "lapse"}
)


def approvals(scene: Scene) -> Approvals:
    """Of a scene's order."""
    told = [_told(scene, request) for request in scene.requests]
    return Approvals(next((one for one in told if one.is_open), None), told)


def _told(scene: Scene, request: Request) -> Told:
    tongue, today = scene.tongue, scene.today
    _ = tongue.gettext
    word, look = state(request.state, tongue)
    is_change = request.kind == "amendment"
    until = request.expires_at if request.is_open else None
    return Told(
        number=request.number,
        href=f"/approvals/{request.number}" if scene.sees_approvals else "",
        title=_("A change to this order") if is_change else "",
        state=word,
        look=look,
        is_open=request.is_open,
        total=tongue.money(request.total, request.currency),
        text=standing(request, tongue),
        until=until.isoformat(timespec="seconds") if until else "",
        ends=tongue.stamp(until, today) if until else "",
        why=reasons(request.reasons, request.currency, tongue),
        steps=chain(request, tongue, today),
        said=[said(one, request, tongue, today) for one in request.decisions if one.what in SHOWN],
    )
