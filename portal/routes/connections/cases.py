"""A message of somebody else's that could not be applied: put right and applied, or dismissed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath

from portal.db import parked
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Forbidden, NotFound, Problem, Refused, Unacceptable
from portal.operations import mending
from portal.operations.mending import Corrected
from portal.routes.asking import Asked, asking
from portal.routes.connections.doing import PATH, led, note_of, status_of, text_of
from portal.routes.once import Outcome, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.connections import letters

HERE = "/messages/{message_id:int}"
LARGEST = 40_000
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """What was typed, and why it was not done."""

    key: str = ""
    body: str = ""
    note: str = ""
    refusal: Refused | None = None
    status: int = 200


@get(HERE, name="connection-message")
async def show(message_id: FromPath[int], request: PageRequest) -> Response[Any]:
    """The message as it came, ready to be put right."""
    asked = await asking(request, needs="connections:read")
    return await _draw(asked, message_id, None)


async def _draw(asked: Asked, message_id: int, sent: Sent | None) -> Response[Any]:
    async with asked.reading() as conn:
        found = await parked.case(conn, message_id) if 0 < message_id < 2**62 else None
    if found is None:
        raise NotFound(f"There is no message {message_id}.")
    is_open = found.state in mending.UNDECIDED
    typed = sent or Sent(found.key, json.dumps(found.body, indent=2, ensure_ascii=False))
    problems = (
        {problem.pointer: problem.detail for problem in typed.refusal.problems} if typed.refusal else {}
    )
    return asked.page(
        "connections/message.html",
        section="connections",
        status=typed.status,
        row=letters.case_row(found, asked.tongue, asked.today),
        found=found,
        typed=typed,
        problems=problems,
        is_open=is_open,
        may_write=asked.viewer.may(mending.NEEDS),
        corrected=json.dumps(found.corrected, indent=2, ensure_ascii=False) if found.corrected else "",
        form_id=new_form(),
    )


@post(HERE, name="connection-message-decision", status_code=200)
async def decide(message_id: FromPath[int], request: PageRequest) -> Response[Any]:
    """Apply it as it is typed here (`apply`), or dismiss it (`dismiss`)."""
    asked = await asking(request, needs=mending.NEEDS)
    form = await request.form()

    async def act(work: Work) -> Outcome:
        if form.get("do") == "dismiss":
            await mending.dismiss(work, asked.viewer, message_id, note_of(form))
            return {"what": "dismissed"}
        await mending.apply(work, asked.viewer, message_id, _corrected(form), note_of(form))
        return {"what": "applied"}

    try:
        await once(asked, form, PATH, act)
    except (Forbidden, NotFound, LawBroken):
        raise
    except Refused as refusal:
        body = str(form.get("body", "")).replace("\x00", "")[:LARGEST]
        sent = Sent(text_of(form, "key", LONGEST_KEY), body, note_of(form) or "", refusal, status_of(refusal))
        return await _draw(asked, message_id, sent)
    return led(form, f"{PATH}/inbound")


def _corrected(form: Mapping[str, Any]) -> Corrected:
    raw = str(form.get("body", ""))
    try:
        body = json.loads(raw) if len(raw) <= LARGEST else None
    except (ValueError, RecursionError) as wrong:
        raise Unacceptable(f"This is no JSON: {wrong}.", [Problem("/body", f"no JSON: {wrong}")]) from wrong
    if not isinstance(body, dict) or "\\u0000" in raw or "\x00" in raw:
        raise Unacceptable("The message is a JSON object.", [Problem("/body", "a JSON object")])
    return Corrected(text_of(form, "key", LONGEST_KEY), body)


router = Router("/", route_handlers=[show, Router("/", route_handlers=[decide], guards=[signed_in, ours])])
