"""Where a request stands, in one sentence for whoever looks."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from portal.domain.access import Viewer
from portal.domain.requests import Request
from portal.filters import Tongue


def truth(request: Request, tongue: Tongue, viewer: Viewer, order_state: str = "") -> Markup:
    """Where it stands, in a sentence."""
    _ = tongue.gettext
    if request.settled_at is not None:
        return _over(request, tongue, order_state)
    step, all_steps = request.current, len(request.steps)
    others = [seat.name for seat in (step.seats if step else ()) if seat.state == "open"]
    question = request.question
    if question is not None:
        said = _("{who} has asked {requester} something; a decision is possible before the answer")
        return _sentence(said, who=question.name or "", requester=request.requester)
    if request.mine and not viewer.is_supplier:
        clause = _("It waits for your decision")
        rest = all_steps - request.step
        if rest:
            more = tongue.ngettext("{n} step comes after it", "{n} steps come after it", rest)
            return _sentence(f"{clause}; {more}", n=rest)
        if step and step.need - step.given > 1:
            return _sentence(_("It waits for your decision, and for others of the same step"))
        if request.kind == "amendment":
            return _sentence(
                _("It waits for your decision, the last one: once you approve, the change is made")
            )
        return _sentence(_("It waits for your decision, the last one: once you approve, the order is placed"))
    if all_steps > 1:
        return _sentence(
            _("It waits for {who}, in step {n} of {all}"),
            who=_any_of(others, tongue),
            n=request.step,
            all=all_steps,
        )
    return _sentence(_("It waits for {who}"), who=_any_of(others, tongue))


def standing(request: Request, tongue: Tongue) -> str:
    """The same for nobody in particular."""
    nobody = Viewer("portal", "portal", None, frozenset())
    return str(truth(request, tongue, nobody).striptags())


def _over(request: Request, tongue: Tongue, order_state: str) -> Markup:
    _ = tongue.gettext
    is_change = request.kind == "amendment"
    if request.state == "approved" and order_state == "held" and not is_change:
        return _sentence(_("All have agreed; the order waits for a credit decision"))
    return _sentence(
        {
            "approved": _("All have agreed; the change is made")
            if is_change
            else _("All have agreed; the order is placed"),
            "rejected": _("It was not approved; nothing was changed")
            if is_change
            else _("It was not approved; nothing will come"),
            "expired": _("Nobody decided in time; it ended by itself"),
            "withdrawn": _("It was taken back before it was decided"),
        }[request.state]
    )


def _sentence(template: str, **values: object) -> Markup:
    bold = {name: Markup("<b>{}</b>").format(value) for name, value in values.items()}
    return Markup("{}.").format(escape(template).format(**bold))


def _any_of(names: Sequence[str], tongue: Tongue) -> str:
    if not names:
        return tongue.gettext("others")
    if len(names) == 1:
        return names[0]
    return tongue.gettext("{names} or {last}").format(names=", ".join(names[:-1]), last=names[-1])
