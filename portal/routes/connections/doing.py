"""What the forms of the connection pages share: where they lead, what came of them, and why something was not done."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Redirect

from portal.domain.refusals import Conflict, NotFound, Refused, Stale
from portal.filters import Tongue
from portal.operations.watching import LONGEST_NOTE
from portal.pages import local_path
from portal.routes.asking import Asked
from portal.routes.once import Outcome

PATH = "/connections"


def text_of(form: Mapping[str, Any], name: str, longest: int) -> str:
    return str(form.get(name, "")).replace("\x00", "").strip()[:longest]


def note_of(form: Mapping[str, Any]) -> str | None:
    return text_of(form, "note", LONGEST_NOTE) or None


def back_to(form: Mapping[str, Any], otherwise: str) -> str:
    """Where the form stood."""
    found = local_path(str(form.get("next", "")), otherwise)
    return found if found == PATH or found.startswith((f"{PATH}/", f"{PATH}?")) else otherwise


def led(form: Mapping[str, Any], path: str) -> Redirect:
    sign = "&" if "?" in path else "?"
    return Redirect(f"{path}{sign}{urlencode({'done': str(form['form'])})}", status_code=303)


def refused(asked: Asked, refusal: Refused, back: str) -> Response[Any]:
    """A page that says why it was not done."""
    return asked.page(
        "connections/refused.html",
        section="connections",
        status=status_of(refusal),
        refusal=refusal,
        back=back,
    )


def status_of(refusal: Refused) -> int:
    if isinstance(refusal, NotFound):
        return 404
    return 409 if isinstance(refusal, Conflict | Stale) else 422


def done(outcome: Outcome | None, tongue: Tongue) -> str:
    """What was done, in one sentence."""
    if outcome is None:
        return ""
    _, ngettext, count = tongue.gettext, tongue.ngettext, int(outcome.get("count") or 0)
    shown = tongue.number(count)
    said = {
        "noted": _("You look after it."),
        "again": ngettext("{n} message is sent again.", "{n} messages are sent again.", count),
        "gone": ngettext("{n} message is let go.", "{n} messages are let go.", count),
        "hurried": ngettext("{n} message is tried now.", "{n} messages are tried now.", count),
        "customer": ngettext(
            "The number is kept, and {n} message is sent again.",
            "The number is kept, and {n} messages are sent again.",
            count,
        ),
        "paused": _("It is paused: what happens waits."),
        "active": _("It is sent to again."),
        "limits": _("The limits are kept."),
        "watchers": _("Who is told is kept."),
        "applied": _("The message is applied."),
        "dismissed": _("The message is dismissed."),
    }
    return said.get(str(outcome.get("what")), "").format(n=shown)
