"""Mail that came back, as a mail server or a mail service reports it."""

import asyncio
import re
from typing import Any

from litestar import Request, Response, Router, post
from litestar.di import NamedDependency

from portal import bounce_addresses
from portal.db.work import Work
from portal.domain import bounces
from portal.domain.access import Viewer
from portal.domain.bounces import Report
from portal.domain.refusals import Problem, Unacceptable
from portal.operations import bouncing
from portal.routes.api import bodies
from portal.routes.api.access import NEEDS
from portal.routes.api.commands import Answer, command

ApiRequest = Request[Any, Any, Any]
NUMBER = re.compile(r"[0-9]{1,18}")
NOTHING = {"mail": None, "kind": None, "detail": None, "email": None, "is_written_to": None}


@post("/mail-bounces", opt={NEEDS: "accounts:write"}, status_code=200)
async def report_bounce(
    request: ApiRequest,
    data: bodies.PostMailBounce,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Report that a mail came back: the message as it came (`message`), or what it says (`mail`, `kind`, `detail`).

    Whoever cannot be reached for good, or three times in a week, is not written to until they say that their mailbox
    works. A message that reports nothing, such as an absence note, is answered with nothing. The same report twice has
    one effect.
    """
    # Beside the requests of others: strangers wrote it, and it may take a while to read.
    report = await asyncio.to_thread(_report, request.app.state.settings.secret_key, data)

    async def do() -> Answer:
        if report is None:
            return Answer(200, NOTHING)
        outcome = await bouncing.bounced(work, report)
        told = {"mail": str(report.mail), "kind": report.kind, "detail": report.detail}
        return Answer(200, told | {"email": outcome.email, "is_written_to": outcome.is_written_to})

    return await command(request, work, viewer, do)


def _report(secret: str, data: bodies.PostMailBounce) -> Report | None:
    if data.message is not None:
        if data.mail is not None or data.kind is not None or data.detail:
            raise Unacceptable(
                "Send the message, or what it says, not both.",
                [Problem("/message", "not together with mail")],
            )
        return bounces.read(data.message.encode(), lambda text: bounce_addresses.read(secret, text))
    if data.mail is None or data.kind is None:
        raise Unacceptable(
            "Say which mail came back and whether for good.",
            [
                Problem(f"/{name}", "it is missing")
                for name in ("mail", "kind")
                if getattr(data, name) is None
            ],
        )
    mail = int(data.mail) if NUMBER.fullmatch(data.mail) else bounce_addresses.read(secret, data.mail)
    if mail is None:
        raise Unacceptable(
            "This is not the address of a mail of ours.", [Problem("/mail", "unknown address")]
        )
    return Report(mail, data.kind, data.detail or "")


router = Router(path="", tags=["People and tokens"], route_handlers=[report_bounce])
